import { quantilesOfSorted } from '../numeric/two-sample/quantiles.ts';

/** Bins of a numeric column: half-open with open tails, bin 0 below the first edge, bin k from edge k - 1 on. */
export interface ValueBins {
  /** Rising and distinct. */
  readonly edges: readonly number[];
  /** Share of the reference's values below each edge, shape (edges,). */
  readonly below: readonly number[];
}

/**
 * Edges at quantiles of the reference, none at or below its smallest value: a value that many rows share begins a bin. None for a
 * constant column.
 *
 * @param ascending as `radixSort` returns it, without NaN
 * @param shares rising, each between 0 and 1
 */
export function quantileBins(ascending: Float64Array, shares: readonly number[]): ValueBins {
  const edges: number[] = [];
  if (ascending.length > 0)
    for (const edge of quantilesOfSorted(ascending, shares))
      if (Number.isFinite(edge) && edge > (edges.at(-1) ?? ascending[0])) edges.push(edge);
  return { edges, below: edges.map((edge) => countBelow(ascending, edge, false) / ascending.length) };
}

/** The bin of a value: how many edges are at or below it. `edges.length + 1` stands for a missing value. */
export function binOf(edges: Float64Array, value: number): number {
  if (Number.isNaN(value)) return edges.length + 1;
  return countBelow(edges, value, true);
}

/** How many of rising values lie below one, or at or below it. */
function countBelow(rising: Float64Array, value: number, orAt: boolean): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle] < value || (orAt && rising[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Coarser cells of a column's bins: bin k is in cell j where the reference's values below the bin are at least the j-th share and
 * less than the next. Missing values are a cell of their own, the last one.
 *
 * @returns shape (edges + 2,), from 0 to `shares.length + 1`
 */
export function cellsOfBins({ below }: ValueBins, shares: readonly number[]): number[] {
  const reached = (share: number): number => shares.filter((one) => one <= share + ROUNDING).length;
  return [0, ...below.map(reached), shares.length + 1];
}

/** A quantile of n values has its share below it up to about 1 / n. */
const ROUNDING = 1e-3;

/** The bin that holds everything above the quantile of a share; null where no edge separates it. */
export function tailStart({ below }: ValueBins, share: number): number | null {
  const edge = below.findIndex((one) => one + ROUNDING >= share);
  return edge < 0 ? null : edge + 1;
}

/** Bins of a column with these edges, the one for missing values among them. */
export function binCount(edges: ArrayLike<number>): number {
  return edges.length + 2;
}
