/** Counts in `bins` equal bins from low to high; the last bin holds its upper edge; values outside are left out. */
export function histogram(values: Float64Array, bins: number, low: number, high: number): Float64Array {
  const counts = new Float64Array(bins);
  const width = (high - low) / bins;
  if (!(width > 0)) return counts;
  for (const value of values) {
    if (value < low || value > high) continue;
    let bin = Math.min(bins - 1, Math.floor((value - low) / width));
    if (value < low + bin * width) bin--;
    else if (bin < bins - 1 && value >= low + (bin + 1) * width) bin++;
    counts[bin]++;
  }
  return counts;
}

/** Counts smoothed with a Gaussian of the given standard deviation in bins, cut off at `reach` bins and normalised. */
export function smooth(counts: Float64Array, deviation: number, reach: number): Float64Array {
  const kernel = new Float64Array(2 * reach + 1);
  let total = 0;
  for (let i = -reach; i <= reach; i++) {
    kernel[i + reach] = Math.exp(-0.5 * (i / deviation) ** 2);
    total += kernel[i + reach];
  }
  const out = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    const weight = counts[i] / total;
    const from = Math.max(0, i - reach);
    const to = Math.min(counts.length - 1, i + reach);
    for (let j = from; j <= to; j++) out[j] += weight * kernel[j - i + reach];
  }
  return out;
}
