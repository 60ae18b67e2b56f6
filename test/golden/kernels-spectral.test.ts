import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Matrix } from '../../native-workers/detectors/detector.ts';
import { availableEngines, useEngine } from '../../native-workers/engine.ts';
import { cholesky, mahalanobis } from '../../native-workers/numeric/cholesky.ts';
import { moments } from '../../native-workers/numeric/moments.ts';
import { pca, projectOnComponents } from '../../native-workers/numeric/pca.ts';
import { eigTop, symmetricEigen } from '../../native-workers/numeric/symmetric-eigen.ts';
import { topSingularVectors } from '../../native-workers/numeric/top-singular-vectors.ts';
import { inlineRunner } from '../../native-workers/inline-runner.ts';
import { uncancelled } from '../../native-workers/task.ts';
import { activations } from '../fixtures/activations.ts';

interface Case {
  n: number;
  d: number;
  seed: number;
  k: number;
  checksum: number;
  variances: number[];
  totalVariance: number;
  values: number[];
  directions: number[][];
  coordinates: number[][];
  scores: Record<'1' | '3', number[]>;
  singular: number[];
  mahalanobis?: number[];
  choleskyDiagonal?: number[];
}

const golden = JSON.parse(readFileSync(new URL('kernels-spectral.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};
const check = (): void => undefined;
const runner = inlineRunner(uncancelled());

/** Largest difference over the largest expected size. */
function apart(actual: ArrayLike<number>, expected: readonly number[]): number {
  let most = 0;
  let size = 1e-300;
  expected.forEach((value, i) => {
    most = Math.max(most, Math.abs(actual[i] - value));
    size = Math.max(size, Math.abs(value));
  });
  return most / size;
}

describe.each(availableEngines())('%s against numpy, SciPy and scikit-learn', (engine) => {
  beforeAll(() => {
    useEngine(engine);
  });
  afterAll(() => {
    useEngine(null);
  });

  describe.each(golden.cases)('$n x $d', (expected) => {
    const { n, d, seed, k } = expected;
    const matrix: Matrix = { data: activations(n, d, seed), rows: n, cols: d };

    it('is the same matrix', () => {
      expect(apart([matrix.data.reduce((sum, value) => sum + value, 0)], [expected.checksum])).toBeLessThan(
        1e-12,
      );
    });

    it('principal components', async () => {
      const found = await pca({ matrix, rows: null }, k, runner, { seed: 1 });
      expect(found.method).toBe(n <= d / 2 ? 'rows' : 'columns');
      expect(apart(found.variances, expected.variances)).toBeLessThan(1e-6);
      expect(apart([found.totalVariance], [expected.totalVariance])).toBeLessThan(1e-6);
      expected.directions.forEach((direction, c) => {
        expect(apart(found.directions.subarray(c * d, (c + 1) * d), direction)).toBeLessThan(1e-5);
      });
      const coordinates = await projectOnComponents({ matrix, rows: null }, found, runner);
      expected.coordinates.forEach((row, r) => {
        expect(apart(coordinates.subarray(r * k, r * k + 2), row.slice(0, 2))).toBeLessThan(1e-4);
      });
    });

    it('spectral scores of a class', async () => {
      for (const vectors of [1, 3] as const) {
        const { classes, scores } = await topSingularVectors(matrix, new Int32Array(n), 1, vectors, runner);
        expect(apart(scores.subarray(0, 40), expected.scores[vectors])).toBeLessThan(1e-5);
        const singular = Array.from(classes[0].values, Math.sqrt);
        expect(apart(singular, expected.singular.slice(0, vectors))).toBeLessThan(1e-6);
      }
    });

    it('eigenvalues of the exact products', () => {
      const { scatter } = moments(matrix, null, check);
      expect(apart(symmetricEigen(scatter, d, check).values, expected.values)).toBeLessThan(1e-13);
      expect(apart(eigTop(scatter, d, k, check).values, expected.values)).toBeLessThan(1e-13);
    });

    it.runIf(expected.mahalanobis)('Cholesky and Mahalanobis', () => {
      const { mean, scatter } = moments(matrix, null, check);
      const covariance = scatter.map((sum, i) => sum / n + (i % (d + 1) === 0 ? 0.01 : 0));
      const factor = cholesky(covariance, d, check);
      expect(
        apart(
          Array.from({ length: d }, (_, i) => factor?.[i * (d + 1)] ?? NaN),
          expected.choleskyDiagonal ?? [],
        ),
      ).toBeLessThan(1e-12);
      const distances = mahalanobis(matrix, null, mean, covariance, check);
      expect(apart(distances ?? [], expected.mahalanobis ?? [])).toBeLessThan(1e-10);
    });
  });
});
