import { lnChiSquaredTail } from '../../numeric/chi-squared.ts';
import type { CellCounts, Draws } from './homogeneity.ts';
import { cellTest } from './homogeneity.ts';
import type { TestResult } from './test-result.ts';

const PURPOSE_OFFSET = 1;

/**
 * Pearson's chi-squared test of homogeneity: the reference is a sample as well, never taken for the exact shares.
 * X2 = sum (sqrt(m / n) x - sqrt(n / m) y)^2 / (x + y) with cells x of n current and y of m reference rows. Effect: Cramér's V.
 *
 * @throws RangeError for a side without rows or fewer than two cells; whatever `check` throws
 */
export function chiSquaredTest(counts: CellCounts, draws: Draws, check: () => void): TestResult {
  const { m, n, cells } = counts;
  const statistic = (current: Float64Array, totals: Float64Array): number => {
    let sum = 0;
    for (let k = 0; k < totals.length; k++) {
      const difference = m * current[k] - n * (totals[k] - current[k]);
      sum += (difference * difference) / totals[k];
    }
    return sum / (n * m);
  };
  const totals = counts.reference.map((rows, k) => rows + counts.current[k]);
  const effect = Math.sqrt(statistic(counts.current, totals) / (n + m));
  const lnTail = (x: number): number => lnChiSquaredTail(x, cells.length - 1);
  return cellTest(
    counts,
    statistic,
    effect,
    lnTail,
    { ...draws, purpose: draws.purpose + PURPOSE_OFFSET },
    check,
  );
}
