import { parseStored, type Connection } from './connection.ts';

/**
 * Rows of a set that an analyst decided or cites, in row order: those with a verdict or a note, and those of a structure
 * judged natural.
 */
export function citedRows(connection: Connection, dataset: number): number[] {
  const rows = new Set(
    connection.column<number>(
      `SELECT row FROM verdict_now WHERE dataset = ? AND verdict IS NOT NULL
       UNION SELECT row FROM note WHERE dataset = ?`,
      dataset,
      dataset,
    ),
  );
  const structures = connection.column<string>(
    `SELECT keys FROM known_structure AS made JOIN run ON run.id = made.scan
     WHERE run.dataset = ? AND NOT EXISTS (SELECT 1 FROM structure_withdrawal WHERE structure = made.id)`,
    dataset,
  );
  for (const key of structures.flatMap((keys) => parseStored<string[]>(connection, keys)))
    for (const row of connection.column<number>(
      'SELECT row FROM sample WHERE dataset = ? AND key = ?',
      dataset,
      key,
    ))
      rows.add(row);
  return [...rows].sort((a, b) => a - b);
}
