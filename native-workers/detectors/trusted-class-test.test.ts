import { describe, expect, it } from 'vitest';
import { normalDraws } from '../../test/conformance/gaussian-classes.ts';
import { moments } from '../numeric/moments.ts';
import { squaredLengths } from '../numeric/projection.ts';
import { whiten } from '../numeric/whitening.ts';
import {
  boundShare,
  cleanRowsBound,
  conformalP,
  falseShareBound,
  smallestVisibleDose,
  testView,
} from './trusted-class-test.ts';

const normals = (n: number, seed: number): Float64Array => {
  const normal = normalDraws(seed);
  return Float64Array.from({ length: n }, () => normal());
};
const RUNS = 400;

describe('the class test', () => {
  it('rejects exchangeable scores no more often than it says', () => {
    let rejected = 0;
    for (let seed = 0; seed < RUNS; seed++) {
      const scores = normals(700, seed);
      const { lnP } = testView(scores.subarray(0, 600), scores.subarray(600));
      // Three of the four depths fit 100 trusted rows.
      if (lnP + Math.log(3) <= Math.log(0.05)) rejected++;
    }
    // Three standard deviations above 5 %.
    expect(rejected / RUNS).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / RUNS));
  });

  it('would reject clean rows if the trusted rows were also fitted on', () => {
    const check = (): void => undefined;
    const fit = (fitted: [number, number], calibrated: [number, number], seed: number): number => {
      const d = 60;
      const data = Float32Array.from(normals(800 * d, seed));
      const matrix = { data, rows: 800, cols: d };
      const between = ([from, to]: [number, number]) =>
        Int32Array.from({ length: to - from }, (_, i) => from + i);
      const whitening = whiten(moments(matrix, between(fitted), check), 0.99, check);
      if (whitening === null) throw new Error('no whitening');
      const distance = squaredLengths(matrix, null, whitening.centre, whitening.axes, check);
      return testView(distance.slice(200), distance.slice(...calibrated)).lnP;
    };
    const inSample = fit([0, 100], [0, 100], 1);
    const split = fit([0, 100], [100, 200], 1);
    const pooled = fit([0, 800], [0, 200], 1);
    expect(inSample).toBeLessThan(Math.log(1e-4));
    expect(split).toBeGreaterThan(Math.log(1e-3));
    expect(pooled).toBeGreaterThan(Math.log(1e-3));
  });

  it('is one-sided: rows that lie closer in do not count', () => {
    const scores = normals(700, 3).map(Math.abs);
    const nearer = scores.slice(0, 600).map((x) => x * 0.3);
    expect(testView(nearer, scores.slice(600)).lnP).toBe(0);
  });
});

describe('what is quoted with it', () => {
  it('conformal p counts the trusted rows at least as far out', () => {
    expect([...conformalP(Float64Array.of(0, 2, 9), Float64Array.of(1, 2, 3))]).toEqual([1, 3 / 4, 1 / 4]);
  });

  it('the bound on the false share holds for all thresholds at once', () => {
    let broken = 0;
    for (let seed = 0; seed < 120; seed++) {
      const scores = normals(1000, 5000 + seed);
      const rows = Float64Array.from([...scores.subarray(0, 800), ...normals(60, seed).map((x) => x + 4)]);
      const trusted = scores.slice(800);
      const fails = [0.5, 1, 1.5, 2, 2.5, 3, 4].some((threshold) => {
        const clean = rows.subarray(0, 800).filter((x) => x > threshold).length;
        const above = rows.filter((x) => x > threshold).length;
        return above > 0 && clean / above > falseShareBound(rows, trusted, threshold) + 1e-12;
      });
      if (fails) broken++;
    }
    expect(broken / 120).toBeLessThan(0.08);
  });

  it('the bound on clean rows is that of the published example, and views share it', () => {
    expect([0, 4, 16].map((above) => cleanRowsBound(6900, 504, above, 1))).toEqual([74, 175, 404]);
    const ids = ['act', 'dir', 'log', 'splitA', 'splitB', 'label'] as const;
    expect(ids.reduce((sum, id) => sum + boundShare(id, ids.length), 0)).toBeCloseTo(1, 12);
    expect(boundShare('act', 1)).toBe(1);
  });

  it('the smallest visible dose is that of the published table', () => {
    expect(smallestVisibleDose(500, 10, 0.01, 30)).toBeCloseTo(0.0218, 3);
    expect(smallestVisibleDose(50, 2, 0.01, 30)).toBeCloseTo(0.171, 3);
    expect(smallestVisibleDose(2500, 100, 0.01, 30)).toBeCloseTo(0.0053, 4);
  });
});
