import { z } from 'zod';
import type { BaselineSummary } from '../baseline-summary.ts';
import { columnMoments } from '../column-moments.ts';
import { defineMonitor, judged, notJudged } from '../define-monitor.ts';
import type { EventTable } from '../event-table.ts';
import { countInWords, percentInWords, pInWords, windowInWords } from '../in-words.ts';
import type { LabelledRows } from '../labelled-rows.ts';
import { errorsOf, labelledRows } from '../labelled-rows.ts';
import { drawsFor } from '../monitor-draws.ts';
import type { LogWindow, MonitorFinding, Reference, Subject } from '../monitor.ts';
import { benjaminiHochberg } from '../tests/benjamini-hochberg.ts';
import { cellCounts, comparable } from '../tests/homogeneity.ts';
import { chiSquaredTest } from '../tests/chi-squared.ts';
import { welchTest } from '../tests/welch.ts';

const ID = 'concept-drift';
/** Most windows: of a longer log fewer are looked at, and that is said. */
const MOST_WINDOWS = 1000;

const params = z.object({
  /** Labelled rows of a window. */
  rows: z.int().min(50).default(1000),
  /** Labelled rows from one window to the next. */
  every: z.int().min(1).default(250),
  /** Rows of a class below which its recall is not judged. */
  leastOfClass: z.int().min(5).default(30),
  level: z.number().gt(0).lt(1).default(0.01),
  /** Falls from which it fires: of accuracy, and of a class's recall. */
  leastFall: z.number().min(0).max(1).default(0.05),
});
type Params = z.output<typeof params>;

/** Labelled rows by true and by predicted class. */
interface Confusion {
  /** Shape (classes,): rows of the true class, of the predicted class, and of both. */
  readonly labelled: Float64Array;
  readonly predicted: Float64Array;
  readonly correct: Float64Array;
  readonly n: number;
  readonly right: number;
}

/**
 * Accuracy, precision, recall and F1 over sliding windows of labelled rows in the order in which the labels arrived, held against the
 * baseline's, and each class's recall beside them. Within a window the older half is held against the newer one.
 */
export const conceptDrift = defineMonitor({
  id: ID,
  version: 1,
  title: 'Accuracy by labels',
  family: 'performance',
  reference:
    'Pearson 1900 (chi-squared of homogeneity); Welch 1947; Gama et al. 2014, A survey on concept drift adaptation',
  needs: ['predictions', 'labels'],
  budgeted: false,
  falseAlarms: null,
  params,
  run({ reference, current }, settings, ctx) {
    const arrived = labelledRows(current);
    const before = referenceConfusion(reference, current.classes);
    const notes: string[] = [];
    if (arrived.withoutArrival > 0)
      notes.push(
        `For ${countInWords(arrived.withoutArrival, 'label')} the log does not say when ${arrived.withoutArrival === 1 ? 'it' : 'they'} became known: the request's own time was taken.`,
      );
    if (before === null || before.n === 0)
      return {
        findings: [],
        skipped: 'Left out: the baseline has no row with a label and a prediction.',
        notes,
      };
    if (arrived.rows.length < settings.rows)
      return {
        findings: [],
        skipped: `Left out: ${countInWords(arrived.rows.length, 'row has', 'rows have')} a label and a prediction, and a window takes ${settings.rows}.`,
        notes,
      };
    const windows = slidingWindows(arrived, settings, notes);
    const errors = errorsOf(current, arrived);
    const findings = windows.flatMap((window, w) => {
      ctx.check();
      ctx.progress((w + 1) / windows.length);
      return judgeWindow(current, arrived, errors, before, window, settings, ctx.seed, () => {
        ctx.check();
      });
    });
    return { findings, skipped: null, notes };
  },
});

/** Windows over the labelled rows: `from` and `to` count among them, times are those of the labels' arrival. */
function slidingWindows({ knownAt }: LabelledRows, { rows, every }: Params, notes: string[]): LogWindow[] {
  const n = knownAt.length;
  const step = Math.max(every, Math.ceil((n - rows) / MOST_WINDOWS));
  if (step > every)
    notes.push(
      `There are many labels: a window is looked at every ${step} of them instead of every ${every}.`,
    );
  const windows: LogWindow[] = [];
  for (let to = rows; to <= n; to += step)
    windows.push({ start: knownAt[to - rows], end: knownAt[to - 1] + 1, from: to - rows, to });
  return windows;
}

