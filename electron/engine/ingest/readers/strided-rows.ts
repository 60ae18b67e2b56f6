import { BezoarError } from '../../../contract/errors.ts';
import type { ByteSource } from '../byte-source.ts';
import type { ArrayChunk } from '../reader.ts';

/** Values in a file: value (i, j, ...) stands at byte `start` plus `width` times the sum of each index and its stride. */
export interface StridedValues {
  readonly source: ByteSource;
  readonly start: number;
  readonly shape: readonly number[];
  /** In values, none below 0. */
  readonly strides: readonly number[];
  /** Bytes of a value: 1, 2, 4 or 8. */
  readonly width: number;
}

/** Rows are gathered in blocks of about this size: larger ones mean fewer, longer reads. */
const BLOCK_BYTES = 32 * 1024 * 1024;
/** What can only be read from front to back is taken into memory whole, up to this. */
const MOST_IN_MEMORY = 1024 * 1024 * 1024;

/** Strides of values in C order. */
export function rowOrder(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis -= 1)
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  return strides;
}

/** The same in Fortran order, where the first axis runs fastest. */
export function columnOrder(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = 1; axis < shape.length; axis += 1)
    strides[axis] = (strides[axis - 1] ?? 1) * (shape[axis - 1] ?? 1);
  return strides;
}

/** Whether values of these strides stand in C order. */
export const isRowOrder = (shape: readonly number[], strides: readonly number[]): boolean =>
  rowOrder(shape).every((stride, axis) => stride === strides[axis] || shape[axis] === 1);

const ended = (source: ByteSource, row: number): BezoarError =>
  new BezoarError(
    'evidence/malformed',
    `${source.name}: its values end in row ${row}. Nothing was imported. The file was cut off or is damaged; write it again.`,
  );

/** Whole rows in C order, whatever the strides; never more than a block and a chunk are in memory. */
export async function* stridedRows(values: StridedValues, rowsPerChunk: number): AsyncGenerator<ArrayChunk> {
  const { shape, strides } = values;
  yield* isRowOrder(shape, strides) ? rowsInOrder(values, rowsPerChunk) : gatheredRows(values, rowsPerChunk);
}

async function* rowsInOrder(
  { source, start, shape, width }: StridedValues,
  rowsPerChunk: number,
): AsyncGenerator<ArrayChunk> {
  const [total = 0, ...rest] = shape;
  const rowBytes = rest.reduce((product, length) => product * length, width);
  for (let firstRow = 0; firstRow < total; firstRow += rowsPerChunk) {
    const rows = Math.min(rowsPerChunk, total - firstRow);
    const bytes = await source.read(start + firstRow * rowBytes, rows * rowBytes);
    if (bytes.length !== rows * rowBytes) throw ended(source, firstRow + Math.floor(bytes.length / rowBytes));
    yield { firstRow, rows, bytes };
  }
}

/** Column by column of a block of rows: in Fortran order each is one read, and so is a block whose rows lie together. */
async function* gatheredRows(values: StridedValues, rowsPerChunk: number): AsyncGenerator<ArrayChunk> {
  const { source, start, shape, strides, width } = values;
  const [total = 0, ...rest] = shape;
  const [rowStride = 0, ...restStrides] = strides;
  const columns = rest.reduce((product, length) => product * length, 1);
  const rowBytes = columns * width;
  const offsets = columnOffsets(rest, restStrides);
  const furthest = offsets.reduce((most, offset) => Math.max(most, offset), 0);
  const read: ByteSource['read'] =
    'readNow' in source
      ? (offset, length) => source.read(offset, length)
      : await readerInMemory(values, furthest);
  const rowsPerBlock = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes / rowsPerChunk)) * rowsPerChunk;
  for (let first = 0; first < total; first += rowsPerBlock) {
    const rows = Math.min(rowsPerBlock, total - first);
    const block = new Uint8Array(rows * rowBytes);
    const columnBytes = ((rows - 1) * rowStride + 1) * width;
    const together = ((rows - 1) * rowStride + furthest + 1) * width;
    const from = start + first * rowStride * width;
    // Rows that lie in one stretch are read at once, and the columns picked from it.
    const stretch = together <= 4 * block.length ? await read(from, together) : null;
    for (let column = 0; column < columns; column += 1) {
      const at = (offsets[column] ?? 0) * width;
      const run =
        stretch === null ? await read(from + at, columnBytes) : stretch.subarray(at, at + columnBytes);
      if (run.length !== columnBytes) throw ended(source, first);
      scatter(run, block, rows, rowStride, column, columns, width);
    }
    for (let at = 0; at < rows; at += rowsPerChunk) {
      const some = Math.min(rowsPerChunk, rows - at);
      yield { firstRow: first + at, rows: some, bytes: block.slice(at * rowBytes, (at + some) * rowBytes) };
    }
  }
}

/** Of each column in C order, how many values it stands behind the begin of its row. */
function columnOffsets(rest: readonly number[], strides: readonly number[]): Float64Array {
  const offsets = new Float64Array(rest.reduce((product, length) => product * length, 1));
  for (let column = 0; column < offsets.length; column += 1) {
    let left = column;
    let offset = 0;
    for (let axis = rest.length - 1; axis >= 0; axis -= 1) {
      const length = rest[axis] ?? 1;
      offset += (left % length) * (strides[axis] ?? 0);
      left = Math.floor(left / length);
    }
    offsets[column] = offset;
  }
  return offsets;
}

type Words = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** Value i of `run`, counted in steps of `stride`, goes to row i, column `column` of `block`. */
function scatter(
  run: Uint8Array<ArrayBuffer>,
  block: Uint8Array<ArrayBuffer>,
  rows: number,
  stride: number,
  column: number,
  columns: number,
  width: number,
): void {
  const aligned = run.byteOffset % width === 0 ? run : run.slice();
  const asWords = ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Words => {
    if (width === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2);
    if (width === 4) return new Uint32Array(buffer, byteOffset, byteLength / 4);
    if (width === 8) return new BigUint64Array(buffer, byteOffset, byteLength / 8);
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
  const from = asWords(aligned);
  const to = asWords(block);
  for (let row = 0; row < rows; row += 1) to[row * columns + column] = from[row * stride];
}

async function readerInMemory(
  { source, start, shape, strides, width }: StridedValues,
  furthest: number,
): Promise<ByteSource['read']> {
  const bytes = (((shape[0] ?? 1) - 1) * (strides[0] ?? 0) + furthest + 1) * width;
  if (bytes > MOST_IN_MEMORY)
    throw new BezoarError(
      'evidence/too-large',
      `${source.name} is packed and its values do not stand row by row, and with ${bytes} bytes it is too large to be turned about in memory. ` +
        'Nothing was imported. Unpack it, or save the array in C order (numpy.ascontiguousarray, tensor.contiguous).',
    );
  const whole = await source.read(start, bytes);
  return (offset, length) => Promise.resolve(whole.subarray(offset - start, offset - start + length));
}
