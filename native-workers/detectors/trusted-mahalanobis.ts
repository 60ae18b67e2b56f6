import { z } from 'zod';
import { lnHypergeometricLower } from '../numeric/distributions.ts';
import { mixHash } from '../numeric/hash.ts';
import { moments } from '../numeric/moments.ts';
import { gatherRows } from '../numeric/rows.ts';
import { median, quantile } from '../numeric/order-statistics.ts';
import { project, squaredLengths } from '../numeric/projection.ts';
import { robustFit, turnedAxes, whiten } from '../numeric/whitening.ts';
import type { TaskContext } from '../task.ts';
import type { ClassSlice } from './class-slice.ts';
import { occurringClasses } from './class-slice.ts';
import type { ClassJudgement, Conclusion } from './define-detector.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import type { Fact, Matrix, ScanInput } from './detector.ts';
import type { Head, HeadSums } from './lda-head.ts';
import { addHeadSums, agreeingRows, fitHead, foldHeadSums, forEachCrossFitted } from './lda-head.ts';
import type { TrustedEvidence, TrustedGroup, TrustedView, TrustedViewId } from './trusted-class-test.ts';
import {
  bestView,
  conformalP,
  smallestVisibleDose,
  tailName,
  testCount,
  testView,
} from './trusted-class-test.ts';
import { leastGroupSize, valleyGroups } from './valley-groups.ts';

/** Trusted rows a class needs before it is tested. */
export const LEAST_TRUSTED_ROWS = 30;
const VARIANCE = 0.99;
const LOGIT_VARIANCE = 0.9999;
const GROUP_AXES = 3;
const SPLIT_PURPOSE = 2;
const LEAST_BULK_RATIO = 0.95;
const MOST_BULK_RATIO = 1.1;

/** Collects the six views and the groups of a class; a string says why it cannot be tested. */
function collectEvidence(
  input: ScanInput,
  slice: ClassSlice,
  heads: readonly (Head | null)[],
  alpha: number,
  ctx: TaskContext,
): TrustedEvidence | string {
  const { investigated, trusted } = input;
  if (investigated.activations === null || !trusted?.activations) {
    throw new Error('The trusted test was asked to judge a class without activations.');
  }
  const check = (): void => ctx.check();
  const name = input.classes[slice.classIndex];
  const n = slice.rows.length;
  const m = slice.trustedRows.length;
  const pool = gatherRows([
    { matrix: investigated.activations, rows: slice.rows },
    { matrix: trusted.activations, rows: slice.trustedRows },
  ]);
  const fit = robustFit(pool, null, VARIANCE, check);
  if (fit === null) return `Most rows of class ${name} are identical: there is nothing to compare.`;
  const scores: { id: TrustedViewId; rows: Float64Array; trusted: Float64Array }[] = [];
  const addPooled = (id: TrustedViewId, values: Float64Array): void => {
    scores.push({ id, rows: values.subarray(0, n), trusted: values.subarray(n) });
  };
  addPooled('act', fit.distances);

  const turned = turnedAxes(moments(pool, null, check), fit.whitening, check);
  const axisCount = Math.min(GROUP_AXES, turned.count);
  const leading = { count: axisCount, cols: pool.cols, data: turned.axes.data };
  const coordinates = project(pool, null, fit.whitening.centre, leading, check);
  const along = new Float64Array(n + m);
  for (let i = 0; i < n + m; i++) along[i] = coordinates[i * axisCount];
  const middle = median(along);
  addPooled(
    'dir',
    along.map((x) => Math.abs(x - middle)),
  );

  if (
    investigated.logits !== null &&
    trusted.logits !== null &&
    investigated.logits.cols === trusted.logits.cols
  ) {
    const logits = gatherRows([
      { matrix: investigated.logits, rows: slice.rows },
      { matrix: trusted.logits, rows: slice.trustedRows },
    ]);
    centreRows(logits);
    const logitFit = robustFit(logits, null, LOGIT_VARIANCE, check);
    if (logitFit !== null) addPooled('log', logitFit.distances);
  }

  const order = Array.from({ length: m }, (_, i) => i).sort((a, b) => {
    const first = trusted.keyHash[slice.trustedRows[a]];
    const second = trusted.keyHash[slice.trustedRows[b]];
    return mixHash(first, SPLIT_PURPOSE) - mixHash(second, SPLIT_PURPOSE) || first - second;
  });
  const half = m >> 1;
  const halves = [order.slice(0, half), order.slice(half)].map((list) => Int32Array.from(list, (i) => n + i));
  (['splitA', 'splitB'] as const).forEach((id, side) => {
    const whitening = whiten(moments(pool, halves[side], check), VARIANCE, check);
    if (whitening === null) return;
    const distances = squaredLengths(pool, null, whitening.centre, whitening.axes, check);
    scores.push({
      id,
      rows: distances.subarray(0, n),
      trusted: Float64Array.from(halves[1 - side], (i) => distances[i]),
    });
  });

  const margins = labelMargins(input, slice, heads, ctx);
  if (margins !== null) scores.push({ id: 'label', ...margins });

  const tests = testCount(scores.length);
  const groups = valleyGroups(coordinates, n + m, axisCount, leastGroupSize(n)).map(
    ({ axis, depth, size, members }) => {
      let trustedInside = 0;
      for (let i = n; i < n + m; i++) trustedInside += members[i];
      return {
        axis,
        depth,
        size,
        trustedInside,
        members: members.slice(0, n),
        lnP: lnHypergeometricLower(trustedInside, n + m, m, size),
      };
    },
  );
  const classes = occurringClasses(input);
  const roots = fit.distances.map(Math.sqrt);
  return {
    m,
    views: scores.map((view) => ({ ...view, ...testView(view.rows, view.trusted) })),
    groups,
    tests,
    lnLevel: Math.log(alpha / (2 * classes * tests)),
    epsilonMin: smallestVisibleDose(m, classes, alpha, tests),
    bulkRatio: median(roots.slice(n)) / median(roots.slice(0, n)),
  };
}

