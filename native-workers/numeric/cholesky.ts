import type { Matrix } from '../detectors/detector.ts';
import type { Check } from './moments.ts';
import type { Rows } from './rows.ts';
import { squaredLengths } from './projection.ts';

/**
 * Lower triangle L of a positive definite matrix A = L Lᵀ, float64, row-major, shape (d, d), zeros above the diagonal
 * (Golub, Van Loan, Matrix Computations, 4.2). Null where the matrix is not positive definite to rounding.
 *
 * @param matrix row-major, shape (d, d), of which the lower triangle is read; not changed
 * @throws RangeError when it is not d x d
 */
export function cholesky(matrix: Float64Array, d: number, check: Check): Float64Array | null {
  if (matrix.length !== d * d)
    throw new RangeError(`A matrix of ${d} x ${d} holds ${matrix.length} entries.`);
  const factor = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    check();
    let left = matrix[j * d + j];
    for (let k = 0; k < j; k++) left -= factor[j * d + k] ** 2;
    if (!(left > Number.EPSILON * d * matrix[j * d + j])) return null;
    const pivot = Math.sqrt(left);
    factor[j * d + j] = pivot;
    let i = j + 1;
    for (; i + 4 <= d; i += 4) fourEntries(matrix, factor, d, i, j, pivot);
    for (; i < d; i++) {
      let sum = matrix[i * d + j];
      for (let k = 0; k < j; k++) sum -= factor[i * d + k] * factor[j * d + k];
      factor[i * d + j] = sum / pivot;
    }
  }
  return factor;
}

/** Entries (i..i+3, j) of the factor: four sums at a time run as fast as one. */
function fourEntries(
  matrix: Float64Array,
  factor: Float64Array,
  d: number,
  i: number,
  j: number,
  pivot: number,
): void {
  const row = j * d;
  const r0 = i * d;
  const r1 = r0 + d;
  const r2 = r1 + d;
  const r3 = r2 + d;
  let s0 = matrix[r0 + j];
  let s1 = matrix[r1 + j];
  let s2 = matrix[r2 + j];
  let s3 = matrix[r3 + j];
  for (let k = 0; k < j; k++) {
    const value = factor[row + k];
    s0 -= factor[r0 + k] * value;
    s1 -= factor[r1 + k] * value;
    s2 -= factor[r2 + k] * value;
    s3 -= factor[r3 + k] * value;
  }
  factor[r0 + j] = s0 / pivot;
  factor[r1 + j] = s1 / pivot;
  factor[r2 + j] = s2 / pivot;
  factor[r3 + j] = s3 / pivot;
}

/** L⁻¹ of a lower triangular matrix, shape (d, d). */
export function invertLower(factor: Float64Array, d: number, check: Check): Float64Array {
  const inverse = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    check();
    const row = i * d;
    // Row i of L⁻¹ from the rows above: -(1 / l_ii) sum_k l_ik (row k), k < i.
    for (let k = 0; k < i; k++) {
      const weight = factor[row + k];
      if (weight === 0) continue;
      for (let j = 0; j <= k; j++) inverse[row + j] -= weight * inverse[k * d + j];
    }
    for (let j = 0; j < i; j++) inverse[row + j] /= factor[row + i];
    inverse[row + i] = 1 / factor[row + i];
  }
  return inverse;
}

/**
 * Squared Mahalanobis distances (x - centre)ᵀ C⁻¹ (x - centre) of the rows, float64, shape (n,): the squared lengths of
 * L⁻¹ (x - centre), C = L Lᵀ. Null where the covariance cannot be inverted: columns that do not vary, or fewer rows than columns.
 *
 * @param centre shape (d,)
 * @param covariance shape (d, d)
 */
export function mahalanobis(
  matrix: Matrix,
  rows: Rows,
  centre: Float64Array,
  covariance: Float64Array,
  check: Check,
): Float64Array | null {
  const d = matrix.cols;
  const factor = cholesky(covariance, d, check);
  if (factor === null) return null;
  const axes = { count: d, cols: d, data: invertLower(factor, d, check) };
  return squaredLengths(matrix, rows, centre, axes, check);
}
