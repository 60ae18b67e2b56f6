import { lnChiSquaredTail } from '../../numeric/chi-squared.ts';
import type { CellCounts, Draws } from './homogeneity.ts';
import { cellTest } from './homogeneity.ts';
import type { TestResult } from './test-result.ts';

const PURPOSE_OFFSET = 2;

/**
 * The likelihood-ratio test of homogeneity, G = 2 sum O ln(O / E), 0 ln 0 = 0 (Woolf 1957). With fewer than 5 rows to expect in
 * a cell its law is too liberal: the p-value then comes from tables of the same margins. Effect: G / (2 (n + m)), the information in
 * nats that a row's cell gives about its sample.
 *
 * @throws RangeError for a side without rows or fewer than two cells; whatever `check` throws
 */
export function gTest(counts: CellCounts, draws: Draws, check: () => void): TestResult {
  const { m, n, cells } = counts;
  const all = n + m;
  const statistic = (current: Float64Array, totals: Float64Array): number => {
    let sum = 0;
    for (let k = 0; k < totals.length; k++) {
      const x = current[k];
      const y = totals[k] - x;
      if (x > 0) sum += x * Math.log((x * all) / (n * totals[k]));
      if (y > 0) sum += y * Math.log((y * all) / (m * totals[k]));
    }
    return Math.max(0, 2 * sum);
  };
  const totals = counts.reference.map((rows, k) => rows + counts.current[k]);
  const effect = statistic(counts.current, totals) / (2 * all);
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
