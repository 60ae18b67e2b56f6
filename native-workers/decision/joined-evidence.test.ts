import { describe, expect, it } from 'vitest';
import { joinedEvidence, lnCalibrated } from './joined-evidence.ts';

describe('the calibrator', () => {
  it('is its formula, also where p underflows or is nearly 1', () => {
    for (const p of [1e-12, 1e-3, 0.2, 0.9]) {
      const direct = (1 - p + p * Math.log(p)) / (p * Math.log(p) ** 2);
      expect(Math.exp(lnCalibrated(Math.log(p)))).toBeCloseTo(direct, 9 - Math.ceil(Math.log10(direct)));
    }
    expect(lnCalibrated(-2000)).toBeCloseTo(2000 - 2 * Math.log(2000), 9);
    expect(Math.exp(lnCalibrated(0))).toBeCloseTo(0.5, 12);
    expect(lnCalibrated(-1e-3 - 1e-12)).toBeCloseTo(lnCalibrated(-1e-3 + 1e-12), 8);
  });

  it('has a mean of 1 under the null', () => {
    // In u = -ln p the mean is the integral of (e^u - 1 - u) / u² · e^-u, here by its midpoints; the tail beyond U adds 1 / U.
    const U = 200;
    const steps = 400_000;
    let sum = 0;
    for (let i = 0; i < steps; i++) {
      const u = (U * (i + 0.5)) / steps;
      sum += Math.exp(lnCalibrated(-u) - u) * (U / steps);
    }
    expect(sum + 1 / U).toBeCloseTo(1, 4);
  });
});

describe('the joined e-value', () => {
  it('of nothing seen is near 1, and never above what its strongest part allows', () => {
    expect(joinedEvidence(null, [], 0)).toBeCloseTo(0, 12);
    expect(joinedEvidence(null, [], 100)).toBeCloseTo(100 - Math.log(2), 9);
    expect(joinedEvidence(null, [-100], 0)).toBeCloseTo(lnCalibrated(-100) - Math.log(6), 9);
  });

  it('gives the trusted test half of the weight, shared among its views and groups', () => {
    const view = {
      id: 'act',
      rows: new Float64Array(),
      trusted: new Float64Array(),
      k: 1,
      beyond: 0,
    } as const;
    const evidence = {
      m: 100,
      views: [
        { ...view, lnP: -60 },
        { ...view, lnP: -0.1 },
      ],
      groups: [],
      tests: 14,
      lnLevel: -10,
      epsilonMin: 0.1,
      bulkRatio: 1,
    };
    expect(joinedEvidence(evidence, [], 0)).toBeCloseTo(lnCalibrated(-60 + Math.log(4)) - Math.log(10), 6);
  });
});
