import type { Matrix } from '../detectors/detector.ts';
import type { HeadSums } from '../detectors/lda-head.ts';
import { argmaxAt, classHeadSums, fitHead, headEvidence } from '../detectors/lda-head.ts';
import type { ValleyGroup } from '../detectors/valley-groups.ts';
import { lnBinomialTail } from '../numeric/distributions.ts';
import { columnMeans, moments } from '../numeric/moments.ts';
import { projectOnto } from '../numeric/projection.ts';
import type { TaskContext } from '../task.ts';

/** How a group gives itself away without a trusted set. */
export type GroupWay = 'peel' | 'displaced' | 'orphans' | 'far';

/** What a group of one class looks like beside the rest of its class. */
export interface GroupStatistics {
  /** Members whose prediction agrees with their label. */
  readonly judged: number;
  /** Their share of the group. */
  readonly agree: number;
  /** Distance of the group from its class's core / distance of the core to the nearest other class. */
  readonly rel: number;
  /** Share that the head puts into another class. */
  readonly outsideBefore: number;
  /** Other classes that are given 3 % of the judged members each. */
  readonly sources: number;
  /** Share outside without the group's own direction. */
  readonly outsideAfter: number;
  /** The same for the core. */
  readonly coreOutsideAfter: number;
  /** ln p that so many leave when their own direction is removed; 0 where none does. */
  readonly lnPeel: number;
}

const LEAST_JUDGED = 8;
const SOURCE_SHARE = 0.03;
/** With fewer classes there are too few to be scattered over. */
const LEAST_CLASSES = 4;

/** One class's rows as the group test needs them. */
export interface ClassRows {
  readonly classIndex: number;
  /** Shape (n_c, d). */
  readonly matrix: Matrix;
  /** Shape (n_c,): 1 where prediction and label agree. */
  readonly agrees: Uint8Array;
  /** Sums of the agreeing rows of this class, as they stand in the totals. */
  readonly own: HeadSums;
}

/**
 * Looks at a group without its own direction: a natural sub-population keeps the evidence of its label, a trigger's does
 * not. The head is fitted to agreeing rows outside the group. Null where too few members can be judged.
 *
 * @param totals within-class sums of the agreeing rows of all classes
 */
