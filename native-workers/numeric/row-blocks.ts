import type { Matrix } from '../detectors/detector.ts';
import type { Rows } from './rows.ts';
import { countRows } from './rows.ts';
import { sharedFloat32, sharedFloat64 } from './shared-arrays.ts';
import { stripBounds } from './strips.ts';

/** A matrix that is read block by block: larger than memory, or stored in chunks. */
export interface RowBlocks {
  readonly rows: number;
  readonly cols: number;
  /** Rows of every block but the last; a multiple of 256, so that no 64 rows that are summed together straddle two blocks. */
  readonly blockRows: number;
  /** Fills `into`, float32 on shared memory, with the rows of block `index`: row-major, finite. */
  read(index: number, into: Float32Array): Promise<void>;
}

/** A matrix in memory, all of it or the rows chosen, in the given order. */
interface ResidentRows {
  readonly matrix: Matrix;
  readonly rows: Rows;
}

export type RowSource = ResidentRows | RowBlocks;

/** Rows of a source that lie in memory now: `from` to `to - 1` of `x`, or those that `rows` names. */
export interface RowPiece {
  readonly x: Float32Array;
  readonly rows: Rows;
  readonly from: number;
  readonly to: number;
  readonly cols: number;
  /** Position in the source of row `from`. */
  readonly first: number;
}

/** Does something with a piece, in a worker as a rule; the piece's memory is used again when it is done. */
type UsePiece = (piece: RowPiece) => Promise<unknown>;

export function rowsOf(source: RowSource): number {
  return 'matrix' in source ? countRows(source.matrix, source.rows) : source.rows;
}

export function colsOf(source: RowSource): number {
  return 'matrix' in source ? source.matrix.cols : source.cols;
}

/** @throws RangeError when the block's length is not a multiple of 256 rows */
export function checkBlocks(source: RowBlocks): void {
  if (!(source.blockRows > 0) || source.blockRows % 256 !== 0)
    throw new RangeError(
      `Blocks of ${source.blockRows} rows cannot be summed: the length is a multiple of 256.`,
    );
}

/** Number of rows of block `index`. */
export function rowsOfBlock(source: RowBlocks, index: number): number {
  return Math.min(source.blockRows, source.rows - index * source.blockRows);
}

/** Entries of the buffer that {@link walk} reads a source's blocks into. */
export function bufferLength(source: RowSource): number {
  return 'matrix' in source ? 0 : Math.min(source.rows, source.blockRows) * source.cols;
}

/** Goes through the rows `from` to `to - 1` in order, one piece after another. */
export async function walk(
  source: RowSource,
  from: number,
  to: number,
  buffer: Float32Array,
  use: UsePiece,
): Promise<void> {
  const cols = colsOf(source);
  if ('matrix' in source) {
    await use({ x: source.matrix.data, rows: source.rows, from, to, cols, first: from });
    return;
  }
  const { blockRows } = source;
  for (let index = Math.floor(from / blockRows); index * blockRows < to; index++) {
    const start = index * blockRows;
    const height = rowsOfBlock(source, index);
    const x = buffer.subarray(0, height * cols);
    await source.read(index, x);
    const first = Math.max(from, start);
    await use({
      x,
      rows: null,
      from: first - start,
      to: Math.min(to, start + height) - start,
      cols,
      first,
    });
  }
}

/** Goes through the strips, `threads` at a time, each in the lane that `free` gives; `done` is told when a strip is. */
async function walkStrips(
  source: RowSource,
  threads: number,
  free: (strip: number) => Promise<number> | number,
  use: (piece: RowPiece, lane: number) => Promise<unknown>,
  done: (strip: number, lane: number) => void,
): Promise<void> {
  const n = rowsOf(source);
  if (n === 0) return;
  if (!('matrix' in source)) checkBlocks(source);
  const bounds = stripBounds(n);
  let next = 0;
  const thread = async (): Promise<void> => {
    const buffer = sharedFloat32(bufferLength(source));
    while (next + 1 < bounds.length) {
      const strip = next++;
      const lane = await free(strip);
      await walk(source, bounds[strip], bounds[strip + 1], buffer, (piece) => use(piece, lane));
      done(strip, lane);
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, bounds.length - 1) }, thread));
}

/** Adds the sums of a strip and clears them for the next one. */
function mergeStrip(total: Float64Array, sums: Float64Array, upperOf: number): void {
  for (let row = 0; row < upperOf; row++) mergeEntries(total, sums, row * upperOf + row, (row + 1) * upperOf);
  mergeEntries(total, sums, upperOf * upperOf, sums.length);
}

function mergeEntries(total: Float64Array, sums: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) total[i] += sums[i];
  sums.fill(0, from, to);
}

/**
 * Sums over all rows: `add` adds a piece to the sums of its strip, shape (length,), on shared memory; the strips are merged in
 * order. The bytes follow from the rows alone: not from threads, nor from the length of blocks.
 *
 * @param upperOf d where the first d * d sums are the upper triangle of a matrix, whose rest stays 0; else 0
 */
export async function sumStrips(
  source: RowSource,
  length: number,
  threads: number,
  add: (piece: RowPiece, sums: Float64Array) => Promise<unknown>,
  upperOf = 0,
): Promise<Float64Array> {
  const total = sharedFloat64(length);
  const strips = stripBounds(rowsOf(source)).length - 1;
  // One lane more than threads: a thread that is ahead begins its next strip while the one before it is still summed.
  const lanes = Array.from({ length: Math.min(threads + 1, strips) }, () => sharedFloat64(length));
  const idle = lanes.map((_, lane) => lane);
  const waiting: ((lane: number) => void)[] = [];
  const summed = new Map<number, number>();
  let merged = 0;
  await walkStrips(
    source,
    threads,
    () => idle.pop() ?? new Promise<number>((resolve) => waiting.push(resolve)),
    (piece, lane) => add(piece, lanes[lane]),
    (strip, lane) => {
      summed.set(strip, lane);
      for (let ready = summed.get(merged); ready !== undefined; ready = summed.get(merged)) {
        mergeStrip(total, lanes[ready], upperOf);
        summed.delete(merged);
        merged += 1;
        const first = waiting.shift();
        if (first) first(ready);
        else idle.push(ready);
      }
    },
  );
  return total;
}

/** Goes through all rows where the result of a row depends on that row alone. */
export async function eachPiece(source: RowSource, threads: number, use: UsePiece): Promise<void> {
  await walkStrips(
    source,
    threads,
    () => 0,
    (piece) => use(piece),
    () => undefined,
  );
}
