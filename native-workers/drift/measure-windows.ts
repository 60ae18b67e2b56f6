import type { TaskRunner } from '../runner.ts';
import type { EventTable, NumericRole } from './event-table.ts';
import { DAY, HOUR, tumblingWindows } from './log-windows.ts';
import type { WindowRows } from './window-metrics.ts';

/** Classes, and levels of a category, that have a series of their own: the most frequent ones. */
const MOST_CLASSES = 100;
const MOST_LEVELS = 10;

const statistics = ['mean', 'p50', 'p95', 'p99'] as const;
type Statistic = (typeof statistics)[number];

/** Something that has a value in every window. */
export type WindowMetric =
  | { readonly kind: 'volume' | 'accuracy' | 'labelled' }
  | { readonly kind: 'share'; readonly className: string }
  | { readonly kind: 'level'; readonly column: string; readonly level: string }
  | {
      readonly kind: 'number';
      readonly column: string;
      readonly role: NumericRole;
      readonly statistic: Statistic;
    }
  /** Share of rows without a value; an empty column name stands for the prediction. */
  | { readonly kind: 'missing'; readonly column: string };

/** The metric's name in files and calls. */
export function metricId(metric: WindowMetric): string {
  switch (metric.kind) {
    case 'share':
      return `share:${metric.className}`;
    case 'level':
      return `level:${metric.column}=${metric.level}`;
    case 'number':
      return `${metric.statistic}:${metric.column}`;
    case 'missing':
      return `missing:${metric.column}`;
    case 'volume':
    case 'accuracy':
    case 'labelled':
      return metric.kind;
  }
}

export interface LaneMetrics {
  /** Milliseconds since 1970 UTC; [start, end), shape (windows,) each. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly rows: Float64Array;
  readonly metrics: readonly WindowMetric[];
  /** (metrics, windows), NaN where a window has no value. */
  readonly values: Float64Array;
}

/** Windows of an hour and of a day, beginning on the hour and at midnight UTC; those without a row among them. */
export const laneLength = { hour: HOUR, day: DAY } as const;
export type LaneName = keyof typeof laneLength;

/** Windows of a lane on shared memory. */
export function laneRows(
  table: EventTable,
  lane: LaneName,
): WindowRows & Pick<LaneMetrics, 'start' | 'end' | 'rows'> {
  const windows = tumblingWindows(table, laneLength[lane]);
  return {
    start: Float64Array.from(windows, ({ start }) => start),
    end: Float64Array.from(windows, ({ end }) => end),
    rows: Float64Array.from(windows, ({ from, to }) => to - from),
    from: Int32Array.from(windows, ({ from }) => from),
    to: Int32Array.from(windows, ({ to }) => to),
  };
}

/** The codes with the most rows, in the order of their names. */
function mostFrequent(
  codes: Int32Array,
  levels: number,
  most: number,
  always: ReadonlySet<number>,
): Int32Array {
  const counts = new Float64Array(levels);
  for (const code of codes) if (code >= 0) counts[code]++;
  const order = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
  return Int32Array.from(
    [...new Set([...order.slice(0, most).filter((code) => counts[code] > 0), ...always])].sort(
      (a, b) => a - b,
    ),
  );
}

/**
 * Measures every window of a log: one task a column.
 *
 * @param table arrays on shared memory
 * @param wanted metrics that are measured even where they are not among the most frequent: those that the baseline has
 */
