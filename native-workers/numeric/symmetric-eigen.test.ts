import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eigTop, symmetricEigen } from './symmetric-eigen.ts';

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

  it('converges where the values fall by many orders', () => {
    const d = 128;
    const rows = Float64Array.from(
      { length: 2 * d * d },
      (_, i) => Math.sin(i * i * 0.37) * Math.exp((-20 * (i % d)) / d),
    );
    expectDecomposed(
      symmetric(d, (i, j) => {
        let sum = 0;
        for (let r = 0; r < 2 * d; r++) sum += rows[r * d + i] * rows[r * d + j];
        return sum;
      }),
      d,
    );
  });

  it('refuses a wrong length', () => {
    expect(() => symmetricEigen(new Float64Array(5), 2, check)).toThrow(RangeError);
  });

  it('refuses what is not finite', () => {
    expect(() => symmetricEigen(Float64Array.of(1, NaN, NaN, 1), 2, check)).toThrow('not finite');
  });
});

describe('eigTop', () => {
  it.each([
    ['a full spectrum', 90, (i: number, j: number) => Math.sin((i + 1) * 78.233 * (j + 2))],
    ['zeros', 40, () => 0],
    ['the identity', 60, (i: number, j: number) => (i === j ? 3 : 0)],
    ['rank 1', 50, () => 1],
    ['blocks with equal values', 80, (i: number, j: number) => (i % 5 === j % 5 ? 2 : 0)],
    ['values of many orders', 64, (i: number, j: number) => (i === j ? 10 ** -i : 10 ** -(i + j) / 7)],
    ['one entry', 1, () => -4],
  ] as const)('gives the first pairs of the whole decomposition: %s', (_name, d, entry) => {
    const matrix = symmetric(d, entry);
    const all = symmetricEigen(matrix, d, check);
    for (const k of [1, Math.ceil(d / 5), d]) {
      const { values, vectors } = eigTop(matrix, d, k, check);
      const scale = Math.max(1e-300, Math.abs(all.values[0]), Math.abs(all.values[d - 1]));
      expect(vectors).toHaveLength(k * d);
      all.values.forEach((value, i) => {
        expect(Math.abs(values[i] - value)).toBeLessThanOrEqual(1e-13 * scale);
      });
      for (let a = 0; a < k; a++) {
        for (let i = 0; i < d; i++) {
          let product = -values[a] * vectors[a * d + i];
          for (let j = 0; j < d; j++) product += matrix[i * d + j] * vectors[a * d + j];
          if (Math.abs(product) > 1e-13 * scale) expect.fail(`pair ${a} of ${k} leaves ${product}`);
        }
        for (let b = 0; b <= a; b++) {
          let dot = a === b ? -1 : 0;
          for (let j = 0; j < d; j++) dot += vectors[a * d + j] * vectors[b * d + j];
          if (Math.abs(dot) > 1e-13) expect.fail(`vectors ${a} and ${b} of ${k} are not orthonormal`);
        }
      }
    }
  });
});
