import { describe, expect, it } from 'vitest';
import type { Matrix } from '../../detectors/detector.ts';
import { Cancelled } from '../../task.ts';
import { mixHash } from '../hash.ts';
import { maximumMeanDiscrepancy, medianDistance } from './mmd.ts';

const check = (): void => undefined;

function drawn(rows: number, cols: number, purpose: number, shift: number): Matrix {
  const data = Float32Array.from({ length: rows * cols }, (_, i) => mixHash(i, purpose) / 2 ** 32 + shift);
  return { data, rows, cols };
}

describe('maximum mean discrepancy', () => {
  it('is large where the samples differ, and its p value is the smallest there is', () => {
    const args = { first: drawn(150, 6, 1, 0), second: drawn(300, 6, 2, 0.3), bandwidth: null };
    const found = maximumMeanDiscrepancy({ ...args, permutations: 99, seed: 5 }, check);
    expect(found.squared).toBeGreaterThan(0.05);
    expect(found.p).toBe(0.01);
  });

  it('has p values spread over 0 to 1 where they do not differ', () => {
    const p = Array.from({ length: 40 }, (_, seed) => {
      const [first, second] = [drawn(30, 3, 10 + seed, 0), drawn(40, 3, 500 + seed, 0)];
      return maximumMeanDiscrepancy({ first, second, bandwidth: null, permutations: 39, seed }, check).p;
    });
    const below = p.filter((value) => value <= 0.25).length;
    expect(below).toBeGreaterThan(2);
    expect(below).toBeLessThan(20);
  });

  it('takes equal rows: no distance, no discrepancy, p 1', () => {
    const first = { data: new Float32Array(12).fill(3), rows: 4, cols: 3 };
    const found = maximumMeanDiscrepancy(
      { first, second: first, bandwidth: null, permutations: 9, seed: 1 },
      check,
    );
    expect(found).toEqual({ squared: 0, p: 1, bandwidth: 1 });
    expect(medianDistance(first, check)).toBe(1);
  });

  it('refuses samples that do not fit and stops when cancelled', () => {
    const args = { bandwidth: null, permutations: 9, seed: 1 };
    const two = drawn(2, 3, 1, 0);
    expect(() => maximumMeanDiscrepancy({ ...args, first: two, second: drawn(2, 4, 1, 0) }, check)).toThrow(
      /3 and 4 columns/,
    );
    expect(() => maximumMeanDiscrepancy({ ...args, first: two, second: drawn(1, 3, 1, 0) }, check)).toThrow(
      /fewer than two rows/,
    );
    const stop = (): void => {
      throw new Cancelled();
    };
    expect(() => maximumMeanDiscrepancy({ ...args, first: two, second: two }, stop)).toThrow(Cancelled);
  });
});
