import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Matrix } from '../../native-workers/detectors/detector.ts';
import { availableEngines, useEngine } from '../../native-workers/engine.ts';
import {
  countInBins,
  equalFrequencyEdges,
  equalWidthEdges,
} from '../../native-workers/numeric/two-sample/binning.ts';
import { kolmogorovSurvival } from '../../native-workers/numeric/two-sample/kolmogorov-distribution.ts';
import { kolmogorovSmirnov } from '../../native-workers/numeric/two-sample/kolmogorov-smirnov.ts';
import { maximumMeanDiscrepancy } from '../../native-workers/numeric/two-sample/mmd.ts';
import { quantilesOfSorted } from '../../native-workers/numeric/two-sample/quantiles.ts';
import { radixSort } from '../../native-workers/numeric/two-sample/radix-sort.ts';
import { averageRanks } from '../../native-workers/numeric/two-sample/ranks.ts';

interface Golden {
  kolmogorovSmirnov: {
    name: string;
    first: string[];
    second: string[];
    statistic: number;
    p: number | null;
    location: string;
    sign: number;
  }[];
  kolmogorovSurvival: [number, number, number][];
  ranks: { values: number[]; ranks: number[] };
  quantiles: { values: number[]; shares: number[]; quantiles: number[] };
  histogram: {
    values: number[];
    edges: number[];
    counts: number[];
    width: { edges: number[]; counts: number[] };
    share: { edges: number[]; counts: number[] };
  };
  mmd: {
    first: number[][];
    second: number[][];
    medianDistance: number;
    squared: number;
    squaredAtOne: number;
  };
}

const golden = JSON.parse(readFileSync(new URL('two-sample.json', import.meta.url), 'utf8')) as Golden;
const check = (): void => undefined;

function values(written: readonly string[]): Float64Array {
  return Float64Array.from(written, (one) => Number(one.replace('inf', 'Infinity')));
}

function matrixOf(rows: number[][]): Matrix {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, cols: rows[0].length };
}

describe.each(availableEngines())('two-sample kernels of %s against numpy and SciPy', (engine) => {
  beforeAll(() => {
    useEngine(engine);
  });
  afterAll(() => {
    useEngine(null);
  });

  it.each(golden.kolmogorovSmirnov)('Kolmogorov-Smirnov: $name', (test) => {
    const found = kolmogorovSmirnov(values(test.first), values(test.second), check);
    expect(found.statistic).toBe(test.statistic);
    expect(found.sign).toBe(test.sign);
    expect(found.location).toBeCloseTo(Number(test.location.replace('inf', 'Infinity')), 12);
    // SciPy has no p value for one value each.
    expect(Math.abs(found.p - (test.p ?? 1))).toBeLessThanOrEqual(1e-9 * found.p);
  });

  it('mean discrepancy and its bandwidth', () => {
    const [first, second] = [matrixOf(golden.mmd.first), matrixOf(golden.mmd.second)];
    const byHeuristic = maximumMeanDiscrepancy(
      { first, second, bandwidth: null, permutations: 0, seed: 1 },
      check,
    );
    expect(byHeuristic.bandwidth).toBeCloseTo(golden.mmd.medianDistance, 12);
    expect(byHeuristic.squared).toBeCloseTo(golden.mmd.squared, 13);
    const atOne = maximumMeanDiscrepancy({ first, second, bandwidth: 1, permutations: 0, seed: 1 }, check);
    expect(atOne.squared).toBeCloseTo(golden.mmd.squaredAtOne, 13);
  });

  it('average ranks', () => {
    expect([...averageRanks(Float64Array.from(golden.ranks.values), check)]).toEqual(golden.ranks.ranks);
  });
});

describe('distributions, quantiles and bins against numpy and SciPy', () => {
  it("Kolmogorov's distribution for any number of values", () => {
    for (const [d, n, p] of golden.kolmogorovSurvival) {
      const found = kolmogorovSurvival(d, n, check);
      expect(Math.abs(found - p), `d ${d}, n ${n}`).toBeLessThan(1e-9 * p + 1e-300);
    }
  });

  it('quantiles', () => {
    const { values: drawn, shares, quantiles } = golden.quantiles;
    const found = quantilesOfSorted(radixSort(Float64Array.from(drawn), check), shares);
    quantiles.forEach((value, i) => {
      expect(Math.abs(found[i] - value)).toBeLessThanOrEqual(2e-16 * value);
    });
  });

  it('counts between edges of any, of equal width and of equal frequency', () => {
    const { values: drawn, edges, counts, width, share } = golden.histogram;
    const data = Float64Array.from(drawn);
    expect([...countInBins(data, Float64Array.from(edges), check)]).toEqual(counts);
    const even = equalWidthEdges(-3, 3, 7);
    width.edges.forEach((edge, i) => {
      expect(even[i]).toBeCloseTo(edge, 14);
    });
    expect([...countInBins(data, even, check)]).toEqual(width.counts);
    const frequent = equalFrequencyEdges(radixSort(data, check), 10);
    share.edges.forEach((edge, i) => {
      expect(frequent[i]).toBeCloseTo(edge, 14);
    });
    expect([...countInBins(data, frequent, check)]).toEqual(share.counts);
  });
});
