import { kernels } from '../engine.ts';
import {
  gramScratch,
  packAxes,
  packedAxesLength,
  PANEL,
  projectScratch,
} from '../engines/moments-kernels.ts';
import type { Matrix } from '../detectors/detector.ts';
import type { TaskContext } from '../task.ts';
import { blockPower } from './block-power.ts';
import { forEachStep } from './moments.ts';
import type { Rows } from './rows.ts';
import { orthonormaliseRows } from './orthonormal.ts';
import type { RowPiece } from './row-blocks.ts';
import { addColumnSums, addGramRows, fillLower } from './row-tasks.ts';
import { stripBounds } from './strips.ts';
import { fixSigns } from './symmetric-eigen.ts';

/** The leading singular vectors of the centred rows of one class. */
export interface ClassSpectrum {
  readonly n: number;
  /** Vectors delivered, min(k, n - 1, d). */
  readonly count: number;
  /** Shape (d,). */
  readonly mean: Float64Array;
  /** Squared singular values, descending, shape (count,). */
  readonly values: Float64Array;
  /** Unit right singular vectors, shape (count, d); the largest entry of each is positive. */
  readonly directions: Float64Array;
}

const MOST_PRODUCTS = 8192;

/** @throws RangeError when the products of n rows of d columns would hold more than 512 MB either way */
export function checkSpectrumSize(n: number, d: number): void {
  if (Math.min(n, d) <= MOST_PRODUCTS) return;
  throw new RangeError(
    `The spectrum of ${n} rows of ${d} columns needs more memory than it is given: up to ${MOST_PRODUCTS} rows or columns can be judged.`,
  );
}

/** Whether the n x n products of rows are formed rather than the d x d ones of columns. */
export function fewRows(n: number, d: number): boolean {
  return n <= d / 2;
}

/** Spectrum of a class from its rows, and its rows' scores, shape (n,). */
export function classSpectrum(
  args: { matrix: Matrix; rows: Int32Array; k: number },
  ctx: TaskContext,
): ClassSpectrum & { readonly scores: Float64Array } {
  const { matrix, rows, k } = args;
  const n = rows.length;
  const d = matrix.cols;
  checkSpectrumSize(n, d);
  const piece: RowPiece = { x: matrix.data, rows, from: 0, to: n, cols: d, first: 0 };
  const mean = inStrips(n, d, (sums, from, to) => {
    addColumnSums({ piece: { ...piece, from, to }, sums }, ctx);
  }).map((sum) => sum / Math.max(1, n));
  const centre = Float32Array.from(mean);
  const count = Math.min(k, Math.max(0, n - 1), d);
  if (count === 0) {
    const none = new Float64Array(0);
    return { n, count, mean, values: none, directions: none, scores: new Float64Array(n) };
  }
  const found = fewRows(n, d)
    ? fromRowProducts(matrix, rows, centre, count, ctx)
    : leadingOfUpper(
        {
          upper: inStrips(n, d * d, (sums, from, to) => {
            addGramRows({ piece: { ...piece, from, to }, centre, sums }, ctx);
          }),
          d,
          k: count,
        },
        ctx,
      );
  const scores = new Float64Array(n);
  scoreRows({ piece, mean, directions: found.directions, count, positions: null, scores }, ctx);
  return { n, count, mean, ...found, scores };
}

/** Strips summed from nothing and merged in order. */
function inStrips(
  n: number,
  length: number,
  add: (sums: Float64Array, from: number, to: number) => void,
): Float64Array {
  const bounds = stripBounds(n);
  const total = new Float64Array(length);
  add(total, 0, bounds[1]);
  const sums = bounds.length > 2 ? new Float64Array(length) : total;
  for (let strip = 1; strip + 1 < bounds.length; strip++) {
    sums.fill(0);
    add(sums, bounds[strip], bounds[strip + 1]);
    for (let i = 0; i < length; i++) total[i] += sums[i];
  }
  return total;
}

/** The k leading pairs of a matrix of second moments whose upper triangle is given; it is completed. */
export function leadingOfUpper(
  args: { upper: Float64Array; d: number; k: number },
  ctx: TaskContext,
): { values: Float64Array; directions: Float64Array } {
  const { d, k } = args;
  const { values, vectors } = blockPower(fillLower(args.upper, d), d, k, () => {
    ctx.check();
  });
  return { values: values.map((value) => Math.max(0, value)), directions: vectors };
}

/** v = Xᵀ u / |Xᵀ u| for the eigenvectors u of X Xᵀ, float64. */
function fromRowProducts(
  matrix: Matrix,
  rows: Rows,
  centre: Float32Array,
  k: number,
  ctx: TaskContext,
): { values: Float64Array; directions: Float64Array } {
  const { data, cols: d } = matrix;
  const n = rows === null ? matrix.rows : rows.length;
  const check = (): void => {
    ctx.check();
  };
  const transposed = new Float32Array(d * n);
  for (let r = 0; r < n; r++) {
    const base = (rows === null ? r : rows[r]) * d;
    for (let j = 0; j < d; j++) transposed[j * n + r] = data[base + j] - centre[j];
  }
  const nothing = new Float64Array(n);
  const upper = new Float64Array(n * n);
  const scratch = new Float64Array(gramScratch(n));
  const engine = kernels();
  forEachStep(d, n * n, check, (from, to) => {
    engine.addGramExact(transposed, null, from, to, n, nothing, upper, scratch);
  });
  const { values, vectors } = blockPower(fillLower(upper, n), n, k, check);
  const axes = packAxes(vectors, k, n, new Float64Array(packedAxesLength(k, n, PANEL / 2)));
  const out = new Float64Array(d * k);
  const tile = new Float64Array(projectScratch(n));
  forEachStep(d, n * k, check, (from, to) => {
    const target = out.subarray(from * k, to * k);
    engine.projectExact(transposed, null, from, to, n, nothing, axes, k, target, tile);
  });
  const directions = new Float64Array(k * d);
  for (let a = 0; a < k; a++) for (let j = 0; j < d; j++) directions[a * d + j] = out[j * k + a];
  orthonormaliseRows(directions, k, d, check);
  fixSigns(directions, d);
  return { values: values.map((value) => Math.max(0, value)), directions };
}

/**
 * Spectral scores of the rows of a piece: squared length of (x - mean) along the directions. Written at the rows' positions,
 * those named or one after the other from the piece's first on.
 */
export function scoreRows(
  args: {
    piece: RowPiece;
    mean: Float64Array;
    directions: Float64Array;
    count: number;
    positions: Int32Array | null;
    scores: Float64Array;
  },
  ctx: TaskContext,
): void {
  const { piece, mean, directions, count, positions, scores } = args;
  const { x, rows, cols } = piece;
  const check = (): void => {
    ctx.check();
  };
  const engine = kernels();
  forEachStep(piece.to - piece.from, cols * Math.max(1, count), check, (from, to) => {
    const sums = new Float64Array(to - from);
    const along = new Float64Array(to - from);
    for (let a = 0; a < count; a++) {
      const direction = directions.subarray(a * cols, (a + 1) * cols);
      engine.projectOnto(x, rows, piece.from + from, piece.from + to, cols, mean, direction, along);
      for (let r = 0; r < sums.length; r++) sums[r] += along[r] * along[r];
    }
    for (let r = from; r < to; r++)
      scores[positions === null ? piece.first + r : positions[r]] = sums[r - from];
  });
}
