import type { Episode } from '../../contract/alerts.ts';
import type { CaseSession } from './case-session.ts';
import { parseStored, type Connection } from './connection.ts';
import { recordMonitoring } from './monitoring-content.ts';

/** A request of an episode by rank: log and row in the case, both null for a followed log; id, time, score. */
export type EpisodeRow = readonly [
  log: number | null,
  row: number | null,
  requestId: string | null,
  timeMs: number,
  score: number | null,
];

/** What a run saw of one episode; `alert` null: for the first time. */
export interface Sighting {
  readonly alert: number | null;
  readonly episode: Episode;
  readonly rows: readonly EpisodeRow[];
}

export interface AlertAction {
  readonly action:
    'acknowledge' | 'close' | 'reopen' | 'note' | 'link' | 'unlink' | 'step-done' | 'step-undone';
  readonly step: string | null;
  readonly incident: number | null;
  readonly text: string;
  readonly who: string;
  readonly atMs: number;
}

export interface StoredAlert {
  readonly id: number;
  readonly foundAtMs: number;
  /** The run whose sighting this is. */
  readonly run: number;
  readonly episode: Episode;
  readonly actions: readonly AlertAction[];
}

/** Alerts, what runs saw of them and what people did about them; all of it is only ever added. */
export interface AlertTable {
  /** Every alert with its newest sighting, or with that of a run: those the run saw. */
  list(run: number | null): StoredAlert[];
  get(id: number, run?: number | null): StoredAlert | null;
  /** Newest first. */
  runs(id: number): number[];
  /** Requests of a sighting by rank. */
  rows(id: number, run: number): readonly EpisodeRow[];
  /** What a followed log showed since. Returns the alerts, in order. */
  sight(run: number, sightings: readonly Sighting[]): number[];
  act(id: number, action: Omit<AlertAction, 'who' | 'atMs' | 'incident'>): void;
}

interface SightingRow {
  alert: number;
  run: number;
  episode: string;
  foundAtMs: number;
}

/** Adds what a run saw, inside the caller's change. Returns the alerts, in order. */
export function addSightings(
  connection: Connection,
  seq: number,
  run: number,
  sightings: readonly Sighting[],
): number[] {
  return sightings.map(({ alert, episode, rows }) => {
    const id =
      alert ??
      connection.run(
        'INSERT INTO alert (monitor, subject_kind, subject, found_at_ms, audit_seq) VALUES (?, ?, ?, ?, ?)',
        episode.monitor,
        episode.subjectKind,
        episode.subject,
        Date.now(),
        seq,
      );
    connection.run(
      'INSERT INTO alert_sighting (alert, run, audit_seq, episode, rows) VALUES (?, ?, ?, ?, ?)',
      id,
      run,
      seq,
      JSON.stringify(episode),
      JSON.stringify(rows),
    );
    return id;
  });
}

/** Adds what somebody did about an alert, inside the caller's change. */
export function addAlertAction(
  connection: Connection,
  seq: number,
  alert: number,
  { action, step, incident, text, who, atMs }: AlertAction,
): void {
  connection.run(
    `INSERT INTO alert_action (alert, action, step, incident, text, who, at_ms, audit_seq)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    alert,
    action,
    step,
    incident,
    text,
    who,
    atMs,
    seq,
  );
}

export function createAlertTable(session: CaseSession): AlertTable {
  const { connection } = session;

  const withActions = (rows: readonly SightingRow[]): StoredAlert[] => {
    const actions = new Map<number, AlertAction[]>(rows.map(({ alert }) => [alert, []]));
    for (const { alert, ...action } of connection.all<AlertAction & { alert: number }>(
      'SELECT alert, action, step, incident, text, who, at_ms AS atMs FROM alert_action ORDER BY id',
    ))
      actions.get(alert)?.push(action);
    return rows.map(({ alert, run, episode, foundAtMs }) => ({
      id: alert,
      run,
      foundAtMs,
      episode: parseStored<Episode>(connection, episode),
      actions: actions.get(alert) ?? [],
    }));
  };

  /** The last sighting of each alert in the run, or in any. */
  const lastSightings = (run: number | null): SightingRow[] =>
    connection.all<SightingRow>(
      `SELECT alert, run, episode, found_at_ms AS foundAtMs
       FROM alert_sighting AS seen JOIN alert ON alert.id = seen.alert
       WHERE seen.id IN (SELECT max(id) FROM alert_sighting WHERE run = coalesce(?, run) GROUP BY alert)
       ORDER BY alert`,
      run,
    );

  return {
    list: (run) => withActions(lastSightings(run)),
    get: (id, run = null) => {
      const row = connection.get<SightingRow>(
        `SELECT alert, run, episode, found_at_ms AS foundAtMs
         FROM alert_sighting AS seen JOIN alert ON alert.id = seen.alert
         WHERE alert = ? AND run = coalesce(?, run) ORDER BY seen.id DESC LIMIT 1`,
        id,
        run,
      );
      return row === undefined ? null : (withActions([row])[0] ?? null);
    },
    runs: (id) =>
      connection.column<number>(
        'SELECT run FROM alert_sighting WHERE alert = ? GROUP BY run ORDER BY max(id) DESC',
        id,
      ),
    rows: (id, run) => {
      const text = connection.column<string>(
        'SELECT rows FROM alert_sighting WHERE alert = ? AND run = ? ORDER BY id DESC LIMIT 1',
        id,
        run,
      )[0];
      return text === undefined ? [] : parseStored<EpisodeRow[]>(connection, text);
    },
    sight: (run, sightings) =>
      recordMonitoring(session, 'alert/sight', (seq) => {
        const alerts = addSightings(connection, seq, run, sightings);
        return { result: alerts, detail: { run, alerts } };
      }),
    act: (id, action) => {
      recordMonitoring(session, `alert/${action.action}`, (seq) => {
        addAlertAction(connection, seq, id, {
          ...action,
          incident: null,
          who: session.actor(),
          atMs: Date.now(),
        });
        return { result: undefined, detail: { alert: id, step: action.step } };
      });
    },
  };
}
