import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { availableEngines, useEngine } from '../../engine.ts';
import { mixHash } from '../hash.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';

const check = (): void => undefined;

/** The distance by its definition: both distribution functions at every value. */
function bySearching(first: Float64Array, second: Float64Array): number {
  let widest = 0;
  for (const value of [...first, ...second]) {
    const share = (sample: Float64Array) => sample.filter((one) => one <= value).length / sample.length;
    widest = Math.max(widest, Math.abs(share(first) - share(second)));
  }
  return widest;
}

function drawn(n: number, purpose: number, levels: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => (mixHash(i, purpose) % levels) / 7 - 5);
}

describe.each(availableEngines())('Kolmogorov-Smirnov by %s', (engine) => {
  beforeAll(() => {
    useEngine(engine);
  });
  afterAll(() => {
    useEngine(null);
  });

  it.each([
    [1, 1],
    [2, 255],
    [64, 65],
    [256, 257],
  ])('of %i and %i values, with and without ties, as float64 and float32', (n1, n2) => {
    for (const levels of [1, 3, 80, 2 ** 31]) {
      const first = drawn(n1, 1, levels);
      const second = drawn(n2, 2, levels);
      expect(kolmogorovSmirnov(first, second, check).statistic).toBe(bySearching(first, second));
      const singles = [Float32Array.from(first), Float32Array.from(second)] as const;
      const widened = singles.map((sample) => Float64Array.from(sample));
      expect(kolmogorovSmirnov(...singles, check).statistic).toBe(bySearching(widened[0], widened[1]));
    }
  });

  it('finds the distance inside crowded cells', () => {
    // All values share their leading 32 bits: only the full order tells them apart.
    const n = 20_000;
    const level = Int32Array.from({ length: n }, (_, i) => mixHash(i, 3) % 1000);
    const first = Float64Array.from(level, (one) => 1 + one * 2 ** -50);
    const second = first.map((value) => value + 2 ** -45);
    const { statistic, sign } = kolmogorovSmirnov(first, second, check);
    const within32 = Array.from({ length: 1032 }, (_, top) =>
      level.reduce((count, one) => count + (one <= top && one > top - 32 ? 1 : 0), 0),
    );
    expect(statistic).toBeCloseTo(Math.max(...within32) / n, 12);
    expect(sign).toBe(1);
  });

  it('of a sample with itself is 0, and of half a sample at most 1', () => {
    const values = drawn(100_000, 5, 2 ** 31);
    expect(kolmogorovSmirnov(values, values.slice().reverse(), check)).toMatchObject({
      statistic: 0,
      p: 1,
      sign: 1,
    });
    const low = values.slice().sort();
    expect(kolmogorovSmirnov(low.subarray(0, 50_000), low.subarray(50_000), check).statistic).toBe(1);
  });

  it('refuses empty samples and NaN, and names the sample', () => {
    expect(() => kolmogorovSmirnov(new Float32Array(0), Float32Array.of(1), check)).toThrow(/empty/);
    expect(() => kolmogorovSmirnov(Float32Array.of(1), Float32Array.of(1, 2, NaN), check)).toThrow(
      /value 3 of 3 of the second sample/,
    );
  });
});
