import { mixHash } from '../numeric/hash.ts';
import { permutationPValue } from '../numeric/two-sample/permutation.ts';
import { logLikelihoodRatio } from './subgroup-search.ts';

export interface ScannedWindow {
  /** Entries `from` to `to - 1`. */
  readonly from: number;
  readonly to: number;
  readonly observed: number;
  readonly expected: number;
  readonly score: number;
  /** Against the largest scores of counts drawn from the expectation; null where none were drawn. */
  readonly pValue: number | null;
}

/**
 * The stretch of neighbouring entries with the largest log-likelihood ratio (Kulldorff's scan statistic in one dimension): where in time,
 * or in the day, requests are thickest against what is expected.
 *
 * @param counts requests by entry; entries are windows of one length side by side
 * @param expected any positive weights; they are scaled to the sum of the counts
 * @param longest entries that a stretch has at most
 * @param draws multinomial redraws for the p-value, 0 for none; every draw is a hash of a counter
 * @returns null where there are no requests
 * @throws whatever `check` throws
 */
export function scanWindows(
  counts: ArrayLike<number>,
  expected: ArrayLike<number>,
  longest: number,
  draws: { readonly permutations: number; readonly seed: number; readonly purpose: number },
  check: () => void,
): ScannedWindow | null {
  const total = sum(counts);
  const weight = sum(expected);
  if (total === 0 || weight === 0) return null;
  const means = Float64Array.from(expected, (one) => (one * total) / weight);
  const best = scan(counts, means, longest, total);
  if (draws.permutations === 0) return { ...best, pValue: null };
  const cumulative = new Float64Array(means.length);
  let running = 0;
  for (let i = 0; i < means.length; i++) cumulative[i] = running += means[i] / total;
  const drawn = new Float64Array(draws.permutations);
  const stream = mixHash(draws.seed, draws.purpose);
  for (let m = 0; m < draws.permutations; m++) {
    check();
    const simulated = new Int32Array(means.length);
    const own = mixHash(stream, m + 1);
    for (let i = 0; i < total; i++) simulated[entryOf(cumulative, mixHash(i, own) / 2 ** 32)]++;
    drawn[m] = scan(simulated, means, longest, total).score;
  }
  return { ...best, pValue: permutationPValue(best.score, drawn) };
}

function scan(
  counts: ArrayLike<number>,
  means: Float64Array,
  longest: number,
  total: number,
): Omit<ScannedWindow, 'pValue'> {
  let best = { from: 0, to: 1, observed: counts[0], expected: means[0], score: 0 };
  for (let from = 0; from < means.length; from++) {
    let observed = 0;
    let expected = 0;
    for (let to = from + 1; to <= Math.min(means.length, from + longest); to++) {
      observed += counts[to - 1];
      expected += means[to - 1];
      const score = expected > 0 ? logLikelihoodRatio(observed, Math.min(expected, total), total) : 0;
      if (score > best.score) best = { from, to, observed, expected, score };
    }
  }
  return best;
}

function entryOf(cumulative: Float64Array, uniform: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle] <= uniform) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
