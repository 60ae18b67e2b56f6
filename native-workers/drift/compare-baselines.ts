import type { TaskContext } from '../task.ts';
import type { BaselineSummary, NumericSummary } from './baseline-summary.ts';
import { deviationOf } from './column-moments.ts';
import { benjaminiHochberg } from './tests/benjamini-hochberg.ts';
import { chiSquaredTest } from './tests/chi-squared.ts';
import { cellCounts, comparable, type Draws } from './tests/homogeneity.ts';
import { jensenShannonTest } from './tests/jensen-shannon.ts';
import { kolmogorovSmirnovTest } from './tests/kolmogorov-smirnov.ts';
import { prepareSample, sampleQuantile } from './tests/prepared-sample.ts';
import { countCells, psiTest, referenceBins } from './tests/psi.ts';

type DifferenceGroup =
  'predictions' | 'confidence' | 'latency' | 'resources' | 'features' | 'categories' | 'errors' | 'traffic';

/** One line of two baselines side by side; NaN where a side has no value. */
export interface Difference {
  readonly group: DifferenceGroup;
  readonly subject: string;
  readonly measure: string;
  readonly unit: string;
  readonly a: number;
  readonly b: number;
  readonly effect: { readonly name: string; readonly value: number } | null;
  readonly pValue: number | null;
  readonly adjustedPValue: number | null;
  /** As a share of the rows, 0 where both columns are exact. */
  readonly rankError: number;
}

const DRAWS: Draws = { seed: 0, purpose: 0x626c, most: 9999, stopAfter: 100 };
/** p-values of two baselines are for the eye: the limit's law from here on. */
const EXACT_UP_TO = 1e6;

const groupOfRole = {
  confidence: 'confidence',
  latency: 'latency',
  resource: 'resources',
  score: 'confidence',
  feature: 'features',
} as const;

/**
 * Two baselines side by side: shares of classes and levels, moments and quantiles of columns, error rates, traffic; effect and
 * p-value of the whole column or of all cells together, Benjamini-Hochberg over them all.
 */
export function compareBaselines(
  { a, b }: { readonly a: BaselineSummary; readonly b: BaselineSummary },
  ctx: TaskContext,
): Difference[] {
  const check = (): void => {
    ctx.check();
  };
  const lines: Difference[] = [
    ...cellLines(
      'predictions',
      'prediction',
      [a.classes, a.ofClass.map(({ predicted }) => predicted)],
      [b.classes, b.ofClass.map(({ predicted }) => predicted)],
      check,
    ),
    ...pairs(a.numeric, b.numeric).flatMap(([name, one, other]) =>
      numberLines(groupOfRole[(one ?? other)?.role ?? 'feature'], name, one, other, check),
    ),
    ...classLines(a, b, check),
    ...pairs(a.categorical, b.categorical).flatMap(([name, one, other]) =>
      cellLines(
        'categories',
        name,
        [one?.levels ?? [], [...(one?.counts ?? [])]],
        [other?.levels ?? [], [...(other?.counts ?? [])]],
        check,
      ),
    ),
    ...errorLines(a, b),
    ...trafficLines(a, b),
  ];
  const adjusted = benjaminiHochberg(lines.map(({ pValue }) => pValue));
  return lines.map((line, at) => ({ ...line, adjustedPValue: adjusted[at] }));
}

/** What either side has, by name, in the order in which they show it. */
function pairs<T extends { readonly name: string }>(
  a: readonly T[],
  b: readonly T[],
): [string, T | undefined, T | undefined][] {
  const names = [...new Set([...a, ...b].map(({ name }) => name))];
  const of = (list: readonly T[], wanted: string): T | undefined => list.find(({ name }) => name === wanted);
  return names.map((name) => [name, of(a, name), of(b, name)]);
}

function plain(
  group: DifferenceGroup,
  subject: string,
  measure: string,
  unit: string,
  a: number,
  b: number,
): Difference {
  return {
    group,
    subject,
    measure,
    unit,
    a,
    b,
    effect: null,
    pValue: null,
    adjustedPValue: null,
    rankError: 0,
  };
}

type Cells = readonly [names: readonly string[], counts: readonly number[]];

/** The shares of all cells together, then each cell's. */
function cellLines(
  group: DifferenceGroup,
  subject: string,
  [namesA, countsA]: Cells,
  [namesB, countsB]: Cells,
  check: () => void,
): Difference[] {
  const names = [...new Set([...namesA, ...namesB])].sort();
  const row = (own: readonly string[], counts: readonly number[]): Float64Array => {
    const place = new Map(own.map((name, at) => [name, counts[at]]));
    return Float64Array.from(names, (name) => place.get(name) ?? 0);
  };
  const [x, y] = [row(namesA, countsA), row(namesB, countsB)];
  const counts = cellCounts(x, y);
  const shares = (values: Float64Array): Float64Array => {
    const total = values.reduce((sum, value) => sum + value, 0);
    return values.map((value) => value / total);
  };
  const [p, q] = [shares(x), shares(y)];
  const each = names.map((name, at): Difference => ({
    ...plain(group, subject === 'prediction' ? name : `${subject}: ${name}`, 'share', '', p[at], q[at]),
    effect: p[at] > 0 ? { name: 'relative change', value: q[at] / p[at] - 1 } : null,
  }));
  if (!comparable(counts)) return each;
  const whole: Difference = {
    ...plain(group, subject, 'all shares', '', NaN, NaN),
    effect: {
      name: 'Jensen-Shannon distance',
      value: jensenShannonTest(counts, { ...DRAWS, most: 0, stopAfter: 1 }, check).effect,
    },
    pValue: chiSquaredTest(counts, DRAWS, check).p,
  };
  return [whole, ...each];
}

