import type { ClassSlice } from '../detectors/class-slice.ts';
import type { Matrix, ScanInput } from '../detectors/detector.ts';
import type { Head } from '../detectors/lda-head.ts';
import { argmaxAt, forEachCrossFitted } from '../detectors/lda-head.ts';
import type { Check } from '../numeric/moments.ts';
import { moments } from '../numeric/moments.ts';
import { medianInPlace } from '../numeric/order-statistics.ts';
import { project } from '../numeric/projection.ts';
import { whiten } from '../numeric/whitening.ts';
import type { TaskContext } from '../task.ts';
import { countSet, positionsOf, refine } from './fisher-projection.ts';

/** At least half as far inside the other class as its own rows are. */
const DEEP = 0.5;
const CUT = 0.25;
/** Share of ambiguous rows that lie deep, at most; that of wrongly labelled ones. */
const AMBIGUOUS = 0.6;
const FLIPPED = 0.9;
const VARIANCE = 0.99;

/** Rows of one class that look like another one. */
export interface FlipPair {
  /** The class that they look like. */
  readonly classIndex: number;
  readonly deep: number;
  readonly mid: number;
  /** ln of the e-value against ambiguity. */
  readonly lnE: number;
}

export interface FlipTest {
  /** ln of the class's e-value: the mean over all subsets of its pairs. */
  readonly lnE: number;
  /** Pairs with rows, largest e first. */
  readonly pairs: readonly FlipPair[];
  /** Class that each row of the slice looks like, -1 unknown, shape (n_c,). */
  readonly looksLike: Int32Array;
  /** How far inside that class, 1 as its own median row; NaN for its own class, shape (n_c,). */
  readonly depth: Float64Array;
}

interface FlipArgs {
  readonly input: ScanInput;
  readonly slice: ClassSlice;
  /** Cross-fitted heads of all folds. */
  readonly heads: readonly (Head | null)[];
}

function activationsOf({ investigated }: ScanInput): Matrix {
  if (investigated.activations === null) throw new Error('Flips were asked for without activations.');
  return investigated.activations;
}

/** Median lead of a class's own evidence over that of every class, among the rows labelled so; NaN unknown, shape (K,). */
export function flipScale({ input, slice, heads }: FlipArgs, ctx: TaskContext): Float64Array {
  const { rows, classIndex } = slice;
  const leads = input.classes.map(() => [] as number[]);
  forEachCrossFitted(
    heads,
    input.investigated,
    activationsOf(input),
    rows,
    ctx,
    (_position, evidence, base, head) => {
      const own = head.classes.indexOf(classIndex);
      if (own < 0) return;
      head.classes.forEach((other, b) => leads[other].push(evidence[base + own] - evidence[base + b]));
    },
  );
  return Float64Array.from(leads, (list) =>
    list.length === 0 ? NaN : medianInPlace(Float64Array.from(list)),
  );
}

/**
 * Ambiguous rows thin out beyond the border of their class; rows with a wrong label pile up where the other class lives. Among
 * the rows of class a whose evidence is largest for b, `deep` lie at least half as far inside b as b's own median row, `mid`
 * less far; the e-value holds a share of 0.9 deep rows against the null of at most 0.6 (Vovk, Wang 2021 on e-values).
 *
 * @param scales {@link flipScale} of every class, shape (K, K)
 */
export function flipTest(
  { input, slice, heads }: FlipArgs,
  scales: Float64Array,
  ctx: TaskContext,
): FlipTest {
  const { rows, classIndex } = slice;
  const classes = input.classes.length;
  const looksLike = new Int32Array(rows.length).fill(-1);
  const depth = new Float64Array(rows.length).fill(NaN);
  const deep = new Int32Array(classes);
  const mid = new Int32Array(classes);
  forEachCrossFitted(
    heads,
    input.investigated,
    activationsOf(input),
    rows,
    ctx,
    (position, evidence, base, head) => {
      const own = head.classes.indexOf(classIndex);
      const best = argmaxAt(evidence, base, head.classes.length);
      looksLike[position] = head.classes[best];
      const scale = scales[head.classes[best] * classes + classIndex];
      if (own < 0 || best === own || Number.isNaN(scale)) return;
      const inside = (evidence[base + best] - evidence[base + own]) / Math.max(scale, 1e-9);
      depth[position] = inside;
      (inside >= DEEP ? deep : mid)[head.classes[best]]++;
    },
  );
  const pairs: FlipPair[] = [];
  let lnE = 0;
  for (let b = 0; b < classes; b++) {
    if (deep[b] + mid[b] === 0) continue;
    const lnPair =
      deep[b] * Math.log(FLIPPED / AMBIGUOUS) + mid[b] * Math.log((1 - FLIPPED) / (1 - AMBIGUOUS));
    pairs.push({ classIndex: b, deep: deep[b], mid: mid[b], lnE: lnPair });
    lnE += Math.max(lnPair, 0) + Math.log1p(Math.exp(-Math.abs(lnPair))) - Math.LN2;
  }
  pairs.sort((a, b) => b.lnE - a.lnE || a.classIndex - b.classIndex);
  return { lnE, pairs, looksLike, depth };
}

/** Whether a pair is part of what alarmed. */
export function pays({ deep, mid, lnE }: FlipPair): boolean {
  return lnE > 2 || (deep >= 3 && deep >= 2 * mid);
}

/** The rows of the pairs that pay; a strong pair is cut anew between the class and the rows that lie deep. */
export function flippedRows(matrix: Matrix, { pairs, looksLike, depth }: FlipTest, check: Check): Uint8Array {
  const flagged = new Uint8Array(matrix.rows);
  for (const pair of pairs.filter(pays)) {
    const beyond = (limit: number) =>
      looksLike.reduce((flags, like, i) => {
        if (like === pair.classIndex && depth[i] >= limit) flags[i] = 1;
        return flags;
      }, new Uint8Array(matrix.rows));
    const first = beyond(CUT);
    const strong = pair.deep >= 20 && pair.deep >= 8 * pair.mid;
    const rows = (strong ? cutAnew(matrix, first, beyond(DEEP), check) : null) ?? first;
    for (let i = 0; i < rows.length; i++) flagged[i] |= rows[i];
  }
  return flagged;
}

/** Null where the new cut's size is not near the first one's. */
function cutAnew(matrix: Matrix, first: Uint8Array, seed: Uint8Array, check: Check): Uint8Array | null {
  const whitening = whiten(moments(matrix, positionsOf(first, 0), check), VARIANCE, check);
  if (whitening === null) return null;
  const { centre, axes } = whitening;
  const data = Float32Array.from(project(matrix, null, centre, axes, check));
  const cut = refine({ data, rows: matrix.rows, cols: axes.count }, seed, check);
  if (cut === null) return null;
  const ratio = countSet(cut.group) / Math.max(1, countSet(first));
  return ratio >= 0.6 && ratio <= 1.6 ? cut.group : null;
}
