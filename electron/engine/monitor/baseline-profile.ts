import type {
  BaselineSummary,
  CategoricalSummary,
  NumericSummary,
} from '../../../native-workers/drift/baseline-summary.ts';
import { deviationOf } from '../../../native-workers/drift/column-moments.ts';
import type { BehaviourReference } from '../../../native-workers/drift/reference.ts';
import { prepareSample, sampleQuantile } from '../../../native-workers/drift/tests/prepared-sample.ts';
import type {
  BaselineProfile,
  CategoryProfile,
  ClassProfile,
  ErrorProfile,
  NumberProfile,
} from '../../contract/baselines.ts';
import { wilsonInterval } from '../../../native-workers/numeric/wilson-interval.ts';

/** Levels of a category that are kept by name. */
const MOST_LEVELS = 1000;

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
/** JSON has no infinities. */
const bounded = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

function numberProfile({ name, role, moments, sketch }: NumericSummary): NumberProfile {
  return {
    name,
    role,
    moments: {
      n: moments.n,
      missing: moments.missing,
      infinite: moments.infinite,
      mean: finite(moments.mean),
      sd: finite(deviationOf(moments)),
      least: finite(moments.min),
      most: finite(moments.max),
    },
    sketch: {
      n: sketch.n,
      values: Array.from(sketch.values, bounded),
      weights: Array.from(sketch.counts),
      rankError: sketch.n === 0 ? 0 : sketch.rankError / sketch.n,
    },
  };
}

function numericSummary({ name, role, moments, sketch }: NumberProfile): NumericSummary {
  const finites = moments.n - moments.infinite;
  return {
    name,
    role,
    moments: {
      n: moments.n,
      missing: moments.missing,
      infinite: moments.infinite,
      mean: moments.mean ?? NaN,
      m2: finites < 2 ? 0 : (moments.sd ?? 0) ** 2 * (finites - 1),
      min: moments.least ?? NaN,
      max: moments.most ?? NaN,
    },
    sketch: {
      values: Float64Array.from(sketch.values),
      counts: Float64Array.from(sketch.weights),
      n: sketch.n,
      missing: moments.missing,
      rankError: sketch.rankError * sketch.n,
    },
  };
}

function categoryProfile({ name, levels, counts, missing }: CategoricalSummary): CategoryProfile {
  const seen = [...levels.keys()].filter((level) => counts[level] > 0);
  const kept = seen.sort((a, b) => counts[b] - counts[a] || a - b).slice(0, MOST_LEVELS);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const named = kept.sort((a, b) => a - b).map((level) => ({ name: levels[level], count: counts[level] }));
  return { name, missing, levels: named, others: total - named.reduce((sum, { count }) => sum + count, 0) };
}

const quantile = (sketch: NumericSummary['sketch'], at: number): number =>
  sampleQuantile(prepareSample(sketch), at);
const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

function errorProfile({ classes, ofClass, labelled, correct }: BaselineSummary): ErrorProfile | null {
  if (labelled === 0) return null;
  const [lower, upper] = wilsonInterval(correct, labelled);
  return {
    labelled,
    accuracy: correct / labelled,
    lower,
    upper,
    classes: classes.map((name, code) => {
      const one = ofClass[code];
      return {
        name,
        labelled: one.labelled,
        correct: one.correct,
        predicted: one.predictedLabelled,
        precision: share(one.correct, one.predictedLabelled),
        recall: share(one.correct, one.labelled),
        f1: share(2 * one.correct, one.predictedLabelled + one.labelled),
      };
    }),
  };
}

/**
 * The baseline as it is shown, compared and exported.
 *
 * @param reference null for predictions without times
 */
export function profileOf(
  summary: BaselineSummary,
  reference: BehaviourReference | null,
  { traffic, bands }: Pick<BaselineProfile, 'traffic' | 'bands'>,
): BaselineProfile {
  const family = reference?.families.find(({ kind }) => kind === 'class') ?? null;
  const predicted = summary.ofClass.reduce((sum, one) => sum + one.predicted, 0);
  const phi = Math.max(1, ...(family?.phi ?? [1]));
  const classes = summary.classes.map((name, code): ClassProfile => {
    const { predicted: count, numeric } = summary.ofClass[code];
    const cell = reference?.layout.classes.indexOf(name) ?? -1;
    const cells = (reference?.layout.classes.length ?? 0) + 1;
    const factors = (of: readonly number[] | null | undefined, seasons: number): number[] | null =>
      cell < 0 || of === null || of === undefined
        ? null
        : Array.from({ length: seasons }, (_, season) => of[season * cells + cell]);
    const [lower, upper] = wilsonInterval(count / phi, predicted / phi);
    return {
      name,
      count,
      share: predicted === 0 ? 0 : count / predicted,
      lower,
      upper,
      weekday: factors(family?.weekday, 7),
      hour: factors(family?.hour, 24),
      numbers: numeric.map(numberProfile),
    };
  });
  const latency = summary.numeric.find(({ role, moments }) => role === 'latency' && moments.n > 0);
  return {
    classes,
    unpredicted: summary.unpredicted,
    numbers: summary.numeric.map(numberProfile),
    categories: summary.categorical.map(categoryProfile),
    latency:
      latency === undefined
        ? null
        : {
            name: latency.name,
            mean: latency.moments.mean,
            p50: quantile(latency.sketch, 0.5),
            p95: quantile(latency.sketch, 0.95),
            p99: quantile(latency.sketch, 0.99),
          },
    errors: errorProfile(summary),
    traffic,
    bands,
    dispersion: family?.dispersion.map((one) => ({ ...one })) ?? [],
  };
}

/** What the tests column by column need of a baseline whose requests are not in the case. */
export function summaryOf(
  profile: BaselineProfile,
  facts: { readonly rows: number; readonly fromMs: number | null; readonly toMs: number | null },
): BaselineSummary {
  const errors = new Map(profile.errors?.classes.map((one) => [one.name, one]));
  return {
    rows: facts.rows,
    firstTime: facts.fromMs ?? NaN,
    lastTime: facts.toMs ?? NaN,
    classes: profile.classes.map(({ name }) => name),
    ofClass: profile.classes.map(({ name, count, numbers }) => ({
      predicted: count,
      labelled: errors.get(name)?.labelled ?? 0,
      correct: errors.get(name)?.correct ?? 0,
      predictedLabelled: errors.get(name)?.predicted ?? 0,
      numeric: numbers.map(numericSummary),
    })),
    unpredicted: profile.unpredicted,
    labelled: profile.errors?.labelled ?? 0,
    correct: profile.errors?.classes.reduce((sum, one) => sum + one.correct, 0) ?? 0,
    numeric: profile.numbers.map(numericSummary),
    categorical: profile.categories.map(({ name, missing, levels }) => ({
      name,
      levels: levels.map((level) => level.name),
      counts: Float64Array.from(levels, ({ count }) => count),
      missing,
    })),
  };
}

/** The largest rank error of a profile's sketches, as a share. */
export const largestRankError = ({ numbers, classes }: BaselineProfile): number =>
  Math.max(
    0,
    ...[...numbers, ...classes.flatMap((one) => one.numbers)].map(({ sketch }) => sketch.rankError),
  );
