import { lnStudentTwoSided } from '../../numeric/beta-tail.ts';
import type { ColumnMoments } from '../column-moments.ts';
import type { TestResult } from './test-result.ts';
import { byLaw } from './test-result.ts';

/**
 * Welch's t test of two means with variances of their own (Welch 1947), two-sided; positive where the second mean is higher.
 * Effect: Cohen's d, the difference by the pooled standard deviation. Infinite values are not in the moments.
 *
 * @returns null where a side has fewer than two finite values or neither side varies
 */
export function welchTest(first: ColumnMoments, second: ColumnMoments): TestResult | null {
  const n1 = first.n - first.infinite;
  const n2 = second.n - second.infinite;
  if (n1 < 2 || n2 < 2) return null;
  const v1 = first.m2 / (n1 - 1) / n1;
  const v2 = second.m2 / (n2 - 1) / n2;
  if (!(v1 + v2 > 0)) return null;
  const difference = second.mean - first.mean;
  const t = difference / Math.sqrt(v1 + v2);
  // By shares of the variance: squares of tiny variances would underflow.
  const share = v1 / (v1 + v2);
  const df = 1 / (share ** 2 / (n1 - 1) + (1 - share) ** 2 / (n2 - 1));
  const pooled = Math.sqrt((first.m2 + second.m2) / (n1 + n2 - 2));
  return byLaw(t, difference / pooled, lnStudentTwoSided(t, df));
}
