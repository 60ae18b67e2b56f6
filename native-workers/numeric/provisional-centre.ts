/**
 * Rows whose mean the products of a class or a matrix are centred by while its mean is still being summed: one pass over the
 * rows instead of two. No sum of 64 rows straddles their end.
 */
export const PROVISIONAL_ROWS = 256;

/** Mean of the first rows from their sums, in float32 into `out`, shape (d,). */
export function provisionalCentre(sums: Float64Array, rows: number, out: Float32Array): Float32Array {
  for (let j = 0; j < out.length; j++) out[j] = sums[j] / Math.max(1, rows);
  return out;
}

/**
 * Turns products about a provisional centre into products about the mean, in place:
 * S - n (mean - centre)(mean - centre)ᵀ (Chan, Golub, LeVeque 1983, shifted data).
 *
 * @param upper sum of the products of n rows less `centre`, upper triangle, shape (d, d), row-major
 * @returns false when the centre lies farther from the mean than the rows do on average: then the products were rounded at the
 *   scale of the offset, and are to be summed again about the mean
 */
export function moveToMean(
  upper: Float64Array,
  n: number,
  mean: Float64Array,
  centre: Float32Array,
): boolean {
  const d = mean.length;
  let offset = 0;
  let scatter = 0;
  for (let i = 0; i < d; i++) {
    const shift = mean[i] - centre[i];
    for (let j = i; j < d; j++) upper[i * d + j] -= n * shift * (mean[j] - centre[j]);
    offset += n * shift * shift;
    scatter += upper[i * d + i];
  }
  return offset <= scatter;
}
