import type { Matrix } from '../../detectors/detector.ts';
import { kernels } from '../../engine.ts';
import { medianInPlace } from '../order-statistics.ts';
import { permutationPValue, permutedOrder } from './permutation.ts';

/** Rows a kernel call compares with one row. */
const BLOCK_ROWS = 256;
/** Rows of which all pairs decide the bandwidth. */
const BANDWIDTH_ROWS = 1000;
const PURPOSE = 0x4d4d;

interface MaximumMeanDiscrepancy {
  /** The unbiased estimate of the squared discrepancy; may be below 0. */
  readonly squared: number;
  /** Of the permutation test: (b + 1) / (permutations + 1). */
  readonly p: number;
  readonly bandwidth: number;
}

/**
 * Two-sample test by the maximum mean discrepancy (Gretton et al. 2012, lemma 6) with the kernel exp(-|x - y|^2 / (2 bandwidth^2)).
 * All pairs are compared once, for the estimate and all permutations together, block by block: the kernel matrix is never held.
 * Time grows with the square of the rows: give it samples of some thousand rows.
 *
 * @param args.first at least 2 rows
 * @param args.second at least 2 rows of as many columns
 * @param args.bandwidth above 0; null for {@link medianDistance} of both samples
 * @throws RangeError when the samples do not fit
 * @throws whatever `check` throws; it is called for each block
 */
export function maximumMeanDiscrepancy(
  args: { first: Matrix; second: Matrix; bandwidth: number | null; permutations: number; seed: number },
  check: () => void,
): MaximumMeanDiscrepancy {
  const { first, second, permutations, seed } = args;
  checkSamples(first, second);
  const pooled = pool(first, second);
  const bandwidth = args.bandwidth ?? medianDistance(pooled, check);
  const [estimates] = permutedDiscrepancies(
    { first, second, bandwidths: [bandwidth], permutations, seed },
    check,
  );
  const p = permutationPValue(estimates[0], estimates.subarray(1));
  return { squared: estimates[0], p, bandwidth };
}

/**
 * For each bandwidth the unbiased estimate of the squared discrepancy, then that of every permutation, shape (permutations + 1,).
 * The permutations are the same ones for all bandwidths.
 *
 * @param args.bandwidths each above 0
 * @throws RangeError when the samples or a bandwidth do not fit
 * @throws whatever `check` throws; it is called for each block
 */
export function permutedDiscrepancies(
  args: {
    first: Matrix;
    second: Matrix;
    bandwidths: readonly number[];
    permutations: number;
    seed: number;
  },
  check: () => void,
): Float64Array[] {
  const { first, second, bandwidths, permutations, seed } = args;
  checkSamples(first, second);
  for (const bandwidth of bandwidths)
    if (!(bandwidth > 0))
      throw new RangeError(`No test was made: a bandwidth of ${bandwidth} is not above 0.`);
  const pooled = pool(first, second);
  const groups = new Uint8Array((permutations + 1) * pooled.rows);
  groups.fill(1, 0, first.rows);
  for (let m = 0; m < permutations; m++) {
    check();
    const order = permutedOrder(pooled.rows, seed, PURPOSE, m);
    for (const row of order.subarray(0, first.rows)) groups[(m + 1) * pooled.rows + row] = 1;
  }
  return bandwidths.map((bandwidth) => {
    const { within, rowSums } = kernelSums(pooled, bandwidth, groups, check);
    return Float64Array.from(within, (pairs, g) => {
      const group = groups.subarray(g * pooled.rows, (g + 1) * pooled.rows);
      return unbiased(2 * pairs, rowSums, group, first.rows, second.rows);
    });
  });
}

function checkSamples(first: Matrix, second: Matrix): void {
  if (first.cols !== second.cols)
    throw new RangeError(`No test was made: the samples have ${first.cols} and ${second.cols} columns.`);
  if (first.rows < 2 || second.rows < 2)
    throw new RangeError('No test was made: a sample has fewer than two rows.');
}

/**
 * The median distance of two different rows among at most 1,000 rows, evenly spaced: the usual bandwidth of a Gaussian kernel. Pairs
 * of equal rows are left out; 1 where all are equal.
 *
 * @throws whatever `check` throws
 */
export function medianDistance(matrix: Matrix, check: () => void): number {
  const { data, rows, cols } = matrix;
  const count = Math.min(rows, BANDWIDTH_ROWS);
  const chosen = Int32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
  const distances = new Float64Array((count * (count - 1)) / 2);
  const squares = new Float64Array(count);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    check();
    const centre = rowOf(matrix, chosen[i]);
    kernels().squaredDistances(data, chosen, i + 1, count, cols, centre, squares);
    for (let j = 0; j < count - i - 1; j++) if (squares[j] > 0) distances[kept++] = Math.sqrt(squares[j]);
  }
  return kept > 0 ? medianInPlace(distances.subarray(0, kept)) : 1;
}

function pool(first: Matrix, second: Matrix): Matrix {
  const rows = first.rows + second.rows;
  const data = new Float32Array(rows * first.cols);
  data.set(first.data.subarray(0, first.rows * first.cols));
  data.set(second.data.subarray(0, second.rows * second.cols), first.rows * first.cols);
  return { data, rows, cols: first.cols };
}

function rowOf(matrix: Matrix, row: number): Float64Array {
  return Float64Array.from(matrix.data.subarray(row * matrix.cols, (row + 1) * matrix.cols));
}

/** Sums of the kernel over pairs i < j: for each group those within it, and for each row those with all other rows. */
function kernelSums(
  pooled: Matrix,
  bandwidth: number,
  groups: Uint8Array,
  check: () => void,
): { within: Float64Array; rowSums: Float64Array } {
  const { data, rows, cols } = pooled;
  const scale = -1 / (2 * bandwidth * bandwidth);
  const within = new Float64Array(groups.length / rows);
  const rowSums = new Float64Array(rows);
  const values = new Float64Array(BLOCK_ROWS);
  for (let i = 0; i < rows; i++) {
    const centre = rowOf(pooled, i);
    for (let from = i + 1; from < rows; from += BLOCK_ROWS) {
      check();
      const to = Math.min(rows, from + BLOCK_ROWS);
      kernels().squaredDistances(data, null, from, to, cols, centre, values);
      let sum = 0;
      for (let j = from; j < to; j++) {
        const value = Math.exp(scale * values[j - from]);
        values[j - from] = value;
        rowSums[j] += value;
        sum += value;
      }
      rowSums[i] += sum;
      for (let g = 0; g < within.length; g++) {
        if (groups[g * rows + i] === 0) continue;
        const base = g * rows;
        let pairs = 0;
        for (let j = from; j < to; j++) pairs += groups[base + j] * values[j - from];
        within[g] += pairs;
      }
    }
  }
  return { within, rowSums };
}

/** From the sum over ordered pairs within the first group and every row's sum. */
function unbiased(within: number, rowSums: Float64Array, group: Uint8Array, n1: number, n2: number): number {
  let ofGroup = 0;
  let all = 0;
  for (let i = 0; i < rowSums.length; i++) {
    all += rowSums[i];
    if (group[i] === 1) ofGroup += rowSums[i];
  }
  const across = ofGroup - within;
  const withinSecond = all - within - 2 * across;
  return within / (n1 * (n1 - 1)) + withinSecond / (n2 * (n2 - 1)) - (2 * across) / (n1 * n2);
}
