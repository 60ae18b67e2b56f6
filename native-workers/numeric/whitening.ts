import type { Matrix } from '../detectors/detector.ts';
import type { Check, Moments } from './moments.ts';
import type { Rows } from './rows.ts';
import { moments } from './moments.ts';
import { countRows } from './rows.ts';
import { medianInPlace, quantile } from './order-statistics.ts';
import type { Axes } from './projection.ts';
import { squaredLengths } from './projection.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** A centre and axes in which the rows it was fitted to have unit variance. */
export interface Whitening {
  readonly centre: Float64Array;
  readonly axes: Axes;
}

/**
 * Whitening axes of a covariance shrunk towards its mean eigenvalue (Ledoit, Wolf 2004), keeping the leading axes that
 * hold the share `variance` of the trace, and all those with the last one's eigenvalue. Null where the rows do not vary at all.
 */
export function whiten(
  m: Pick<Moments, 'n' | 'cols' | 'mean' | 'scatter' | 'fourth'>,
  variance: number,
  check: Check,
): Whitening | null {
  const { n, cols: d, mean, scatter, fourth } = m;
  let trace = 0;
  let frobenius = 0;
  for (let i = 0; i < d; i++) trace += scatter[i * d + i] / n;
  for (let i = 0; i < d * d; i++) frobenius += (scatter[i] / n) ** 2;
  if (n < 2 || !(trace > 0)) return null;
  const average = trace / d;
  let distance = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) distance += (scatter[i * d + j] / n - (i === j ? average : 0)) ** 2;
  }
  distance /= d;
  const noise = Math.max(0, Math.min(distance, (fourth / (n * n) - frobenius / n) / d));
  const shrinkage = distance > 0 ? noise / distance : 1;
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < d * d; i++) covariance[i] = ((1 - shrinkage) * scatter[i]) / n;
  for (let i = 0; i < d; i++) covariance[i * d + i] += shrinkage * average;
  const { values, vectors } = symmetricEigen(covariance, d, check);
  let total = 0;
  for (const value of values) total += value;
  let held = 0;
  let count = 0;
  while (count < d && held / total < variance && values[count] > values[0] * 1e-12) held += values[count++];
  // Columns that never vary, or more columns than rows, leave many axes with one eigenvalue. Which axes span their space is
  // rounding, so none of them is left out alone.
  while (count < d && values[count] > values[count - 1] * (1 - 1e-6)) count++;
  const data = new Float64Array(count * d);
  for (let a = 0; a < count; a++) {
    const scale = 1 / Math.sqrt(values[a]);
    for (let j = 0; j < d; j++) data[a * d + j] = vectors[a * d + j] * scale;
  }
  return { centre: mean, axes: { count, cols: d, data } };
}

/** A whitening that up to 40 % foreign rows do not move, and every row's squared distance in it. */
export interface RobustFit {
  readonly whitening: Whitening;
  /** Squared Mahalanobis distance, shape (n,). */
  readonly distances: Float64Array;
}

const KEPT = 0.6;
const ROUNDS = 8;

/**
 * Robust location and scatter by concentration steps (Rousseeuw, Van Driessen 1999): start from the distances to the
 * column medians in units of the columns' deviations, then eight times keep the nearest 60 % and whiten them.
 * No random start. Null where the kept rows do not vary.
 */
export function robustFit(matrix: Matrix, rows: Rows, variance: number, check: Check): RobustFit | null {
  const n = countRows(matrix, rows);
  let distances = startingDistances(matrix, rows, check);
  let whitening: Whitening | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    const limit = quantile(distances, KEPT);
    const kept = new Int32Array(n);
    let count = 0;
    for (let i = 0; i < n; i++) if (distances[i] <= limit) kept[count++] = rows === null ? i : rows[i];
    whitening = whiten(moments(matrix, kept.subarray(0, count), check), variance, check);
    if (whitening === null) return null;
    distances = squaredLengths(matrix, rows, whitening.centre, whitening.axes, check);
  }
  return whitening === null ? null : { whitening, distances };
}

function startingDistances(matrix: Matrix, rows: Rows, check: Check): Float64Array {
  const { data, cols } = matrix;
  const n = countRows(matrix, rows);
  const distances = new Float64Array(n);
  const column = new Float64Array(n);
  const ordered = new Float64Array(n);
  for (let j = 0; j < cols; j++) {
    if ((j & 7) === 0) check();
    let sum = 0;
    for (let r = 0; r < n; r++) {
      column[r] = data[(rows === null ? r : rows[r]) * cols + j];
      sum += column[r];
    }
    const mean = sum / n;
    let squares = 0;
    for (let r = 0; r < n; r++) squares += (column[r] - mean) * (column[r] - mean);
    const deviation = Math.sqrt(squares / n) + 1e-9;
    ordered.set(column);
    const middle = medianInPlace(ordered);
    for (let r = 0; r < n; r++) distances[r] += ((column[r] - middle) / deviation) ** 2;
  }
  return distances;
}

/** Coordinates of rows in a whitened space turned so that the axis with the largest second moment comes first. */
export interface TurnedCoordinates {
  /** Number of axes k. */
  readonly count: number;
  /** Shape (k,): second moment of all rows along each axis, largest first. */
  readonly secondMoments: Float64Array;
  /** The axes in the space of the columns, shape (k, d). */
  readonly axes: Axes;
}

/**
 * Axes of the second moment of *all* rows in a whitened space: a group outside the rows the whitening was fitted to
 * inflates its own axis. Computed from the rows' moments, without a pass over the rows.
 */
export function turnedAxes(all: Moments, whitening: Whitening, check: Check): TurnedCoordinates {
  const { cols: d, n } = all;
  const { count, data } = whitening.axes;
  const delta = new Float64Array(d);
  for (let j = 0; j < d; j++) delta[j] = all.mean[j] - whitening.centre[j];
  const half = new Float64Array(count * d);
  for (let a = 0; a < count; a++) {
    check();
    let along = 0;
    for (let j = 0; j < d; j++) along += data[a * d + j] * delta[j];
    for (let i = 0; i < d; i++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += data[a * d + j] * all.scatter[i * d + j];
      half[a * d + i] = sum / n + along * delta[i];
    }
  }
  const second = new Float64Array(count * count);
  for (let a = 0; a < count; a++) {
    for (let b = a; b < count; b++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += half[a * d + j] * data[b * d + j];
      second[a * count + b] = sum;
      second[b * count + a] = sum;
    }
  }
  const { values, vectors } = symmetricEigen(second, count, check);
  const turned = new Float64Array(count * d);
  for (let t = 0; t < count; t++) {
    check();
    for (let a = 0; a < count; a++) {
      const weight = vectors[t * count + a];
      for (let j = 0; j < d; j++) turned[t * d + j] += weight * data[a * d + j];
    }
  }
  return { count, secondMoments: values, axes: { count, cols: d, data: turned } };
}
