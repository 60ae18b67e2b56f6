import { describe, expect, it } from 'vitest';
import { median, ratioOf, verdictOf } from './verdict.mjs';

const fair = { asked: 4, runs: 5, claims: true, faults: [] };

describe('the verdict on a row', () => {
  it('is met from the asked ratio on, warned from 85 % of it on, else failed', () => {
    expect(verdictOf({ ...fair, ratio: 4 })).toBe('met');
    expect(verdictOf({ ...fair, ratio: 3.999 })).toBe('warned');
    expect(verdictOf({ ...fair, ratio: 3.4 })).toBe('warned');
    expect(verdictOf({ ...fair, ratio: 3.39 })).toBe('failed');
  });

  it('is a failure where the results do not agree, however fast', () => {
    expect(verdictOf({ ...fair, ratio: 100, faults: ['D differs'] })).toBe('failed');
  });

  it('is no claim on generated data, after few runs, or where nothing is asked', () => {
    expect(verdictOf({ ...fair, ratio: 1, claims: false })).toBe('no claim');
    expect(verdictOf({ ...fair, ratio: 9, runs: 4 })).toBe('no claim');
    expect(verdictOf({ ...fair, ratio: 9, asked: null })).toBe('no claim');
  });

  it('takes the ratio of medians and the spread of pairs', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(ratioOf([10, 20, 30], [1, 2, 10])).toEqual({ ratio: 10, least: 3, most: 10 });
  });
});
