import type { JoinReport } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import { ownText } from './own-text.ts';
import { placeColumns } from './record-roles.ts';
import type { ArrayChunk, ArrayEntry, Table } from './reader.ts';

/** What is put into another order lies in memory while it is. */
const MOST_BYTES = 4 * 1024 * 1024 * 1024;
const EXAMPLES = 5;
const SHOWN = 60;

/**
 * For each sample the row of a table that has its key.
 * @param column of keys
 * @param keys of the samples in order
 * @throws BezoarError evidence/missing-column, evidence/malformed where a sample has no row or a key comes twice
 */
export async function rowsByKey(
  name: string,
  table: Table,
  column: string,
  keys: readonly string[],
): Promise<{ order: Int32Array; report: JoinReport }> {
  const rows = new Map<string, number>();
  for await (const batch of table.batches()) {
    const at = placeColumns(name, table.header, [{ name: column, role: 'key' }])[0]?.at ?? 0;
    for (const [index, record] of batch.records.entries()) {
      const cell = record?.[at] ?? null;
      const row = batch.firstRow + index;
      if (cell === null || cell === '') continue;
      const before = rows.get(String(cell));
      if (before !== undefined)
        throw new BezoarError(
          'evidence/malformed',
          `${name}: the key ${JSON.stringify(String(cell).slice(0, SHOWN))} stands in rows ${before} and ${row} (counted from 0), so its ` +
            'array cannot be joined by keys. Nothing was imported. Remove one of them.',
        );
      rows.set(ownText(String(cell)), row);
    }
  }
  const order = new Int32Array(keys.length);
  const without: string[] = [];
  let missing = 0;
  for (const [sample, key] of keys.entries()) {
    const row = rows.get(key);
    if (row === undefined) {
      missing += 1;
      if (without.length < EXAMPLES) without.push(key.slice(0, SHOWN));
    } else order[sample] = row;
  }
  if (missing > 0)
    throw new BezoarError(
      'evidence/malformed',
      `${name} has no row for ${missing} of ${keys.length} samples (${without.map((key) => JSON.stringify(key)).join(', ')}${missing > EXAMPLES ? ', ...' : ''}). ` +
        'An array cannot have holes, so nothing was imported. Write it for all samples, or leave those samples out of the records.',
    );
  const used = new Set(keys);
  const unused = [...rows.keys()].filter((key) => !used.has(key));
  const report = {
    by: column,
    joined: keys.length,
    samplesWithout: 0,
    firstSamplesWithout: [],
    recordsWithout: unused.length,
    firstRecordsWithout: unused.slice(0, EXAMPLES).map((key) => key.slice(0, SHOWN)),
  };
  return { order, report };
}

/** The rows of an array in another order. @throws BezoarError evidence/too-large */
export async function* rowsInOrder(
  name: string,
  array: ArrayEntry,
  order: Int32Array,
  rowsPerChunk: number,
): AsyncGenerator<ArrayChunk> {
  const parts: ArrayChunk[] = [];
  let bytes = 0;
  for await (const chunk of array.chunks(rowsPerChunk)) {
    parts.push(chunk);
    bytes += chunk.bytes.length;
    if (bytes > MOST_BYTES)
      throw new BezoarError(
        'evidence/too-large',
        `${name} has more than ${MOST_BYTES} bytes to be put into the order of the records. Nothing was imported. ` +
          'Write it in the order of the records, and give it without keys.',
      );
  }
  for (let firstRow = 0; firstRow < order.length; firstRow += rowsPerChunk) {
    const rows = Math.min(rowsPerChunk, order.length - firstRow);
    let into: Uint8Array<ArrayBuffer> | null = null;
    for (let k = 0; k < rows; k += 1) {
      const row = order[firstRow + k] ?? 0;
      const part = parts[Math.floor(row / rowsPerChunk)];
      if (part === undefined) throw new Error(`row ${row} of ${name} was not read`);
      const width = part.bytes.length / part.rows;
      into ??= new Uint8Array(rows * width);
      const from = (row - part.firstRow) * width;
      into.set(part.bytes.subarray(from, from + width), k * width);
    }
    if (into !== null) yield { firstRow, rows, bytes: into };
  }
}
