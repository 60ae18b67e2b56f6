import type { Check } from './moments.ts';
import { skewness } from './order-statistics.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

const MOST_ROUNDS = 200;
const TOLERANCE = 1e-4;
const CHECK_ROWS = 4096;

interface IndependentComponents {
  /** Coordinates of zero mean and unit variance, each skewed to the right, shape (n, count). */
  readonly sources: Float64Array;
  readonly count: number;
  readonly rounds: number;
  /** False when 200 rounds were not enough. */
  readonly converged: boolean;
}

/**
 * Independent components by the symmetric fixed point with the contrast ln cosh (Hyvärinen 1999, FastICA), started at the
 * principal components; what scikit-learn's parallel algorithm gives from the same start, up to signs.
 *
 * @param principal centred coordinates on principal components, descending variances, shape (n, axes); components without
 * variance are left out
 */
export function fastIca(
  principal: Float64Array,
  n: number,
  axes: number,
  check: Check,
): IndependentComponents {
  const { white, count: k } = whitened(principal, n, axes);
  let weights: Float64Array = new Float64Array(k * k);
  for (let a = 0; a < k; a++) weights[a * k + a] = 1;
  let rounds = 0;
  let converged = k === 0;
  while (!converged && rounds < MOST_ROUNDS) {
    const next = decorrelated(fixedPoint(white, weights, n, k, check), k, check);
    let furthest = 0;
    for (let a = 0; a < k; a++) {
      let along = 0;
      for (let b = 0; b < k; b++) along += next[a * k + b] * weights[a * k + b];
      furthest = Math.max(furthest, Math.abs(Math.abs(along) - 1));
    }
    weights = next;
    rounds++;
    converged = furthest < TOLERANCE;
  }
  const sources = new Float64Array(n * k);
  const row = new Float64Array(n);
  for (let a = 0; a < k; a++) {
    check();
    for (let i = 0; i < n; i++) {
      row[i] = 0;
      for (let b = 0; b < k; b++) row[i] += weights[a * k + b] * white[i * k + b];
    }
    const sign = skewness(row) < 0 ? -1 : 1;
    for (let i = 0; i < n; i++) sources[i * k + a] = sign * row[i];
  }
  return { sources, count: k, rounds, converged };
}

function whitened(principal: Float64Array, n: number, axes: number): { white: Float64Array; count: number } {
  const variances = new Float64Array(axes);
  for (let i = 0; i < n; i++) for (let a = 0; a < axes; a++) variances[a] += principal[i * axes + a] ** 2 / n;
  const varies = variances.findIndex((variance) => !(variance > variances[0] * 1e-12));
  const count = varies < 0 ? axes : varies;
  const white = new Float64Array(n * count);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < count; a++) white[i * count + a] = principal[i * axes + a] / Math.sqrt(variances[a]);
  return { white, count };
}

/** E[z g(w·z)] - E[g'(w·z)] w for each row w of the weights, g = tanh. */
function fixedPoint(
  white: Float64Array,
  weights: Float64Array,
  n: number,
  k: number,
  check: Check,
): Float64Array {
  const out = new Float64Array(k * k);
  const slope = new Float64Array(k);
  for (let i = 0; i < n; i++) {
    if (i % CHECK_ROWS === 0) check();
    for (let a = 0; a < k; a++) {
      let along = 0;
      for (let b = 0; b < k; b++) along += weights[a * k + b] * white[i * k + b];
      const g = Math.tanh(along);
      slope[a] += 1 - g * g;
      for (let b = 0; b < k; b++) out[a * k + b] += g * white[i * k + b];
    }
  }
  for (let a = 0; a < k; a++)
    for (let b = 0; b < k; b++) out[a * k + b] = (out[a * k + b] - slope[a] * weights[a * k + b]) / n;
  return out;
}

/** (W Wᵀ)^(-1/2) W: the nearest orthogonal matrix. */
function decorrelated(weights: Float64Array, k: number, check: Check): Float64Array {
  const products = new Float64Array(k * k);
  for (let a = 0; a < k; a++)
    for (let b = 0; b < k; b++)
      for (let j = 0; j < k; j++) products[a * k + b] += weights[a * k + j] * weights[b * k + j];
  const { values, vectors } = symmetricEigen(products, k, check);
  const out = new Float64Array(k * k);
  for (let e = 0; e < k; e++) {
    const scale = 1 / Math.sqrt(Math.max(values[e], Number.MIN_VALUE));
    for (let j = 0; j < k; j++) {
      let along = 0;
      for (let b = 0; b < k; b++) along += vectors[e * k + b] * weights[b * k + j];
      for (let a = 0; a < k; a++) out[a * k + j] += scale * vectors[e * k + a] * along;
    }
  }
  return out;
}
