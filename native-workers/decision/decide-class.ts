import type { ClassSlice } from '../detectors/class-slice.ts';
import { whyNotScanned } from '../detectors/define-detector.ts';
import type { Fact, ScanInput } from '../detectors/detector.ts';
import type { Head, HeadSums } from '../detectors/lda-head.ts';
import { classHeadSums } from '../detectors/lda-head.ts';
import type { TrustedEvidence } from '../detectors/trusted-class-test.ts';
import {
  bestView,
  boundShare,
  conformalP,
  falseShareBound,
  tailName,
} from '../detectors/trusted-class-test.ts';
import type { ValleyGroup } from '../detectors/valley-groups.ts';
import { countInside, leastGroupSize, valleyGroups } from '../detectors/valley-groups.ts';
import type { Check } from '../numeric/moments.ts';
import { moments } from '../numeric/moments.ts';
import { gatherRows } from '../numeric/rows.ts';
import { medianInPlace, rankShares } from '../numeric/order-statistics.ts';
import type { Axes } from '../numeric/projection.ts';
import { project } from '../numeric/projection.ts';
import { quantumEntropy } from '../numeric/quantum-entropy.ts';
import { robustFit, turnedAxes } from '../numeric/whitening.ts';
import type { TaskContext } from '../task.ts';
import type { CutMethod } from './cut-rows.ts';
import { cutRows } from './cut-rows.ts';
import { fisherProjection, positionsOf } from './fisher-projection.ts';
import type { FlipPair, FlipTest } from './flip-test.ts';
import { flippedRows, flipTest, pays } from './flip-test.ts';
import type { ClassRows, GroupStatistics, GroupWay } from './group-test.ts';
import { groupStatistics, groupWay } from './group-test.ts';
import { joinedEvidence } from './joined-evidence.ts';

export type Way = 'trusted' | 'flip' | GroupWay;
export type Grade = 'alarm' | 'structure';
/** Why a class is put forward: what was tested, and how it came out. */
export interface Certificate {
  readonly kind: Way;
  /** 'exact', 'binomial' and 'e-value' bound an error rate; 'structural' is an effect size without one. */
  readonly strength: 'exact' | 'binomial' | 'e-value' | 'structural';
  readonly nullHypothesis: string;
  readonly statistic: { readonly name: string; readonly value: number };
  /** Not corrected; compare with lnLevel. Of an e-value its inverse, which bounds p. */
  readonly pValue: number | null;
  readonly lnP: number | null;
  readonly lnLevel: number | null;
  readonly n: number;
  readonly m: number | null;
  readonly k: number | null;
}

/** ln of an e-value, and of that from which it would alarm alone. */
export interface JoinedEvidence {
  readonly lnE: number;
  readonly lnLevel: number;
}

/** A sub-population that a valley separates, whether it gave itself away or not. */
export interface SubPopulation extends GroupStatistics {
  readonly axis: number;
  readonly depth: number;
  readonly size: number;
  readonly way: GroupWay | null;
  /** Trusted rows that lie where it lies; null where the class is not held against any. */
  readonly trustedInside: number | null;
  /** So many trusted rows lie there that the group is taken for natural whatever else it looks like. */
  readonly natural: boolean;
  /** Shape (n_c,), 1 for members. */
  readonly members: Uint8Array;
}

/** The decision about one class; arrays have one entry per row of the slice. */
export interface ClassDecision {
  readonly classIndex: number;
  readonly n: number;
  readonly m: number;
  readonly skipped: string | null;
  readonly grade: Grade | null;
  readonly ways: readonly Way[];
  readonly certificates: readonly Certificate[];
  readonly flagged: Uint8Array;
  readonly cut: CutMethod | null;
  /** Fisher projection of the final cut; null where nothing is flagged. */
  readonly projection: Float64Array | null;
  /** Larger of the ranks of robust distance and quantum entropy inside the class, 0 to 1. */
  readonly unusual: Float64Array;
  readonly subPopulations: readonly SubPopulation[];
  /** Rows that lie inside other classes; null where the class was not judged. */
  readonly flips: { readonly lnE: number; readonly pairs: readonly FlipPair[] } | null;
  /** Shape (n_c,): 1 for the rows that alarm as flipped. */
  readonly flipped: Uint8Array;
  readonly epsilonMin: number | null;
  /** All tests of the class as one e-value, a second opinion that decides nothing; null where the class was not judged. */
  readonly joined: JoinedEvidence | null;
  readonly facts: readonly Fact[];
}

