import { describe, expect, it } from 'vitest';
import {
  bestEffect,
  contribution,
  createDetectors,
  leastShare,
  lnEValue,
  lnThreshold,
  lnThresholdOfLevel,
  mixture,
  nullShare,
  observe,
  restart,
  SHARE_EFFECTS,
} from './e-sr.ts';

/** Binomial weights, shape (n + 1,). */
function binomial(n: number, p: number): Float64Array {
  const weights = new Float64Array(n + 1);
  weights[0] = (1 - p) ** n;
  for (let k = 1; k <= n; k++) weights[k] = (weights[k - 1] * (n - k + 1) * p) / (k * (1 - p));
  return weights;
}

describe('e-SR detectors', () => {
  it.each([
    [0.1, 0.05],
    [0.1, 1],
    [0.02, 10],
    [0.3, -0.2],
  ])('has an e-value of mean at most 1 at a share of %d and an effect of %d', (q0, effect) => {
    const mean = (p: number): number =>
      binomial(60, p).reduce((sum, weight, x) => sum + weight * Math.exp(lnEValue(x, 60, q0, effect, 1)), 0);
    expect(mean(q0)).toBeCloseTo(1, 9);
    expect(mean(effect > 0 ? 0.7 * q0 : 1.3 * q0)).toBeLessThan(1);
  });

  it('follows M <- (M + 1) e and averages over effects and cells', () => {
    const detectors = createDetectors([SHARE_EFFECTS, SHARE_EFFECTS], [1, 3]);
    observe(detectors, 0, 30, 200, 0.1, 1);
    observe(detectors, 0, 25, 200, 0.1, 1);
    const expected = SHARE_EFFECTS.map((effect) => {
      const first = Math.exp(lnEValue(30, 200, 0.1, effect, 1));
      return (first + 1) * Math.exp(lnEValue(25, 200, 0.1, effect, 1));
    });
    const mean = expected.reduce((sum, one) => sum + one, 0) / expected.length;
    expect(mixture(detectors)).toBeCloseTo(mean / 4, 9);
    expect(contribution(detectors, 0)).toBeCloseTo(mean / 4, 9);
    expect(bestEffect(detectors, 0)).toBe(SHARE_EFFECTS[expected.indexOf(Math.max(...expected))]);
    restart(detectors, 0);
    expect(mixture(detectors)).toBe(0);
  });

  it('leaves room for the error of the reference', () => {
    expect(nullShare(0.1, 10_000, 2)).toBeCloseTo(0.1 * (1 + 1.25 * Math.sqrt((2 * 0.9) / 1000)), 12);
    expect(leastShare(0.1, 10_000, 2)).toBeCloseTo(0.1 * (1 - 1.25 * Math.sqrt((2 * 0.9) / 1000)), 12);
    expect(nullShare(0, 1000, 1)).toBeCloseTo(0.003, 12);
    expect(leastShare(0.001, 1000, 1)).toBe(0);
  });

  it('counts windows of all lanes in the threshold', () => {
    expect(lnThreshold(365, 24, 2)).toBeCloseTo(Math.log(365 * 48), 12);
    expect(lnThresholdOfLevel(0.01, 168, 2)).toBeCloseTo(Math.log(33_600), 12);
  });
});
