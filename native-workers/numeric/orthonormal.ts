import { kernels } from '../engine.ts';
import { mixHash } from './hash.ts';
import type { Check } from './moments.ts';

/**
 * Makes the rows of a (k, d) matrix orthonormal, from the first on, by Gram-Schmidt. A row that lies in the span of those
 * before it is replaced by a fixed one, as far as there are dimensions left.
 */
export function orthonormaliseRows(rows: Float64Array, k: number, d: number, check: Check): void {
  const engine = kernels();
  for (let a = 0; a < Math.min(k, d); a++) {
    check();
    const row = rows.subarray(a * d, (a + 1) * d);
    for (let attempt = 0; ; attempt++) {
      const before = squaredLength(row);
      // Twice is enough (Parlett 1998).
      for (let pass = 0; pass < 2; pass++) engine.removeSpan(rows, d, a, row);
      const left = squaredLength(row);
      if (left > 1e-26 * before) {
        const scale = 1 / Math.sqrt(left);
        for (let j = 0; j < d; j++) row[j] *= scale;
        break;
      }
      for (let j = 0; j < d; j++) row[j] = mixHash(a * d + j, attempt + 1) / 2 ** 31 - 1;
    }
  }
}

function squaredLength(row: Float64Array): number {
  return dotProduct(row, row, row.length);
}

/** Sum of products in four parts. */
export function dotProduct(a: Float64Array, b: Float64Array, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let j = 0;
  for (; j + 4 <= length; j += 4) {
    s0 += a[j] * b[j];
    s1 += a[j + 1] * b[j + 1];
    s2 += a[j + 2] * b[j + 2];
    s3 += a[j + 3] * b[j + 3];
  }
  for (; j < length; j++) s0 += a[j] * b[j];
  return s0 + s2 + (s1 + s3);
}
