import { lnBinomialTail } from '../numeric/distributions.ts';
import type { TaskContext } from '../task.ts';
import type { ClassSlice } from './class-slice.ts';
import type { Matrix, SampleSet } from './detector.ts';
import type { Head } from './lda-head.ts';
import { forEachCrossFitted } from './lda-head.ts';

const CHECK_ROWS = 4096;

/** How many rows of each given class look like each class by confident learning (Northcutt, Jiang, Chuang 2021). */
export interface ConfidentJoint {
  /** Mean out-of-fold probability of a class among the rows given it, NaN for a class without rows; shape (classes,). */
  readonly thresholds: Float64Array;
  /** Rows given class a (row) that look like class b (column), shape (classes, classes). */
  readonly counts: Int32Array;
}

/** Softmax of the evidence of one row, into `out`. */
function probabilities(evidence: Float64Array, base: number, out: Float64Array): void {
  let highest = -Infinity;
  for (let b = 0; b < out.length; b++) highest = Math.max(highest, evidence[base + b]);
  let total = 0;
  for (let b = 0; b < out.length; b++) {
    out[b] = Math.exp(evidence[base + b] - highest);
    total += out[b];
  }
  for (let b = 0; b < out.length; b++) out[b] /= total;
}

/** Calls back with every row's out-of-fold probabilities, one entry for each class of the head; they are overwritten. */
function forEachProbabilities(
  heads: readonly (Head | null)[],
  set: SampleSet,
  matrix: Matrix,
  rows: Int32Array,
  ctx: TaskContext,
  visit: (position: number, p: Float64Array, head: Head) => void,
): void {
  let p = new Float64Array(0);
  forEachCrossFitted(heads, set, matrix, rows, ctx, (position, evidence, base, head) => {
    if (position % CHECK_ROWS === 0) ctx.check();
    if (p.length !== head.classes.length) p = new Float64Array(head.classes.length);
    probabilities(evidence, base, p);
    visit(position, p, head);
  });
}

/**
 * The class each row looks like: the likeliest of those whose probability reaches their threshold; -1 where none does.
 * Shape (rows.length,).
 */
export function looksLike(
  heads: readonly (Head | null)[],
  thresholds: Float64Array,
  set: SampleSet,
  matrix: Matrix,
  rows: Int32Array,
  ctx: TaskContext,
): Int32Array {
  const found = new Int32Array(rows.length).fill(-1);
  forEachProbabilities(heads, set, matrix, rows, ctx, (position, p, head) => {
    let best = -1;
    for (let b = 0; b < p.length; b++)
      if (p[b] >= thresholds[head.classes[b]] && (best < 0 || p[b] > p[best])) best = b;
    if (best >= 0) found[position] = head.classes[best];
  });
  return found;
}

/** Thresholds and counts over all classes, from heads of which none has seen the rows it judges. */
export function confidentJoint(
  heads: readonly (Head | null)[],
  set: SampleSet,
  matrix: Matrix,
  slices: readonly ClassSlice[],
  ctx: TaskContext,
): ConfidentJoint {
  const thresholds = new Float64Array(slices.length).fill(NaN);
  for (const { classIndex, rows } of slices) {
    if (rows.length === 0) continue;
    let sum = 0;
    forEachProbabilities(heads, set, matrix, rows, ctx, (_position, p, head) => {
      sum += p[head.classes.indexOf(classIndex)];
    });
    thresholds[classIndex] = sum / rows.length;
  }
  const counts = new Int32Array(slices.length ** 2);
  for (const { classIndex, rows } of slices) {
    for (const b of looksLike(heads, thresholds, set, matrix, rows, ctx))
      if (b >= 0) counts[classIndex * slices.length + b]++;
  }
  return { thresholds, counts };
}

/** One ordered pair of classes of the flip matrix. */
interface Flip {
  readonly from: number;
  readonly to: number;
  /** Rows given `from` that look like `to`. */
  readonly count: number;
  /** Rows given `to` that look like `from`. */
  readonly reverse: number;
  /**
   * ln P(X >= count), X ~ Binomial(count + reverse, 1/2): the exact form of McNemar's test of symmetry. Not corrected for
   * the number of pairs.
   */
  readonly lnP: number;
}

/** The pairs with rows given `from`, most rows first (ties: lowest class). */
export function flipsFrom({ counts, thresholds }: ConfidentJoint, from: number): Flip[] {
  const classes = thresholds.length;
  const flips: Flip[] = [];
  for (let to = 0; to < classes; to++) {
    const count = counts[from * classes + to];
    if (to === from || count === 0) continue;
    const reverse = counts[to * classes + from];
    flips.push({ from, to, count, reverse, lnP: lnBinomialTail(count, count + reverse, 0.5) });
  }
  return flips.sort((a, b) => b.count - a.count || a.to - b.to);
}
