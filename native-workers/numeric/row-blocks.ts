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

/** Goes through the rows `from` to `to - 1` in order, one piece after another. */
async function walk(
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

/** Goes through the strips, `threads` at a time; after each group `finished` is told the strips in order. */
async function walkStrips(
  source: RowSource,
  threads: number,
  use: (piece: RowPiece, lane: number) => Promise<unknown>,
  finished: (lane: number) => void,
): Promise<void> {
  const n = rowsOf(source);
  if (n === 0) return;
  if (!('matrix' in source)) checkBlocks(source);
  const bounds = stripBounds(n);
  const lanes = Math.min(threads, bounds.length - 1);
  const bufferLength = 'matrix' in source ? 0 : Math.min(n, source.blockRows) * source.cols;
  const buffers = Array.from({ length: lanes }, () => sharedFloat32(bufferLength));
  for (let strip = 0; strip + 1 < bounds.length; strip += lanes) {
    const together = Math.min(lanes, bounds.length - 1 - strip);
    await Promise.all(
      buffers.slice(0, together).map((buffer, lane) => {
        const at = strip + lane;
        return walk(source, bounds[at], bounds[at + 1], buffer, (piece) => use(piece, lane));
      }),
    );
    for (let lane = 0; lane < together; lane++) finished(lane);
  }
}

/**
 * Sums over all rows: `add` adds a piece to the sums of its strip, shape (length,), on shared memory; the strips are merged in
 * order. The bytes follow from the rows alone: not from threads, nor from the length of blocks.
 */
export async function sumStrips(
  source: RowSource,
  length: number,
  threads: number,
  add: (piece: RowPiece, sums: Float64Array) => Promise<unknown>,
): Promise<Float64Array> {
  const total = sharedFloat64(length);
  const lanes = Array.from({ length: Math.min(threads, stripBounds(rowsOf(source)).length - 1) }, () =>
    sharedFloat64(length),
  );
  await walkStrips(
    source,
    threads,
    (piece, lane) => add(piece, lanes[lane]),
    (lane) => {
      const sums = lanes[lane];
      for (let i = 0; i < length; i++) total[i] += sums[i];
      sums.fill(0);
    },
  );
  return total;
}

/** Goes through all rows where the result of a row depends on that row alone. */
export async function eachPiece(source: RowSource, threads: number, use: UsePiece): Promise<void> {
  await walkStrips(source, threads, use, () => undefined);
}
