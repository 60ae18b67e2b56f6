/**
 * Quantiles of an ascending array with linear interpolation between order statistics (Hyndman, Fan 1996, type 7), as
 * `numpy.quantile` has them; NaN for no values. For one quantile of values in any order see `order-statistics.ts`.
 *
 * @param ascending as `radixSort` returns it
 * @param shares each 0 to 1
 * @returns shape (shares,)
 */
export function quantilesOfSorted(
  ascending: Float32Array | Float64Array,
  shares: readonly number[] | Float64Array,
): Float64Array {
  const n = ascending.length;
  return Float64Array.from(shares, (share) => {
    if (!(share >= 0 && share <= 1))
      throw new RangeError(`A quantile of ${share} was asked for: it lies from 0 to 1.`);
    if (n === 0) return NaN;
    const position = share * (n - 1);
    const below = Math.min(Math.floor(position), n - 1);
    const low = ascending[below];
    const high = ascending[Math.min(below + 1, n - 1)];
    if (low === high) return low;
    const part = position - below;
    return part >= 0.5 ? high - (high - low) * (1 - part) : low + (high - low) * part;
  });
}
