import { kernels } from '../engine.ts';
import { BOUND_SLACK, packCentres } from '../engines/clustering-kernels.ts';
import { stripBounds } from '../numeric/strips.ts';
import type { TaskContext } from '../task.ts';
import type { KMeansState } from './k-means-strips.ts';

/** Moved distances are taken a little longer than they are: more than float64 and float32 rounding together. */
const MOVED_SLACK = 1e-5;

/** Packs the state's centres for the screening. */
export function packState(state: KMeansState): void {
  const { centres, k, offset, packed, biases, norms } = state;
  const { largest, away } = packCentres(centres, k, offset, packed, biases);
  norms[0] = largest;
  norms[1] = away;
}

/**
 * New centres: the means of the clusters, strips added in order. A cluster without rows is given the row farthest from its
 * own centre (ties: the lowest; no row that is alone in its cluster); it stays where it was when every row lies on a centre.
 * Returns the sum of the squared distances that the centres moved and the number of rows given away.
 */
export function kMeansCentres(
  args: { state: KMeansState; fillEmpty: boolean },
  ctx: TaskContext,
): { shift: number; given: number } {
  const { state, fillEmpty } = args;
  const { centres, k } = state;
  const { cols, rows } = state.matrix;
  const strips = stripBounds(rows).length - 1;
  const counts = new Int32Array(k);
  for (let at = 0; at < strips * k; at++) counts[at % k] += state.counts[at];
  const given = fillEmpty && counts.includes(0) ? fillEmptyClusters(state, counts, ctx) : 0;
  const sums = new Float64Array(k * cols);
  for (let strip = 0; strip < strips; strip++) {
    ctx.check();
    const base = strip * k * cols;
    for (let at = 0; at < sums.length; at++) sums[at] += state.sums[base + at];
  }
  let shift = 0;
  for (let c = 0; c < k; c++) {
    let square = 0;
    if (counts[c] > 0)
      for (let at = c * cols; at < (c + 1) * cols; at++) {
        const centre = sums[at] / counts[c];
        square += (centre - centres[at]) ** 2;
        centres[at] = centre;
      }
    shift += square;
    state.moved[c] += Math.sqrt(square) * (1 + MOVED_SLACK);
  }
  othersMoved(state);
  halfGaps(state, ctx);
  packState(state);
  return { shift, given };
}

/** The farthest move of another centre is the farthest of all, or the second farthest for the one that moved farthest. */
function othersMoved({ moved, othersMoved: others }: KMeansState): void {
  let farthest = 0;
  for (let c = 0; c < moved.length; c++) if (moved[c] > moved[farthest]) farthest = c;
  let second = 0;
  for (let c = 0; c < moved.length; c++) if (c !== farthest) second = Math.max(second, moved[c]);
  others.fill(moved[farthest]);
  others[farthest] = second;
}

function halfGaps({ centres, half, k, matrix }: KMeansState, ctx: TaskContext): void {
  const { cols } = matrix;
  half.fill(Infinity);
  for (let a = 0; a < k; a++) {
    ctx.check();
    for (let b = a + 1; b < k; b++) {
      let square = 0;
      for (let j = 0; j < cols; j++) square += (centres[a * cols + j] - centres[b * cols + j]) ** 2;
      const gap = (Math.sqrt(square) / 2) * (1 - BOUND_SLACK);
      if (gap < half[a]) half[a] = gap;
      if (gap < half[b]) half[b] = gap;
    }
  }
}

function fillEmptyClusters(state: KMeansState, counts: Int32Array, ctx: TaskContext): number {
  const { matrix, clusters, upper, lower, k, centres } = state;
  const { data, cols, rows } = matrix;
  const bounds = stripBounds(rows);
  const squares = new Float64Array(rows);
  const step = Math.max(1, Math.floor((1 << 21) / cols));
  for (let from = 0; from < rows; from += step) {
    ctx.check();
    const to = Math.min(rows, from + step);
    const own = clusters.subarray(from, to);
    kernels().centreSquares(data, null, from, to, cols, own, k, centres, squares.subarray(from, to));
  }
  let given = 0;
  for (let empty = 0; empty < k; empty++) {
    if (counts[empty] > 0) continue;
    let farthest = -1;
    for (let row = 0; row < rows; row++)
      if (squares[row] > (farthest < 0 ? 0 : squares[farthest]) && counts[clusters[row]] > 1) farthest = row;
    if (farthest < 0) break;
    const strip = bounds.findIndex((bound) => bound > farthest) - 1;
    const was = clusters[farthest];
    kernels().moveRows(
      data,
      Int32Array.of(farthest),
      0,
      1,
      cols,
      Int32Array.of(was),
      Int32Array.of(empty),
      k,
      state.sums.subarray(strip * k * cols, (strip + 1) * k * cols),
    );
    state.counts[strip * k + was]--;
    state.counts[strip * k + empty]++;
    counts[was]--;
    counts[empty]++;
    clusters[farthest] = empty;
    upper[farthest] = 0;
    lower[farthest] = 0;
    squares[farthest] = 0;
    given++;
    ctx.check();
  }
  return given;
}
