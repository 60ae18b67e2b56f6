import type { StoredDtype } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { ArrayChunk, ArrayEntry, Cell } from './reader.ts';
import { storedBytes } from './stored-values.ts';

/** A column whose cells are lists of numbers, one a row. */
export interface ListColumn {
  readonly name: string;
  readonly dtype: Extract<StoredDtype, 'float16' | 'float32' | 'float64' | 'int32' | 'int64'>;
  readonly rows: number;
  /** Elements of the first list that is there. */
  readonly width: number;
  /** The cells in order, so many at a time, from the first on. */
  read(): (count: number) => readonly (Cell | readonly Cell[])[];
}

/** What a list column is to numbers of its dtype. */
type Numbers =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>;

function numbersFor(dtype: ListColumn['dtype'], length: number): Numbers {
  switch (dtype) {
    case 'float64':
      return new Float64Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'int64':
      return new BigInt64Array(length);
    case 'float16':
    case 'float32':
      return new Float32Array(length);
  }
}

/** Lists of one length as an array [rows, width]. @param refuse makes a refusal of what is wrong with the file */
export function listEntry(file: string, column: ListColumn): ArrayEntry {
  const { name, rows, width } = column;
  // The numbers of half precision come widened.
  const dtype = column.dtype === 'float16' ? 'float32' : column.dtype;
  const refused = (row: number, what: string): BezoarError =>
    new BezoarError(
      'evidence/malformed',
      `${file}: ${name}: row ${row} (counted from 0) ${what}, and every row must have ${width} numbers. Nothing was imported. ` +
        'Mend that row in all files, or take the column as records.',
    );
  return {
    name,
    dtype,
    stored: column.dtype,
    shape: [rows, width],
    columns: [name],
    problem: null,
    chunks: async function* (rowsPerChunk): AsyncGenerator<ArrayChunk> {
      const next = column.read();
      for (let firstRow = 0; firstRow < rows; firstRow += rowsPerChunk) {
        const count = Math.min(rowsPerChunk, rows - firstRow);
        const values = numbersFor(dtype, count * width);
        for (const [k, cell] of next(count).entries()) {
          if (!Array.isArray(cell)) throw refused(firstRow + k, 'has no list');
          const list = cell as readonly Cell[];
          if (list.length !== width) throw refused(firstRow + k, `has a list of ${list.length}`);
          for (let at = 0; at < width; at += 1) {
            const value = list[at] ?? null;
            if (value === null) throw refused(firstRow + k, `lacks element ${at}`);
            values[k * width + at] = values instanceof BigInt64Array ? BigInt(value) : Number(value);
          }
        }
        yield {
          firstRow,
          rows: count,
          bytes: new Uint8Array(values.buffer, 0, count * width * storedBytes[dtype]),
        };
        await Promise.resolve();
      }
    },
  };
}