export function groupStatistics(
  { classIndex, matrix, agrees, own }: ClassRows,
  members: Uint8Array,
  totals: HeadSums,
  ctx: TaskContext,
): GroupStatistics | null {
  const check = (): void => ctx.check();
  const d = matrix.cols;
  const inside: number[] = [];
  const core: number[] = [];
  let size = 0;
  for (let i = 0; i < members.length; i++) {
    size += members[i];
    if (agrees[i] === 1) (members[i] === 1 ? inside : core).push(i);
  }
  if (inside.length < LEAST_JUDGED || core.length === 0) return null;
  const coreRows = Int32Array.from(core);
  const insideRows = Int32Array.from(inside);
  const rest = classHeadSums(classIndex, moments(matrix, coreRows, check));
  const scatter = new Float64Array(d * d);
  for (let i = 0; i < scatter.length; i++) scatter[i] = totals.scatter[i] - own.scatter[i] + rest.scatter[i];
  const fitted = fitHead(
    {
      cols: d,
      n: totals.n - own.n + rest.n,
      scatter,
      fourth: totals.fourth - own.fourth + rest.fourth,
      classes: totals.classes.map((c) => (c.classIndex === classIndex ? rest.classes[0] : c)),
    },
    ctx,
  );
  if (fitted === null) return null;
  const { head, axes, means, count } = fitted;
  const at = head.classes.indexOf(classIndex);
  const known = head.classes.length;
  if (at < 0 || known < 2) return null;

  const groupMean = columnMeans(matrix, insideRows, check);
  const away = new Float64Array(count);
  let squares = 0;
  for (let a = 0; a < count; a++) {
    let z = -means[at * count + a];
    for (let j = 0; j < d; j++) z += axes[a * d + j] * groupMean[j];
    away[a] = z;
    squares += z * z;
  }
  if (!(squares > 0)) return null;
  const distance = Math.sqrt(squares);
  const direction = new Float64Array(d);
  for (let a = 0; a < count; a++) {
    away[a] /= distance;
    for (let j = 0; j < d; j++) direction[j] += away[a] * axes[a * d + j];
  }
  const pull = new Float64Array(known);
  let nearest = Infinity;
  for (let b = 0; b < known; b++) {
    let apart = 0;
    for (let a = 0; a < count; a++) {
      pull[b] += away[a] * means[b * count + a];
      apart += (means[b * count + a] - means[at * count + a]) ** 2;
    }
    if (b !== at) nearest = Math.min(nearest, Math.sqrt(apart));
  }

  const leavers = (rows: Int32Array): { before: number; after: number; sources: number } => {
    const evidence = headEvidence(head, matrix, rows, ctx);
    const along = projectOnto(matrix, rows, rest.classes[0].mean, direction, check);
    const given = new Int32Array(known);
    let before = 0;
    let after = 0;
    for (let i = 0; i < rows.length; i++) {
      const base = i * known;
      const like = argmaxAt(evidence, base, known);
      if (like !== at) {
        before++;
        given[like]++;
      }
      for (let b = 0; b < known; b++) evidence[base + b] -= along[i] * pull[b];
      if (argmaxAt(evidence, base, known) !== at) after++;
    }
    const sources = given.reduce((sum, count) => sum + (count >= SOURCE_SHARE * rows.length ? 1 : 0), 0);
    return { before, after, sources };
  };
  const group = leavers(insideRows);
  const others = leavers(coreRows);
  const coreOutsideAfter = others.after / core.length;
  return {
    judged: inside.length,
    agree: inside.length / size,
    rel: distance / nearest,
    outsideBefore: group.before / inside.length,
    sources: group.sources,
    outsideAfter: group.after / inside.length,
    coreOutsideAfter,
    lnPeel: lnBinomialTail(group.after, inside.length, Math.min(1, 2 * coreOutsideAfter + 0.02)),
  };
}

/**
 * Which way a group gives itself away, null for none. 'peel' is a binomial test at alpha / (12 K); 'displaced', 'orphans'
 * (members that look like many other classes) and 'far' are effect sizes with a measured margin over natural sub-populations, without an error rate.
 *
 * @param n rows of the class
 * @param learned whether a model learned the features: the peel is a test of those alone
 */
export function groupWay(
  group: ValleyGroup,
  s: GroupStatistics,
  n: number,
  classes: number,
  alpha: number,
  learned = true,
): GroupWay | null {
  const { depth, size } = group;
  if (s.agree < 0.4) return null;
  if (depth >= 0.9) {
    if (learned && s.lnPeel <= Math.log(alpha / (12 * classes))) return 'peel';
    if (s.rel >= 2 && size >= Math.max(20, 0.005 * n)) return 'displaced';
    if (s.rel >= 1.5 && s.outsideBefore >= 0.9 && size >= Math.max(30, 0.01 * n)) return 'displaced';
  }
  // With two or three classes, the nearest other class may be no nearer than a class's own parts are to one another.
  const scattered = classes >= LEAST_CLASSES;
  if (
    scattered &&
    depth >= 0.85 &&
    s.outsideBefore >= 0.85 &&
    s.sources >= Math.min(4, classes - 1) &&
    s.judged >= Math.max(30, 0.01 * n)
  )
    return 'orphans';
  if (depth < 0.6) return null;
  if (scattered && s.agree >= 0.7 && s.rel >= 1.85 && size >= Math.max(50, 0.01 * n)) return 'far';
  const wide =
    scattered &&
    depth >= 0.65 &&
    s.agree >= 0.6 &&
    s.outsideBefore >= 0.9 &&
    s.sources >= Math.max(4, (classes - 1) / 2) &&
    size >= Math.max(50, 0.03 * n);
  return wide ? 'orphans' : null;
}