export interface DecideClassArgs {
  readonly input: ScanInput;
  readonly slice: ClassSlice;
  /** Within-class sums of the agreeing investigated rows of all classes. */
  readonly totals: HeadSums;
  readonly evidence: TrustedEvidence | null;
  /** Cross-fitted heads of all folds, trusted rows pooled in where the trusted set is used. */
  readonly heads: readonly (Head | null)[];
  /** {@link flipScale} of every class, shape (K, K). */
  readonly flipScales: Float64Array;
  readonly alpha: number;
  /** K. */
  readonly classes: number;
}

const VARIANCE = 0.99;
const GROUP_AXES = 3;
/** Fewer trusted rows than this may lie anywhere. */
const LEAST_SHARED = 5;
const LEAST_DEPTH = 0.6;
/** Shallower groups are not peeled. */
const PEELED_DEPTH = 0.9;
const SHARPNESS = 4;

/** Judges one class by all kinds of evidence and cuts out the rows it puts forward; no row without a certificate. */
export function decideClass(args: DecideClassArgs, ctx: TaskContext): ClassDecision {
  const { input, slice, totals, evidence, alpha, classes } = args;
  const { activations, predicted, label } = input.investigated;
  const learned = input.builtIn !== true;
  const reason =
    classes < 2 ? 'All rows carry the same label: there is nothing to compare.' : whyNotScanned(input, slice);
  if (reason !== null || activations === null)
    return notDecided(slice, reason ?? 'There are no activations.');
  const check: Check = () => ctx.check();
  const matrix = gatherRows([{ matrix: activations, rows: slice.rows }]);
  const n = matrix.rows;
  const fit = robustFit(matrix, null, VARIANCE, check);
  if (fit === null) {
    return notDecided(
      slice,
      `Most rows of class ${input.classes[slice.classIndex]} are identical: there is nothing to compare.`,
    );
  }
  const turned = turnedAxes(moments(matrix, null, check), fit.whitening, check);
  const coordinates = project(matrix, null, fit.whitening.centre, turned.axes, check);
  const entropy = quantumEntropy(coordinates, n, turned.secondMoments, SHARPNESS, check);
  const distanceRanks = rankShares(fit.distances);
  const entropyRanks = rankShares(entropy);
  const unusual = distanceRanks.map((rank, i) => Math.max(rank, entropyRanks[i]));

  const axisCount = Math.min(GROUP_AXES, turned.count);
  const leading = firstColumns(coordinates, n, turned.count, axisCount);
  const agrees = Uint8Array.from(slice.rows, (row) =>
    predicted === null || predicted[row] === label[row] ? 1 : 0,
  );
  const subPopulations = judgeGroups(
    valleyGroups(leading, n, axisCount, leastGroupSize(n)),
    { classIndex: slice.classIndex, matrix, agrees },
    { totals, classes, alpha, learned },
    evidence === null
      ? null
      : trustedAlong(input, slice, fit.whitening.centre, { ...turned.axes, count: axisCount }, check),
    ctx,
  );
  const certificates: Certificate[] = [];
  const seed = new Uint8Array(n);
  for (const group of subPopulations) {
    if (group.way === null) continue;
    certificates.push(groupCertificate(group, group.way, n, classes, alpha));
    addTo(seed, group.members);
  }
  const trusted = evidence === null ? null : trustedCertificate(evidence, n);
  if (trusted !== null) certificates.push(trusted);
  const flips = flipTest(args, args.flipScales, ctx);
  const lnFlipLevel = Math.log((4 * classes) / alpha);
  const flipAlarm = learned && flips.lnE >= lnFlipLevel;
  const flipped = flipAlarm ? flippedRows(matrix, flips, check) : new Uint8Array(n);
  if (flipAlarm) certificates.push(flipCertificate(flips, n, lnFlipLevel));
  const ways = [...new Set(certificates.map((c) => c.kind))];
  const grade: Grade | null =
    ways.length === 0
      ? null
      : ways.some((way) => way === 'trusted' || way === 'peel' || way === 'flip')
        ? 'alarm'
        : 'structure';

  const cut =
    grade === null ? null : cutRows(args, { matrix, seed, flipped, trustedAlarm: trusted !== null }, check);
  const flagged = cut?.flagged ?? new Uint8Array(n);
  return {
    classIndex: slice.classIndex,
    n,
    m: slice.trustedRows.length,
    skipped: null,
    grade,
    ways,
    certificates,
    flagged,
    cut: cut?.method ?? null,
    projection: cut === null ? null : fisherProjection(matrix, flagged, check),
    unusual,
    subPopulations,
    flips: { lnE: flips.lnE, pairs: flips.pairs },
    flipped,
    epsilonMin: evidence?.epsilonMin ?? null,
    joined: {
      lnE: learned
        ? joinedEvidence(evidence, peelTests(subPopulations), flips.lnE)
        : joinedEvidence(evidence, [], 0),
      lnLevel: Math.log(classes / alpha),
    },
    facts: evidence === null ? [] : effectFacts(evidence, flagged),
  };
}

