import { z } from 'zod';
import { defineMonitor, judged } from '../define-monitor.ts';
import type { EventTable } from '../event-table.ts';
import { countInWords, numberInWords, percentInWords, pInWords, windowInWords } from '../in-words.ts';
import { errorsOf, labelledRows } from '../labelled-rows.ts';
import { rowWindows } from '../log-windows.ts';
import { drawsFor } from '../monitor-draws.ts';
import type { LogWindow, MonitorFinding, MonitorInput, Reference, Subject } from '../monitor.ts';
import { countedSample } from '../quantile-sketch.ts';
import { alignCounts, countCodes, referencePredictions, referenceSample } from '../reference-columns.ts';
import { chiSquaredTest } from '../tests/chi-squared.ts';
import { cellCounts, comparable } from '../tests/homogeneity.ts';
import { kolmogorovSmirnovTest } from '../tests/kolmogorov-smirnov.ts';
import { prepareSample, sampleQuantile } from '../tests/prepared-sample.ts';
import { countCells, psiTest, referenceBins } from '../tests/psi.ts';

const ID = 'customary-rules';

const CUSTOMARY_RULES = [
  'accuracy drop over 10 %',
  'p95 latency over 10 %',
  'chi-squared p < 0.01 of the predictions',
  'KS p < 0.05 with D > 0.1',
  'PSI > 0.2',
  'confidence < 0.3',
] as const;
type CustomaryRule = (typeof CUSTOMARY_RULES)[number];

const params = z.object({
  rules: z.array(z.enum(CUSTOMARY_RULES)).default([...CUSTOMARY_RULES]),
  /** Requests of a window: the rules look at the last so many. */
  rows: z.int().min(50).default(1000),
  /** Requests from one look to the next. */
  every: z.int().min(1).default(1000),
});
type Params = z.output<typeof params>;

/** Windows of a rule and what it says in each. */
type Judge = (window: LogWindow) => MonitorFinding;

/**
 * The rules that articles on watching models give, under their names and at their customary limits, to be set beside the others. They
 * ignore how many rows stand behind a number and how many looks are taken: most miss an attack or fire on ordinary days.
 */
export const customaryRules = defineMonitor({
  id: ID,
  version: 1,
  title: 'Customary rules',
  family: 'presets',
  reference: 'Rules of thumb as articles and the documentation of monitoring packages state them',
  needs: [],
  budgeted: false,
  falseAlarms: null,
  params,
  run(input, settings, ctx) {
    const check = (): void => {
      ctx.check();
    };
    const notes: string[] = [];
    const last = rowWindows(input.current, settings.rows, settings.every);
    if (last.length === 0)
      return {
        findings: [],
        skipped: `Left out: the log has ${countInWords(input.current.rows, 'request')}, and the rules look at the last ${settings.rows}.`,
        notes,
      };
    const findings = settings.rules.flatMap((rule, i) => {
      ctx.check();
      const judges = judgesOf(rule, input, settings, ctx.seed, notes, check);
      const found = judges.flatMap(({ windows, judge }) =>
        (windows ?? last).map((window) => {
          ctx.check();
          return judge(window);
        }),
      );
      ctx.progress((i + 1) / settings.rules.length);
      return found;
    });
    return {
      findings: findings.toSorted((a, b) => a.windowStart - b.windowStart || a.windowEnd - b.windowEnd),
      skipped: null,
      notes,
    };
  },
});

/** A rule's judges, one a subject; windows null: the last rows of the log. */
function judgesOf(
  rule: CustomaryRule,
  input: MonitorInput,
  settings: Params,
  seed: number,
  notes: string[],
  check: () => void,
): { windows: LogWindow[] | null; judge: Judge }[] {
  switch (rule) {
    case 'accuracy drop over 10 %':
      return accuracyDrop(input, settings, notes);
    case 'p95 latency over 10 %':
      return latencyRise(input, notes, check);
    case 'chi-squared p < 0.01 of the predictions':
      return predictionChange(input, seed, notes, check);
    case 'KS p < 0.05 with D > 0.1':
      return columnDistance(input, seed, check);
    case 'PSI > 0.2':
      return columnStability(input, check);
    case 'confidence < 0.3':
      return lowConfidence(input, notes);
  }
}

