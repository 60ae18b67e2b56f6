import type { Matrix } from '../../detectors/detector.ts';
import { lnFisherTail } from '../../numeric/beta-tail.ts';
import { moments } from '../../numeric/moments.ts';
import { symmetricEigen } from '../../numeric/symmetric-eigen.ts';
import type { TestResult } from './test-result.ts';
import { byLaw } from './test-result.ts';

/** Directions with less than this share of the largest variance have none: they are left out. */
const NO_VARIANCE = 1e-9;

/** Statistic: Hotelling's T2. Effect: the Mahalanobis distance of the means. */
export interface CentroidTest extends TestResult {
  /** Plain distance of the means, in deviations of the reference's columns. */
  readonly distance: number;
  /** Directions that vary, of which the statistic is made. */
  readonly directions: number;
}

/**
 * The distance of two centroids by the pooled covariance (Mahalanobis 1936) with Hotelling's (1931) test,
 * (N - d - 1) / (d (N - 2)) T2 against Fisher's F of d and N - d - 1 degrees of freedom.
 *
 * @param reference shape (m, d), columns standardised
 * @param current shape (n, d)
 * @returns null where nothing varies or there are no more rows than columns
 * @throws whatever `check` throws
 */
export function centroidTest(reference: Matrix, current: Matrix, check: () => void): CentroidTest | null {
  const d = reference.cols;
  const [r, c] = [reference, current].map((sample) => moments(sample, null, check));
  if (r.n < 2 || c.n < 2) return null;
  const all = r.n + c.n;
  const covariance = r.scatter.map((value, i) => (value + c.scatter[i]) / (all - 2));
  const { values, vectors } = symmetricEigen(covariance, d, check);
  const difference = r.mean.map((value, j) => c.mean[j] - value);
  let directions = 0;
  let square = 0;
  for (let a = 0; a < d && values[a] > NO_VARIANCE * Math.max(values[0], Number.MIN_VALUE); a++) {
    let along = 0;
    for (let j = 0; j < d; j++) along += vectors[a * d + j] * difference[j];
    square += (along * along) / values[a];
    directions++;
  }
  if (directions === 0 || all - directions - 1 < 1) return null;
  const t2 = (square * r.n * c.n) / all;
  const f = ((all - directions - 1) / (directions * (all - 2))) * t2;
  const distance = Math.hypot(...difference);
  return {
    ...byLaw(t2, Math.sqrt(square), lnFisherTail(f, directions, all - directions - 1)),
    distance,
    directions,
  };
}