/** A column's distribution, then its moments, quantiles and missing values. */
function numberLines(
  group: DifferenceGroup,
  subject: string,
  a: NumericSummary | undefined,
  b: NumericSummary | undefined,
  check: () => void,
): Difference[] {
  const rankError = Math.max(
    ...[a, b].map((one) =>
      one === undefined || one.sketch.n === 0 ? 0 : one.sketch.rankError / one.sketch.n,
    ),
  );
  const missing = (one: NumericSummary | undefined): number =>
    one === undefined ? NaN : one.moments.missing / (one.moments.n + one.moments.missing);
  const [x, y] = [a, b].map((one) => (one === undefined ? null : prepareSample(one.sketch)));
  const quantile = (share: number): [number, number] => [
    x === null ? NaN : sampleQuantile(x, share),
    y === null ? NaN : sampleQuantile(y, share),
  ];
  const line = (measure: string, values: readonly [number, number], error = 0): Difference => ({
    ...plain(group, subject, measure, '', ...values),
    rankError: error,
  });
  const each = [
    line('mean', [a?.moments.mean ?? NaN, b?.moments.mean ?? NaN]),
    line('deviation', [
      a === undefined ? NaN : deviationOf(a.moments),
      b === undefined ? NaN : deviationOf(b.moments),
    ]),
    line('median', quantile(0.5), rankError),
    line('p95', quantile(0.95), rankError),
    line('p99', quantile(0.99), rankError),
    line('missing', [missing(a), missing(b)]),
  ];
  if (x === null || y === null || x.n === 0 || y.n === 0) return each;
  const test = kolmogorovSmirnovTest(
    { reference: x, current: y, draws: DRAWS, exactUpTo: EXACT_UP_TO },
    check,
  );
  const bins = referenceBins(x);
  const psi = psiTest(countCells(x, bins), countCells(y, bins));
  const whole: Difference = {
    ...line('distribution', [NaN, NaN], rankError),
    effect: { name: 'Kolmogorov-Smirnov distance', value: test.effect },
    pValue: test.p,
  };
  const stability: Difference[] =
    psi === null
      ? []
      : [
          {
            ...line(
              `population stability (${psi.ifUnchanged.toPrecision(2)} where nothing changed)`,
              [NaN, NaN],
              rankError,
            ),
            effect: { name: 'PSI', value: psi.statistic },
            pValue: psi.p,
          },
        ];
  return [whole, ...stability, ...each];
}

/** Confidence and latency within each class, by their distribution alone. */
function classLines(a: BaselineSummary, b: BaselineSummary, check: () => void): Difference[] {
  const named = ({
    classes,
    ofClass,
  }: BaselineSummary): { name: string; numeric: readonly NumericSummary[] }[] =>
    classes.map((name, code) => ({ name, numeric: ofClass[code].numeric }));
  return pairs(named(a), named(b)).flatMap(([className, one, other]) =>
    pairs(one?.numeric ?? [], other?.numeric ?? []).flatMap(([name, x, y]) =>
      numberLines(groupOfRole[(x ?? y)?.role ?? 'confidence'], `${className}: ${name}`, x, y, check).filter(
        ({ measure }) => measure === 'distribution' || measure === 'mean',
      ),
    ),
  );
}

function errorLines(a: BaselineSummary, b: BaselineSummary): Difference[] {
  if (a.labelled === 0 && b.labelled === 0) return [];
  const named = ({ classes, ofClass }: BaselineSummary) =>
    classes.map((name, code) => ({ name, ...ofClass[code] }));
  const counts = cellCounts(
    Float64Array.of(a.correct, a.labelled - a.correct),
    Float64Array.of(b.correct, b.labelled - b.correct),
  );
  const whole: Difference = {
    ...plain('errors', 'all classes', 'accuracy', '', a.correct / a.labelled, b.correct / b.labelled),
    pValue: comparable(counts) ? chiSquaredTest(counts, DRAWS, () => undefined).p : null,
  };
  return [
    whole,
    ...pairs(named(a), named(b)).flatMap(([name, x, y]) => [
      plain(
        'errors',
        name,
        'recall',
        '',
        (x?.correct ?? NaN) / (x?.labelled ?? NaN),
        (y?.correct ?? NaN) / (y?.labelled ?? NaN),
      ),
      plain(
        'errors',
        name,
        'precision',
        '',
        (x?.correct ?? NaN) / (x?.predictedLabelled ?? NaN),
        (y?.correct ?? NaN) / (y?.predictedLabelled ?? NaN),
      ),
    ]),
  ];
}

function trafficLines(a: BaselineSummary, b: BaselineSummary): Difference[] {
  const perDay = ({ rows, firstTime, lastTime }: BaselineSummary): number =>
    rows / Math.max(1, (lastTime - firstTime) / 86_400_000);
  return [
    plain('traffic', 'requests', 'all', '', a.rows, b.rows),
    plain('traffic', 'requests', 'per day', '', perDay(a), perDay(b)),
  ];
}
