import { kernels } from '../engine.ts';
import { gramScratch, projectScratch } from '../engines/moments-kernels.ts';
import type { TaskContext } from '../task.ts';
import { forEachStep } from './moments.ts';
import type { RowPiece } from './row-blocks.ts';
import { eigTop, type SymmetricEigen } from './symmetric-eigen.ts';

function steps(
  { from, to }: RowPiece,
  productsPerRow: number,
  ctx: TaskContext,
  work: (from: number, to: number) => void,
): void {
  const check = (): void => {
    ctx.check();
  };
  forEachStep(to - from, productsPerRow, check, (first, end) => {
    work(from + first, from + end);
  });
}

/** Adds the rows to `sums`, shape (d,). */
export function addColumnSums(args: { piece: RowPiece; sums: Float64Array }, ctx: TaskContext): void {
  const { x, rows, cols } = args.piece;
  const engine = kernels();
  steps(args.piece, cols, ctx, (from, to) => {
    engine.addSums(x, rows, from, to, cols, args.sums);
  });
}

/** Adds the squared distances of the rows from `centre` to sums[0]. */
export function addSquaredDistances(
  args: { piece: RowPiece; centre: Float64Array; sums: Float64Array },
  ctx: TaskContext,
): void {
  const { x, rows, cols } = args.piece;
  const engine = kernels();
  steps(args.piece, cols, ctx, (from, to) => {
    const squares = new Float64Array(to - from);
    engine.squaredDistances(x, rows, from, to, cols, args.centre, squares);
    for (const square of squares) args.sums[0] += square;
  });
}

/**
 * Adds the products of the columns less `centre` to the upper triangle of `sums`, shape (d, d), screened in float32, and the
 * rows to `columnSums`, shape (d,), unless it is null.
 */
export function addGramRows(
  args: { piece: RowPiece; centre: Float32Array; columnSums: Float64Array | null; sums: Float64Array },
  ctx: TaskContext,
): void {
  const { x, rows, cols } = args.piece;
  const engine = kernels();
  const scratch = new Float32Array(gramScratch(cols));
  steps(args.piece, cols * cols, ctx, (from, to) => {
    engine.addGram(x, rows, from, to, cols, args.centre, args.columnSums, args.sums, scratch);
  });
}

/** The same in float64. */
export function addGramRowsExact(
  args: { piece: RowPiece; centre: Float64Array; sums: Float64Array },
  ctx: TaskContext,
): void {
  const { x, rows, cols } = args.piece;
  const engine = kernels();
  const scratch = new Float64Array(gramScratch(cols));
  steps(args.piece, cols * cols, ctx, (from, to) => {
    engine.addGramExact(x, rows, from, to, cols, args.centre, args.sums, scratch);
  });
}

/** Coordinates (x - centre) . axis of the rows, written to `out`, shape (all rows, count), at their positions; axes packed. */
export function projectRows(
  args: { piece: RowPiece; centre: Float32Array; axes: Float32Array; count: number; out: Float32Array },
  ctx: TaskContext,
): void {
  const { x, rows, cols, from: start, first } = args.piece;
  const { centre, axes, count, out } = args;
  const engine = kernels();
  const scratch = new Float32Array(projectScratch(cols));
  steps(args.piece, cols * count, ctx, (from, to) => {
    const at = (first + from - start) * count;
    const target = out.subarray(at, at + (to - from) * count);
    engine.project(x, rows, from, to, cols, centre, axes, count, target, scratch);
  });
}

/** The same in float64. */
export function projectRowsExact(
  args: { piece: RowPiece; centre: Float64Array; axes: Float64Array; count: number; out: Float64Array },
  ctx: TaskContext,
): void {
  const { x, rows, cols, from: start, first } = args.piece;
  const { centre, axes, count, out } = args;
  const engine = kernels();
  const scratch = new Float64Array(projectScratch(cols));
  steps(args.piece, cols * count, ctx, (from, to) => {
    const at = (first + from - start) * count;
    const target = out.subarray(at, at + (to - from) * count);
    engine.projectExact(x, rows, from, to, cols, centre, axes, count, target, scratch);
  });
}

/** Adds Xᵀ (X V) for the centred rows X and packed axes V to `sums`, shape (count, d). */
export function addRangeProducts(
  args: { piece: RowPiece; centre: Float32Array; axes: Float32Array; count: number; sums: Float64Array },
  ctx: TaskContext,
): void {
  const { x, rows, cols } = args.piece;
  const { centre, axes, count, sums } = args;
  const engine = kernels();
  const scratch = new Float32Array(projectScratch(cols));
  let weights = new Float32Array(0);
  // Wide rows: the fast engines add four blocks of 64 rows before they go to memory, the readable one looks up more often.
  const perRow = engine.engine === 'typescript' ? 2 * cols * count : (cols * count) / 16;
  steps(args.piece, perRow, ctx, (from, to) => {
    const length = (to - from) * count;
    if (weights.length < length) weights = new Float32Array(length);
    const used = weights.subarray(0, length);
    engine.project(x, rows, from, to, cols, centre, axes, count, used, scratch);
    engine.addProducts(x, rows, from, to, cols, centre, used, count, sums);
  });
}

/** The rows less the centre, transposed, into `out`, shape (d, all rows). */
export function transposeCentred(
  args: { piece: RowPiece; centre: Float32Array; out: Float32Array; n: number },
  ctx: TaskContext,
): void {
  const { x, rows, from: start, cols, first } = args.piece;
  const { centre, out, n } = args;
  steps(args.piece, cols, ctx, (from, to) => {
    for (let r = from; r < to; r++) {
      const base = (rows === null ? r : rows[r]) * cols;
      const at = first + r - start;
      for (let j = 0; j < cols; j++) out[j * n + at] = x[base + j] - centre[j];
    }
  });
}

/** All eigenvalues and the first k vectors of a symmetric matrix whose upper triangle is given, shape (d, d); it is completed. */
export function leadingEigen(
  args: { upper: Float64Array; d: number; k: number },
  ctx: TaskContext,
): SymmetricEigen {
  const { d, k } = args;
  return eigTop(fillLower(args.upper, d), d, k, () => {
    ctx.check();
  });
}

const TILE = 32;

/** Fills the lower triangle of a symmetric matrix from the upper one, tile by tile: a column of a large matrix misses every cache. */
export function fillLower(matrix: Float64Array, d: number): Float64Array {
  for (let top = 0; top < d; top += TILE) {
    for (let left = top; left < d; left += TILE) {
      const end = Math.min(d, left + TILE);
      for (let i = top; i < Math.min(d, top + TILE); i++)
        for (let j = Math.max(i + 1, left); j < end; j++) matrix[j * d + i] = matrix[i * d + j];
    }
  }
  return matrix;
}