function notDecided(slice: ClassSlice, reason: string): ClassDecision {
  const n = slice.rows.length;
  return {
    classIndex: slice.classIndex,
    n,
    m: slice.trustedRows.length,
    skipped: reason,
    grade: null,
    ways: [],
    certificates: [],
    flagged: new Uint8Array(n),
    cut: null,
    projection: null,
    unusual: new Float64Array(n),
    subPopulations: [],
    flips: null,
    flipped: new Uint8Array(n),
    epsilonMin: null,
    joined: null,
    facts: [],
  };
}

/** ln p of the groups whose peel counts as a test, not corrected for their number. */
export function peelTests(groups: readonly SubPopulation[]): number[] {
  return groups.flatMap(({ depth, natural, lnPeel }) => (depth >= PEELED_DEPTH && !natural ? [lnPeel] : []));
}

function addTo(target: Uint8Array, flags: Uint8Array): void {
  for (let i = 0; i < target.length; i++) target[i] |= flags[i];
}

function firstColumns(values: Float64Array, n: number, cols: number, kept: number): Float64Array {
  const out = new Float64Array(n * kept);
  for (let i = 0; i < n; i++) for (let a = 0; a < kept; a++) out[i * kept + a] = values[i * cols + a];
  return out;
}

interface TrustedCoordinates {
  /** Shape (rows, axes). */
  readonly coordinates: Float64Array;
  readonly rows: number;
  readonly axes: number;
}

/** The trusted rows of a class along the directions in which its groups are looked for. */
function trustedAlong(
  { trusted }: ScanInput,
  { trustedRows }: ClassSlice,
  centre: Float64Array,
  axes: Axes,
  check: Check,
): TrustedCoordinates | null {
  if (!trusted?.activations) return null;
  const coordinates = project(trusted.activations, trustedRows, centre, axes, check);
  return { coordinates, rows: trustedRows.length, axes: axes.count };
}

function judgeGroups(
  groups: readonly ValleyGroup[],
  rows: Omit<ClassRows, 'own'>,
  { totals, classes, alpha, learned }: { totals: HeadSums; classes: number; alpha: number; learned: boolean },
  trusted: TrustedCoordinates | null,
  ctx: TaskContext,
): SubPopulation[] {
  const candidates = groups.filter((group) => group.depth >= LEAST_DEPTH);
  if (candidates.length === 0) return [];
  const { classIndex, matrix, agrees } = rows;
  const own = classHeadSums(
    classIndex,
    moments(matrix, positionsOf(agrees, 1), () => ctx.check()),
  );
  return candidates.flatMap((group) => {
    const statistics = groupStatistics({ ...rows, own }, group.members, totals, ctx);
    if (statistics === null) return [];
    const trustedInside = trusted && countInside(group, trusted.coordinates, trusted.axes);
    const expected = trusted ? (group.size * trusted.rows) / matrix.rows : 0;
    // Clean rows lie there too, in at least half the share: no poison would be among them.
    const natural = trustedInside !== null && trustedInside >= Math.max(LEAST_SHARED, expected / 2);
    const way = natural ? null : groupWay(group, statistics, matrix.rows, classes, alpha, learned);
    return [{ ...group, ...statistics, trustedInside, natural, way }];
  });
}

