import { lnChiSquaredTail } from '../../numeric/chi-squared.ts';
import type { CellCounts, Draws } from './homogeneity.ts';
import { cellTest } from './homogeneity.ts';
import type { TestResult } from './test-result.ts';

const PURPOSE_OFFSET = 4;

/** Statistic: the divergence in nats. Effect: the distance, its root in bits, from 0 to 1. */
export interface JensenShannon extends TestResult {
  /** The root of the divergence in nats, from 0 to 0.83: what some packages call the distance. */
  readonly distanceNats: number;
}

/**
 * The Jensen-Shannon divergence of two rows of cells, D = KL(a || h) / 2 + KL(b || h) / 2 with h halfway between the shares a and
 * b, unsmoothed. 8 D / (1 / n + 1 / m) has about a chi-squared law of K - 1 degrees of freedom; with fewer than 5 rows to expect
 * in a cell the p-value comes from tables of the same margins.
 *
 * @throws RangeError for a side without rows or fewer than two cells; whatever `check` throws
 */
export function jensenShannonTest(counts: CellCounts, draws: Draws, check: () => void): JensenShannon {
  const { m, n, cells } = counts;
  const statistic = (current: Float64Array, totals: Float64Array): number => {
    let sum = 0;
    for (let k = 0; k < totals.length; k++) {
      const a = current[k] / n;
      const b = (totals[k] - current[k]) / m;
      if (a > 0) sum += a * Math.log((2 * a) / (a + b));
      if (b > 0) sum += b * Math.log((2 * b) / (a + b));
    }
    return Math.max(0, sum / 2);
  };
  const totals = counts.reference.map((rows, k) => rows + counts.current[k]);
  const divergence = statistic(counts.current, totals);
  const lnTail = (d: number): number => lnChiSquaredTail((8 * d) / (1 / n + 1 / m), cells.length - 1);
  const result = cellTest(
    counts,
    statistic,
    Math.sqrt(divergence / Math.LN2),
    lnTail,
    { ...draws, purpose: draws.purpose + PURPOSE_OFFSET },
    check,
  );
  return { ...result, distanceNats: Math.sqrt(divergence) };
}
