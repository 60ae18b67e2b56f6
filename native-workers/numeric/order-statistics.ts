/** The k-th smallest value (k from 0); the array is reordered. Quickselect with the median of three as pivot. */
function selectInPlace(values: Float64Array, k: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const a = values[low];
    const b = values[middle];
    const c = values[high];
    const pivot = a < b ? (b < c ? b : Math.max(a, c)) : a < c ? a : Math.max(b, c);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const swap = values[i];
        values[i] = values[j];
        values[j] = swap;
        i++;
        j--;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k];
}

/**
 * The q-quantile with linear interpolation between order statistics (Hyndman, Fan 1996, type 7); NaN for no values.
 *
 * @param q 0 to 1
 */
export function quantile(values: Float64Array, q: number): number {
  const n = values.length;
  if (n === 0) return NaN;
  const reordered = values.slice();
  const position = q * (n - 1);
  const below = Math.floor(position);
  const low = selectInPlace(reordered, below);
  if (below === position || below + 1 >= n) return low;
  let high = Infinity;
  for (let i = below + 1; i < n; i++) if (reordered[i] < high) high = reordered[i];
  const share = position - below;
  return share >= 0.5 ? high - (high - low) * (1 - share) : low + (high - low) * share;
}

/** The middle value, or the mean of the two middle ones; NaN for no values. */
export function median(values: Float64Array): number {
  return medianInPlace(values.slice());
}

/** As {@link median}, but reorders the array instead of copying it. */
export function medianInPlace(values: Float64Array): number {
  const n = values.length;
  if (n === 0) return NaN;
  const high = selectInPlace(values, n >> 1);
  if (n % 2 === 1) return high;
  let low = -Infinity;
  for (let i = 0; i < n >> 1; i++) if (values[i] > low) low = values[i];
  return (low + high) / 2;
}

/** Mean and standard deviation (divided by n); NaN for no values. */
export function meanAndDeviation(values: Float64Array): { mean: number; deviation: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** Third standardised moment (no small-sample correction); 0 where every value is the same. */
export function skewness(values: Float64Array): number {
  const { mean, deviation } = meanAndDeviation(values);
  if (!(deviation > 0)) return 0;
  let cubes = 0;
  for (const value of values) cubes += ((value - mean) / deviation) ** 3;
  return cubes / values.length;
}

/** Number of entries of an ascending array that are at least `value`. */
export function countAtLeast(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return ascending.length - low;
}

/** Number of entries of an ascending array that are above `value`. */
export function countAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return ascending.length - low;
}

/** Share of the values that are at most each value, 0 to 1 (ties share the highest rank), shape (n,). */
export function rankShares(values: Float64Array): Float64Array {
  const ascending = values.slice().sort();
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = 1 - countAbove(ascending, values[i]) / values.length;
  return out;
}
