import { describe, expect, it } from 'vitest';
import { normalDraws } from '../../test/conformance/gaussian-classes.ts';
import { beyond, clearLogValley, clearValley } from './clear-valley.ts';

function humps(seed: number, main: number, side: number, at: number): Float64Array {
  const normal = normalDraws(seed);
  return Float64Array.from({ length: main + side }, (_, i) => normal() + (i < main ? 0 : at));
}

describe('a clear valley', () => {
  it('parts two humps and marks the smaller, on the side that is asked for', () => {
    const above = humps(1, 1000, 40, 12);
    const marked = beyond(above, clearValley(above, 1));
    expect(marked.count).toBe(40);
    expect(marked.marked.subarray(1000).every((mark) => mark === 1)).toBe(true);
    const below = humps(1, 1000, 40, -12);
    expect(clearValley(below, 1)).toBeNull();
    expect(beyond(below, clearValley(below, 'both')).count).toBe(40);
  });

  it('is not there in one hump, for four rows, or for equal values', () => {
    for (let seed = 0; seed < 20; seed++) expect(clearValley(humps(seed, 800, 0, 0), 'both')).toBeNull();
    expect(clearValley(humps(2, 1000, 4, 12), 'both')).toBeNull();
    expect(clearValley(new Float64Array(100).fill(3), 'both')).toBeNull();
    expect(clearValley(new Float64Array(0), 'both')).toBeNull();
  });

  it('marks nothing unknown', () => {
    const values = humps(3, 500, 20, 15);
    const valley = clearValley(values, 1);
    values[500] = NaN;
    expect(beyond(values, valley).marked[500]).toBe(0);
    expect(beyond(values, null).count).toBe(0);
  });

  it('is sought in the logarithm of losses, unknown ones left out', () => {
    const losses = humps(4, 1000, 60, -14).map((value) => Math.exp(0.5 * value));
    losses[7] = NaN;
    const { logs, valley } = clearLogValley(losses);
    expect(valley?.side).toBe(-1);
    expect(beyond(logs, valley).count).toBe(60);
    expect(logs[7]).toBeNaN();
  });

  it('does not take the steps of rounding for gaps', () => {
    const losses = humps(5, 2000, 0, 0).map((value) => Math.round(100 * Math.exp(1.5 * value - 5)) / 100);
    expect(clearLogValley(losses).valley).toBeNull();
    expect(clearLogValley(new Float64Array(100)).logs.every((value) => value === 0)).toBe(true);
  });
});