export async function measureWindows(
  table: EventTable,
  windows: WindowRows & Pick<LaneMetrics, 'start' | 'end' | 'rows'>,
  wanted: ReadonlySet<string>,
  runner: TaskRunner,
): Promise<LaneMetrics> {
  const { from, to, start, end, rows } = windows;
  const range = { from, to };
  const named = (names: readonly string[], id: (name: string) => string): Set<number> =>
    new Set([...names.keys()].filter((code) => wanted.has(id(names[code]))));
  const classes = mostFrequent(
    table.predicted,
    table.classes.length,
    MOST_CLASSES,
    named(table.classes, (className) => metricId({ kind: 'share', className })),
  );
  const categories = table.categorical.map(({ name, levels, codes }) => ({
    name,
    levels,
    codes,
    chosen: mostFrequent(
      codes,
      levels.length,
      MOST_LEVELS,
      named(levels, (level) => metricId({ kind: 'level', column: name, level })),
    ),
  }));
  const { label, predicted } = table;
  const [shares, accuracy, levels, numbers] = await Promise.all([
    runner.run('shareMetrics', {
      codes: predicted,
      chosen: classes,
      levels: table.classes.length,
      ...range,
    }),
    label === null ? null : runner.run('accuracyMetrics', { predicted, label, ...range }),
    Promise.all(
      categories.map(({ codes, chosen, levels: names }) =>
        runner.run('shareMetrics', { codes, chosen, levels: names.length, ...range }),
      ),
    ),
    Promise.all(table.numeric.map(({ values }) => runner.run('numberMetrics', { values, ...range }))),
  ]);
  const metrics: WindowMetric[] = [];
  const columns: Float64Array[] = [];
  const add = (metric: WindowMetric, values: Float64Array): void => {
    metrics.push(metric);
    columns.push(values);
  };
  const size = start.length;
  const row = (values: Float64Array, at: number): Float64Array => values.subarray(at * size, (at + 1) * size);
  add({ kind: 'volume' }, rows);
  classes.forEach((code, at) => {
    add({ kind: 'share', className: table.classes[code] }, row(shares.shares, at));
  });
  add({ kind: 'missing', column: '' }, shares.missing);
  if (accuracy !== null) {
    add({ kind: 'accuracy' }, accuracy.accuracy);
    add({ kind: 'labelled' }, accuracy.labelled);
  }
  table.numeric.forEach(({ name, role }, at) => {
    for (const statistic of statistics)
      add({ kind: 'number', column: name, role, statistic }, numbers[at][statistic]);
    add({ kind: 'missing', column: name }, numbers[at].missing);
  });
  categories.forEach(({ name, levels: names, chosen }, at) => {
    chosen.forEach((code, k) => {
      add({ kind: 'level', column: name, level: names[code] }, row(levels[at].shares, k));
    });
    add({ kind: 'missing', column: name }, levels[at].missing);
  });
  const values = new Float64Array(metrics.length * size);
  columns.forEach((column, at) => {
    values.set(column, at * size);
  });
  return { start, end, rows, metrics, values };
}

/** Mean and standard deviation of a metric over a baseline's windows of one hour of the day, or of one weekday. */
export interface MetricBand {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

/** Windows of one weekday that a band by weekday needs; with fewer all days share one band. */
const LEAST_OF_WEEKDAY = 3;

/** Which of a lane's bands a window falls into: the hour of the day, or the weekday, Monday first. */
export function bandOf(lane: LaneName, start: number): number {
  const day = Math.floor(start / DAY);
  return lane === 'hour' ? Math.floor((start - day * DAY) / HOUR) : (((day + 3) % 7) + 7) % 7;
}

/** Bands of one metric, shape (24,) or (7,); NaN where there are fewer than two windows with a value. */
export function metricBand(lane: LaneName, start: Float64Array, values: Float64Array): MetricBand {
  const size = lane === 'hour' ? 24 : 7;
  const groups = Array.from({ length: size }, (): number[] => []);
  const all: number[] = [];
  values.forEach((value, w) => {
    if (Number.isNaN(value)) return;
    groups[bandOf(lane, start[w])].push(value);
    all.push(value);
  });
  const thin = lane === 'day' && groups.some((group) => group.length < LEAST_OF_WEEKDAY);
  const mean = new Float64Array(size).fill(NaN);
  const sd = new Float64Array(size).fill(NaN);
  groups.forEach((group, at) => {
    const used = thin ? all : group;
    if (used.length < 2) return;
    const centre = used.reduce((sum, value) => sum + value, 0) / used.length;
    mean[at] = centre;
    sd[at] = Math.sqrt(used.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (used.length - 1));
  });
  return { mean, sd };
}