function groupCertificate(
  group: SubPopulation,
  way: GroupWay,
  n: number,
  classes: number,
  alpha: number,
): Certificate {
  const shared = { kind: way, n, m: null, k: null };
  if (way === 'peel') {
    return {
      ...shared,
      strength: 'binomial',
      nullHypothesis:
        'A natural sub-population keeps the evidence of its label when its own direction is removed.',
      statistic: { name: 'share that leaves the class without its own direction', value: group.outsideAfter },
      pValue: Math.exp(group.lnPeel),
      lnP: group.lnPeel,
      lnLevel: Math.log(alpha / (12 * classes)),
    };
  }
  return {
    ...shared,
    strength: 'structural',
    nullHypothesis:
      'No error rate: a tight group apart from its class, by more than natural ones were seen to be.',
    statistic: { name: 'distance from the core in units of the nearest other class', value: group.rel },
    pValue: null,
    lnP: null,
    lnLevel: null,
  };
}

function flipCertificate({ lnE, pairs }: FlipTest, n: number, lnLevel: number): Certificate {
  const deep = pairs.filter(pays).reduce((sum, pair) => sum + pair.deep, 0);
  return {
    kind: 'flip',
    strength: 'e-value',
    nullHypothesis:
      'Rows that look like another class are ambiguous: at most 60 % of them lie deep inside it.',
    statistic: { name: 'rows that lie deep inside another class', value: deep },
    pValue: Math.exp(-lnE),
    lnP: -lnE,
    lnLevel: -lnLevel,
    n,
    m: null,
    k: null,
  };
}

/** The trusted certificate of a class that alarms; null where no test reaches its level. */
function trustedCertificate(evidence: TrustedEvidence, n: number): Certificate | null {
  const view = bestView(evidence.views);
  const group = evidence.groups.reduce(
    (best, g) => (best === null || g.lnP < best.lnP ? g : best),
    evidence.groups.at(0) ?? null,
  );
  const byGroup = group !== null && group.lnP < view.lnP;
  const lnP = byGroup ? group.lnP : view.lnP;
  if (lnP > evidence.lnLevel) return null;
  return {
    kind: 'trusted',
    strength: 'exact',
    nullHypothesis: 'Rows of the class and its trusted rows are exchangeable, or the rows lie closer in.',
    statistic: byGroup
      ? { name: `rows in a group with ${group.trustedInside} trusted rows`, value: group.size }
      : { name: tailName(view), value: view.beyond },
    pValue: Math.exp(lnP),
    lnP,
    lnLevel: evidence.lnLevel,
    n,
    m: byGroup ? evidence.m : view.trusted.length,
    k: byGroup ? null : view.k,
  };
}

/** What can be said in one sentence about the rows put forward, measured against the trusted rows. */
function effectFacts(evidence: TrustedEvidence, flagged: Uint8Array): Fact[] {
  const view = bestView(evidence.views);
  const facts: Fact[] = [
    { name: 'trusted rows', value: evidence.m, unit: 'rows' },
    { name: 'bulk ratio', value: evidence.bulkRatio, unit: '' },
  ];
  const inside = positionsOf(flagged, 1);
  if (inside.length === 0) return facts;
  const p = conformalP(view.rows, view.trusted);
  const m = view.trusted.length;
  const nearer = 1 - (medianInPlace(Float64Array.from(inside, (i) => p[i])) * (m + 1) - 1) / m;
  const farthest = view.trusted.reduce((a, b) => Math.max(a, b), -Infinity);
  return [
    ...facts,
    { name: 'trusted rows that the median flagged row lies beyond', value: nearer, unit: 'share' },
    {
      name: 'flagged rows beyond every trusted row',
      value: inside.filter((i) => view.rows[i] > farthest).length,
      unit: 'rows',
    },
    {
      name: 'bound of the clean share among rows beyond every trusted row',
      value: falseShareBound(view.rows, view.trusted, farthest, boundShare(view.id, evidence.views.length)),
      unit: 'share',
    },
  ];
}
