import type { LogRequest } from '../../contract/alerts.ts';
import { addAlertAction } from './alert-table.ts';
import type { CaseSession } from './case-session.ts';
import { parseStored } from './connection.ts';
import { recordMonitoring } from './monitoring-content.ts';

export interface IncidentAction {
  readonly action: 'open' | 'close' | 'reopen' | 'note' | 'link' | 'unlink';
  readonly requests: readonly LogRequest[];
  readonly text: string;
  readonly who: string;
  readonly atMs: number;
}

export interface StoredIncident {
  readonly id: number;
  readonly title: string;
  readonly openedAtMs: number;
  readonly openedBy: string;
  readonly actions: readonly IncidentAction[];
}

/** Incidents and what was done about them; all of it is only ever added. */
export interface IncidentTable {
  list(): StoredIncident[];
  open(title: string, alerts: readonly number[]): number;
  /** Links or unlinks alerts too; `text` is the note. */
  act(
    id: number,
    action: Omit<IncidentAction, 'who' | 'atMs'> & { readonly alerts: readonly number[] },
  ): void;
}

export function createIncidentTable(session: CaseSession): IncidentTable {
  const { connection } = session;
  const add = (
    seq: number,
    id: number,
    { action, requests, text, alerts }: Parameters<IncidentTable['act']>[1],
  ): void => {
    const [who, atMs] = [session.actor(), Date.now()];
    connection.run(
      `INSERT INTO incident_action (incident, action, requests, text, who, at_ms, audit_seq)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      id,
      action,
      JSON.stringify(requests),
      text,
      who,
      atMs,
      seq,
    );
    for (const alert of alerts)
      addAlertAction(connection, seq, alert, {
        action: action === 'unlink' ? 'unlink' : 'link',
        step: null,
        incident: id,
        text: '',
        who,
        atMs,
      });
  };
  return {
    list: () => {
      const actions = new Map<number, IncidentAction[]>();
      for (const { incident, requests, ...action } of connection.all<
        Omit<IncidentAction, 'requests'> & { incident: number; requests: string }
      >('SELECT incident, action, requests, text, who, at_ms AS atMs FROM incident_action ORDER BY id'))
        actions.set(incident, [
          ...(actions.get(incident) ?? []),
          { ...action, requests: parseStored<LogRequest[]>(connection, requests) },
        ]);
      return connection
        .all<Omit<StoredIncident, 'actions'>>(
          'SELECT id, title, opened_at_ms AS openedAtMs, opened_by AS openedBy FROM incident ORDER BY id',
        )
        .map((incident) => ({ ...incident, actions: actions.get(incident.id) ?? [] }));
    },
    open: (title, alerts) =>
      recordMonitoring(session, 'incident/open', (seq) => {
        const id = connection.run(
          'INSERT INTO incident (title, opened_at_ms, opened_by, audit_seq) VALUES (?, ?, ?, ?)',
          title,
          Date.now(),
          session.actor(),
          seq,
        );
        add(seq, id, { action: 'open', requests: [], text: title, alerts });
        return { result: id, detail: { incident: id, title, alerts } };
      }),
    act: (id, action) => {
      recordMonitoring(session, `incident/${action.action}`, (seq) => {
        add(seq, id, action);
        return {
          result: undefined,
          detail: { incident: id, alerts: action.alerts, requests: action.requests.length },
        };
      });
    },
  };
}
