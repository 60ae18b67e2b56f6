/** One factor on the expected counts a season (hour of the day or weekday), shrunk to 1 where the reference shows only noise. */
export interface SeasonalFactors {
  /** (seasons,), 1 everywhere where no season is certain. */
  readonly factors: Float64Array;
  /** How much of the raw factors is kept, 0 to 1, on average. */
  readonly kept: number;
}

/** Seasons with fewer expected requests say nothing. */
const LEAST_EXPECTED = 5;

/**
 * Factors of one cell: L = ln(observed / expected) of each season, its variance v = phi (1 - q) / expected, the variance between
 * seasons tau^2 = max(0, mean L^2 - (k - 1)/k mean v), the factor exp(L tau^2 / (tau^2 + v)): empirical Bayes as in James, Stein.
 *
 * @param observed counts by season, shape (k,)
 * @param expected what the cell's share alone makes one expect, shape (k,)
 * @param share of the cell, 0 to 1
 * @param phi how much more its counts vary than independent requests would
 */
export function seasonalFactors(
  observed: Float64Array,
  expected: Float64Array,
  share: number,
  phi: number,
): SeasonalFactors {
  const seasons = observed.length;
  const factors = new Float64Array(seasons).fill(1);
  const known = [...expected.keys()].filter((season) => expected[season] >= LEAST_EXPECTED);
  if (known.length < seasons) return { factors, kept: 0 };
  const logs = Float64Array.from(observed, (count, s) => Math.log((count + 0.5) / (expected[s] + 0.5)));
  const variances = Float64Array.from(expected, (count) => (phi * (1 - share)) / count);
  const between = Math.max(
    0,
    mean(logs.map((log) => log * log)) - ((seasons - 1) / seasons) * mean(variances),
  );
  if (between === 0) return { factors, kept: 0 };
  const weights = variances.map((v) => between / (between + v));
  for (let s = 0; s < seasons; s++) factors[s] = Math.exp(logs[s] * weights[s]);
  // The factors leave the cell's whole count as it is.
  let total = 0;
  let scaled = 0;
  for (let s = 0; s < seasons; s++) {
    total += expected[s];
    scaled += expected[s] * factors[s];
  }
  for (let s = 0; s < seasons; s++) factors[s] *= total / scaled;
  return { factors, kept: mean(weights) };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
