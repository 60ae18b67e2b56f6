import { describe, expect, it } from 'vitest';
import { normalDraws } from '../../test/conformance/gaussian-classes.ts';
import { findValley } from './valley.ts';

function mixture(n: number, far: number, at: number, seed: number): Float64Array {
  const normal = normalDraws(seed);
  return Float64Array.from({ length: n + far }, (_, i) => (i < n ? normal() : at + 0.5 * normal()));
}

describe('findValley', () => {
  it('finds the gap before a group, on either side', () => {
    for (const at of [8, -8]) {
      const valley = findValley(mixture(1000, 50, at, 1));
      expect(valley?.side).toBe(Math.sign(at));
      expect(valley?.depth).toBeGreaterThan(0.99);
      expect(Math.abs((valley?.mass ?? 0) - 50 / 1050)).toBeLessThan(0.004);
      expect((valley?.cut ?? 0) * Math.sign(at)).toBeGreaterThan(2.5);
      expect((valley?.cut ?? 0) * Math.sign(at)).toBeLessThan(7.5);
    }
  });

  it('overlooks fewer than .3 % of the values', () => {
    expect(findValley(mixture(2000, 4, 12, 2))?.mass ?? 0.01).toBeGreaterThan(0.003);
  });

  it('finds nothing deep in one Gaussian', () => {
    for (let seed = 0; seed < 10; seed++)
      expect(findValley(mixture(2000, 0, 0, seed))?.depth ?? 0).toBeLessThan(0.5);
  });

  it('does not depend on units', () => {
    const values = mixture(1000, 50, 8, 3);
    const valley = findValley(values);
    const scaled = findValley(values.map((x) => 1000 * x + 5));
    expect(scaled?.depth).toBeCloseTo(valley?.depth ?? 0, 3);
    expect(((scaled?.cut ?? 0) - 5) / 1000).toBeCloseTo(valley?.cut ?? 0, 1);
  });

  it('has nothing to say about equal values or a single one', () => {
    expect(findValley(new Float64Array(100))).toBeNull();
    expect(findValley(Float64Array.of(1))).toBeNull();
  });

  it('uses the deviation alone where the middle half is one value', () => {
    const values = new Float64Array(200).map((_, i) => (i < 180 ? 0 : 10 + (i % 3) / 10));
    expect(findValley(values)?.depth).toBeGreaterThan(0.9);
  });
});
