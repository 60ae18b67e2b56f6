import { describe, expect, it } from 'vitest';
import { midRanks, twoSidedRanks } from './mid-ranks.ts';

describe('mid-ranks', () => {
  it('give ties the middle of their ranks', () => {
    expect([...midRanks(Float64Array.of(3, 1, 3, 2, 3))]).toEqual([0.7, 0.1, 0.7, 0.3, 0.7]);
    expect([...midRanks(Float64Array.of(0, -0))]).toEqual([0.5, 0.5]);
    expect([...midRanks(new Float64Array(0))]).toEqual([]);
  });

  it('leave out what is unknown', () => {
    expect([...midRanks(Float64Array.of(NaN, 5, Infinity, NaN))]).toEqual([NaN, 0.25, 0.75, NaN]);
    expect([...midRanks(Float64Array.of(NaN))]).toEqual([NaN]);
  });

  it('count from the middle to either end', () => {
    expect([...twoSidedRanks(Float64Array.of(10, 20, 30, NaN))]).toEqual([
      expect.closeTo(2 / 3, 12) as number,
      0,
      expect.closeTo(2 / 3, 12) as number,
      NaN,
    ]);
  });
});