/** A finding of a rule: statistic and effect are the number the rule looks at. */
function ruled(
  rule: CustomaryRule,
  window: LogWindow,
  subject: Subject,
  kind: MonitorFinding['kind'],
  said: {
    what: string;
    value: number;
    unit?: string;
    fires: boolean;
    p?: number;
    lnP?: number;
    leastP?: number | null;
    sentence: string;
    rows?: Int32Array;
  },
): MonitorFinding {
  return judged(window, subject, kind, {
    statistic: { name: rule, value: said.value, unit: said.unit ?? '' },
    effect: { name: said.what, value: said.value, unit: said.unit ?? '' },
    pValue: said.p ?? null,
    lnP: said.lnP ?? null,
    leastP: said.leastP ?? null,
    fires: said.fires ? 'warning' : null,
    facts: [],
    sentence: said.sentence,
    rows: said.rows ?? null,
  });
}

function leftOut(rule: CustomaryRule, notes: string[], why: string): [] {
  notes.push(`'${rule}' was left out: ${why}.`);
  return [];
}

function accuracyDrop(
  { current, reference }: MonitorInput,
  { rows, every }: Params,
  notes: string[],
): ReturnType<typeof judgesOf> {
  const rule = 'accuracy drop over 10 %';
  const before = referenceAccuracy(reference);
  if (before === null) return leftOut(rule, notes, 'the baseline has no labels');
  const arrived = labelledRows(current);
  if (arrived.rows.length < rows) return leftOut(rule, notes, `the log has fewer than ${rows} labels`);
  const errors = errorsOf(current, arrived);
  const windows = rowWindows({ time: arrived.knownAt, rows: arrived.rows.length }, rows, every);
  const judge: Judge = (window) => {
    const accuracy = 1 - errors.subarray(window.from, window.to).reduce((sum, v) => sum + v, 0) / rows;
    const drop = before - accuracy;
    return ruled(rule, window, { kind: 'predictions', name: '' }, 'performance', {
      what: 'drop of the accuracy',
      value: drop,
      fires: drop > 0.1,
      sentence: `${windowInWords(window)} (arrival of labels) the accuracy of ${rows} labelled rows was ${percentInWords(accuracy)}, ${percentInWords(before)} in the baseline.`,
    });
  };
  return [{ windows, judge }];
}

function referenceAccuracy(reference: Reference): number | null {
  if (reference.kind === 'summary') {
    const { labelled, correct } = reference.summary;
    return labelled > 0 ? correct / labelled : null;
  }
  const known = labelledRows(reference.table);
  if (known.rows.length === 0) return null;
  return 1 - errorsOf(reference.table, known).reduce((sum, v) => sum + v, 0) / known.rows.length;
}

function latencyRise(
  { current, reference }: MonitorInput,
  notes: string[],
  check: () => void,
): ReturnType<typeof judgesOf> {
  const rule = 'p95 latency over 10 %';
  const column = current.numeric.find(({ role }) => role === 'latency');
  const sample = column === undefined ? null : referenceSample(reference, column.name, check);
  if (column === undefined || sample === null || sample.n === 0)
    return leftOut(rule, notes, 'one of the logs has no latency');
  const before = sampleQuantile(sample, 0.95);
  const judge: Judge = (window) => {
    const own = prepareSample(countedSample(column.values.subarray(window.from, window.to), check));
    if (own.n === 0) return noValue(rule, window, column.name, 'rise of the 95 % quantile');
    const now = sampleQuantile(own, 0.95);
    // From 0 every rise is without bound.
    const rise = before > 0 && Number.isFinite(now) ? now / before - 1 : 0;
    return ruled(rule, window, { kind: 'column', name: column.name }, 'performance', {
      what: 'rise of the 95 % quantile',
      value: rise,
      fires: rise > 0.1,
      sentence: `${windowInWords(window)} 95 % of ${countInWords(own.n, 'request')} took at most ${numberInWords(now)}, ${numberInWords(before)} in the baseline.`,
    });
  };
  return [{ windows: null, judge }];
}

function predictionChange(
  { current, reference }: MonitorInput,
  seed: number,
  notes: string[],
  check: () => void,
): ReturnType<typeof judgesOf> {
  const rule = 'chi-squared p < 0.01 of the predictions';
  const before = referencePredictions(reference);
  if (!before.counts.some((count) => count > 0))
    return leftOut(rule, notes, 'the baseline has no predictions');
  const judge: Judge = (window) => {
    const subject: Subject = { kind: 'predictions', name: '' };
    const aligned = alignCounts(
      before,
      countCodes(current.predicted, current.classes, window.from, window.to),
    );
    const counts = cellCounts(aligned.reference, aligned.current);
    if (!comparable(counts))
      return ruled(rule, window, subject, 'drift', {
        what: "Cramér's V",
        value: 0,
        fires: false,
        sentence: `${windowInWords(window)} and in the baseline all predictions are one class.`,
      });
    const draws = drawsFor({ seed, monitor: ID, window, name: rule }, 999, 20);
    const test = chiSquaredTest(counts, draws, check);
    return ruled(rule, window, subject, 'drift', {
      what: "Cramér's V",
      value: test.effect,
      p: test.p,
      lnP: test.lnP,
      leastP: test.leastP,
      fires: test.p < 0.01,
      sentence: `${windowInWords(window)} the classes of ${countInWords(counts.n, 'prediction')} differ from the baseline's with ${pInWords(test.p, test.leastP)}.`,
    });
  };
  return [{ windows: null, judge }];
}

