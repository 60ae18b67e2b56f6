import { describe, expect, it } from 'vitest';
import { DAY, firstRowAt, HOUR, rowWindows, tumblingWindows } from './log-windows.ts';

const tableOf = (...times: number[]) => ({ time: Float64Array.from(times), rows: times.length });

describe('windows of a log', () => {
  it('begin on the hour and keep hours without a request', () => {
    const start = 100 * DAY;
    const table = tableOf(start + 10, start + HOUR - 1, start + 3 * HOUR, start + 3 * HOUR);
    expect(tumblingWindows(table, HOUR)).toEqual([
      { start, end: start + HOUR, from: 0, to: 2 },
      { start: start + HOUR, end: start + 2 * HOUR, from: 2, to: 2 },
      { start: start + 2 * HOUR, end: start + 3 * HOUR, from: 2, to: 2 },
      { start: start + 3 * HOUR, end: start + 4 * HOUR, from: 2, to: 4 },
    ]);
    expect(tumblingWindows(tableOf(), HOUR)).toEqual([]);
  });

  it('hold times before 1970 and refuse a clock that was once wrong', () => {
    expect(tumblingWindows(tableOf(-1), DAY)).toEqual([{ start: -DAY, end: 0, from: 0, to: 1 }]);
    expect(() => tumblingWindows(tableOf(0, 20_000 * DAY), HOUR)).toThrow(/first and last time/);
    expect(() => tumblingWindows(tableOf(0), 0)).toThrow(/longer than 0 ms/);
  });

  it('of rows are the last ones at each look', () => {
    const table = tableOf(1, 2, 3, 4, 5, 6, 7);
    expect(rowWindows(table, 3, 2)).toEqual([
      { start: 1, end: 4, from: 0, to: 3 },
      { start: 3, end: 6, from: 2, to: 5 },
      { start: 5, end: 8, from: 4, to: 7 },
    ]);
    expect(rowWindows(table, 8, 1)).toEqual([]);
  });

  it('are found by time', () => {
    const table = tableOf(5, 5, 9);
    expect([0, 5, 6, 9, 10].map((at) => firstRowAt(table, at))).toEqual([0, 0, 2, 2, 3]);
  });
});
