import { createHash } from 'node:crypto';
import { columnsOf } from './dataset-table.ts';
import type { Connection } from './connection.ts';

interface ContentRow {
  readonly row: number;
  readonly key: string;
  readonly label: string | null;
  readonly predicted: string | null;
  readonly confidence: number | null;
  readonly cells: readonly (string | number | null)[];
}

interface ContentHash {
  add(sample: ContentRow): void;
  /** Samples that are nothing but their number. */
  addNumbered(first: number, rows: number): void;
  digest(): string;
}

/** SHA-256 over the samples of a set in row order, one JSON line each: tells whether a stored sample was altered. */
export function contentHash(): ContentHash {
  const hash = createHash('sha256');
  let lines = '';
  const line = (text: string): void => {
    lines += `${text}\n`;
    if (lines.length > 65_536) {
      hash.update(lines);
      lines = '';
    }
  };
  return {
    add: ({ row, key, label, predicted, confidence, cells }) => {
      line(JSON.stringify([row, key, label, predicted, confidence, ...cells]));
    },
    addNumbered: (first, rows) => {
      for (let row = first; row < first + rows; row += 1) line(`[${row},"${row}",null,null,null]`);
    },
    digest: () => hash.update(lines).digest('hex'),
  };
}

/** The same hash from what the case holds. */
export function storedContentHash(connection: Connection, dataset: number): string {
  const columns = columnsOf(connection, dataset);
  const hash = contentHash();
  const rows = connection.each<ContentRow & Record<string, string | number | null>>(
    `SELECT sample.row, key, label, predicted, confidence
       ${columns.map(({ position }) => `, record.c${position}`).join('')}
     FROM sample ${columns.length > 0 ? `LEFT JOIN record_${dataset} AS record ON record.row = sample.row` : ''}
     WHERE sample.dataset = ? ORDER BY sample.row`,
    dataset,
  );
  for (const row of rows)
    hash.add({
      row: row.row,
      key: row.key,
      label: row.label,
      predicted: row.predicted,
      confidence: row.confidence,
      cells: columns.map(({ position }) => row[`c${position}`] ?? null),
    });
  return hash.digest();
}
