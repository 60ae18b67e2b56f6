import { lnBetaBinomialTail } from '../../numeric/distributions.ts';
import { radixSort } from '../../numeric/two-sample/radix-sort.ts';
import type { TestResult } from './test-result.ts';
import { byLaw } from './test-result.ts';

/** The score that a fixed number of the reference's rows reach. */
export interface Threshold {
  /** The k-th largest score of the reference: rows above it count. */
  readonly value: number;
  readonly k: number;
  /** Rows of the reference. */
  readonly m: number;
}

/**
 * The threshold that a share of the reference's scores reach, one row at least.
 *
 * @param scores no NaN, at least one
 * @param share 0 to 1
 * @throws whatever `check` throws
 */
export function thresholdOf(scores: Float64Array, share: number, check: () => void): Threshold {
  const ascending = radixSort(scores, check);
  const m = ascending.length;
  const k = Math.min(m, Math.max(1, Math.round(share * m)));
  return { value: ascending[m - k], k, m };
}

/**
 * Whether more rows than exchangeable ones would pass the k-th largest of m reference rows: their number has a Beta-Binomial law
 * whatever the score (Wilks 1941), so p is exact; ties make it larger. Statistic: rows above. Effect: their share by the expected
 * one, k / (m + 1).
 *
 * @param above rows above the threshold
 * @param n rows, at least 1
 */
export function exceedanceTest(above: number, n: number, { k, m }: Threshold): TestResult {
  return byLaw(above, above / n / (k / (m + 1)), lnBetaBinomialTail(above, n, k, m));
}
