import type { Matrix } from '../../detectors/detector.ts';
import { moments } from '../../numeric/moments.ts';
import { symmetricEigen } from '../../numeric/symmetric-eigen.ts';
import { columnMoments } from '../column-moments.ts';
import type { TestResult } from './test-result.ts';
import { welchTest } from './welch.ts';

/** Principal components of a reference: what the reconstruction error is measured from. */
export interface PrincipalSubspace {
  /** Shape (d,). */
  readonly mean: Float64Array;
  /** Unit vectors, shape (components, d). */
  readonly directions: Float64Array;
  readonly components: number;
}

/**
 * The fewest principal components that hold `kept` of the variance, at least one and at most all but one.
 *
 * @param matrix shape (n, d), at least 2 rows and 2 columns
 * @param kept above 0, below 1
 */
export function principalSubspace(matrix: Matrix, kept: number, check: () => void): PrincipalSubspace {
  const { n, mean, scatter, cols } = moments(matrix, null, check);
  const covariance = scatter.map((value) => value / Math.max(1, n - 1));
  const { values, vectors } = symmetricEigen(covariance, cols, check);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  let components = 0;
  let held = 0;
  while (components < cols - 1 && (components === 0 || held < kept * total))
    held += Math.max(0, values[components++]);
  return { mean, directions: vectors.slice(0, components * cols), components };
}

/** Distance of each row from the subspace, shape (n,). */
export function reconstructionErrors(
  { data, rows, cols }: Matrix,
  subspace: PrincipalSubspace,
): Float64Array {
  const { mean, directions, components } = subspace;
  const out = new Float64Array(rows);
  const centred = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) centred[j] = data[i * cols + j] - mean[j];
    for (let a = 0; a < components; a++) {
      let along = 0;
      for (let j = 0; j < cols; j++) along += directions[a * cols + j] * centred[j];
      for (let j = 0; j < cols; j++) centred[j] -= along * directions[a * cols + j];
    }
    let square = 0;
    for (let j = 0; j < cols; j++) square += centred[j] * centred[j];
    out[i] = Math.sqrt(square);
  }
  return out;
}

/**
 * Whether rows lie farther from the reference's principal subspace than reference rows that it was not made of: Welch's t test of
 * the errors. Null where neither varies.
 */
export function reconstructionShift(
  held: Float64Array,
  current: Float64Array,
  check: () => void,
): (TestResult & { readonly referenceMean: number; readonly currentMean: number }) | null {
  const [r, c] = [held, current].map((errors) => columnMoments(errors, 0, errors.length, check));
  const test = welchTest(r, c);
  return test === null ? null : { ...test, referenceMean: r.mean, currentMean: c.mean };
}
