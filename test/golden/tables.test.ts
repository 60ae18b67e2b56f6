import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anyNumberOf } from '../../electron/engine/ingest/cell-values.ts';
import { openEvidence } from '../../electron/engine/ingest/open-evidence.ts';
import type { Cell } from '../../electron/engine/ingest/reader.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/formats/tables');

interface Group {
  readonly files: readonly string[];
  readonly columns: Readonly<Record<string, readonly Cell[]>>;
  /** Arrays of lists, row by row. */
  readonly vectors?: Readonly<Record<string, readonly number[]>>;
}

const groupsOf = (name: string): [string, Group][] =>
  Object.entries(
    (JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as { groups: Record<string, Group> }).groups,
  );

const groups = [...groupsOf('expected.json'), ...groupsOf('expected-js.json')];
const files = groups.flatMap(([, group]) => group.files.map((file) => [file, group] as const));

/** A cell as the case would keep it beside the one expected. */
function asExpected(
  cell: Cell | undefined,
  wanted: Cell | undefined,
  typed: boolean,
  decimal: '.' | ',',
): unknown {
  if (cell === undefined || cell === null || cell === '' || (typeof cell === 'number' && Number.isNaN(cell)))
    return null;
  // Lists stand as JSON, whose numbers Python and JavaScript write differently.
  if (typeof cell === 'string' && cell.startsWith('[')) return JSON.parse(cell) as unknown;
  if (!typed && typeof wanted === 'number') return anyNumberOf(cell, decimal);
  return cell === Infinity ? 'Infinity' : cell;
}

describe.each(files)('%s', (name, { columns, vectors = {} }) => {
  it('has the columns and cells that its writer put there', async () => {
    const file = await openEvidence(join(FOLDER, name));
    try {
      const { table } = file.content;
      if (table === null) throw new Error('no table');
      const found: unknown[][] = [];
      let rows = 0;
      for await (const { records, bad, firstRow } of table.batches()) {
        expect(bad).toEqual([]);
        expect(firstRow).toBe(rows);
        rows += records.length;
        for (const record of records)
          for (const [at, column] of table.header.entries()) {
            const of = (found[at] ??= []);
            while (of.length < rows - records.length) of.push(null);
            of.push(asExpected(record?.[at], columns[column]?.[of.length], table.typed, table.decimal));
          }
      }
      expect([...table.header]).toEqual(Object.keys(columns));
      for (const [at, column] of table.header.entries())
        expect(found[at], column).toEqual(
          (columns[column] ?? []).map((cell) => asExpected(cell, null, true, '.')),
        );
      if (table.rows !== null) expect(table.rows).toBe(rows);
    } finally {
      file.close();
    }
  });

  it('gives its lists of numbers as arrays', async () => {
    const file = await openEvidence(join(FOLDER, name));
    try {
      for (const [array, values] of Object.entries(vectors)) {
        const entry = file.content.entries.find((one) => one.name === array);
        const numbers: number[] = [];
        for await (const { bytes } of entry?.chunks(7) ?? [])
          numbers.push(
            ...(entry?.dtype === 'float32' ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer)),
          );
        expect(numbers, array).toEqual(values);
        expect(entry?.shape).toEqual([values.length / (entry?.shape[1] ?? 1), entry?.shape[1]]);
      }
      expect(file.content.entries.map((entry) => entry.name)).toEqual(
        expect.arrayContaining(Object.keys(vectors)),
      );
    } finally {
      file.close();
    }
  });
});

it('an empty table has columns and no records', async () => {
  const file = await openEvidence(join(FOLDER, 'empty.parquet'));
  const { table } = file.content;
  expect(table?.header).toContain('label');
  for await (const batch of table?.batches() ?? []) expect(batch.records).toEqual([]);
  file.close();
});
