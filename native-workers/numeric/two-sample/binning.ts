import { quantilesOfSorted } from './quantiles.ts';

/** Values counted between two looks at cancellation. */
const BLOCK = 1 << 20;

/** Edges of bins of equal width, shape (bins + 1,). */
export function equalWidthEdges(low: number, high: number, bins: number): Float64Array {
  if (!(high > low) || !Number.isFinite(high - low))
    throw new RangeError(`No bins were made: they cannot lie between ${low} and ${high}.`);
  return Float64Array.from({ length: bins + 1 }, (_, i) =>
    i === bins ? high : low + (i * (high - low)) / bins,
  );
}

/**
 * Edges of bins that hold equal shares of the values (equal-frequency binning): the distinct ones of the quantiles 0, 1 / bins,
 * ... 1. Fewer than bins + 1 where many values are equal; one edge where all are.
 *
 * @param ascending as `radixSort` returns it, at least one value
 */
export function equalFrequencyEdges(ascending: Float32Array | Float64Array, bins: number): Float64Array {
  if (ascending.length === 0) throw new RangeError('No bins were made: there is no value.');
  const shares = Float64Array.from({ length: bins + 1 }, (_, i) => i / bins);
  return quantilesOfSorted(ascending, shares).filter((edge, i, edges) => i === 0 || edge > edges[i - 1]);
}

/**
 * Counts of the values between ascending edges, shape (edges - 1,), as `numpy.histogram` has them: a bin holds its lower edge, the
 * last bin both; values outside are left out. Two samples counted between the same edges can be compared.
 *
 * @throws whatever `check` throws
 */
export function countInBins(
  values: Float32Array | Float64Array,
  edges: Float64Array,
  check: () => void,
): Float64Array {
  const bins = edges.length - 1;
  const counts = new Float64Array(Math.max(0, bins));
  if (bins < 1) return counts;
  const last = edges[bins];
  for (let i = 0; i < values.length; i++) {
    if (i % BLOCK === 0) check();
    const value = values[i];
    if (!(value >= edges[0] && value <= last)) continue;
    let low = 0;
    let high = bins - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (edges[middle] <= value) low = middle;
      else high = middle - 1;
    }
    counts[low]++;
  }
  return counts;
}
