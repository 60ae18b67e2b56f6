import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  betaBinomialUpperQuantile,
  betaCdf,
  betaQuantile,
  lnBetaBinomialTail,
  lnBinomialTail,
  lnGamma,
  lnHypergeometricLower,
  lnNormalTail,
} from './distributions.ts';

describe('distributions', () => {
  it('log gamma follows its recurrence', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e5, noNaN: true }), (x) => {
        expect(Math.abs(lnGamma(x + 1) - lnGamma(x) - Math.log(x))).toBeLessThan(
          1e-9 * Math.max(1, Math.abs(lnGamma(x))),
        );
      }),
    );
  });

  it('tails start at certainty, fall, and end at nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 8, max: 60 }),
        (n, k, m) => {
          let before = 0;
          for (let x = 0; x <= n + 1; x++) {
            const lnP = lnBetaBinomialTail(x, n, k, m);
            expect(lnP).toBeLessThanOrEqual(before + 1e-12);
            before = lnP;
          }
          expect(lnBetaBinomialTail(0, n, k, m)).toBe(0);
          expect(before).toBe(-Infinity);
        },
      ),
    );
  });

  it('a Beta-Binomial tail counts orders: the farthest of n + m is one of n rows with probability n / (n + m)', () => {
    expect(Math.exp(lnBetaBinomialTail(1, 30, 1, 70))).toBeCloseTo(0.3, 12);
    expect(lnBetaBinomialTail(6900, 6900, 1, 504)).toBeLessThan(-1500);
  });

  it('the upper quantile is the smallest count with a small enough tail', () => {
    // m = 504, n = 6,900, p = .005: at most 74 rows beyond the farthest of the trusted ones.
    const v = betaBinomialUpperQuantile(0.005, 6900, 1, 504);
    expect(Math.abs(v - 74)).toBeLessThanOrEqual(3);
    expect(Math.exp(lnBetaBinomialTail(v + 1, 6900, 1, 504))).toBeLessThanOrEqual(0.005);
    expect(Math.exp(lnBetaBinomialTail(v, 6900, 1, 504))).toBeGreaterThan(0.005);
  });

  it('a hypergeometric draw of everything holds every marked thing', () => {
    expect(lnHypergeometricLower(4, 20, 5, 20)).toBe(-Infinity);
    expect(lnHypergeometricLower(5, 20, 5, 20)).toBe(0);
    expect(Math.exp(lnHypergeometricLower(0, 10, 5, 5))).toBeCloseTo(1 / 252, 14);
  });

  it('a binomial tail of all successes is p^n', () => {
    expect(lnBinomialTail(50, 50, 0.02)).toBeCloseTo(50 * Math.log(0.02), 9);
    expect(lnBinomialTail(3, 50, 1)).toBe(0);
  });

  it('Beta quantiles invert the distribution', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 400 }),
        (p, a, b) => {
          expect(betaCdf(betaQuantile(p, a, b), a, b)).toBeCloseTo(p, 10);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('the normal tail as scipy.stats.norm.logsf', () => {
    const golden: [number, number][] = [
      [0, -0.6931471805599453],
      [0.5, -1.175911761593619],
      [3, -6.60772622151035],
      [8, -35.01343715991456],
      [40, -804.6084420137539],
      [200, -20006.21728089819],
    ];
    for (const [z, expected] of golden) expect(lnNormalTail(z) / expected).toBeCloseTo(1, 12);
  });
});
