import type { Matrix } from '../detectors/detector.ts';
import { kernels } from '../engine.ts';
import { mixHash } from '../numeric/hash.ts';
import type { TaskContext } from '../task.ts';

const SUBSET_ROWS = 10_000;
const PURPOSE = 0x6b6d2b2b;
/** Elements between two looks at cancellation. */
const BLOCK_ELEMENTS = 1 << 21;

/** A draw of [0, 1), the same for the same seed and place. */
function uniform(seed: number, step: number, draw: number): number {
  return mixHash(mixHash(mixHash(seed, PURPOSE), step), draw) / 2 ** 32;
}

/**
 * First centres by greedy k-means++ (Arthur and Vassilvitskii 2007): each next one is the best of 2 + ln k rows drawn with
 * weights of the squared distance from the nearest centre so far. Draws from evenly spaced rows, at most 10,000 of them (or
 * 4 k, where that is more). Distances are float64: every engine draws the same rows.
 *
 * @returns the centres, shape (k, cols), and the mean of the rows drawn from, shape (cols,)
 */
export function kMeansStart(
  args: { matrix: Matrix; k: number; seed: number },
  ctx: TaskContext,
): { centres: Float64Array; mean: Float64Array } {
  const { matrix, k, seed } = args;
  const { data, cols } = matrix;
  const rows = spacedRows(matrix.rows, Math.max(SUBSET_ROWS, 4 * k));
  const mean = new Float64Array(cols);
  const step = Math.max(1, Math.floor(BLOCK_ELEMENTS / cols));
  const overBlocks = (work: (from: number, to: number) => void) => {
    for (let from = 0; from < rows.length; from += step) {
      ctx.check();
      work(from, Math.min(rows.length, from + step));
    }
  };
  overBlocks((from, to) => {
    kernels().addSums(data, rows, from, to, cols, mean);
  });
  for (let j = 0; j < cols; j++) mean[j] /= rows.length;

  const centres = new Float64Array(k * cols);
  const least = new Float64Array(rows.length).fill(Infinity);
  const squares = new Float64Array(rows.length);
  const best = new Float64Array(rows.length);
  const trials = 2 + Math.floor(Math.log(k));
  for (let c = 0; c < k; c++) {
    const centre = centres.subarray(c * cols, (c + 1) * cols);
    let bestTotal = Infinity;
    for (let trial = 0; trial < (c === 0 ? 1 : trials); trial++) {
      const place = drawn(least, c, uniform(seed, c, trial));
      const candidate = Float64Array.from(data.subarray(rows[place] * cols, (rows[place] + 1) * cols));
      overBlocks((from, to) => {
        kernels().squaredDistances(data, rows, from, to, cols, candidate, squares.subarray(from, to));
      });
      let total = 0;
      for (let i = 0; i < rows.length; i++) {
        squares[i] = Math.min(squares[i], least[i]);
        total += squares[i];
      }
      if (total >= bestTotal) continue;
      bestTotal = total;
      best.set(squares);
      centre.set(candidate);
    }
    least.set(best);
    ctx.progress((c + 1) / k);
  }
  return { centres, mean };
}

function spacedRows(n: number, most: number): Int32Array {
  const stride = Math.max(1, Math.ceil(n / most));
  const rows = new Int32Array(Math.ceil(n / stride));
  for (let i = 0; i < rows.length; i++) rows[i] = i * stride;
  return rows;
}

/** The place that a share of the summed weights falls on; of equal weights for the first centre or where all are 0. */
function drawn(weights: Float64Array, centre: number, share: number): number {
  let total = 0;
  if (centre > 0) for (let i = 0; i < weights.length; i++) total += weights[i];
  if (!(total > 0)) return Math.floor(share * weights.length);
  let left = share * total;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    last = i;
    left -= weights[i];
    if (left < 0) return i;
  }
  return last;
}
