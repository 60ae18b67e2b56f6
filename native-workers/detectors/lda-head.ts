import type { Moments } from '../numeric/moments.ts';
import { fourthMoment, mergeMoments, moments } from '../numeric/moments.ts';
import { gatherRows } from '../numeric/rows.ts';
import { project } from '../numeric/projection.ts';
import { mixHash } from '../numeric/hash.ts';
import { sharedFloat64 } from '../numeric/shared-arrays.ts';
import { whiten } from '../numeric/whitening.ts';
import type { TaskContext } from '../task.ts';
import type { Matrix, SampleSet } from './detector.ts';

/** Number of folds of the cross-fitted head. */
const FOLDS = 5;
const FOLD_PURPOSE = 1;
const HEAD_VARIANCE = 0.999;

/** Fold of a sample, from its key's hash alone. */
function foldOf(keyHash: number): number {
  return mixHash(keyHash, FOLD_PURPOSE) % FOLDS;
}

/** Within-class sums of the rows a head is fitted to; sums of several classes add up. */
export interface HeadSums {
  readonly cols: number;
  readonly n: number;
  readonly scatter: Float64Array;
  readonly fourth: number;
  /** One entry per class that has rows. */
  readonly classes: readonly {
    readonly classIndex: number;
    readonly n: number;
    readonly mean: Float64Array;
  }[];
}

/** Rows of a set that count as well predicted: given label = predicted label, or all without predictions. */
export function agreeingRows(set: SampleSet, rows: Int32Array): Int32Array {
  const { predicted, label } = set;
  return predicted === null ? rows : rows.filter((row) => predicted[row] === label[row]);
}

/** Sums of one class from its moments. */
export function classHeadSums(classIndex: number, m: Moments): HeadSums {
  const classes = m.n === 0 ? [] : [{ classIndex, n: m.n, mean: m.mean }];
  return { cols: m.cols, n: m.n, scatter: m.scatter, fourth: m.fourth, classes };
}

/** Sums of disjoint sets of classes together; the first one's scatter is added to in place. */
export function addHeadSums(total: HeadSums, part: HeadSums): HeadSums {
  for (let i = 0; i < part.scatter.length; i++) total.scatter[i] += part.scatter[i];
  return {
    cols: total.cols,
    n: total.n + part.n,
    scatter: total.scatter,
    fourth: total.fourth + part.fourth,
    classes: [...total.classes, ...part.classes],
  };
}

/**
 * Sums of one class for each fold's complement. Rows come from several sets pooled, each with its own folds.
 * A class whose agreeing rows all lie in one fold takes its mean from all of them there.
 */
export function foldHeadSums(
  classIndex: number,
  parts: readonly { set: SampleSet; matrix: Matrix; rows: Int32Array }[],
  ctx: TaskContext,
): HeadSums[] {
  const check = (): void => ctx.check();
  const cols = parts[0].matrix.cols;
  const pool = gatherRows(parts);
  const folds: number[][] = Array.from({ length: FOLDS }, () => []);
  let at = 0;
  for (const { set, rows } of parts) for (const row of rows) folds[foldOf(set.keyHash[row])].push(at++);
  const members = folds.map((list) => Int32Array.from(list));
  const cells = members.map((list) => moments(pool, list, check));
  return members.map((_, left) => {
    const outside = cells.filter((_cell, fold) => fold !== left);
    if (outside.every((cell) => cell.n === 0)) {
      const own = classHeadSums(classIndex, cells[left]);
      return { ...own, n: 0, scatter: new Float64Array(cols * cols), fourth: 0 };
    }
    const merged = mergeMoments(outside, cols);
    let fourth = 0;
    members.forEach((list, fold) => {
      if (fold !== left) fourth += fourthMoment(pool, list, merged.mean, check);
    });
    check();
    return classHeadSums(classIndex, { ...merged, fourth });
  });
}

/** A linear discriminant head: evidence of class b is weights_b . x + bias_b. */
export interface Head {
  readonly cols: number;
  /** Classes the head knows, ascending. */
  readonly classes: Int32Array;
  /** Shape (classes, d). */
  readonly weights: Float64Array;
  /** Shape (classes,). */
  readonly bias: Float64Array;
}

/** A head with the whitened space it was fitted in. */
export interface FittedHead {
  readonly head: Head;
  /** Class means in the whitened space, shape (classes, k). */
  readonly means: Float64Array;
  /** Whitening axes, shape (k, d). */
  readonly axes: Float64Array;
  /** k. */
  readonly count: number;
}

/** Linear discriminant head from pooled within-class sums; null where the rows do not vary or no class has rows. */
export function fitHead(sums: HeadSums, ctx: TaskContext): FittedHead | null {
  const d = sums.cols;
  const whitening = whiten({ ...sums, mean: new Float64Array(d) }, HEAD_VARIANCE, () => ctx.check());
  if (whitening === null || sums.classes.length === 0) return null;
  const { count, data: axes } = whitening.axes;
  const size = sums.classes.length;
  const means = new Float64Array(size * count);
  // Shared: every task of every class is given the heads.
  const weights = sharedFloat64(size * d);
  const bias = new Float64Array(size);
  const total = sums.classes.reduce((sum, c) => sum + c.n, 0);
  sums.classes.forEach(({ mean, n }, b) => {
    ctx.check();
    let squares = 0;
    for (let a = 0; a < count; a++) {
      let z = 0;
      for (let j = 0; j < d; j++) z += axes[a * d + j] * mean[j];
      means[b * count + a] = z;
      squares += z * z;
      for (let j = 0; j < d; j++) weights[b * d + j] += z * axes[a * d + j];
    }
    bias[b] = Math.log(n / total) - squares / 2;
  });
  const classes = Int32Array.from(sums.classes, (c) => c.classIndex);
  return { head: { cols: d, classes, weights, bias }, means, axes, count };
}

/** Evidence of every class the head knows, shape (n, classes). */
export function headEvidence(
  head: Head,
  matrix: Matrix,
  rows: Int32Array | null,
  ctx: TaskContext,
): Float64Array {
  const size = head.classes.length;
  const axes = { count: size, cols: head.cols, data: head.weights };
  const evidence = project(matrix, rows, null, axes, () => ctx.check());
  for (let i = 0; i < evidence.length; i++) evidence[i] += head.bias[i % size];
  return evidence;
}

/** Position of the largest of `size` entries from `base`; ties go to the first. */
export function argmaxAt(values: Float64Array, base: number, size: number): number {
  let best = 0;
  for (let b = 1; b < size; b++) if (values[base + b] > values[base + best]) best = b;
  return best;
}

/** Calls back with the evidence of each row under the head of its own fold; `position` indexes `rows`. */
export function forEachCrossFitted(
  heads: readonly (Head | null)[],
  set: SampleSet,
  matrix: Matrix,
  rows: Int32Array,
  ctx: TaskContext,
  visit: (position: number, evidence: Float64Array, base: number, head: Head) => void,
): void {
  for (let fold = 0; fold < FOLDS; fold++) {
    const head = heads[fold];
    if (head === null) continue;
    const positions: number[] = [];
    for (let i = 0; i < rows.length; i++) if (foldOf(set.keyHash[rows[i]]) === fold) positions.push(i);
    const evidence = headEvidence(
      head,
      matrix,
      Int32Array.from(positions, (i) => rows[i]),
      ctx,
    );
    positions.forEach((position, i) => {
      visit(position, evidence, i * head.classes.length, head);
    });
  }
}
