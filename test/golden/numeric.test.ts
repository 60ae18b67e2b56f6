import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { activationClustering } from '../../native-workers/detectors/activation-clustering.ts';
import { runDetector } from '../../native-workers/detectors/run-detector.ts';
import type { Matrix, ScanInput } from '../../native-workers/detectors/detector.ts';
import { spectralSignatures } from '../../native-workers/detectors/spectral-signatures.ts';
import {
  betaQuantile,
  lnBetaBinomialTail,
  lnBinomialTail,
  lnGamma,
  lnHypergeometricLower,
} from '../../native-workers/numeric/distributions.ts';
import { moments } from '../../native-workers/numeric/moments.ts';
import { median, quantile, skewness } from '../../native-workers/numeric/order-statistics.ts';
import { project, squaredLengths } from '../../native-workers/numeric/projection.ts';
import { symmetricEigen } from '../../native-workers/numeric/symmetric-eigen.ts';
import { findValley } from '../../native-workers/numeric/valley.ts';
import { whiten } from '../../native-workers/numeric/whitening.ts';
import { uncancelled } from '../../native-workers/task.ts';

interface Golden {
  matrix: number[][];
  covariance: number[][];
  pca: { variance: number[]; coordinates: number[][] };
  ledoitWolf: { shrinkage: number; mahalanobis: number[] };
  spectral: number[];
  clustering: { matrix: number[][]; dimensions: number; silhouette: number; sizes: number[] };
  eigen: { matrix: number[]; d: number; values: number[] }[];
  valley: { values: number[]; cut: number; depth: number };
  order: { values: number[]; quantiles: [number, number][]; median: number; skewness: number };
  lnGamma: [number, number][];
  betaBinomialTail: [number, number, number, number, number][];
  hypergeometricLower: [number, number, number, number, number][];
  binomialTail: [number, number, number, number][];
  betaQuantile: [number, number, number, number][];
}

const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as Golden;
const check = (): void => undefined;

function matrixOf(rows: number[][]): Matrix {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, cols: rows[0].length };
}

function oneClass(rows: number[][]): ScanInput {
  const n = rows.length;
  return {
    classes: ['a'],
    investigated: {
      rows: n,
      label: new Int32Array(n),
      predicted: null,
      keyHash: Uint32Array.from({ length: n }, (_, i) => i),
      activations: matrixOf(rows),
      logits: null,
      losses: null,
      gradientNorm: null,
      images: null,
    },
    trusted: null,
  };
}

function expectClose(actual: number, expected: number, relative: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.max(1e-12, Math.abs(expected)));
}

describe('against numpy, SciPy and scikit-learn', () => {
  const matrix = matrixOf(golden.matrix);
  const m = moments(matrix, null, check);

  it('covariance', () => {
    const largest = Math.max(...golden.covariance.flat());
    golden.covariance.flat().forEach((value, i) => {
      expect(Math.abs(m.scatter[i] / m.n - value)).toBeLessThan(1e-13 * largest);
    });
  });

  it('principal components', () => {
    const { values, vectors } = symmetricEigen(m.scatter, m.cols, check);
    golden.pca.variance.forEach((value, i) => {
      expectClose(values[i] / (m.n - 1), value, 1e-12);
    });
    const axes = { count: 3, cols: m.cols, data: vectors.slice(0, 3 * m.cols) };
    const coordinates = project(matrix, null, m.mean, axes, check);
    golden.pca.coordinates.flat().forEach((value, i) => {
      expect(Math.abs(Math.abs(coordinates[i]) - value)).toBeLessThan(1e-11);
    });
  });

  it('Ledoit-Wolf Mahalanobis distances', () => {
    const whitening = whiten(m, 1, check);
    expect(whitening).not.toBeNull();
    if (whitening === null) return;
    const distances = squaredLengths(matrix, null, whitening.centre, whitening.axes, check);
    golden.ledoitWolf.mahalanobis.forEach((value, i) => {
      expectClose(distances[i], value, 1e-9);
    });
  });

  it('eigenvalues, also degenerate ones', () => {
    for (const { matrix: entries, d, values } of golden.eigen) {
      const eigen = symmetricEigen(Float64Array.from(entries), d, check);
      values.forEach((value, i) => {
        expect(Math.abs(eigen.values[i] - value)).toBeLessThan(1e-13 * Math.max(1, Math.abs(values[0])));
      });
    }
  });

  it('spectral signature scores', async () => {
    const { score } = await runDetector(spectralSignatures, oneClass(golden.matrix), {}, uncancelled());
    golden.spectral.forEach((value, i) => {
      expect(Math.abs(score[i] - value)).toBeLessThan(1e-10 * Math.max(...golden.spectral));
    });
  });

  it('2-means from the two extremes and its silhouette', async () => {
    const { matrix: rows, dimensions, silhouette, sizes } = golden.clustering;
    const result = await runDetector(activationClustering, oneClass(rows), { dimensions }, uncancelled());
    // The silhouette is summed over coordinates rounded to float32.
    expectClose(result.classes[0].statistic ?? NaN, silhouette, 1e-8);
    const smaller = result.cluster?.reduce((sum, c) => sum + c, 0);
    expect(smaller).toBe(sizes[0]);
  });

  it('a valley where the kernel density has one', () => {
    const valley = findValley(Float64Array.from(golden.valley.values));
    expect(valley?.side).toBe(1);
    expect(Math.abs((valley?.depth ?? 0) - golden.valley.depth)).toBeLessThan(0.01);
    // The bottom is flat: the density there is below 1 % of the peak for about half a unit.
    expect(Math.abs((valley?.cut ?? 0) - golden.valley.cut)).toBeLessThan(0.6);
  });

  it('quantiles, median, skewness', () => {
    const values = Float64Array.from(golden.order.values);
    for (const [q, value] of golden.order.quantiles) expectClose(quantile(values, q), value, 1e-14);
    expectClose(median(values), golden.order.median, 1e-15);
    expectClose(skewness(values), golden.order.skewness, 1e-11);
  });

  it('log gamma', () => {
    for (const [x, value] of golden.lnGamma)
      expect(Math.abs(lnGamma(x) - value)).toBeLessThan(1e-14 * Math.max(1, value));
  });

  it('Beta-Binomial tails far below the smallest double', () => {
    for (const [x, n, k, reference, value] of golden.betaBinomialTail) {
      expectClose(lnBetaBinomialTail(x, n, k, reference), value, 1e-9);
    }
  });

  it('hypergeometric lower tails', () => {
    for (const [x, total, marked, drawn, value] of golden.hypergeometricLower) {
      expectClose(lnHypergeometricLower(x, total, marked, drawn), value, 1e-9);
    }
  });

  it('binomial tails', () => {
    for (const [x, n, p, value] of golden.binomialTail) expectClose(lnBinomialTail(x, n, p), value, 1e-9);
  });

  it('Beta quantiles', () => {
    for (const [p, a, b, value] of golden.betaQuantile) expectClose(betaQuantile(p, a, b), value, 1e-11);
  });
});
