import { z } from 'zod';
import type { GroupStatistics } from '../decision/group-test.ts';
import { groupStatistics, groupWay } from '../decision/group-test.ts';
import { moments } from '../numeric/moments.ts';
import { rankShares } from '../numeric/order-statistics.ts';
import { project } from '../numeric/projection.ts';
import { quantumEntropy } from '../numeric/quantum-entropy.ts';
import { sharedFloat64 } from '../numeric/shared-arrays.ts';
import type { TaskContext } from '../task.ts';
import type { ClassSlice } from './class-slice.ts';
import { occurringClasses } from './class-slice.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import type { Fact, ScanInput } from './detector.ts';
import type { HeadSums } from './lda-head.ts';
import { addHeadSums, agreeingRows, classHeadSums } from './lda-head.ts';
import type { RobustClass } from './robust-class.ts';
import { robustClass } from './robust-class.ts';
import type { ValleyGroup } from './valley-groups.ts';
import { leastGroupSize, valleyGroups } from './valley-groups.ts';

const SHARPNESS = 4;
const GROUP_AXES = 3;
const LEAST_DEPTH = 0.6;

interface JudgedGroup {
  readonly group: ValleyGroup;
  /** Null where too few members can be judged. */
  readonly statistics: GroupStatistics | null;
  /** Whether it gives itself away. */
  readonly apart: boolean;
}

/** Those that give themselves away first, the largest of them foremost; then the others, the deepest foremost. */
function byInterest(a: JudgedGroup, b: JudgedGroup): number {
  if (a.apart !== b.apart) return a.apart ? -1 : 1;
  return a.apart ? b.group.size - a.group.size : b.group.depth - a.group.depth;
}

/** The groups that a valley separates along the leading axes, and what each looks like without its own direction. */
function judgeGroups(
  input: ScanInput,
  slice: ClassSlice,
  { matrix, whitening, turned }: RobustClass,
  totals: HeadSums,
  alpha: number,
  ctx: TaskContext,
): JudgedGroup[] {
  const check = (): void => {
    ctx.check();
  };
  const n = matrix.rows;
  const count = Math.min(GROUP_AXES, turned.count);
  const axes = { count, cols: matrix.cols, data: turned.axes.data.subarray(0, count * matrix.cols) };
  const leading = project(matrix, null, whitening.centre, axes, check);
  const groups = valleyGroups(leading, n, count, leastGroupSize(n)).filter(
    ({ depth }) => depth >= LEAST_DEPTH,
  );
  if (groups.length === 0) return [];
  const { predicted, label } = input.investigated;
  const agrees = Uint8Array.from(slice.rows, (row) =>
    predicted === null || predicted[row] === label[row] ? 1 : 0,
  );
  const { classIndex } = slice;
  const positions: number[] = [];
  agrees.forEach((agree, i) => {
    if (agree === 1) positions.push(i);
  });
  const own = classHeadSums(classIndex, moments(matrix, Int32Array.from(positions), check));
  const classes = occurringClasses(input);
  return groups
    .map((group) => {
      const statistics = groupStatistics({ classIndex, matrix, agrees, own }, group.members, totals, ctx);
      const apart = statistics !== null && groupWay(group, statistics, n, classes, alpha) !== null;
      return { group, statistics, apart };
    })
    .sort(byInterest);
}

/** The numbers of the first group, by the names the documentation explains them under. */
function groupFacts(judged: readonly JudgedGroup[]): Fact[] {
  const facts: Fact[] = [{ name: 'groups behind a valley', value: judged.length, unit: 'groups' }];
  const first = judged.at(0);
  if (first === undefined) return facts;
  const { group, statistics } = first;
  facts.push(
    { name: 'rows of the foremost group', value: group.size, unit: 'rows' },
    { name: 'depth of its valley', value: group.depth, unit: 'share' },
  );
  if (statistics === null) return facts;
  return [
    ...facts,
    { name: 'agree: its rows predicted as labelled', value: statistics.agree, unit: 'share' },
    { name: 'q0: its rows outside the class', value: statistics.outsideBefore, unit: 'share' },
    {
      name: 'q1: its rows outside the class without its own direction',
      value: statistics.outsideAfter,
      unit: 'share',
    },
    {
      name: 'r1: the rest outside without that direction',
      value: statistics.coreOutsideAfter,
      unit: 'share',
    },
    { name: 'n0: other classes its rows resemble', value: statistics.sources, unit: 'classes' },
    {
      name: 'rel: its distance from the rest',
      value: statistics.rel,
      unit: 'distances to the nearest other class',
    },
  ];
}

/**
 * The ranking without a trusted set: a class is its own reference. Score is the larger of the ranks of robust distance and
 * quantum entropy inside the class. Rows of groups that give themselves away without their own direction are marked.
 */
export const selfReference = defineDetector<{ alpha: number }, HeadSums, HeadSums | null>({
  id: 'self-reference',
  version: 1,
  title: 'Self-reference',
  family: 'robust',
  reference:
    'Hayase, Kong, Somani, Oh 2021, SPECTRE; Tang, Wang, Tang, Zhang 2021, Demon in the Variant: Statistical Analysis of DNNs for Robust Backdoor Contamination Detection; Fisher 1936, The Use of Multiple Measurements in Taxonomic Problems',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({ alpha: z.number().gt(0).lt(1).default(0.01) }),
  prepare: {
    partial(input, slice, _params, ctx) {
      const { investigated } = input;
      if (investigated.activations === null)
        throw new Error('Self-reference was asked to judge a set without activations.');
      const rows = agreeingRows(investigated, slice.rows);
      const sums = moments(investigated.activations, rows, () => {
        ctx.check();
      });
      return classHeadSums(slice.classIndex, sums);
    },
    merge: addHeadSums,
    finish(_input, total) {
      if (total === null) return null;
      // Every class's task is given the sums: shared memory is not copied for each.
      const scatter = sharedFloat64(total.scatter.length);
      scatter.set(total.scatter);
      return { ...total, scatter };
    },
  },
  judgeClass(input, slice, totals, params, ctx) {
    const robust = robustClass(input, slice, ctx);
    if (typeof robust === 'string') return { finding: skippedFinding(slice, robust), score: null };
    const { matrix, whitening, distances, turned } = robust;
    const n = matrix.rows;
    const check = (): void => {
      ctx.check();
    };
    const coordinates = project(matrix, null, whitening.centre, turned.axes, check);
    const distanceRanks = rankShares(distances);
    const entropyRanks = rankShares(quantumEntropy(coordinates, n, turned.secondMoments, SHARPNESS, check));
    const score = distanceRanks.map((rank, i) => Math.max(rank, entropyRanks[i]));

    const judged = totals === null ? [] : judgeGroups(input, slice, robust, totals, params.alpha, ctx);
    const marked = new Uint8Array(n);
    for (const { group, apart } of judged) {
      if (apart) for (let i = 0; i < n; i++) marked[i] |= group.members[i];
    }
    return {
      finding: {
        classIndex: slice.classIndex,
        n,
        statistic: judged.reduce((deepest, { group }) => Math.max(deepest, group.depth), 0),
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: groupFacts(judged),
        skipped: null,
      },
      score,
      marked,
    };
  },
});
