import { z } from 'zod';
import type { Fact } from '../../detectors/detector.ts';
import { defineMonitor, judged, notJudged } from '../define-monitor.ts';
import { countInWords, numberInWords, percentInWords, pInWords, windowInWords } from '../in-words.ts';
import { drawsFor } from '../monitor-draws.ts';
import type { LogWindow, MonitorFinding, Subject } from '../monitor.ts';
import { countedSample, type QuantileSketch } from '../quantile-sketch.ts';
import { referenceSample } from '../reference-columns.ts';
import { benjaminiHochberg } from '../tests/benjamini-hochberg.ts';
import { chiSquaredTest } from '../tests/chi-squared.ts';
import { columnTests, readyColumn, type ColumnTests, type ReadyColumn } from '../tests/column-tests.ts';
import { cellCounts, comparable } from '../tests/homogeneity.ts';
import type { PreparedSample } from '../tests/prepared-sample.ts';
import type { TestResult } from '../tests/test-result.ts';

const ID = 'numeric-columns';
/** Draws of a column's limit law, by those of a window's test: they are made once for all windows. */
const LIMIT_DRAWS = 10;

const params = z.object({
  by: z
    .enum(['kolmogorov-smirnov', 'cramer-von-mises', 'anderson-darling', 'wasserstein', 'psi'])
    .default('kolmogorov-smirnov'),
  /** Fires at p-values up to this, after Benjamini-Hochberg over the window's columns. */
  level: z.number().gt(0).lt(1).default(0.01),
  /** Fires from this Kolmogorov-Smirnov distance on. */
  leastDistance: z.number().min(0).max(1).default(0.1),
  leastRows: z.int().min(2).default(50),
  draws: z.int().min(99).max(99_999).default(999),
});
type Params = z.output<typeof params>;

/** What was found before p-values are adjusted over the window's columns. */
type Found = MonitorFinding | { readonly p: number; readonly finish: (adjusted: number) => MonitorFinding };

/**
 * Every numeric column of each window held against the baseline's by five tests, and its missing values by a sixth. The
 * baseline is sorted once a column. A column that follows the load, as latency does, differs from the baseline in most hours.
 */
export const numericColumns = defineMonitor({
  id: ID,
  version: 1,
  title: 'Numeric columns',
  family: 'columns',
  reference:
    'Smirnov 1948; Anderson 1962 (Cramér-von Mises); Scholz, Stephens 1987 (Anderson-Darling); Ramdas, García Trillos, Cuturi 2017 (Wasserstein); Yurdakul 2018, Statistical properties of the population stability index',
  needs: ['numeric columns'],
  budgeted: false,
  falseAlarms: null,
  params,
  run({ reference, current, windows }, settings, ctx) {
    const check = (): void => {
      ctx.check();
    };
    const notes: string[] = [];
    const found = windows.map((): Found[] => []);
    current.numeric.forEach((column, index) => {
      const sample = referenceSample(reference, column.name, check);
      if (sample === null)
        notes.push(`The baseline has no numeric column ${column.name}: it was not compared.`);
      else {
        const draws = drawsFor(
          { seed: ctx.seed, monitor: ID, window: null, name: column.name },
          LIMIT_DRAWS * settings.draws,
          Infinity,
        );
        const ready = readyColumn(sample, draws, check);
        if (sample.rankError > 0)
          notes.push(
            `The baseline's ${column.name} is a summary: counts below any value are off by at most ${percentInWords(sample.rankError / sample.n)} of its rows.`,
          );
        windows.forEach((window, w) => {
          ctx.check();
          const values = countedSample(column.values.subarray(window.from, window.to), check);
          found[w].push(...judgeColumn(column.name, ready, values, window, settings, ctx.seed, check));
        });
      }
      ctx.progress((index + 1) / current.numeric.length);
    });
    return { findings: found.flatMap(adjusted), skipped: null, notes };
  },
});

function adjusted(found: readonly Found[]): MonitorFinding[] {
  const q = benjaminiHochberg(found.map((one) => ('p' in one ? one.p : null)));
  return found.map((one, i) => ('p' in one ? one.finish(q[i] ?? 1) : one));
}

function judgeColumn(
  name: string,
  ready: ReadyColumn,
  values: QuantileSketch,
  window: LogWindow,
  settings: Params,
  seed: number,
  check: () => void,
): Found[] {
  const subject: Subject = { kind: 'column', name };
  const why = whyNot(name, ready.sample, values, window, settings.leastRows);
  const draws = drawsFor({ seed, monitor: ID, window, name }, settings.draws, 20);
  const missing = judgeMissing(name, ready.sample, values, window, settings, seed, check);
  if (why !== null) return [notJudged(window, subject, 'drift', why), ...missing];
  const tests = columnTests(ready, values, draws, check);
  const deciding = resultOf(tests, settings.by);
  if (deciding === null) {
    const reason = `${windowInWords(window)} ${settings.by} has no value for ${name}: a value is infinite, or nothing varies.`;
    return [notJudged(window, subject, 'drift', reason), ...missing];
  }
  const finish = (q: number): MonitorFinding => {
    const fires = q <= settings.level && tests.ks.effect >= settings.leastDistance;
    const lower = tests.ks.sign === 1 ? 'lower' : 'higher';
    return judged(window, subject, 'drift', {
      statistic: { name: settings.by, value: deciding.statistic, unit: '' },
      effect: { name: 'Kolmogorov-Smirnov distance', value: tests.ks.effect, unit: '' },
      pValue: deciding.p,
      lnP: deciding.lnP,
      leastP: deciding.leastP,
      adjustedP: q,
      fires: fires ? 'warning' : null,
      facts: factsOf(tests, ready.sample, values),
      sentence: `${windowInWords(window)} the ${countInWords(values.n, 'value')} of ${name} lie ${lower} than in the baseline by a distance of ${numberInWords(tests.ks.effect)} at ${numberInWords(tests.ks.location)}; ${pInWords(q, deciding.leastP)} after adjusting for the columns.`,
    });
  };
  return [{ p: deciding.p, finish }, ...missing];
}

