import { z } from 'zod';
import { moments } from '../numeric/moments.ts';
import { median } from '../numeric/order-statistics.ts';
import { project } from '../numeric/projection.ts';
import { sharedFloat64 } from '../numeric/shared-arrays.ts';
import type { Axes } from '../numeric/projection.ts';
import { turnedAxes, whiten } from '../numeric/whitening.ts';
import type { ClassJudgement } from './define-detector.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import type { ScanInput } from './detector.ts';
import type { HeadSums } from './lda-head.ts';
import { addHeadSums, classHeadSums } from './lda-head.ts';
import { twoGroups } from './two-groups.ts';
import { valleyMarks } from './valley-marks.ts';
import { leastGroupSize } from './valley-groups.ts';

const VARIANCE = 0.99;
/** The published index stands on the median over the classes: with fewer there is nothing to compare. */
const LEAST_CLASSES = 4;

/** The variation that all identities share, as whitening axes on shared memory. */
interface SharedVariation {
  readonly axes: Axes;
  readonly rows: number;
  readonly trusted: boolean;
}

/** The trusted set where it has rows enough to fit every direction, or else the investigated one. */
function variationSource({ investigated, trusted }: ScanInput) {
  const trustedClasses = trusted === null ? 0 : new Set(trusted.label).size;
  const enough =
    trusted !== null &&
    trusted.activations !== null &&
    trusted.rows - trustedClasses >= trusted.activations.cols;
  return enough ? { set: trusted, trusted: true } : { set: investigated, trusted: false };
}

/** J of each class in deviations from the median class, as published: read, never a gate, since most classes may be poisoned. */
function addPublishedIndex(judgements: readonly ClassJudgement<never>[]): readonly ClassJudgement<never>[] {
  const gains = Float64Array.from(
    judgements.flatMap(({ finding }) => (finding.statistic === null ? [] : [finding.statistic])),
  );
  if (gains.length < LEAST_CLASSES) return judgements;
  const middle = median(gains);
  const spread = 1.4826 * median(gains.map((gain) => Math.abs(gain - middle)));
  if (!(spread > 0)) return judgements;
  return judgements.map((judgement) => {
    const { finding } = judgement;
    if (finding.statistic === null) return judgement;
    const index = {
      name: 'published index: J against the median class',
      value: (finding.statistic - middle) / spread,
      unit: 'deviations',
    };
    return { ...judgement, finding: { ...finding, facts: [...finding.facts, index] } };
  });
}

/**
 * SCAn: is a class one identity or two, under a variation that all classes share? The shared covariance is fitted to the
 * trusted rows where there are any, because poison in the fit hides its own shift.
 */
export const scanIdentities = defineDetector<Record<string, never>, HeadSums, SharedVariation | null>({
  id: 'scan-identities',
  version: 1,
  title: 'SCAn, one identity or two',
  family: 'identities',
  reference:
    'Tang, Wang, Tang, Zhang 2021, Demon in the Variant: Statistical Analysis of DNNs for Robust Backdoor Contamination Detection',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({}),
  prepare: {
    partial(input, slice, _params, ctx) {
      const { set, trusted } = variationSource(input);
      if (set.activations === null) throw new Error('SCAn was asked to judge a set without activations.');
      const sums = moments(set.activations, trusted ? slice.trustedRows : slice.rows, () => {
        ctx.check();
      });
      return classHeadSums(slice.classIndex, sums);
    },
    merge: addHeadSums,
    finish(input, total, _params, ctx) {
      if (total === null) return null;
      // Each class's own mean takes one degree of freedom.
      const n = total.n - total.classes.length;
      const mean = new Float64Array(total.cols);
      const whitening = whiten({ ...total, n, mean }, VARIANCE, () => {
        ctx.check();
      });
      if (whitening === null) return null;
      const data = sharedFloat64(whitening.axes.data.length);
      data.set(whitening.axes.data);
      return {
        axes: { ...whitening.axes, data },
        rows: total.n,
        trusted: variationSource(input).trusted,
      };
    },
  },
  judgeClass(input, slice, variation, _params, ctx) {
    const { activations } = input.investigated;
    if (activations === null) throw new Error('SCAn was asked to judge a set without activations.');
    if (variation === null)
      return {
        finding: skippedFinding(
          slice,
          'The rows do not vary inside their classes: there is nothing to compare.',
        ),
        score: null,
      };
    const check = (): void => {
      ctx.check();
    };
    const n = slice.rows.length;
    const all = moments(activations, slice.rows, check);
    const turned = turnedAxes(all, { centre: all.mean, axes: variation.axes }, check);
    const coordinates = project(activations, slice.rows, all.mean, turned.axes, check);
    const least = leastGroupSize(n);
    const groups = twoGroups(coordinates, n, turned.count, least, check);
    if (groups === null) {
      const reason = `Class ${input.classes[slice.classIndex]} does not split in two groups of ${least} rows or more.`;
      return { finding: skippedFinding(slice, reason), score: null };
    }
    const { along, members, size, separation, gain } = groups;
    const marks = valleyMarks(along, 'shared deviations');
    return {
      finding: {
        classIndex: slice.classIndex,
        n,
        statistic: gain,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'J: gain of two identities over one', value: gain, unit: 'nats per row' },
          { name: 'distance of the two identities', value: separation, unit: 'shared deviations' },
          { name: 'rows of the smaller identity', value: size, unit: 'rows' },
          {
            name: 'rows behind the shared variation',
            value: variation.rows,
            unit: variation.trusted ? 'trusted rows' : 'investigated rows',
          },
          ...marks.facts,
        ],
        skipped: null,
      },
      score: along,
      marked: marks.marked,
      cluster: Int32Array.from(members),
      projection: along,
    };
  },
  conclude: (_input, judgements) => ({ judgements: addPublishedIndex(judgements), notes: [], refused: null }),
});
