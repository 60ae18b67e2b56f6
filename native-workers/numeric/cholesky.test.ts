import { describe, expect, it } from 'vitest';
import { cholesky, invertLower, mahalanobis } from './cholesky.ts';
import { mixHash } from './hash.ts';

const check = (): void => undefined;

function positiveDefinite(d: number): Float64Array {
  const x = Float64Array.from({ length: d * d }, (_, i) => mixHash(i, 8) / 2 ** 31 - 1);
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) {
      for (let k = 0; k < d; k++) out[i * d + j] += x[i * d + k] * x[j * d + k];
      if (i === j) out[i * d + j] += 0.1;
    }
  return out;
}

describe('cholesky', () => {
  it.each([1, 2, 3, 4, 5, 8, 31, 65])('L Lᵀ is the matrix and L⁻¹ L the identity, %i columns', (d) => {
    const matrix = positiveDefinite(d);
    const factor = cholesky(matrix, d, check);
    if (factor === null) throw new Error('not positive definite');
    const inverse = invertLower(factor, d, check);
    let worst = 0;
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        let product = -matrix[i * d + j];
        let identity = i === j ? -1 : 0;
        for (let k = 0; k < d; k++) {
          product += factor[i * d + k] * factor[j * d + k];
          identity += inverse[i * d + k] * factor[k * d + j];
        }
        worst = Math.max(worst, Math.abs(product), Math.abs(identity));
        if (j > i) expect(factor[i * d + j]).toBe(0);
      }
    }
    expect(worst).toBeLessThan(1e-12 * d);
  });

  it('says no to a matrix that cannot be inverted', () => {
    expect(cholesky(Float64Array.of(1, 1, 1, 1), 2, check)).toBeNull();
    expect(cholesky(Float64Array.of(1, 0, 0, -1), 2, check)).toBeNull();
    expect(cholesky(Float64Array.of(0), 1, check)).toBeNull();
    expect(cholesky(Float64Array.of(NaN), 1, check)).toBeNull();
  });

  it('refuses a wrong length', () => {
    expect(() => cholesky(new Float64Array(3), 2, check)).toThrow(RangeError);
  });
});

describe('mahalanobis', () => {
  it('measures in units of the covariance', () => {
    const matrix = { data: Float32Array.of(3, 0, 1, 4, 1, 0), rows: 3, cols: 2 };
    const distances = mahalanobis(matrix, null, Float64Array.of(1, 0), Float64Array.of(4, 0, 0, 16), check);
    expect(Array.from(distances ?? [])).toEqual([1, 1, 0]);
    const chosen = mahalanobis(
      matrix,
      Int32Array.of(1),
      Float64Array.of(1, 0),
      Float64Array.of(4, 0, 0, 16),
      check,
    );
    expect(Array.from(chosen ?? [])).toEqual([1]);
  });

  it('is null without an inverse', () => {
    const matrix = { data: new Float32Array(4), rows: 2, cols: 2 };
    expect(mahalanobis(matrix, null, new Float64Array(2), new Float64Array(4), check)).toBeNull();
  });
});