function whyNot(
  name: string,
  reference: PreparedSample,
  { n, values }: QuantileSketch,
  window: LogWindow,
  leastRows: number,
): string | null {
  if (reference.n === 0) return `The baseline has no value of ${name}: nothing was compared.`;
  if (n < leastRows)
    return `${windowInWords(window)} there ${n === 1 ? 'is' : 'are'} ${countInWords(n, 'value')} of ${name}: fewer than ${leastRows} are not judged.`;
  if (reference.values.length === 1 && values.length === 1 && reference.values[0] === values[0])
    return `${name} is ${numberInWords(values[0])} in every row of the baseline and of the window: there is nothing to compare.`;
  return null;
}

function resultOf(tests: ColumnTests, by: Params['by']): TestResult | null {
  switch (by) {
    case 'kolmogorov-smirnov':
      return tests.ks;
    case 'cramer-von-mises':
      return tests.cvm;
    case 'anderson-darling':
      return tests.ad;
    case 'wasserstein':
      return tests.wasserstein?.winsorised ?? null;
    case 'psi':
      return tests.psi;
  }
}

function factsOf(tests: ColumnTests, reference: PreparedSample, current: QuantileSketch): Fact[] {
  const { ks, cvm, ad, wasserstein, psi } = tests;
  const facts: Fact[] = [
    { name: 'values', value: current.n, unit: 'rows' },
    { name: 'missing', value: current.missing, unit: 'rows' },
    { name: 'Kolmogorov-Smirnov: p', value: ks.p, unit: '' },
    { name: 'Cramér-von Mises', value: cvm.statistic, unit: '' },
    { name: 'Cramér-von Mises: p', value: cvm.p, unit: '' },
  ];
  if (ks.method === 'limit, conservative')
    facts.push({ name: 'Kolmogorov-Smirnov: p is too large, many values are equal', value: 1, unit: '' });
  if (ad !== null)
    facts.push(
      { name: 'Anderson-Darling, standardised', value: ad.statistic, unit: '' },
      { name: 'Anderson-Darling: p', value: ad.p, unit: '' },
    );
  if (wasserstein !== null)
    facts.push(
      { name: 'Wasserstein distance in spreads of the baseline', value: wasserstein.effect, unit: '' },
      { name: 'the same without the outermost 1 %', value: wasserstein.winsorised.effect, unit: '' },
      { name: 'Wasserstein without the outermost 1 %: p', value: wasserstein.winsorised.p, unit: '' },
    );
  if (psi !== null)
    facts.push(
      { name: 'PSI', value: psi.statistic, unit: '' },
      { name: 'PSI to expect where nothing changed', value: psi.ifUnchanged, unit: '' },
      { name: 'PSI: p', value: psi.p, unit: '' },
    );
  if (reference.rankError > 0)
    facts.push({
      name: 'rank error of the baseline at most',
      value: reference.rankError / reference.n,
      unit: 'of its rows',
    });
  return facts;
}

/** The share of rows without a value, where there are any. */
function judgeMissing(
  name: string,
  reference: PreparedSample,
  current: QuantileSketch,
  window: LogWindow,
  settings: Params,
  seed: number,
  check: () => void,
): Found[] {
  const counts = cellCounts(
    Float64Array.of(reference.n, reference.missing),
    Float64Array.of(current.n, current.missing),
  );
  if (!comparable(counts) || counts.n < settings.leastRows) return [];
  const subject: Subject = { kind: 'column', name: `${name} missing` };
  const draws = drawsFor({ seed, monitor: ID, window, name: subject.name }, settings.draws, 20);
  const test = chiSquaredTest(counts, draws, check);
  const share = current.missing / counts.n;
  const before = reference.missing / counts.m;
  const finish = (q: number): MonitorFinding =>
    judged(window, subject, 'quality', {
      statistic: { name: 'chi-squared', value: test.statistic, unit: '' },
      effect: { name: 'change of the share of missing values', value: share - before, unit: '' },
      pValue: test.p,
      lnP: test.lnP,
      leastP: test.leastP,
      adjustedP: q,
      fires: q <= settings.level && Math.abs(share - before) >= settings.leastDistance ? 'warning' : null,
      facts: [
        { name: 'missing', value: current.missing, unit: 'rows' },
        { name: 'missing in the baseline', value: before, unit: '' },
      ],
      sentence: `${windowInWords(window)} ${name} is missing in ${percentInWords(share)} of ${countInWords(counts.n, 'request')}, ${percentInWords(before)} in the baseline; ${pInWords(q, test.leastP)} after adjusting for the columns.`,
    });
  return [{ p: test.p, finish }];
}
