import type { Check } from '../numeric/moments.ts';
import { moments } from '../numeric/moments.ts';
import { project } from '../numeric/projection.ts';
import { gatherRows } from '../numeric/rows.ts';
import { symmetricEigen } from '../numeric/symmetric-eigen.ts';
import type { Matrix } from './detector.ts';

/** Share of the variance that the kept components hold. */
const VARIANCE = 0.9;

/**
 * Squared distance of each row from its reconstruction by the class's leading principal components, those that hold 90 % of its
 * variance; shape (rows.length,). Zeros where the components hold all of it.
 */
export function reconstructionError(matrix: Matrix, rows: Int32Array, check: Check): Float64Array {
  const own = gatherRows([{ matrix, rows }]);
  const { mean, scatter, cols } = moments(own, null, check);
  const { values, vectors } = symmetricEigen(scatter, cols, check);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  let held = 0;
  let count = 0;
  while (count < cols && held < VARIANCE * total) held += values[count++];
  const axes = { count: cols - count, cols, data: vectors.slice(count * cols) };
  const error = new Float64Array(own.rows);
  // The rest's coordinates, not the total less the kept ones: near 0 that difference is rounding.
  if (values[count] > values[0] * 1e-12) {
    const rest = project(own, null, mean, axes, check);
    for (let i = 0; i < own.rows; i++)
      for (let a = 0; a < axes.count; a++) error[i] += rest[i * axes.count + a] ** 2;
  }
  return error;
}
