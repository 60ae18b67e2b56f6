import { describe, expect, it } from 'vitest';
import { mixHash } from '../numeric/hash.ts';
import { columnMoments, deviationOf, mergeColumnMoments, NO_MOMENTS } from './column-moments.ts';

const check = (): void => undefined;
const of = (values: readonly number[]) => columnMoments(Float64Array.from(values), 0, values.length, check);

describe('moments of a column', () => {
  it('keep their digits far from 0', () => {
    const values = Array.from({ length: 1000 }, (_, i) => 1e9 + (i % 2));
    expect(of(values).mean).toBe(1e9 + 0.5);
    expect(deviationOf(of(values))).toBeCloseTo(Math.sqrt(250 / 999), 12);
  });

  it('are summed in float64 when the column is float32', () => {
    const single = new Float32Array(100_000).fill(0.1);
    expect(columnMoments(single, 0, single.length, check)).toMatchObject({ mean: Math.fround(0.1), m2: 0 });
  });

  it('count missing and infinite values apart', () => {
    expect(of([1, NaN, Infinity, 3, -Infinity])).toEqual({
      n: 4,
      missing: 1,
      mean: 2,
      m2: 2,
      infinite: 2,
      min: -Infinity,
      max: Infinity,
    });
    expect(of([NaN])).toMatchObject({ n: 0, missing: 1, mean: NaN, min: NaN });
    expect(deviationOf(of([4]))).toBeNaN();
  });

  it('merge to those of all rows, in any grouping, also with nothing', () => {
    const values = Array.from({ length: 500 }, (_, i) => (i % 50 === 0 ? NaN : mixHash(i, 1) / 2 ** 20));
    const whole = of(values);
    const parts = [values.slice(0, 3), [], values.slice(3, 401), [NaN], values.slice(401)].map(of);
    const merged = parts.reduce(mergeColumnMoments, NO_MOMENTS);
    expect(merged.n).toBe(whole.n);
    expect(merged.missing).toBe(whole.missing + 1);
    expect(merged.mean / whole.mean).toBeCloseTo(1, 14);
    expect(merged.m2 / whole.m2).toBeCloseTo(1, 13);
    expect([merged.min, merged.max]).toEqual([whole.min, whole.max]);
  });
});
