import type { CellCounts, Draws } from './homogeneity.ts';
import { cellTest } from './homogeneity.ts';
import type { TestResult } from './test-result.ts';

const PURPOSE_OFFSET = 3;

/**
 * The total variation distance of two rows of cells, half the sum of the differences of their shares: the share of rows that
 * would have to change their cell. It has no law of its own; the p-value always comes from tables of the same margins.
 *
 * @throws RangeError for a side without rows or fewer than two cells; whatever `check` throws
 */
export function totalVariationTest(counts: CellCounts, draws: Draws, check: () => void): TestResult {
  const { m, n } = counts;
  const statistic = (current: Float64Array, totals: Float64Array): number => {
    let sum = 0;
    for (let k = 0; k < totals.length; k++) sum += Math.abs(m * current[k] - n * (totals[k] - current[k]));
    return sum / (2 * n * m);
  };
  const totals = counts.reference.map((rows, k) => rows + counts.current[k]);
  return cellTest(
    counts,
    statistic,
    statistic(counts.current, totals),
    null,
    { ...draws, purpose: draws.purpose + PURPOSE_OFFSET },
    check,
  );
}
