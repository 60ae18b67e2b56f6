import type { TaskContext } from '../task.ts';
import { mixHash } from './hash.ts';

const BINS = 50;
/** Statistics of an image: mean, standard deviation, skewness, excess kurtosis, entropy. */
export const IMAGE_STATISTICS = 5;

/**
 * What the values of each image say, and a hash of its bytes, into the rows `first` and following.
 *
 * @param args.bytes images one after the other, `size` bytes each
 * @param args.data float32, shape (n, 5): mean, standard deviation, skewness, excess kurtosis (both 0 where all values are
 * equal) and entropy in bits over 50 bins of the range 0 to 255
 * @param args.contentHash shape (n,), 53 bits
 * @throws Cancelled
 */
export function imageStatistics(
  args: { bytes: Uint8Array; size: number; first: number; data: Float32Array; contentHash: Float64Array },
  ctx: TaskContext,
): void {
  const { bytes, size, first, data, contentHash } = args;
  const counts = new Float64Array(256);
  for (let image = 0; image * size < bytes.length; image++) {
    if ((image & 255) === 0) ctx.check();
    counts.fill(0);
    let low = 0;
    let high = 0x9e3779b9;
    for (let at = image * size; at < (image + 1) * size; at++) {
      const value = bytes[at];
      counts[value] += 1;
      low = Math.imul(low ^ value, 0x01000193);
      high = Math.imul((high << 5) ^ (high >>> 27) ^ value, 0x85ebca6b);
    }
    contentHash[first + image] = (mixHash(high, 1) & 0x1fffff) * 2 ** 32 + mixHash(low, 2);
    data.set(valuesOf(counts, size), (first + image) * IMAGE_STATISTICS);
  }
}

function valuesOf(counts: Float64Array, size: number): number[] {
  let mean = 0;
  for (let value = 0; value < 256; value++) mean += (counts[value] * value) / size;
  let [second, third, fourth] = [0, 0, 0];
  const binned = new Float64Array(BINS);
  for (let value = 0; value < 256; value++) {
    const share = counts[value] / size;
    const away = value - mean;
    second += share * away ** 2;
    third += share * away ** 3;
    fourth += share * away ** 4;
    binned[Math.min(BINS - 1, Math.floor((value * BINS) / 255))] += share;
  }
  const entropy = binned.reduce((sum, share) => (share > 0 ? sum - share * Math.log2(share) : sum), 0);
  return second > 0
    ? [mean, Math.sqrt(second), third / second ** 1.5, fourth / second ** 2 - 3, entropy]
    : [mean, 0, 0, 0, entropy];
}
