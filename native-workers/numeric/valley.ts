import { histogram, smooth } from './histogram.ts';
import { meanAndDeviation, quantile } from './order-statistics.ts';

/** The deepest dip of a density beside its main peak. */
export interface Valley {
  /** 1 - density at the dip / highest density beyond it, 0 to 1. */
  readonly depth: number;
  readonly cut: number;
  /** Share of the values beyond the cut. */
  readonly mass: number;
  /** 1 when the values above the cut are the ones beyond it, -1 when those below are. */
  readonly side: 1 | -1;
}

const BINS = 512;
const LEAST_MASS = 0.003;

/**
 * Deepest valley of a Gaussian kernel density on 512 bins, bandwidth .9 min(sd, IQR / 1.349) n^(-1/5) (Silverman 1986).
 * A dip counts only with at least .3 % of the values beyond it; the left side wins only when it is deeper.
 * Null without a dip, or where every value is the same.
 */
export function findValley(values: Float64Array): Valley | null {
  const n = values.length;
  if (n < 2) return null;
  const { deviation } = meanAndDeviation(values);
  const spread = (quantile(values, 0.75) - quantile(values, 0.25)) / 1.349;
  const bandwidth = 0.9 * (spread > 0 ? Math.min(deviation, spread) : deviation) * n ** -0.2;
  if (!(bandwidth > 0)) return null;
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  low -= 3 * bandwidth;
  high += 3 * bandwidth;
  const step = (high - low) / BINS;
  const counts = histogram(values, BINS, low, high);
  const density = smooth(counts, bandwidth / step, BINS / 2);
  let peak = 0;
  for (let i = 1; i < BINS; i++) if (density[i] > density[peak]) peak = i;

  const highestRight = density.slice();
  for (let i = BINS - 2; i >= 0; i--) highestRight[i] = Math.max(highestRight[i], highestRight[i + 1]);
  let best: Valley | null = null;
  let beyond = 0;
  for (let i = peak + 1; i < BINS; i++) beyond += counts[i];
  for (let i = peak + 1; i < BINS - 2; i++) {
    beyond -= counts[i];
    if (highestRight[i + 1] <= density[i]) continue;
    const depth = 1 - density[i] / highestRight[i + 1];
    const mass = beyond / n;
    if (mass >= LEAST_MASS && depth > (best?.depth ?? 0) + 1e-9) {
      best = { depth, cut: low + (i + 1) * step, mass, side: 1 };
    }
  }
  const highestLeft = density.slice();
  for (let i = 1; i < BINS; i++) highestLeft[i] = Math.max(highestLeft[i], highestLeft[i - 1]);
  beyond = 0;
  for (let i = 0; i <= peak; i++) beyond += counts[i];
  for (let i = peak - 1; i > 0; i--) {
    beyond -= counts[i + 1];
    if (highestLeft[i - 1] <= density[i]) continue;
    const depth = 1 - density[i] / highestLeft[i - 1];
    const mass = beyond / n;
    if (mass >= LEAST_MASS && depth > (best?.depth ?? 0) + 1e-9) {
      best = { depth, cut: low + (i + 1) * step, mass, side: -1 };
    }
  }
  return best;
}
