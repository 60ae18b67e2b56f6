import { dealCells, monteCarloP, uniformDraws } from './monte-carlo.ts';
import type { TestResult } from './test-result.ts';
import { byDraws, byLaw } from './test-result.ts';

/** How a Monte Carlo p-value is drawn. */
export interface Draws {
  readonly seed: number;
  /** Kept apart from the draws of other tests of the same run. */
  readonly purpose: number;
  readonly most: number;
  /** The draws stop after so many that are at least as large as observed; Infinity for never. */
  readonly stopAfter: number;
}

/** Below this expected number in a cell the chi-squared law is not trusted. */
const LEAST_EXPECTED = 5;

/** Two samples counted in the same cells; cells that are empty on both sides are left out. */
export interface CellCounts {
  readonly reference: Float64Array;
  readonly current: Float64Array;
  readonly m: number;
  readonly n: number;
  /** Index of each kept cell among those given. */
  readonly cells: Int32Array;
  /** The smallest number expected in any cell if both samples came from one law. */
  readonly leastExpected: number;
}

/**
 * @param reference rows of each cell, shape (K,)
 * @param current the same
 */
export function cellCounts(reference: Float64Array, current: Float64Array): CellCounts {
  const cells = Int32Array.from(reference.keys()).filter((k) => reference[k] + current[k] > 0);
  const kept = (counts: Float64Array): Float64Array => Float64Array.from(cells, (k) => counts[k]);
  const [r, c] = [kept(reference), kept(current)];
  const [m, n] = [sum(r), sum(c)];
  let leastExpected = Infinity;
  for (let k = 0; k < cells.length; k++)
    leastExpected = Math.min(leastExpected, ((r[k] + c[k]) * Math.min(m, n)) / (m + n));
  return { reference: r, current: c, m, n, cells, leastExpected };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Whether there are two rows of cells to compare: rows on both sides and two cells. */
export function comparable({ m, n, cells }: CellCounts): boolean {
  return m > 0 && n > 0 && cells.length > 1;
}

/**
 * The p-value of a statistic of the two rows of cells: of its law where every cell has at least 5 rows to expect, else of
 * tables drawn with both margins fixed.
 *
 * @param statistic of the current sample's cells, given those of both together
 */
export function cellTest(
  counts: CellCounts,
  statistic: (current: Float64Array, totals: Float64Array) => number,
  effect: number,
  lnTail: ((observed: number) => number) | null,
  draws: Draws,
  check: () => void,
): TestResult {
  if (!comparable(counts))
    throw new RangeError(
      'No test was made: it needs rows on both sides and at least two cells that hold any.',
    );
  const { reference, current, n } = counts;
  const totals = reference.map((rows, k) => rows + current[k]);
  const observed = statistic(current, totals);
  if (lnTail !== null && counts.leastExpected >= LEAST_EXPECTED)
    return byLaw(observed, effect, lnTail(observed));
  const dealt = new Float64Array(totals.length);
  const p = monteCarloP(
    {
      observed,
      most: draws.most,
      stopAfter: draws.stopAfter,
      draw: (index) => {
        dealCells(totals, n, uniformDraws(draws.seed, draws.purpose, index), dealt);
        return statistic(dealt, totals);
      },
    },
    check,
  );
  return byDraws(observed, effect, p);
}
