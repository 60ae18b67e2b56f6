import { addExpected, type ExpectedShares } from './expected-shares.ts';
import type { Family } from './families.ts';
import type { HourCounts } from './hour-counts.ts';

/** How much more counts vary than independent requests would (quasi-likelihood), of one length of window. */
export interface Dispersion {
  readonly windows: number;
  /** Over all cells within groups; NaN without any. */
  readonly within: number;
  readonly withinCells: Float64Array;
  /** Over the cells of all groups together; null where the family is one group. */
  readonly pooled: number | null;
  readonly pooledCells: Float64Array | null;
}

/**
 * phi = sum (x - mean)^2 / sum mean (1 - share), over the windows, corrected for the fitted parameters. The ratio of the sums, not the
 * mean of the ratios: seldom cells would drown it in noise (Fletcher 2012).
 *
 * @param windowOf window of each hour of the counts; rising; -1 leaves the hour out
 * @param parameters fitted for each cell: the mean and what is kept of the seasons
 * @throws whatever `check` throws
 */
export function dispersion(
  family: Family,
  counts: HourCounts,
  shares: ExpectedShares,
  windowOf: Int32Array,
  parameters: number,
  check: () => void,
): Dispersion {
  const { groups, cells, within, pooled } = family;
  const size = groups * cells;
  const x = new Float64Array(size);
  const sums = new Float64Array(cells);
  const n = new Float64Array(groups);
  const hourly = new Float64Array(groups);
  const mean = new Float64Array(size);
  const squares = new Float64Array(cells);
  const variances = new Float64Array(cells);
  const pooledSquares = new Float64Array(cells);
  const pooledVariances = new Float64Array(cells);
  let windows = 0;
  const close = (): void => {
    windows++;
    for (let c = 0; c < cells; c++) {
      let total = 0;
      let variance = 0;
      for (let g = 0; g < groups; g++) {
        const i = g * cells + c;
        if (n[g] === 0) continue;
        const spread = mean[i] * (1 - mean[i] / n[g]);
        total += mean[i];
        variance += spread;
        squares[c] += (x[i] - mean[i]) ** 2;
        variances[c] += spread;
      }
      if (pooled === null) continue;
      pooledSquares[c] += (sums[c] - total) ** 2;
      pooledVariances[c] += variance;
    }
    for (const array of [x, sums, n, mean]) array.fill(0);
  };
  let current = -1;
  for (let h = 0; h < windowOf.length; h++) {
    if (h % 64 === 0) check();
    if (windowOf[h] < 0) continue;
    if (windowOf[h] !== current && current >= 0) close();
    current = windowOf[h];
    hourly.fill(0);
    family.requests(counts, h, hourly);
    addExpected(shares, counts.hours[h], hourly, mean);
    for (let g = 0; g < groups; g++) n[g] += hourly[g];
    within(counts, h, x);
    pooled?.(counts, h, sums);
  }
  if (current >= 0) close();
  const correction = windows > parameters ? windows / (windows - parameters) : NaN;
  return {
    windows,
    within: ratio(squares, variances, correction),
    withinCells: ratios(squares, variances, correction),
    pooled: pooled === null ? null : ratio(pooledSquares, pooledVariances, correction),
    pooledCells: pooled === null ? null : ratios(pooledSquares, pooledVariances, correction),
  };
}

function ratio(squares: Float64Array, variances: Float64Array, correction: number): number {
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  return (correction * sum(squares)) / sum(variances);
}

function ratios(squares: Float64Array, variances: Float64Array, correction: number): Float64Array {
  return squares.map((square, c) => (correction * square) / variances[c]);
}
