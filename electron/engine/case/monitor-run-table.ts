import { addSightings, type Sighting } from './alert-table.ts';
import type { CaseSession } from './case-session.ts';
import { parseStored } from './connection.ts';
import { recordMonitoring } from './monitoring-content.ts';

type MonitorRunKind = 'monitor' | 'follow' | 'drill';

export interface NewMonitorRun {
  readonly kind: MonitorRunKind;
  readonly baseline: number;
  readonly engine: string;
  readonly version: string;
  readonly parameters: Record<string, unknown>;
  readonly seed: number;
  /** Name and SHA-256 of every log, by which a run is told to be stale. */
  readonly inputs: readonly { readonly name: string; readonly sha256: string }[];
  readonly startedAtMs: number;
  readonly milliseconds: number;
  readonly peakRssBytes: number;
  /** The result without its arrays, JSON-serialisable. */
  readonly result: unknown;
  /** Packed little-endian values by name. */
  readonly arrays: readonly { readonly name: string; readonly data: Uint8Array }[];
  readonly sightings: readonly Sighting[];
}

export interface StoredMonitorRun extends Omit<NewMonitorRun, 'arrays' | 'sightings'> {
  readonly id: number;
  readonly startedBy: string;
}

/** Runs of monitors, followed logs and drills; a run, its arrays and its alerts are one transaction. */
export interface MonitorRunTable {
  add(run: NewMonitorRun): number;
  list(kind: MonitorRunKind): StoredMonitorRun[];
  get(id: number): StoredMonitorRun | null;
  array(id: number, name: string): Uint8Array | null;
}

interface RunRow {
  id: number;
  kind: MonitorRunKind;
  baseline: number;
  engine: string;
  version: string;
  parameters: string;
  seed: number;
  inputs: string;
  started_at_ms: number;
  started_by: string;
  milliseconds: number;
  peak_rss_bytes: number;
  result: string;
}

export function createMonitorRunTable(session: CaseSession): MonitorRunTable {
  const { connection } = session;
  const stored = (row: RunRow): StoredMonitorRun => ({
    id: row.id,
    kind: row.kind,
    baseline: row.baseline,
    engine: row.engine,
    version: row.version,
    parameters: parseStored(connection, row.parameters),
    seed: row.seed,
    inputs: parseStored(connection, row.inputs),
    startedAtMs: row.started_at_ms,
    startedBy: row.started_by,
    milliseconds: row.milliseconds,
    peakRssBytes: row.peak_rss_bytes,
    result: parseStored(connection, row.result),
  });
  return {
    add: (run) =>
      recordMonitoring(session, run.kind === 'follow' ? 'follow/start' : `${run.kind}/store`, (seq) => {
        const id = connection.run(
          `INSERT INTO monitor_run (kind, baseline, engine, version, parameters, seed, inputs, started_at_ms, started_by,
             milliseconds, peak_rss_bytes, result, audit_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          run.kind,
          run.baseline,
          run.engine,
          run.version,
          JSON.stringify(run.parameters),
          run.seed,
          JSON.stringify(run.inputs),
          run.startedAtMs,
          session.actor(),
          run.milliseconds,
          run.peakRssBytes,
          JSON.stringify(run.result),
          seq,
        );
        connection.runMany(
          'INSERT INTO monitor_array (run, name, audit_seq, bytes) VALUES (?, ?, ?, ?)',
          run.arrays.map(({ name, data }) => [id, name, seq, data]),
        );
        const alerts = addSightings(connection, seq, id, run.sightings);
        return {
          result: id,
          detail: {
            run: id,
            baseline: run.baseline,
            version: run.version,
            parameters: run.parameters,
            seed: run.seed,
            inputs: run.inputs,
            alerts,
          },
        };
      }),
    list: (kind) =>
      connection.all<RunRow>('SELECT * FROM monitor_run WHERE kind = ? ORDER BY id', kind).map(stored),
    get: (id) => {
      const row = connection.get<RunRow>('SELECT * FROM monitor_run WHERE id = ?', id);
      return row === undefined ? null : stored(row);
    },
    array: (id, name) => {
      const bytes = connection.column<Uint8Array>(
        'SELECT bytes FROM monitor_array WHERE run = ? AND name = ?',
        id,
        name,
      )[0];
      // A copy at offset 0, so that any typed array can stand on its buffer.
      return bytes === undefined ? null : new Uint8Array(bytes);
    },
  };
}
