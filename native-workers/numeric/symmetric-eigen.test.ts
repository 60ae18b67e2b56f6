import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from './symmetric-eigen.ts';

const check = (): void => undefined;

function expectDecomposed(matrix: Float64Array, d: number): void {
  const { values, vectors } = symmetricEigen(matrix, d, check);
  const scale = Math.max(1e-300, ...matrix.map(Math.abs)) * d;
  for (let k = 0; k < d; k++) {
    if (k > 0) expect(values[k]).toBeLessThanOrEqual(values[k - 1]);
    for (let i = 0; i < d; i++) {
      let product = 0;
      for (let j = 0; j < d; j++) product += matrix[i * d + j] * vectors[k * d + j];
      if (Math.abs(product - values[k] * vectors[k * d + i]) > 1e-13 * scale) {
        expect.fail(`A v = lambda v fails for vector ${k} of ${d}`);
      }
    }
    for (let other = 0; other <= k; other++) {
      let dot = 0;
      for (let j = 0; j < d; j++) dot += vectors[k * d + j] * vectors[other * d + j];
      if (Math.abs(dot - (k === other ? 1 : 0)) > 1e-12)
        expect.fail(`vectors ${k} and ${other} are not orthonormal`);
    }
  }
}

function symmetric(d: number, entry: (i: number, j: number) => number): Float64Array {
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) out[i * d + j] = out[j * d + i] = entry(i, j);
  return out;
}

describe('symmetricEigen', () => {
  it('decomposes any symmetric matrix', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(1e-150, 1e-3, 1, 1e6, 1e150),
        (d, seed, scale) => {
          expectDecomposed(
            symmetric(d, (i, j) => scale * Math.sin((i + 1) * 78.233 * (j + 2) + seed)),
            d,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['zero', 6, () => 0],
    ['identity', 7, (i: number, j: number) => (i === j ? 3 : 0)],
    ['ones (rank 1)', 9, () => 1],
    ['blocks with equal values', 10, (i: number, j: number) => (i % 5 === j % 5 ? 2 : 0)],
    ['one entry', 1, () => -4],
  ] as const)('decomposes a degenerate matrix: %s', (_name, d, entry) => {
    expectDecomposed(symmetric(d, entry), d);
  });

  it('decomposes 300 columns of rank 40', () => {
    const d = 300;
    const factor = Float64Array.from({ length: d * 40 }, (_, i) => Math.sin(i * 12.9898));
    expectDecomposed(
      symmetric(d, (i, j) => {
        let sum = 0;
        for (let k = 0; k < 40; k++) sum += factor[i * 40 + k] * factor[j * 40 + k];
        return sum;
      }),
      d,
    );
  });

  it('fixes the sign: the largest entry is positive', () => {
    const { vectors } = symmetricEigen(Float64Array.of(2, -1, -1, 2), 2, check);
    expect(vectors[0]).toBeGreaterThan(0);
    expect(Math.max(vectors[2], vectors[3])).toBeGreaterThan(0);
  });

  it('refuses what is not finite', () => {
    expect(() => symmetricEigen(Float64Array.of(1, NaN, NaN, 1), 2, check)).toThrow('not finite');
  });
});
