import { describe, expect, it } from 'vitest';
import { fromPlot, toPlot } from './plot-time.ts';

describe('time on a date axis', () => {
  it('comes back as it went', () => {
    for (const ms of [0, Date.UTC(2026, 2, 18, 14), Date.UTC(2024, 1, 29, 23, 59, 59)])
      expect(fromPlot(toPlot(ms))).toBe(ms);
  });

  it('reads fractions of seconds and bare dates', () => {
    expect(fromPlot('2026-03-18 14:30:12.25')).toBe(new Date(2026, 2, 18, 14, 30, 12, 250).getTime());
    expect(fromPlot('2026-03-18')).toBe(new Date(2026, 2, 18).getTime());
    expect(fromPlot('2026-03-18 14:30')).toBe(new Date(2026, 2, 18, 14, 30).getTime());
  });
});