function confusionOf(table: EventTable, rows: Int32Array, classes: number): Confusion {
  const [labelled, predicted, correct] = [0, 1, 2].map(() => new Float64Array(classes));
  let right = 0;
  for (const row of rows) {
    const [truth, said] = [table.label?.[row] ?? -1, table.predicted[row]];
    labelled[truth]++;
    predicted[said]++;
    if (truth !== said) continue;
    correct[truth]++;
    right++;
  }
  return { labelled, predicted, correct, n: rows.length, right };
}

/** The baseline's counts in the order of the log's classes; classes that it alone has are in n and right only. */
function referenceConfusion(reference: Reference, classes: readonly string[]): Confusion | null {
  const own =
    reference.kind === 'summary'
      ? summaryConfusion(reference.summary)
      : confusionOf(reference.table, labelledRows(reference.table).rows, reference.table.classes.length);
  const names = reference.kind === 'summary' ? reference.summary.classes : reference.table.classes;
  const place = new Map(names.map((name, k) => [name, k]));
  const inOrder = (counts: Float64Array): Float64Array =>
    Float64Array.from(classes, (name) => counts[place.get(name) ?? -1] ?? 0);
  return {
    ...own,
    labelled: inOrder(own.labelled),
    predicted: inOrder(own.predicted),
    correct: inOrder(own.correct),
  };
}

function summaryConfusion({ ofClass, labelled, correct }: BaselineSummary): Confusion {
  return {
    labelled: Float64Array.from(ofClass, (one) => one.labelled),
    predicted: Float64Array.from(ofClass, (one) => one.predictedLabelled),
    correct: Float64Array.from(ofClass, (one) => one.correct),
    n: labelled,
    right: correct,
  };
}

function judgeWindow(
  table: EventTable,
  arrived: LabelledRows,
  errors: Float64Array,
  before: Confusion,
  window: LogWindow,
  settings: Params,
  seed: number,
  check: () => void,
): MonitorFinding[] {
  const rows = arrived.rows.subarray(window.from, window.to);
  const now = confusionOf(table, rows, table.classes.length);
  const subjects: { subject: Subject; what: string; n: number; right: number; m: number; was: number }[] = [
    {
      subject: { kind: 'predictions', name: '' },
      what: 'accuracy',
      n: now.n,
      right: now.right,
      m: before.n,
      was: before.right,
    },
    ...table.classes.map((name, k) => ({
      subject: { kind: 'class' as const, name },
      what: `recall of ${name}`,
      n: now.labelled[k],
      right: now.correct[k],
      m: before.labelled[k],
      was: before.correct[k],
    })),
  ];
  const tests = subjects.map(({ subject, n, right, m, was }) => {
    const counts = cellCounts(Float64Array.of(was, m - was), Float64Array.of(right, n - right));
    if (n < settings.leastOfClass || m < settings.leastOfClass || !comparable(counts)) return null;
    return chiSquaredTest(
      counts,
      drawsFor({ seed, monitor: ID, window, name: subject.name }, 999, 20),
      check,
    );
  });
  const q = benjaminiHochberg(tests.map((test) => test?.p ?? null));
  const halves = halvesOf(errors, window, check);
  return subjects.map(({ subject, what, n, right, m, was }, i): MonitorFinding => {
    const test = tests[i];
    if (n < settings.leastOfClass || m < settings.leastOfClass) {
      const [where, rowsThere] = n < settings.leastOfClass ? ['window', n] : ['baseline', m];
      return notJudged(
        window,
        subject,
        'performance',
        `${windowInWords(window)} (arrival of labels) the ${what} is not judged: the ${where} has ${countInWords(rowsThere, 'labelled row')} of it, and ${settings.leastOfClass} are the least.`,
      );
    }
    const [share, expected] = [right / n, was / m];
    const p = q[i] ?? 1;
    const fall = expected - share;
    const facts = [
      { name: what, value: share, unit: '' },
      { name: `${what} in the baseline`, value: expected, unit: '' },
      { name: 'labelled rows', value: n, unit: 'rows' },
      ...(i === 0 ? wholeFacts(now, before, halves) : classFacts(now, before, i - 1)),
    ];
    return judged(window, subject, 'performance', {
      statistic: test === null ? null : { name: 'chi-squared', value: test.statistic, unit: '' },
      effect: { name: `change of the ${what}`, value: -fall, unit: '' },
      // All right on both sides: there is no cell to compare, and no change.
      pValue: test?.p ?? 1,
      lnP: test?.lnP ?? 0,
      leastP: test?.leastP ?? null,
      adjustedP: p,
      fires: p <= settings.level && fall >= settings.leastFall ? 'warning' : null,
      facts,
      sentence: `${windowInWords(window)} (arrival of labels) the ${what} was ${percentInWords(share)} of ${countInWords(n, 'labelled row')}, ${percentInWords(expected)} in the baseline; ${pInWords(p, test?.leastP ?? null)} after adjusting for the classes.`,
    });
  });
}