/** Subtracts each row's mean in place: logits are defined up to a constant. */
function centreRows(matrix: Matrix): void {
  const { data, rows, cols } = matrix;
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += data[r * cols + j];
    const mean = sum / cols;
    for (let j = 0; j < cols; j++) data[r * cols + j] -= mean;
  }
}

/** Largest evidence of another class minus that of the given label, cross-fitted; null where a row has none. */
function labelMargins(
  input: ScanInput,
  slice: ClassSlice,
  heads: readonly (Head | null)[],
  ctx: TaskContext,
): { rows: Float64Array; trusted: Float64Array } | null {
  const margins = [
    { set: input.investigated, list: slice.rows },
    { set: input.trusted, list: slice.trustedRows },
  ].map(({ set, list }) => {
    const margin = new Float64Array(list.length).fill(NaN);
    if (!set?.activations) return margin;
    forEachCrossFitted(heads, set, set.activations, list, ctx, (position, evidence, base, head) => {
      let own = NaN;
      let other = -Infinity;
      for (let b = 0; b < head.classes.length; b++) {
        const value = evidence[base + b];
        if (head.classes[b] === slice.classIndex) own = value;
        else if (value > other) other = value;
      }
      margin[position] = other - own;
    });
    return margin;
  });
  const complete = margins.every((margin) => margin.every((value) => Number.isFinite(value)));
  return complete ? { rows: margins[0], trusted: margins[1] } : null;
}

/** Scores of one view in units of the spread of its trusted rows, so that classes can be compared. */
function standardised(view: TrustedView): { rows: Float64Array; trusted: Float64Array } {
  const middle = median(view.trusted);
  const spread = quantile(view.trusted, 0.9) - middle;
  const standardise = (score: number) => (score - middle) / (spread > 0 ? spread : 1);
  return { rows: view.rows.map(standardise), trusted: view.trusted.map(standardise) };
}

/** Rows beyond every trusted row in a view that alarms, or in a group that does. */
function markRows(n: number, evidence: TrustedEvidence): Uint8Array {
  const marked = new Uint8Array(n);
  for (const view of evidence.views) {
    if (view.lnP > evidence.lnLevel) continue;
    const farthest = view.trusted.reduce((a, b) => Math.max(a, b), -Infinity);
    for (let i = 0; i < n; i++) if (view.rows[i] > farthest) marked[i] = 1;
  }
  for (const group of evidence.groups) {
    if (group.lnP > evidence.lnLevel) continue;
    for (let i = 0; i < n; i++) if (group.members[i] === 1) marked[i] = 1;
  }
  return marked;
}

function judgeEvidence(slice: ClassSlice, evidence: TrustedEvidence): ClassJudgement<TrustedEvidence> {
  const n = slice.rows.length;
  const best = bestView(evidence.views);
  const group = evidence.groups.reduce<TrustedGroup | null>(
    (a, b) => (a === null || b.lnP < a.lnP ? b : a),
    null,
  );
  const byGroup = group !== null && group.lnP < best.lnP;
  const lnP = byGroup ? group.lnP : best.lnP;
  const corrected = Math.min(0, lnP + Math.log(evidence.tests));
  const score = standardised(best);
  const facts: Fact[] = [
    { name: 'trusted rows', value: evidence.m, unit: 'rows' },
    { name: 'k', value: best.k, unit: '' },
    { name: tailName(best), value: best.beyond, unit: 'rows' },
    {
      name: 'rows expected beyond it',
      value: (n * best.k) / (best.trusted.length + 1),
      unit: 'rows',
    },
    { name: 'smallest visible dose', value: evidence.epsilonMin, unit: 'share' },
    { name: 'bulk ratio', value: evidence.bulkRatio, unit: '' },
    { name: 'tests', value: evidence.tests, unit: '' },
  ];
  if (group !== null) {
    facts.push(
      { name: 'rows in the group with the fewest trusted rows', value: group.size, unit: 'rows' },
      { name: 'trusted rows in that group', value: group.trustedInside, unit: 'rows' },
    );
  }
  return {
    finding: {
      classIndex: slice.classIndex,
      n,
      statistic: byGroup ? group.size : best.beyond,
      pValue: Math.exp(corrected),
      lnP: corrected,
      decision: lnP <= evidence.lnLevel ? 'alarm' : 'dark',
      facts,
      skipped: null,
    },
    score: score.rows,
    trustedScore: score.trusted,
    pValue: conformalP(best.rows, best.trusted),
    marked: markRows(n, evidence),
    evidence,
  };
}

