import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countAbove, countAtLeast, median, quantile, rankShares, skewness } from './order-statistics.ts';

const values = fc
  .array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 })
  .map((list) => Float64Array.from(list));

describe('order statistics', () => {
  it('quantile and median agree with the sorted values, ties included', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, q) => {
        const sorted = list.slice().sort();
        const at = q * (sorted.length - 1);
        const low = Math.floor(at);
        const expected = sorted[low] + (at - low) * ((sorted.at(low + 1) ?? sorted[low]) - sorted[low]);
        expect(quantile(list, q)).toBeCloseTo(expected, 10);
        const middle = sorted.length >> 1;
        expect(median(list)).toBe(
          sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
        );
      }),
    );
  });

  it('leave their input as it was', () => {
    const list = Float64Array.of(3, 1, 2);
    median(list);
    quantile(list, 0.3);
    expect([...list]).toEqual([3, 1, 2]);
  });

  it('count what lies at or above a value', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: -21, max: 21 }), (list, value) => {
        const sorted = list.slice().sort();
        expect(countAtLeast(sorted, value)).toBe(list.filter((x) => x >= value).length);
        expect(countAbove(sorted, value)).toBe(list.filter((x) => x > value).length);
      }),
    );
  });

  it('rank shares are the share of values at most as high', () => {
    expect([...rankShares(Float64Array.of(5, 1, 5, 3))]).toEqual([1, 0.25, 1, 0.5]);
  });

  it('skewness has the sign of the long tail and is 0 for equal values', () => {
    expect(skewness(Float64Array.of(0, 0, 0, 9))).toBeGreaterThan(0);
    expect(skewness(Float64Array.of(0, 9, 9, 9))).toBeLessThan(0);
    expect(skewness(Float64Array.of(2, 2, 2))).toBe(0);
  });

  it('nothing has no median', () => {
    expect(median(new Float64Array(0))).toBeNaN();
  });
});
