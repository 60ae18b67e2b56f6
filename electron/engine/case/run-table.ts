import { createHash } from 'node:crypto';
import type { NewRun, RunKind, RunTable, StoredRun } from './case-file.ts';
import { nextAuditSeq, type CaseSession } from './case-session.ts';
import { parseStored, type Connection } from './connection.ts';

interface RunRow {
  id: number;
  kind: RunKind;
  dataset: number;
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

/** SHA-256 over all that a run found and was told: what its audit line keeps. */
export function runHash(connection: Connection, run: number): string {
  const hash = createHash('sha256');
  const stored = connection.get<Pick<RunRow, 'parameters' | 'inputs' | 'result'>>(
    'SELECT parameters, inputs, result FROM run WHERE id = ?',
    run,
  );
  if (stored !== undefined) hash.update(`${stored.parameters}\n${stored.inputs}\n${stored.result}\n`);
  for (const { name, bytes } of connection.all<{ name: string; bytes: Uint8Array }>(
    'SELECT name, bytes FROM run_array WHERE run = ? ORDER BY name',
    run,
  ))
    hash.update(`${name} ${bytes.length}\n`).update(bytes);
  for (const finding of connection.all<Record<string, string | number | null>>(
    'SELECT * FROM class_finding WHERE run = ? ORDER BY class_index',
    run,
  ))
    hash.update(`${JSON.stringify(Object.values(finding))}\n`);
  return hash.digest('hex');
}

export function createRunTable(session: CaseSession): RunTable {
  const { connection } = session;

  const stored = (row: RunRow): StoredRun => ({
    id: row.id,
    kind: row.kind,
    dataset: row.dataset,
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
    add: (run: NewRun) =>
      session.record(`${run.kind}/finish`, () => {
        const id = connection.run(
          `INSERT INTO run (kind, dataset, engine, version, parameters, seed, inputs, started_at_ms, started_by,
             milliseconds, peak_rss_bytes, result, audit_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          run.kind,
          run.dataset,
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
          nextAuditSeq(connection),
        );
        connection.runMany(
          'INSERT INTO run_array (run, name, bytes) VALUES (?, ?, ?)',
          run.arrays.map(({ name, data }) => [id, name, data]),
        );
        connection.runMany(
          `INSERT INTO class_finding (run, class_index, class_name, decision, ways, statistic, p_value, flagged)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          run.classFindings.map((one) => [
            id,
            one.classIndex,
            one.className,
            one.decision,
            one.ways,
            one.statistic,
            one.pValue,
            one.flagged,
          ]),
        );
        return {
          result: id,
          detail: {
            run: id,
            engine: run.engine,
            version: run.version,
            parameters: run.parameters,
            seed: run.seed,
            inputs: run.inputs,
            content: runHash(connection, id),
          },
        };
      }),
    list: (kind) => connection.all<RunRow>('SELECT * FROM run WHERE kind = ? ORDER BY id', kind).map(stored),
    get: (id) => {
      const row = connection.get<RunRow>('SELECT * FROM run WHERE id = ?', id);
      return row === undefined ? null : stored(row);
    },
    array: (id, name) => {
      const bytes = connection.column<Uint8Array>(
        'SELECT bytes FROM run_array WHERE run = ? AND name = ?',
        id,
        name,
      )[0];
      // A copy at offset 0, so that any typed array can stand on its buffer.
      return bytes === undefined ? null : new Uint8Array(bytes);
    },
  };
}
