import type { TaskContext } from '../task.ts';
import type { TaskRunner } from '../runner.ts';
import type {
  BaselineSummary,
  CategoricalSummary,
  ClassSummary,
  NumericSummary,
} from './baseline-summary.ts';
import { DAY, HOUR } from './log-windows.ts';
import { columnMoments, type ColumnMoments } from './column-moments.ts';
import type { CategoricalColumn, EventTable, NumericColumn } from './event-table.ts';
import { compressSketch, countedSample, SKETCH_POINTS, type QuantileSketch } from './quantile-sketch.ts';

interface ColumnSummary {
  readonly moments: ColumnMoments;
  readonly sketch: QuantileSketch;
}

function summarise(values: Float64Array, check: () => void): ColumnSummary {
  return {
    moments: columnMoments(values, 0, values.length, check),
    sketch: compressSketch(countedSample(values, check), SKETCH_POINTS),
  };
}

/**
 * Moments and sketch of a column, and the same within each class where `predicted` is given.
 *
 * @param args.predicted class of each row, -1 for none; null: the whole column alone
 */
export function summariseNumbers(
  { values, predicted, classes }: { values: Float64Array; predicted: Int32Array | null; classes: number },
  ctx: TaskContext,
): { whole: ColumnSummary; ofClass: readonly ColumnSummary[] | null } {
  const check = (): void => {
    ctx.check();
  };
  const whole = summarise(values, check);
  if (predicted === null) return { whole, ofClass: null };
  const sizes = new Int32Array(classes);
  for (const code of predicted) if (code >= 0) sizes[code]++;
  const within = Array.from(sizes, (size) => new Float64Array(size));
  sizes.fill(0);
  for (let row = 0; row < values.length; row++) {
    const code = predicted[row];
    if (code >= 0) within[code][sizes[code]++] = values[row];
  }
  return { whole, ofClass: within.map((column) => summarise(column, check)) };
}

/** Mean requests by hour of the day (UTC) over the days with requests, and a day by weekday, Monday first; NaN for one that is not there. */
export function summariseTraffic(
  { time }: { time: Float64Array },
  ctx: TaskContext,
): { hour: Float64Array; weekday: Float64Array; days: number } {
  const hour = new Float64Array(24);
  const weekday = new Float64Array(7);
  const daysOf = new Float64Array(7);
  let days = 0;
  let last = NaN;
  for (let row = 0; row < time.length; row++) {
    if (row % 1_000_000 === 0) ctx.check();
    const day = Math.floor(time[row] / DAY);
    const place = (((day + 3) % 7) + 7) % 7;
    if (day !== last) {
      last = day;
      days++;
      daysOf[place]++;
    }
    hour[Math.floor((time[row] - day * DAY) / HOUR)]++;
    weekday[place]++;
  }
  return {
    hour: hour.map((count) => (days === 0 ? 0 : count / days)),
    weekday: weekday.map((count, place) => count / daysOf[place]),
    days,
  };
}

interface ClassCounts {
  readonly predicted: Float64Array;
  readonly labelled: Float64Array;
  readonly correct: Float64Array;
  readonly predictedLabelled: Float64Array;
  readonly unpredicted: number;
  readonly categorical: readonly CategoricalSummary[];
}

/** Rows by class, label and level. */
export function summariseCounts(
  {
    predicted,
    label,
    classes,
    categorical,
  }: {
    predicted: Int32Array;
    label: Int32Array | null;
    classes: number;
    categorical: readonly CategoricalColumn[];
  },
  ctx: TaskContext,
): ClassCounts {
  const counts = {
    predicted: new Float64Array(classes),
    labelled: new Float64Array(classes),
    correct: new Float64Array(classes),
    predictedLabelled: new Float64Array(classes),
  };
  let unpredicted = 0;
  for (let row = 0; row < predicted.length; row++) {
    const said = predicted[row];
    const truth = label === null ? -1 : label[row];
    if (said < 0) unpredicted++;
    else counts.predicted[said]++;
    if (truth < 0) continue;
    counts.labelled[truth]++;
    if (said >= 0) counts.predictedLabelled[said]++;
    if (said === truth) counts.correct[truth]++;
  }
  return {
    ...counts,
    unpredicted,
    categorical: categorical.map(({ name, levels, codes }) => {
      ctx.check();
      const rows = new Float64Array(levels.length);
      let missing = 0;
      for (const code of codes)
        if (code < 0) missing++;
        else rows[code]++;
      return { name, levels, counts: rows, missing };
    }),
  };
}

/**
 * What a baseline keeps of a log: one task a column, so the result is the same for any number of threads.
 *
 * @param table arrays on shared memory
 */
export async function summariseLog(table: EventTable, runner: TaskRunner): Promise<BaselineSummary> {
  const { rows, time, classes, predicted, label, numeric, categorical } = table;
  const withinClasses = ({ role }: NumericColumn): boolean => role === 'confidence' || role === 'latency';
  const [counts, ...columns] = await Promise.all([
    runner.run('summariseCounts', { predicted, label, classes: classes.length, categorical }),
    ...numeric.map((column) =>
      runner.run('summariseNumbers', {
        values: column.values,
        predicted: withinClasses(column) ? predicted : null,
        classes: classes.length,
      }),
    ),
  ]);
  const named = numeric.map(({ name, role }, at) => ({ name, role, ...columns[at] }));
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  return {
    rows,
    firstTime: rows > 0 ? time[0] : NaN,
    lastTime: rows > 0 ? time[rows - 1] : NaN,
    classes,
    ofClass: classes.map((_, code): ClassSummary => ({
      predicted: counts.predicted[code],
      labelled: counts.labelled[code],
      correct: counts.correct[code],
      predictedLabelled: counts.predictedLabelled[code],
      numeric: named.flatMap(({ name, role, ofClass }): NumericSummary[] =>
        ofClass === null ? [] : [{ name, role, ...ofClass[code] }],
      ),
    })),
    unpredicted: counts.unpredicted,
    labelled: sum(counts.labelled),
    correct: sum(counts.correct),
    numeric: named.map(({ name, role, whole }) => ({ name, role, ...whole })),
    categorical: counts.categorical,
  };
}
