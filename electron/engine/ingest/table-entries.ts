import { BezoarError } from '../../contract/errors.ts';
import { anyNumberOf } from './cell-values.ts';
import { plainNumberOf } from './column-kinds.ts';
import type { ArrayChunk, ArrayEntry, Cell, Table, TableBatch } from './reader.ts';

/** Fewer numbered columns than this are no matrix. */
const FEWEST_NUMBERED = 8;

/** A matrix that lies in the cells of a table. */
interface CellMatrix {
  readonly name: string;
  /** Places of its columns. */
  readonly places: readonly number[];
  readonly width: number;
  /** The numbers of a record, NaN for what is missing; a text is what is wrong with it. */
  numbers(record: readonly Cell[]): ArrayLike<number> | string;
}

/** The numbers of a cell such as [0.1, 0.2] or [0.1 0.2], NaN for missing ones; null where it is none. */
function vectorOf(cell: Cell): number[] | null {
  if (typeof cell !== 'string') return null;
  const text = cell.trim();
  if (!/^\[.*\]$/s.test(text) && !/^\(.*\)$/s.test(text)) return null;
  const parts = text
    .slice(1, -1)
    .trim()
    .split(/[\s,;]+/);
  const numbers = parts.map((part) => anyNumberOf(part));
  return numbers.some((value) => value === undefined) ? null : numbers.map((value) => value ?? NaN);
}

function vectorColumn(name: string, at: number, sample: TableBatch): CellMatrix | null {
  let width = 0;
  for (const record of sample.records) {
    const cell = record?.[at] ?? null;
    if (cell === null || cell === '') continue;
    const vector = vectorOf(cell);
    if (vector === null || vector.length < 2 || (width > 0 && vector.length !== width)) return null;
    width = vector.length;
  }
  if (width === 0) return null;
  return {
    name,
    places: [at],
    width,
    numbers: (record) => {
      const vector = vectorOf(record[at] ?? null);
      if (vector === null) return `has no list of numbers in column ${name}`;
      return vector.length === width ? vector : `has a list of ${vector.length} numbers in column ${name}`;
    },
  };
}

/** Columns such as f0, f1, f2, ... that hold numbers, as one matrix each. */
function numberedColumns(table: Table, sample: TableBatch): CellMatrix[] {
  const runs = new Map<string, { first: number; places: number[] }>();
  for (const [at, name] of table.header.entries()) {
    const found = /^(.*?)(\d+)$/s.exec(name);
    const [prefix, number] = [found?.[1] ?? '', Number(found?.[2])];
    if (found === null || !isNumeric(table, sample, at)) continue;
    const run = runs.get(prefix);
    if (run === undefined) runs.set(prefix, { first: number, places: [at] });
    else if (number === run.first + run.places.length) run.places.push(at);
  }
  return [...runs.values()]
    .filter(({ first, places }) => first <= 1 && places.length >= FEWEST_NUMBERED)
    .map(({ places }) => ({
      name: `${table.header[places[0] ?? 0] ?? ''}..${table.header[places.at(-1) ?? 0] ?? ''}`,
      places,
      width: places.length,
      numbers: (record) => {
        const numbers = new Float64Array(places.length);
        for (const [k, at] of places.entries()) {
          const cell = record[at] ?? null;
          const value = anyNumberOf(cell, table.decimal);
          if (value === undefined)
            return `says ${JSON.stringify(String(cell).slice(0, 60))} in column ${table.header[at] ?? ''}`;
          numbers[k] = value ?? NaN;
        }
        return numbers;
      },
    }));
}

function isNumeric(table: Table, { records }: TableBatch, at: number): boolean {
  const values = records.map((record) => plainNumberOf(record?.[at] ?? null, table));
  return values.every((value) => value !== undefined) && values.some((value) => value !== null);
}

/**
 * Matrices that lie in the cells of a table: columns of lists written as text, and numbered columns taken together.
 * The rows are counted for their shape, unless the file says how many there are.
 * @param taken columns that are arrays already
 */
export async function tableEntries(
  file: string,
  table: Table,
  taken: ReadonlySet<string>,
): Promise<ArrayEntry[]> {
  let sample: TableBatch | null = null;
  for await (const batch of table.batches()) {
    sample = batch;
    break;
  }
  if (sample === null) return [];
  const found = sample;
  const vectors = table.header.flatMap((name, at) =>
    taken.has(name) ? [] : (vectorColumn(name, at, found) ?? []),
  );
  const matrices = [...vectors, ...numberedColumns(table, found)];
  if (matrices.length === 0) return [];
  const rows = table.rows ?? (await countRows(table));
  return matrices.map((matrix) => entryOf(file, table, matrix, rows));
}

async function countRows(table: Table): Promise<number> {
  let rows = 0;
  for await (const batch of table.batches(new Set())) rows = batch.firstRow + batch.records.length;
  return rows;
}

function entryOf(file: string, table: Table, matrix: CellMatrix, rows: number): ArrayEntry {
  const { name, places, width } = matrix;
  return {
    name,
    dtype: 'float64',
    stored: 'float64',
    shape: [rows, width],
    columns: places.map((at) => table.header[at] ?? ''),
    problem: null,
    chunks: async function* (rowsPerChunk): AsyncGenerator<ArrayChunk> {
      let firstRow = 0;
      let held = 0;
      let values = new Float64Array(0);
      for await (const batch of table.batches(new Set(places)))
        for (const [at, record] of batch.records.entries()) {
          if (firstRow + held >= rows) throw changed(file);
          if (held === 0) values = new Float64Array(Math.min(rowsPerChunk, rows - firstRow) * width);
          // A record that cannot be taken has no numbers; where its row is not left out, it refuses the matrix.
          const numbers = record === null ? new Float64Array(width).fill(NaN) : matrix.numbers(record);
          if (typeof numbers === 'string') throw refused(file, matrix, batch.firstRow + at, numbers);
          values.set(numbers, held * width);
          held += 1;
          if (held < rowsPerChunk && firstRow + held < rows) continue;
          yield { firstRow, rows: held, bytes: new Uint8Array(values.buffer) };
          firstRow += held;
          held = 0;
        }
    },
  };
}

const changed = (file: string): BezoarError =>
  new BezoarError(
    'evidence/unreadable',
    `${file} was changed while it was read. Nothing was imported. Wait until it is written, and import it then.`,
  );

const refused = (file: string, { width }: CellMatrix, row: number, what: string): BezoarError =>
  new BezoarError(
    'evidence/malformed',
    `${file}: row ${row} (counted from 0) ${what}, and every row must have ${width} numbers. Nothing was imported. ` +
      'Mend that row in all files, or leave the array out.',
  );
