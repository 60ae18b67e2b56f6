import { describe, expect, it } from 'vitest';
import { blockPower } from './block-power.ts';
import { mixHash } from './hash.ts';
import { eigTop } from './symmetric-eigen.ts';

const check = (): void => undefined;

/** Products of n rows with columns of falling scale, shape (d, d). */
function secondMoments(n: number, d: number, fall: number): Float64Array {
  const out = new Float64Array(d * d);
  const row = new Float64Array(d);
  for (let r = 0; r < n; r++) {
    for (let j = 0; j < d; j++) row[j] = (mixHash(r * d + j, 3) / 2 ** 31 - 1) * Math.exp((-fall * j) / d);
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) out[i * d + j] += row[i] * row[j];
  }
  return out;
}

function expectPairs(matrix: Float64Array, d: number, k: number): number {
  const { values, vectors, steps } = blockPower(matrix, d, k, check);
  const { values: wanted } = eigTop(matrix, d, k, check);
  for (let c = 0; c < k; c++) {
    expect(Math.abs(values[c] - wanted[c])).toBeLessThanOrEqual(1e-12 * wanted[0]);
    let residual = 0;
    for (let i = 0; i < d; i++) {
      let product = -values[c] * vectors[c * d + i];
      for (let j = 0; j < d; j++) product += matrix[i * d + j] * vectors[c * d + j];
      residual += (product / wanted[0]) ** 2;
    }
    expect(Math.sqrt(residual)).toBeLessThanOrEqual(1e-10);
  }
  return steps;
}

describe('blockPower', () => {
  it.each([1, 2, 4])('finds %i pairs where the values fall', (k) => {
    const steps = expectPairs(secondMoments(400, 200, 30), 200, k);
    expect(steps).toBeGreaterThan(0);
    expect(steps).toBeLessThan(40);
  });

  it('leaves a flat spectrum to the reduction', () => {
    expect(expectPairs(secondMoments(400, 200, 0), 200, 1)).toBe(0);
  });

  it.each([1, 3, 7])('copes with rank %i', (rank) => {
    expect(expectPairs(secondMoments(rank, 100, 1), 100, Math.min(4, rank))).toBeGreaterThan(0);
  });

  it('copes with zeros, with small matrices and with scales far from 1', () => {
    const nothing = blockPower(new Float64Array(50 * 50), 50, 2, check);
    expect(Array.from(nothing.values)).toEqual([0, 0]);
    expectPairs(secondMoments(9, 3, 1), 3, 2);
    for (const scale of [1e-200, 1e200])
      expectPairs(
        secondMoments(200, 90, 20).map((value) => value * scale),
        90,
        2,
      );
  });

  it('is cancelled between two multiplications', () => {
    let calls = 0;
    expect(() =>
      blockPower(secondMoments(200, 90, 20), 90, 1, () => {
        calls += 1;
        if (calls === 3) throw new Error('cancelled');
      }),
    ).toThrow('cancelled');
  });

  it('refuses what is not square or not finite', () => {
    expect(() => blockPower(new Float64Array(80), 9, 1, check)).toThrow(RangeError);
    expect(() => blockPower(new Float64Array(64 * 64).fill(NaN), 64, 1, check)).toThrow('not finite');
  });
});
