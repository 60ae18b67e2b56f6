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
import { moveToMean, PROVISIONAL_ROWS, provisionalCentre } from './provisional-centre.ts';
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
  const count = Math.min(k, Math.max(0, n - 1), d);
  if (count === 0 || fewRows(n, d)) {
    const mean = meanOf(piece, ctx);
    if (count === 0) {
      const none = new Float64Array(0);
      return { n, count, mean, values: none, directions: none, scores: new Float64Array(n) };
    }
    return scored(
      piece,
      { n, count, mean, ...fromRowProducts(matrix, rows, Float32Array.from(mean), count, ctx) },
      ctx,
    );
  }
  const { mean, upper } = scatterOf(piece, ctx);
  return scored(piece, { n, count, mean, ...leadingOfUpper({ upper, d, k: count }, ctx) }, ctx);
}

function scored(
  piece: RowPiece,
  spectrum: ClassSpectrum,
  ctx: TaskContext,
): ClassSpectrum & { readonly scores: Float64Array } {
  const { n, mean, directions, count } = spectrum;
  const scores = new Float64Array(n);
  scoreRows({ piece, mean, directions, count, positions: null, scores }, ctx);
  return { ...spectrum, scores };
}

function meanOf(piece: RowPiece, ctx: TaskContext): Float64Array {
  return inStrips(piece.to, piece.cols, (sums, from, to) => {
    addColumnSums({ piece: { ...piece, from, to }, sums }, ctx);
  }).map((sum) => sum / Math.max(1, piece.to));
}

/** Mean and upper triangle of the centred products, in one pass where the first rows are like the others. */
function scatterOf(piece: RowPiece, ctx: TaskContext): { mean: Float64Array; upper: Float64Array } {
  const { to: n, cols: d } = piece;
  const first = { ...piece, to: Math.min(n, PROVISIONAL_ROWS) };
  const early = new Float64Array(d);
  addColumnSums({ piece: first, sums: early }, ctx);
  const centre = provisionalCentre(early, first.to, new Float32Array(d));
  const sums = inStrips(n, d * d + d, (into, from, to) => {
    const columnSums = into.subarray(d * d);
    addGramRows({ piece: { ...piece, from, to }, centre, columnSums, sums: into.subarray(0, d * d) }, ctx);
  });
  const mean = sums.slice(d * d);
  for (let j = 0; j < d; j++) mean[j] /= n;
  const upper = sums.subarray(0, d * d);
  if (moveToMean(upper, n, mean, centre)) return { mean, upper };
  const about = Float32Array.from(mean);
  const again = inStrips(n, d * d, (into, from, to) => {
    addGramRows({ piece: { ...piece, from, to }, centre: about, columnSums: null, sums: into }, ctx);
  });
  return { mean, upper: again };
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

/** Rows scored at a time: some milliseconds at 8,192 columns. */
const SCORED_ROWS = 1024;

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
  const height = Math.min(SCORED_ROWS, piece.to - piece.from);
  const along = new Float64Array(height);
  const sums = new Float64Array(height);
  for (let from = piece.from; from < piece.to; from += height) {
    check();
    const to = Math.min(piece.to, from + height);
    sums.fill(0);
    for (let a = 0; a < count; a++) {
      const direction = directions.subarray(a * cols, (a + 1) * cols);
      engine.projectOnto(x, rows, from, to, cols, mean, direction, along);
      addSquares(along, to - from, sums);
    }
    if (positions === null) {
      const first = piece.first + from - piece.from;
      scores.set(sums.subarray(0, to - from), first);
    } else {
      writeAt(positions.subarray(from - piece.from, to - piece.from), sums, scores);
    }
  }
}

function addSquares(values: Float64Array, count: number, sums: Float64Array): void {
  for (let i = 0; i < count; i++) sums[i] += values[i] * values[i];
}

/** Value i goes to `out` at position i. */
export function writeAt(positions: Int32Array, values: Float64Array, out: Float64Array): void {
  for (let i = 0; i < positions.length; i++) out[positions[i]] = values[i];
}
