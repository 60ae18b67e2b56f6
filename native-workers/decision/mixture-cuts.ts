import type { Matrix } from '../detectors/detector.ts';
import type { Check } from '../numeric/moments.ts';
import { moments } from '../numeric/moments.ts';
import { medianInPlace, quantile } from '../numeric/order-statistics.ts';
import { project } from '../numeric/projection.ts';
import type { Whitening } from '../numeric/whitening.ts';
import { robustFit, whiten } from '../numeric/whitening.ts';
import { positionsOf } from './fisher-projection.ts';

const VARIANCE = 0.99;

/** Rows in the space of a core: shape (n, k), the core itself has unit variance there. */
interface CorePoints {
  readonly z: Float64Array;
  readonly n: number;
  readonly k: number;
}

function pointsIn(matrix: Matrix, core: Whitening, check: Check): CorePoints {
  return { z: project(matrix, null, core.centre, core.axes, check), n: matrix.rows, k: core.axes.count };
}

/**
 * Two Gaussians with one covariance, that of the core; only the second mean and the share are fitted (60 rounds of
 * expectation-maximisation, Dempster, Laird, Rubin 1977). A free covariance lets the second one eat the core's tail.
 *
 * @param start share of the second Gaussian of each row, 0 to 1; changed in place
 */
function tiedMixture({ z, n, k }: CorePoints, start: Float64Array, check: Check): Uint8Array {
  const share = start;
  const mean = new Float64Array(k);
  for (let round = 0; round < 60; round++) {
    check();
    let total = 0;
    mean.fill(0);
    for (let i = 0; i < n; i++) {
      const r = share[i];
      total += r;
      for (let a = 0; a < k; a++) mean[a] += r * z[i * k + a];
    }
    let half = 0;
    for (let a = 0; a < k; a++) {
      mean[a] /= total;
      half += (mean[a] * mean[a]) / 2;
    }
    const prior = total / n;
    const odds = Math.log(1 - prior + 1e-12) - Math.log(prior + 1e-12);
    for (let i = 0; i < n; i++) {
      let dot = 0;
      for (let a = 0; a < k; a++) dot += z[i * k + a] * mean[a];
      share[i] = 1 / (1 + Math.exp(Math.max(-50, Math.min(50, odds - dot + half))));
    }
  }
  return Uint8Array.from(share, (r) => (r > 0.5 ? 1 : 0));
}

/** Rows that a tied mixture gives to the second Gaussian, the core being the trusted rows. Null where those do not vary. */
export function trustedMixtureCut(
  matrix: Matrix,
  trusted: Matrix,
  seed: Uint8Array,
  check: Check,
): Uint8Array | null {
  const core = whiten(moments(trusted, null, check), VARIANCE, check);
  if (core === null) return null;
  const start = Float64Array.from(seed, (flag) => flag * 0.9 + 0.05);
  return tiedMixture(pointsIn(matrix, core, check), start, check);
}

/**
 * The same without trusted rows: the core is a robust fit of the rows outside the seed, refitted on its nearest 90 % and
 * scaled so that the median squared distance of those rows is k.
 */
export function ownMixtureCut(matrix: Matrix, seed: Uint8Array, check: Check): Uint8Array | null {
  const outside = positionsOf(seed, 0);
  const fit = robustFit(matrix, outside, VARIANCE, check);
  if (fit === null) return null;
  const limit = quantile(fit.distances, 0.9);
  const near = outside.filter((_, i) => fit.distances[i] <= limit);
  const core = whiten(moments(matrix, near, check), VARIANCE, check);
  if (core === null) return null;
  const points = pointsIn(matrix, core, check);
  const { z, k } = points;
  const lengths = Float64Array.from(outside, (i) => {
    let squares = 0;
    for (let a = 0; a < k; a++) squares += z[i * k + a] ** 2;
    return squares;
  });
  const scale = 1 / Math.sqrt(medianInPlace(lengths) / k);
  for (let i = 0; i < z.length; i++) z[i] *= scale;
  const start = Float64Array.from(seed, (flag) => flag * 0.9 + 0.01);
  return tiedMixture(points, start, check);
}

/** As the trusted mixture, with one spherical variance of its own for the second Gaussian: for rows of many sources. */
export function sphericalMixtureCut(
  matrix: Matrix,
  trusted: Matrix,
  seed: Uint8Array,
  check: Check,
): Uint8Array | null {
  const core = whiten(moments(trusted, null, check), VARIANCE, check);
  if (core === null) return null;
  const { z, n, k } = pointsIn(matrix, core, check);
  const share = Float64Array.from(seed, (flag) => flag * 0.9);
  const mean = new Float64Array(k);
  const apart = new Float64Array(n);
  for (let round = 0; round < 80; round++) {
    check();
    let total = 1e-9;
    mean.fill(0);
    for (let i = 0; i < n; i++) {
      total += share[i];
      for (let a = 0; a < k; a++) mean[a] += share[i] * z[i * k + a];
    }
    for (let a = 0; a < k; a++) mean[a] /= total;
    let spread = 0;
    for (let i = 0; i < n; i++) {
      let squares = 0;
      for (let a = 0; a < k; a++) squares += (z[i * k + a] - mean[a]) ** 2;
      apart[i] = squares;
      spread += share[i] * squares;
    }
    const variance = Math.max(0.5, spread / total / k);
    const prior = total / n;
    const odds = Math.log(Math.max(1e-12, 1 - prior)) - Math.log(prior) + 0.5 * k * Math.log(variance);
    for (let i = 0; i < n; i++) {
      let squares = 0;
      for (let a = 0; a < k; a++) squares += z[i * k + a] ** 2;
      share[i] = 1 / (1 + Math.exp(odds + apart[i] / (2 * variance) - squares / 2));
    }
  }
  return Uint8Array.from(share, (r) => (r > 0.5 ? 1 : 0));
}
