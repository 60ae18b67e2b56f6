import { cellOf, cellsOf, isObject, type GrowingColumns } from './json-record.ts';
import type { BadRow, Cell, TableBatch } from './reader.ts';

const BATCH = 1000;
const SHOWN = 200;

/** What a record is: an object of named cells, an array of cells, or a cell alone. */
export type RecordForm = 'object' | 'array' | 'value';

export const formOf = (value: unknown): RecordForm =>
  isObject(value) ? 'object' : Array.isArray(value) ? 'array' : 'value';

const wanted: Readonly<Record<RecordForm, string>> = {
  object: 'an object',
  array: 'an array',
  value: 'a single value',
};

/** The cells of a record, or what is wrong with it. */
export function recordCells(
  value: unknown,
  form: RecordForm,
  columns: GrowingColumns,
): readonly Cell[] | string {
  if (formOf(value) !== form) return `is ${wanted[formOf(value)]}, and the first record is ${wanted[form]}`;
  if (isObject(value)) {
    const cells = cellsOf(value, columns);
    return typeof cells === 'string' ? `names ${JSON.stringify(cells)} twice` : cells;
  }
  const cells = (form === 'array' ? (value as unknown[]) : [value]).map(cellOf);
  if (cells.length > columns.names.length && columns.names.length > 0)
    return `has ${cells.length} cells, and the first record has ${columns.names.length}`;
  for (let at = columns.names.length; at < cells.length; at += 1)
    columns.at(form === 'array' ? `column ${at + 1}` : 'value');
  return cells;
}

/** Gathers records into batches. */
export function rowBatches(): {
  /** `cells` as a text are what is wrong with it, in words that follow 'this record'. */
  add(cells: readonly Cell[] | string, line: number, text: string): TableBatch | null;
  end(): TableBatch | null;
} {
  let firstRow = 0;
  let records: (readonly Cell[] | null)[] = [];
  let lines: number[] = [];
  let bad: BadRow[] = [];
  const end = (): TableBatch | null => {
    if (records.length === 0) return null;
    const batch = { firstRow, records, lines, bad };
    firstRow += records.length;
    [records, lines, bad] = [[], [], []];
    return batch;
  };
  return {
    add: (cells, line, text) => {
      if (typeof cells === 'string') {
        bad.push({
          row: firstRow + records.length,
          line,
          reason: `this record ${cells}`,
          text: text.slice(0, SHOWN),
        });
        records.push(null);
      } else records.push(cells);
      lines.push(line);
      return records.length < BATCH ? null : end();
    },
    end,
  };
}
