import { createHash } from 'node:crypto';
import type { Connection, SqlValue } from './connection.ts';

/** A chunk as its hash goes into that of the log. */
export interface HashedChunk {
  readonly position: number;
  readonly chunk: number;
  readonly rows: number;
  readonly dtype: string;
  readonly sha256: string;
}

export const LOG_FACTS =
  'id, role, name, rows, first_time_ms, last_time_ms, classes, mapping, oddities, imported_at_ms, imported_by';
export const LOG_COLUMN_FACTS = 'position, name, role, type, unit, class, levels';
export const BAD_ROW_FACTS = 'evidence, position, line, reason, text';

/**
 * SHA-256 over what a log holds, one JSON line each: its facts, its columns, its bad lines, and of each chunk by column
 * and number the SHA-256 of its bytes.
 */
export function logHash(
  facts: readonly SqlValue[],
  columns: readonly (readonly SqlValue[])[],
  badLines: readonly (readonly SqlValue[])[],
  chunks: readonly HashedChunk[],
): string {
  const hash = createHash('sha256');
  for (const line of [facts, ...columns, ...badLines]) hash.update(`${JSON.stringify(line)}\n`);
  const ordered = [...chunks].sort((a, b) => a.position - b.position || a.chunk - b.chunk);
  for (const { position, chunk, rows, dtype, sha256 } of ordered)
    hash.update(`${JSON.stringify([position, chunk, rows, dtype, sha256])}\n`);
  return hash.digest('hex');
}

/** The same hash from what the case holds. */
export function storedLogHash(connection: Connection, log: number): string {
  const rowsOf = (sql: string): SqlValue[][] =>
    connection.all<Record<string, SqlValue>>(sql, log).map((row) => Object.values(row));
  const chunks: HashedChunk[] = [];
  const stored = connection.each<Omit<HashedChunk, 'sha256'> & { bytes: Uint8Array }>(
    'SELECT position, chunk, rows, dtype, bytes FROM log_chunk WHERE log = ? ORDER BY position, chunk',
    log,
  );
  for (const { bytes, ...chunk } of stored)
    chunks.push({ ...chunk, sha256: createHash('sha256').update(bytes).digest('hex') });
  return logHash(
    rowsOf(`SELECT ${LOG_FACTS} FROM log WHERE id = ?`)[0] ?? [],
    rowsOf(`SELECT ${LOG_COLUMN_FACTS} FROM log_column WHERE log = ? ORDER BY position`),
    rowsOf(
      `SELECT ${BAD_ROW_FACTS} FROM bad_row WHERE evidence IN (SELECT id FROM evidence WHERE log = ?) ORDER BY evidence, position`,
    ),
    chunks,
  );
}
