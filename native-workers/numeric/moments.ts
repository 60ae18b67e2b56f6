import type { Matrix } from '../detectors/detector.ts';
import { kernels } from '../engine.ts';
import { BLOCK_ROWS, gramScratch } from '../engines/moments-kernels.ts';
import { countRows, type Rows } from './rows.ts';

/** Called between blocks of work; throws when the job was cancelled. */
export type Check = () => void;

/** First, second and fourth moments of n rows. */
export interface Moments {
  readonly n: number;
  readonly cols: number;
  /** Shape (d,). */
  readonly mean: Float64Array;
  /** Sum of centred products, not divided by n, shape (d, d), row-major, symmetric. */
  readonly scatter: Float64Array;
  /** Sum over the rows of the fourth power of the centred norm: what Ledoit-Wolf shrinkage needs. */
  readonly fourth: number;
}

/** Column means in float64, shape (d,); zeros for no rows. */
export function columnMeans(matrix: Matrix, rows: Rows, check: Check): Float64Array {
  const { data, cols } = matrix;
  const n = countRows(matrix, rows);
  const mean = new Float64Array(cols);
  const inner = kernels();
  forEachStep(n, PASS_PRODUCTS * cols, check, (from, to) => {
    inner.addSums(data, rows, from, to, cols, mean);
  });
  if (n > 0) for (let j = 0; j < cols; j++) mean[j] /= n;
  return mean;
}

/**
 * Mean, scatter and fourth moment of the rows in float64: exact enough to be inverted.
 * The order of the sums depends on the rows alone, never on threads.
 */
export function moments(matrix: Matrix, rows: Rows, check: Check): Moments {
  const { data, cols } = matrix;
  const n = countRows(matrix, rows);
  const mean = columnMeans(matrix, rows, check);
  const scatter = new Float64Array(cols * cols);
  const scratch = new Float64Array(gramScratch(cols));
  const inner = kernels();
  forEachStep(n, cols * cols, check, (from, to) => {
    inner.addGramExact(data, rows, from, to, cols, mean, scatter, scratch);
  });
  for (let i = 0; i < cols; i++)
    for (let j = i + 1; j < cols; j++) scatter[j * cols + i] = scatter[i * cols + j];
  return { n, cols, mean, scatter, fourth: fourthMoment(matrix, rows, mean, check) };
}

/** Sum of the fourth powers of the rows' distances from `centre`. */
export function fourthMoment(matrix: Matrix, rows: Rows, centre: Float64Array, check: Check): number {
  const { data, cols } = matrix;
  const n = countRows(matrix, rows);
  const inner = kernels();
  const squares = new Float64Array(n);
  forEachStep(n, PASS_PRODUCTS * cols, check, (from, to) => {
    inner.squaredDistances(data, rows, from, to, cols, centre, squares.subarray(from, to));
  });
  let fourth = 0;
  for (const square of squares) fourth += square * square;
  return fourth;
}

/** Products in a step: some 20 ms of the readable engine, and at 512 columns as many rows as are packed at a time. */
const STEP_PRODUCTS = 67_108_864;
/** Reading an entry for the first time costs as much as this many products. */
const PASS_PRODUCTS = 8;

/** Calls `work` for steps of whole blocks of 64 rows, and looks at cancellation before each. */
export function forEachStep(
  n: number,
  productsPerRow: number,
  check: Check,
  work: (from: number, to: number) => void,
): void {
  const step = Math.max(1, Math.floor(STEP_PRODUCTS / productsPerRow / BLOCK_ROWS)) * BLOCK_ROWS;
  for (let from = 0; from < n; from += step) {
    check();
    work(from, Math.min(n, from + step));
  }
}

/**
 * Mean and scatter of disjoint groups of rows together (Chan, Golub, LeVeque 1979); groups are merged in the given order.
 * The fourth moment about the joint mean is not a function of the parts: it is passed in.
 */
export function mergeMoments(parts: readonly Moments[], cols: number): Omit<Moments, 'fourth'> {
  const mean = new Float64Array(cols);
  const scatter = new Float64Array(cols * cols);
  const delta = new Float64Array(cols);
  let n = 0;
  for (const part of parts) {
    if (part.n === 0) continue;
    const total = n + part.n;
    const weight = (n * part.n) / total;
    for (let j = 0; j < cols; j++) delta[j] = part.mean[j] - mean[j];
    for (let i = 0; i < cols; i++) {
      const scaled = weight * delta[i];
      for (let j = 0; j < cols; j++) scatter[i * cols + j] += part.scatter[i * cols + j] + scaled * delta[j];
    }
    for (let j = 0; j < cols; j++) mean[j] += (delta[j] * part.n) / total;
    n = total;
  }
  return { n, cols, mean, scatter };
}