/** Refuses a trusted set that lies nearer in than the data; warns when it lies farther out or looks selected. */
function checkBulk(
  _input: ScanInput,
  judgements: readonly ClassJudgement<TrustedEvidence>[],
): Conclusion<TrustedEvidence> {
  const ratios = judgements
    .flatMap(({ evidence }) => (evidence ? [evidence.bulkRatio] : []))
    .sort((a, b) => a - b);
  const ratio = ratios.length === 0 ? 1 : ratios[ratios.length >> 1];
  if (!(ratio >= LEAST_BULK_RATIO)) {
    const refused = `The trusted set was not used: its rows lie nearer to the centre of their classes than the data (ratio ${ratio.toFixed(2)}, at least ${LEAST_BULK_RATIO} is needed). It comes from another source, or it was selected.`;
    return {
      judgements: judgements.map(({ finding }) => ({
        finding: {
          ...finding,
          decision: 'not judged',
          statistic: null,
          pValue: null,
          lnP: null,
          skipped: finding.skipped ?? refused,
        },
        score: null,
      })),
      notes: [refused],
      refused,
    };
  }
  const notes: string[] = [];
  if (ratio > MOST_BULK_RATIO) {
    notes.push(
      `The trusted rows lie farther out than the data (ratio ${ratio.toFixed(2)}). Nothing is alarmed wrongly by that, but smaller doses go unseen.`,
    );
  }
  const tested = judgements.filter(({ evidence }) => Boolean(evidence));
  const byTail = tested.filter(({ evidence }) =>
    evidence?.views.some((view) => view.lnP <= evidence.lnLevel),
  );
  if (byTail.length > tested.length / 2) {
    notes.push(
      `${byTail.length} of ${tested.length} classes differ from the trusted set. Is the trusted set a random sample? One that was cleaned of its odd rows looks like this.`,
    );
  }
  return { judgements, notes, refused: null };
}

/**
 * How many rows of a class lie farther out than the k-th farthest trusted row? If rows and trusted rows are exchangeable
 * that count is Beta-Binomial whatever the score, so the class test is exact at any sample size.
 */
export const trustedMahalanobis = defineDetector<
  { alpha: number },
  HeadSums[],
  (Head | null)[],
  TrustedEvidence
>({
  id: 'trusted-mahalanobis',
  version: 1,
  title: 'Trusted Mahalanobis, conformal',
  family: 'trusted',
  reference:
    'Lee, Lee, Lee, Shin 2018, A Simple Unified Framework for Detecting Out-of-Distribution Samples; Bates, Candès, Lei, Romano, Sesia 2023, Testing for Outliers with Conformal p-values; Wilks 1941, Determination of Sample Sizes for Setting Tolerance Limits',
  needs: ['activations', 'labels', 'trusted'],
  certificate: 'exact',
  params: z.object({ alpha: z.number().gt(0).lt(1).default(0.01) }),
  prepare: {
    partial(input, slice, _params, ctx) {
      const parts = [
        { set: input.investigated, list: slice.rows },
        { set: input.trusted, list: slice.trustedRows },
      ].flatMap(({ set, list }) =>
        set?.activations ? [{ set, matrix: set.activations, rows: agreeingRows(set, list) }] : [],
      );
      return foldHeadSums(slice.classIndex, parts, ctx);
    },
    merge: (total, part) => total.map((sums, fold) => addHeadSums(sums, part[fold])),
    finish: (_input, total, _params, ctx) => (total ?? []).map((sums) => fitHead(sums, ctx)?.head ?? null),
  },
  judgeClass(input, slice, heads, params, ctx) {
    const m = slice.trustedRows.length;
    if (m < LEAST_TRUSTED_ROWS) {
      const name = input.classes[slice.classIndex];
      const reason = `Class ${name} has ${m} trusted ${m === 1 ? 'row' : 'rows'}: not testable, at least ${LEAST_TRUSTED_ROWS} are needed.`;
      return { finding: skippedFinding(slice, reason), score: null };
    }
    const evidence = collectEvidence(input, slice, heads ?? [], params.alpha, ctx);
    if (typeof evidence === 'string') return { finding: skippedFinding(slice, evidence), score: null };
    return judgeEvidence(slice, evidence);
  },
  conclude: checkBulk,
});
