import { describe, expect, it } from 'vitest';
import { numberShift } from './number-shift.ts';

describe('numbers of a group against the others', () => {
  it('have the area and p of scipy.stats.mannwhitneyu(method="asymptotic")', () => {
    const inside = Float64Array.from([3, 4, 4, 5, 8, 9, 9.5, NaN]);
    const outside = Float64Array.from([1, 2, 2, 3, 4, 4, 5, 0.5, 0.25, 3]);
    const shift = numberShift(inside, outside);
    expect(shift?.area).toBeCloseTo(61.5 / 70, 12);
    expect(Math.exp(shift?.lnP ?? 0)).toBeCloseTo(0.0103895, 6);
    expect([shift?.insideMedian, shift?.outsideMedian]).toEqual([5, 2.5]);
  });

  it('are even where all are the same, and none where one side is empty', () => {
    expect(numberShift(new Float64Array(4), new Float64Array(9))).toMatchObject({ area: 0.5, lnP: 0 });
    expect(numberShift(new Float64Array(0), new Float64Array(9))).toBeNull();
  });

  it('keep a p that no double holds', () => {
    const low = Float64Array.from({ length: 20_000 }, (_, i) => i);
    const shift = numberShift(
      low.map((value) => value + 1e6),
      low,
    );
    expect(shift?.area).toBe(1);
    expect(shift?.lnP).toBeLessThan(-10_000);
  });
});
