import { expect, it } from 'vitest';
import { inlineRunner } from '../inline-runner.ts';
import { uncancelled } from '../task.ts';
import type { EventTable } from './event-table.ts';
import { DAY, HOUR } from './log-windows.ts';
import { prepareSample, sampleQuantile } from './tests/prepared-sample.ts';
import { summariseLog, summariseTraffic } from './summarise-log.ts';

const start = Date.UTC(2026, 2, 2);
const rows = 6000;
const value = (row: number): number => (row % 11 === 3 ? NaN : ((row * 7919) % 5003) / 10);

const table: EventTable = {
  rows,
  time: Float64Array.from({ length: rows }, (_, row) => start + row * 60_000),
  classes: ['a', 'b', 'never'],
  predicted: Int32Array.from({ length: rows }, (_, row) => (row % 50 === 0 ? -1 : row % 2)),
  label: Int32Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? (row % 5 === 0 ? 0 : row % 2) : -1)),
  labelTime: null,
  numeric: [
    { name: 'sure', role: 'confidence', values: Float64Array.from({ length: rows }, (_, row) => value(row)) },
    {
      name: 'edges',
      role: 'feature',
      values: Float64Array.from({ length: rows }, (_, row) => value(row + 1)),
    },
  ],
  categorical: [
    {
      name: 'agent',
      levels: ['x', 'y'],
      codes: Int32Array.from({ length: rows }, (_, row) => (row % 4 === 0 ? -1 : row % 2)),
    },
  ],
};

it('keeps counts, moments and sketches, of confidence within each class too', async () => {
  const summary = await summariseLog(table, inlineRunner(uncancelled()));
  const all = [...table.predicted.keys()];
  const count = (keep: (row: number) => boolean): number => all.filter(keep).length;
  const label = (row: number): number => table.label?.[row] ?? -1;
  expect(summary).toMatchObject({
    rows,
    firstTime: start,
    lastTime: start + (rows - 1) * 60_000,
    unpredicted: 120,
    labelled: count((row) => label(row) >= 0),
    correct: count((row) => label(row) >= 0 && label(row) === table.predicted[row]),
  });
  for (const code of [0, 1, 2]) {
    const one = summary.ofClass[code];
    expect(one.predicted).toBe(count((row) => table.predicted[row] === code));
    expect(one.labelled).toBe(count((row) => label(row) === code));
    expect(one.correct).toBe(count((row) => label(row) === code && table.predicted[row] === code));
    expect(one.predictedLabelled).toBe(count((row) => label(row) >= 0 && table.predicted[row] === code));
    const within = all.filter((row) => table.predicted[row] === code).map(value);
    const known = within.filter((one) => !Number.isNaN(one));
    const [sure] = one.numeric;
    expect(one.numeric).toHaveLength(1);
    expect(sure.moments).toMatchObject({ n: known.length, missing: within.length - known.length });
    if (known.length === 0) expect(sure.moments.mean).toBeNaN();
    else expect(sure.moments.mean).toBeCloseTo(known.reduce((sum, x) => sum + x, 0) / known.length, 9);
  }
  expect(summary.categorical).toEqual([
    { name: 'agent', levels: ['x', 'y'], counts: Float64Array.of(1500, 3000), missing: 1500 },
  ]);
  const [, { sketch, role }] = summary.numeric;
  expect(role).toBe('feature');
  const rising = table.numeric[1].values.filter((x) => !Number.isNaN(x)).sort();
  for (const share of [0.01, 0.5, 0.95]) {
    const found = sampleQuantile(prepareSample(sketch), share);
    const below = rising.filter((x) => x < found).length;
    const at = rising.filter((x) => x <= found).length;
    expect(below).toBeLessThanOrEqual(share * rising.length + sketch.rankError + 1);
    expect(at).toBeGreaterThanOrEqual(share * rising.length - sketch.rankError - 1);
  }
  expect(sketch.rankError / rising.length).toBeLessThan(0.001);
});

it('tells the traffic by hour and weekday over the days that are there', () => {
  const at = (day: number, hour: number): number => start + day * DAY + hour * HOUR;
  const time = Float64Array.of(at(0, 1), at(0, 1.5), at(0, 9), at(7, 1), at(8, 9));
  const traffic = summariseTraffic({ time }, uncancelled());
  expect(traffic.days).toBe(3);
  expect([...traffic.weekday]).toEqual([2, 1, NaN, NaN, NaN, NaN, NaN]);
  expect(traffic.hour[1]).toBe(1);
  expect(traffic.hour[9]).toBe(2 / 3);
  expect(traffic.hour.reduce((sum, one) => sum + one, 0)).toBeCloseTo(5 / 3, 12);
});