function columnDistance(
  { current, reference }: MonitorInput,
  seed: number,
  check: () => void,
): ReturnType<typeof judgesOf> {
  const rule = 'KS p < 0.05 with D > 0.1';
  return compared(current, reference, check).map(({ name, values, sample }) => ({
    windows: null,
    judge: (window) => {
      const subject: Subject = { kind: 'column', name };
      const own = prepareSample(countedSample(values.subarray(window.from, window.to), check));
      if (own.n === 0) return noValue(rule, window, name, 'distance');
      const draws = drawsFor({ seed, monitor: ID, window, name }, 999, 20);
      const test = kolmogorovSmirnovTest({ reference: sample, current: own, draws, exactUpTo: 0 }, check);
      return ruled(rule, window, subject, 'drift', {
        what: 'distance',
        value: test.effect,
        p: test.p,
        lnP: test.lnP,
        leastP: test.leastP,
        fires: test.p < 0.05 && test.statistic > 0.1,
        sentence: `${windowInWords(window)} ${countInWords(own.n, 'value')} of ${name} are ${numberInWords(test.statistic)} from the baseline's by Kolmogorov-Smirnov, ${pInWords(test.p, test.leastP)}.`,
      });
    },
  }));
}

function noValue(rule: CustomaryRule, window: LogWindow, name: string, what: string): MonitorFinding {
  return ruled(rule, window, { kind: 'column', name }, 'drift', {
    what,
    value: 0,
    fires: false,
    sentence: `${windowInWords(window)} no request has a value of ${name}.`,
  });
}

function columnStability(
  { current, reference }: MonitorInput,
  check: () => void,
): ReturnType<typeof judgesOf> {
  const rule = 'PSI > 0.2';
  return compared(current, reference, check).map(({ name, values, sample }) => {
    const bins = referenceBins(sample);
    const before = countCells(sample, bins);
    return {
      windows: null,
      judge: (window) => {
        const own = prepareSample(countedSample(values.subarray(window.from, window.to), check));
        const test = psiTest(before, countCells(own, bins));
        const psi = test?.statistic ?? 0;
        return ruled(rule, window, { kind: 'column', name }, 'drift', {
          what: 'PSI',
          value: psi,
          ...(test === null ? {} : { p: test.p, lnP: test.lnP }),
          fires: psi > 0.2,
          sentence: `${windowInWords(window)} the PSI of ${name} is ${numberInWords(psi)}; without a change ${numberInWords(test?.ifUnchanged ?? 0)} is to be expected.`,
        });
      },
    };
  });
}

function compared(
  current: EventTable,
  reference: Reference,
  check: () => void,
): { name: string; values: Float64Array; sample: NonNullable<ReturnType<typeof referenceSample>> }[] {
  return current.numeric.flatMap(({ name, values }) => {
    const sample = referenceSample(reference, name, check);
    return sample === null || sample.n === 0 ? [] : [{ name, values, sample }];
  });
}

function lowConfidence({ current }: MonitorInput, notes: string[]): ReturnType<typeof judgesOf> {
  const rule = 'confidence < 0.3';
  const column = current.numeric.find(({ role }) => role === 'confidence');
  if (column === undefined) return leftOut(rule, notes, 'the log has no confidence');
  const judge: Judge = (window) => {
    const low: number[] = [];
    for (let i = window.from; i < window.to; i++) if (column.values[i] < 0.3) low.push(i);
    return ruled(rule, window, { kind: 'column', name: column.name }, 'quality', {
      what: 'rows below',
      value: low.length,
      unit: 'rows',
      fires: low.length > 0,
      sentence: `${windowInWords(window)} ${countInWords(low.length, 'request')} of ${countInWords(window.to - window.from, 'request')} ${low.length === 1 ? 'has' : 'have'} a confidence below 0.3.`,
      rows: Int32Array.from(low).sort((a, b) => column.values[a] - column.values[b] || a - b),
    });
  };
  return [{ windows: null, judge }];
}