function wholeFacts(
  now: Confusion,
  before: Confusion,
  halves: ReturnType<typeof halvesOf>,
): MonitorFinding['facts'] {
  const [is, was] = [macroOf(now), macroOf(before)];
  return [
    { name: 'precision, mean of the classes', value: is.precision, unit: '' },
    { name: 'precision in the baseline', value: was.precision, unit: '' },
    { name: 'recall, mean of the classes', value: is.recall, unit: '' },
    { name: 'recall in the baseline', value: was.recall, unit: '' },
    { name: 'F1, mean of the classes', value: is.f1, unit: '' },
    { name: 'F1 in the baseline', value: was.f1, unit: '' },
    ...(halves === null
      ? []
      : [
          { name: 'accuracy of the newer half less the older', value: halves.change, unit: '' },
          { name: "halves: p of Welch's t test", value: halves.p, unit: '' },
        ]),
  ];
}

function classFacts(now: Confusion, before: Confusion, k: number): MonitorFinding['facts'] {
  return [
    { name: 'precision', value: precisionOf(now, k), unit: '' },
    { name: 'precision in the baseline', value: precisionOf(before, k), unit: '' },
    { name: 'F1', value: f1Of(now, k), unit: '' },
    { name: 'F1 in the baseline', value: f1Of(before, k), unit: '' },
  ];
}

/** Right ones among the rows predicted as the class; 0 where there are none. */
function precisionOf({ predicted, correct }: Confusion, k: number): number {
  return predicted[k] > 0 ? correct[k] / predicted[k] : 0;
}

/** 2 correct / (labelled + predicted); 0 for a class without rows. */
function f1Of({ labelled, predicted, correct }: Confusion, k: number): number {
  return labelled[k] + predicted[k] > 0 ? (2 * correct[k]) / (labelled[k] + predicted[k]) : 0;
}

/** Means over the classes that have rows; a class without a prediction has precision 0. */
function macroOf(counts: Confusion): Record<'precision' | 'recall' | 'f1', number> {
  let [classes, precision, recall, f1] = [0, 0, 0, 0];
  counts.labelled.forEach((n, k) => {
    if (n === 0) return;
    classes++;
    precision += precisionOf(counts, k);
    recall += counts.correct[k] / n;
    f1 += f1Of(counts, k);
  });
  return { precision: precision / classes, recall: recall / classes, f1: f1 / classes };
}

/** The newer half's accuracy less the older half's; null where neither varies. */
function halvesOf(
  errors: Float64Array,
  { from, to }: LogWindow,
  check: () => void,
): { change: number; p: number } | null {
  const middle = Math.floor((from + to) / 2);
  const [older, newer] = [
    columnMoments(errors, from, middle, check),
    columnMoments(errors, middle, to, check),
  ];
  const test = welchTest(older, newer);
  return test === null ? null : { change: older.mean - newer.mean, p: test.p };
}
