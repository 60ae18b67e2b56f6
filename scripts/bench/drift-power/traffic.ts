import { draws, type Draws } from '../../drift-logs/draws.ts';

export type Regime = 'A' | 'B' | 'C';

/** Shares of the simulated classes; the attacked one is the fourth, of 10 %. */
export const SHARES = [0.2, 0.15, 0.12, 0.1, 0.1, 0.09, 0.08, 0.07, 0.05, 0.04];
const TARGET = 3;
const PER_DAY = 10_000;
const VOLUMES = [1.1, 1.1, 1.1, 1.1, 1.1, 0.8, 0.7];
const WEEKDAY_SD = 0.05;
/** Dirichlet concentration of regime C: variance about 1.5 times as large. */
const CONCENTRATION = 20_000;

/** Daily class counts of one installation, day after day. */
export interface Traffic {
  /** @param rise relative rise of the attacked class, the others scaled down */
  next(rise: number): Int32Array;
}

/**
 * Traffic of one run. A: independent requests, constant volume. B: each class and weekday has a log-normal factor of 5 %, volume follows
 * the weekday. C: B with a Dirichlet day effect.
 */
export function traffic(regime: Regime, seed: number): Traffic {
  const draw = draws(seed, 101 + regime.charCodeAt(0));
  const seasonal = regime !== 'A';
  const factors = Array.from({ length: 7 }, () =>
    SHARES.map(() => (seasonal ? Math.exp(WEEKDAY_SD * draw.normal()) : 1)),
  );
  const meanVolume = VOLUMES.reduce((sum, one) => sum + one, 0) / 7;
  let day = 0;
  return {
    next: (rise) => {
      const weekday = day++ % 7;
      const n = seasonal ? Math.round((PER_DAY * VOLUMES[weekday]) / meanVolume) : PER_DAY;
      let shares = scaled(SHARES.map((share, c) => share * factors[weekday][c]));
      const risen = shares[TARGET] * (1 + rise);
      shares = shares.map((share, c) =>
        c === TARGET ? risen : (share * (1 - risen)) / (1 - shares[TARGET]),
      );
      if (regime === 'C') shares = scaled(shares.map((share) => draw.gamma(CONCENTRATION * share)));
      return multinomial(draw, n, shares);
    },
  };
}

function scaled(values: number[]): number[] {
  const sum = values.reduce((total, one) => total + one, 0);
  return values.map((one) => one / sum);
}

function multinomial(draw: Draws, n: number, shares: readonly number[]): Int32Array {
  const counts = new Int32Array(shares.length);
  let left = n;
  let share = 1;
  for (let c = 0; c < shares.length - 1; c++) {
    counts[c] = binomial(draw, left, Math.min(1, shares[c] / share));
    left -= counts[c];
    share -= shares[c];
  }
  counts[shares.length - 1] = left;
  return counts;
}

/**
 * A binomial of large mean and variance (here above 250): a normal with its skewness put back (Cornish, Fisher), rounded. What is left
 * out is of order 1 / variance.
 */
function binomial(draw: Draws, n: number, p: number): number {
  const variance = n * p * (1 - p);
  const z = draw.normal();
  const skewness = (1 - 2 * p) / Math.sqrt(variance);
  const value = n * p + Math.sqrt(variance) * (z + ((z * z - 1) * skewness) / 6);
  return Math.max(0, Math.min(n, Math.round(value)));
}
