import { describe, expect, it } from 'vitest';
import { inlineRunner } from '../inline-runner.ts';
import { uncancelled } from '../task.ts';
import { cellEffects, numberEffects } from './effect-map.ts';
import type { EventTable } from './event-table.ts';
import { DAY, HOUR } from './log-windows.ts';
import { bandOf, laneRows, measureWindows, metricBand, metricId } from './measure-windows.ts';
import { countedSample } from './quantile-sketch.ts';

const start = Date.UTC(2026, 2, 2);
/** Two hours of Monday with four requests each, none in the third, two in the fourth. */
const times = [0, 0.1, 0.2, 0.9, 1, 1.1, 1.2, 1.3, 3, 3.5].map((hours) => start + hours * HOUR);
const table: EventTable = {
  rows: 10,
  time: Float64Array.from(times),
  classes: ['a', 'b', 'c'],
  predicted: Int32Array.of(0, 0, 1, -1, 1, 1, 1, 1, 0, 1),
  label: Int32Array.of(0, 1, -1, 0, 1, 1, -1, 0, -1, -1),
  labelTime: null,
  numeric: [
    {
      name: 'ms',
      role: 'latency',
      values: Float64Array.of(4, 2, NaN, 8, 10, 20, 30, 40, NaN, NaN),
    },
  ],
  categorical: [{ name: 'agent', levels: ['x', 'y'], codes: Int32Array.of(0, 0, 0, 1, 1, 1, -1, 1, 0, 1) }],
};

async function measured(wanted: readonly string[] = []): Promise<Map<string, number[]>> {
  const windows = laneRows(table, 'hour');
  const { metrics, values } = await measureWindows(
    table,
    windows,
    new Set(wanted),
    inlineRunner(uncancelled()),
  );
  const size = windows.start.length;
  return new Map(
    metrics.map((metric, at) => [metricId(metric), [...values.subarray(at * size, (at + 1) * size)]]),
  );
}

it('measures each hour, with NaN where a window says nothing', async () => {
  expect([...laneRows(table, 'hour').start].map((time) => (time - start) / HOUR)).toEqual([0, 1, 2, 3]);
  const found = await measured();
  expect(Object.fromEntries(found)).toEqual({
    volume: [4, 4, 0, 2],
    'share:a': [2 / 3, 0, NaN, 0.5],
    'share:b': [1 / 3, 1, NaN, 0.5],
    'missing:': [0.25, 0, NaN, 0],
    accuracy: [1 / 3, 2 / 3, NaN, NaN],
    labelled: [3, 3, 0, 0],
    'mean:ms': [14 / 3, 25, NaN, NaN],
    'p50:ms': [4, 25, NaN, NaN],
    'p95:ms': [expect.closeTo(7.6, 9), expect.closeTo(38.5, 9), NaN, NaN],
    'p99:ms': [expect.closeTo(7.92, 9), expect.closeTo(39.7, 9), NaN, NaN],
    'missing:ms': [0.25, 0, NaN, 1],
    'level:agent=x': [0.75, 0, NaN, 0.5],
    'level:agent=y': [0.25, 1, NaN, 0.5],
    'missing:agent': [0, 0.25, NaN, 0],
  });
});

it('measures what the baseline has even where the log has none of it', async () => {
  expect((await measured(['share:c'])).get('share:c')).toEqual([0, 0, NaN, 0]);
});

describe('bands', () => {
  it('are by hour of the day, and by weekday where each has three days', () => {
    const starts = (count: number): Float64Array =>
      Float64Array.from({ length: count }, (_, day) => start + day * DAY);
    expect(bandOf('hour', start + 26 * HOUR)).toBe(2);
    expect(bandOf('day', start + 6 * DAY)).toBe(6);
    const weeks = starts(21);
    const values = Float64Array.from(weeks.keys(), (day) => (day % 7) * 10 + Math.floor(day / 7));
    const byWeekday = metricBand('day', weeks, values);
    expect([...byWeekday.mean]).toEqual([1, 11, 21, 31, 41, 51, 61]);
    expect([...byWeekday.sd]).toEqual([1, 1, 1, 1, 1, 1, 1]);
    const few = metricBand('day', starts(4), Float64Array.of(1, NaN, 2, 3));
    expect(new Set(few.mean)).toEqual(new Set([2]));
    expect(metricBand('hour', Float64Array.of(start, start + DAY), Float64Array.of(5, 7)).mean[0]).toBe(6);
    expect(metricBand('hour', Float64Array.of(start), Float64Array.of(5)).mean[0]).toBeNaN();
  });
});

describe('the effect map', () => {
  const windows = { from: Int32Array.of(0, 100, 200), to: Int32Array.of(100, 200, 200) };
  it('holds each window of a number against the baseline by the Kolmogorov-Smirnov distance', () => {
    const baseline = Float64Array.from({ length: 1000 }, (_, at) => at / 1000);
    const values = Float64Array.from({ length: 200 }, (_, at) =>
      at < 100 ? at / 100 : 0.5 + (at - 100) / 200,
    );
    const reference = countedSample(baseline, () => undefined);
    const [{ effect, p }] = numberEffects({ values, lanes: [windows], reference }, uncancelled());
    expect(numberEffects({ values, lanes: [windows], reference: baseline }, uncancelled())).toEqual([
      { effect, p },
    ]);
    expect(effect[0]).toBeLessThan(0.02);
    expect(effect[1]).toBeCloseTo(0.5, 6);
    expect(p[0]).toBeGreaterThan(0.99);
    expect(p[1]).toBeLessThan(1e-15);
    expect([effect[2], p[2]]).toEqual([NaN, NaN]);
  });

  it('holds cells by total variation, missing and new levels in the last one', () => {
    const codes = Int32Array.from({ length: 200 }, (_, at) => (at < 100 ? at % 2 : at % 4 === 0 ? -1 : 2));
    const reference = Float64Array.of(500, 500, 0);
    const cellOf = Int32Array.of(0, 1, 2);
    const [{ effect, p }] = cellEffects({ codes, cellOf, lanes: [windows], reference }, uncancelled());
    expect(effect[0]).toBe(0);
    expect(p[0]).toBeCloseTo(1, 6);
    expect(effect[1]).toBe(1);
    expect(p[1]).toBeLessThan(1e-15);
    expect(effect[2]).toBeNaN();
  });
});
