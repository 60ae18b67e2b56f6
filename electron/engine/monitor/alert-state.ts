import type { Alert, AlertDetail, AlertState, Incident, MonitorRules } from '../../contract/alerts.ts';
import type { AlertAction, StoredAlert } from '../case/alert-table.ts';
import type { StoredIncident } from '../case/incident-table.ts';
import { responsePolicies } from './response-policies.ts';

/** State, incident and notes follow from what was done, in order. */
export function alertOf({ id, run, foundAtMs, episode, actions }: StoredAlert): Alert {
  return {
    ...episode,
    id,
    run,
    foundAtMs,
    state: stateOf(actions),
    incident: incidentOf(actions),
    notes: actions.filter(({ text }) => text !== '').length,
  };
}

export function stateOf(actions: readonly AlertAction[]): AlertState {
  let state: AlertState = 'open';
  for (const { action } of actions) {
    if (action === 'acknowledge') state = 'acknowledged';
    else if (action === 'close') state = 'closed';
    else if (action === 'reopen') state = 'open';
  }
  return state;
}

function incidentOf(actions: readonly AlertAction[]): number | null {
  const last = actions.findLast(({ action }) => action === 'link' || action === 'unlink');
  return last?.action === 'link' ? last.incident : null;
}

/** When the alert was last closed, ms since 1970 UTC; null while it is not. */
function closedAtMs(actions: readonly AlertAction[]): number | null {
  const last = actions.findLast(({ action }) => action === 'close' || action === 'reopen');
  return last?.action === 'close' ? last.atMs : null;
}

const wordsOf = ({ action, step, text, incident }: AlertAction): string => {
  const about = step ?? (incident === null ? '' : `incident ${incident}`);
  return about === '' || action === 'note' ? text : text === '' ? about : `${about}: ${text}`;
};

/**
 * An alert with its logbook and the steps of its response.
 *
 * @param runs runs that saw it, newest first
 */
export function alertDetail(
  stored: StoredAlert,
  runs: readonly number[],
  { escalation }: Pick<MonitorRules, 'escalation'>,
): AlertDetail {
  const alert = alertOf(stored);
  const minutes = escalation.find(({ severity }) => severity === alert.severity)?.minutes ?? null;
  return {
    ...alert,
    logbook: stored.actions.map((one) => ({
      atMs: one.atMs,
      who: one.who,
      action: one.action,
      text: wordsOf(one),
    })),
    response: responsePolicies[alert.kind].map(({ id, title, advice }) => {
      const last = stored.actions.findLast(({ step }) => step === id);
      const done = last?.action === 'step-done' ? { by: last.who, atMs: last.atMs, note: last.text } : null;
      return { id, title, advice, done };
    }),
    escalateAtMs: alert.state === 'open' && minutes !== null ? alert.foundAtMs + minutes * 60_000 : null,
    runs: [...runs],
  };
}

/** @param alerts every alert of the case */
export function incidentDetail(stored: StoredIncident, alerts: readonly StoredAlert[]): Incident {
  const closing = stored.actions.findLast(({ action }) => action === 'close' || action === 'reopen');
  const closed = closing?.action === 'close' ? closing : null;
  const linked = new Map<string, { log: number; row: number }>();
  for (const { action, requests } of stored.actions)
    for (const one of requests) {
      const key = `${one.log} ${one.row}`;
      if (action === 'unlink') linked.delete(key);
      else linked.set(key, one);
    }
  return {
    id: stored.id,
    title: stored.title,
    openedAtMs: stored.openedAtMs,
    openedBy: stored.openedBy,
    closedAtMs: closed?.atMs ?? null,
    closedBy: closed?.who ?? null,
    alerts: alerts.filter(({ actions }) => incidentOf(actions) === stored.id).map(({ id }) => id),
    requests: [...linked.values()],
    logbook: stored.actions.map(({ atMs, who, action, text }) => ({ atMs, who, action, text })),
  };
}

export interface ResponseTimes {
  /** Mean time from the onset to the raise, in log time, ms; null without alerts. */
  readonly mttd: number | null;
  /** Mean time from when the case knew of an alert to its closing, by the clock, ms; null while none is closed. */
  readonly mttr: number | null;
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean time to detect and mean time to respond, over alerts that are no mere information. */
export function responseTimes(alerts: readonly StoredAlert[]): ResponseTimes {
  const grave = alerts.filter(({ episode }) => episode.severity !== 'info');
  return {
    mttd: mean(grave.map(({ episode }) => Math.max(0, episode.timeMs - episode.onsetMs))),
    mttr: mean(
      grave.flatMap(({ actions, foundAtMs }) => {
        const closed = closedAtMs(actions);
        return closed === null ? [] : [closed - foundAtMs];
      }),
    ),
  };
}
