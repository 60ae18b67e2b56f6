import type { AlertDetail, Incident } from '../../contract/alerts.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { AlertAction, StoredAlert } from '../case/alert-table.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { IncidentAction, StoredIncident } from '../case/incident-table.ts';
import type { Engine, Handlers } from '../engine.ts';
import { alertDetail, alertOf, incidentDetail, stateOf } from '../monitor/alert-state.ts';
import { checkRules, rulesInForce } from '../monitor/monitor-rules.ts';
import { responsePolicies } from '../monitor/response-policies.ts';
import { publishCase } from './case-handlers.ts';

/** @throws BezoarError alert/not-found */
function requireAlert(caseFile: CaseFile, id: number, run: number | null = null): StoredAlert {
  const alert = caseFile.alerts.get(id, run);
  if (alert === null)
    throw new BezoarError(
      'alert/not-found',
      `The case knows no alert number ${id}${run === null ? '' : ` of run ${run}`}. Nothing was changed. Choose one from the list.`,
    );
  return alert;
}

/** @throws BezoarError incident/not-found */
function requireIncident(caseFile: CaseFile, id: number): StoredIncident {
  const incident = caseFile.incidents.list().find((one) => one.id === id);
  if (incident === undefined)
    throw new BezoarError(
      'incident/not-found',
      `The case knows no incident number ${id}. Nothing was changed. Choose one from the list.`,
    );
  return incident;
}

const detailOf = (caseFile: CaseFile, id: number): AlertDetail =>
  alertDetail(requireAlert(caseFile, id), caseFile.alerts.runs(id), rulesInForce(caseFile));

const incidentOf = (caseFile: CaseFile, id: number): Incident =>
  incidentDetail(requireIncident(caseFile, id), caseFile.alerts.list(null));

async function act(
  engine: Engine,
  id: number,
  action: Omit<AlertAction, 'who' | 'atMs' | 'incident'>,
): Promise<AlertDetail> {
  const caseFile = engine.caseFile();
  await caseFile.writable();
  const { actions } = requireAlert(caseFile, id);
  const state = stateOf(actions);
  const idle =
    (action.action === 'acknowledge' && state !== 'open') ||
    (action.action === 'close' && state === 'closed') ||
    (action.action === 'reopen' && state === 'open');
  if (idle)
    throw new BezoarError(
      'engine/bad-request',
      `Alert ${id} is ${state} already. Nothing was changed.${state === 'closed' ? ' Reopen it first.' : ''}`,
    );
  caseFile.alerts.act(id, action);
  publishCase(engine, ['alerts', 'audit']);
  return detailOf(caseFile, id);
}

async function actOnIncident(
  engine: Engine,
  id: number,
  action: Omit<IncidentAction, 'who' | 'atMs'> & { readonly alerts: readonly number[] },
): Promise<Incident> {
  const caseFile = engine.caseFile();
  await caseFile.writable();
  requireIncident(caseFile, id);
  for (const alert of action.alerts) requireAlert(caseFile, alert);
  caseFile.incidents.act(id, action);
  publishCase(engine, ['alerts', 'incidents', 'audit']);
  return incidentOf(caseFile, id);
}

export const alertHandlers = {
  'alert/list': ({ run }, engine) =>
    engine
      .caseFile()
      .alerts.list(run)
      .map(alertOf)
      .sort((a, b) => b.timeMs - a.timeMs || b.id - a.id),
  'alert/get': ({ alert }, engine) => detailOf(engine.caseFile(), alert),
  'alert/rows': ({ alert, run, offset, limit }, engine) => {
    const caseFile = engine.caseFile();
    const stored = requireAlert(caseFile, alert, run);
    const rows = caseFile.alerts.rows(alert, stored.run);
    return {
      rows: rows.slice(offset, offset + limit).map(([log, row, requestId, timeMs, score], at) => ({
        rank: offset + at,
        request: log === null || row === null ? null : { log, row },
        requestId,
        timeMs,
        score,
      })),
      total: rows.length,
    };
  },
  'alert/acknowledge': ({ alert, note }, engine) =>
    act(engine, alert, { action: 'acknowledge', step: null, text: note }),
  'alert/close': ({ alert, note }, engine) => act(engine, alert, { action: 'close', step: null, text: note }),
  'alert/reopen': ({ alert, note }, engine) =>
    act(engine, alert, { action: 'reopen', step: null, text: note }),
  'alert/note': ({ alert, text }, engine) => act(engine, alert, { action: 'note', step: null, text }),
  'alert/step': ({ alert, step, done, note }, engine) => {
    const { kind } = requireAlert(engine.caseFile(), alert).episode;
    if (!responsePolicies[kind].some(({ id }) => id === step))
      throw new BezoarError(
        'engine/bad-request',
        `The response to an alert of kind ${kind} has no step “${step}”. Nothing was changed.`,
      );
    return act(engine, alert, { action: done ? 'step-done' : 'step-undone', step, text: note });
  },
  'incident/list': (_params, engine) => {
    const caseFile = engine.caseFile();
    const alerts = caseFile.alerts.list(null);
    return caseFile.incidents.list().map((one) => incidentDetail(one, alerts));
  },
  'incident/open': async ({ title, alerts }, engine) => {
    const caseFile = engine.caseFile();
    await caseFile.writable();
    for (const alert of alerts) requireAlert(caseFile, alert);
    const id = caseFile.incidents.open(title, alerts);
    publishCase(engine, ['alerts', 'incidents', 'audit']);
    return incidentOf(caseFile, id);
  },
  'incident/close': ({ incident, note }, engine) =>
    actOnIncident(engine, incident, { action: 'close', alerts: [], requests: [], text: note }),
  'incident/reopen': ({ incident, note }, engine) =>
    actOnIncident(engine, incident, { action: 'reopen', alerts: [], requests: [], text: note }),
  'incident/note': ({ incident, text }, engine) =>
    actOnIncident(engine, incident, { action: 'note', alerts: [], requests: [], text }),
  'incident/link': ({ incident, alerts, requests }, engine) =>
    actOnIncident(engine, incident, { action: 'link', alerts, requests, text: '' }),
  'incident/unlink': ({ incident, alerts, requests }, engine) =>
    actOnIncident(engine, incident, { action: 'unlink', alerts, requests, text: '' }),
  'rules/get': (_params, engine) => rulesInForce(engine.caseFile()),
  'rules/set': async ({ rules }, engine) => {
    checkRules(rules);
    const caseFile = engine.caseFile();
    await caseFile.writable();
    caseFile.monitorRules.set(rules);
    publishCase(engine, ['alerts', 'audit']);
    return rulesInForce(caseFile);
  },
} satisfies Partial<Handlers>;
