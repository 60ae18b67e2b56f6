import { describe, expect, it } from 'vitest';
import { gaussianClasses, normalDraws } from '../../test/conformance/gaussian-classes.ts';
import { factOf, relativeError, scanInput } from '../../test/fixtures/class-scores.ts';
import { moments } from '../numeric/moments.ts';
import { project } from '../numeric/projection.ts';
import { symmetricEigen } from '../numeric/symmetric-eigen.ts';
import { uncancelled } from '../task.ts';
import { runDetector } from './run-detector.ts';
import { spectralSignatures } from './spectral-signatures.ts';

const check = (): void => undefined;

/** A class far from the origin; the first `planted` rows lie apart across the direction of its mean. */
function farFromOrigin(n: number, d: number, planted: number, seed: number): number[][] {
  const normal = normalDraws(seed);
  return Array.from({ length: n }, (_, i) =>
    Array.from(
      { length: d },
      (_column, j) => normal() + (j === 0 ? 50 : 0) + (j === 1 && i < planted ? 15 : 0),
    ),
  );
}

function fullDecomposition(rows: number[][], k: number): { score: number[]; share: number } {
  const matrix = { data: Float32Array.from(rows.flat()), rows: rows.length, cols: rows[0].length };
  const { mean, scatter, cols } = moments(matrix, null, check);
  const { values, vectors } = symmetricEigen(scatter, cols, check);
  const along = project(matrix, null, mean, { count: k, cols, data: vectors.slice(0, k * cols) }, check);
  return {
    score: rows.map((_, i) => along.slice(i * k, (i + 1) * k).reduce((sum, x) => sum + x * x, 0)),
    share: values[0] / values.reduce((sum, value) => sum + value, 0),
  };
}

describe('spectral signatures', () => {
  it('centres the class: poison across the direction of its mean comes first', async () => {
    const rows = farFromOrigin(600, 5, 20, 51);
    const { score } = await runDetector(spectralSignatures, scanInput(rows), {}, uncancelled());
    expect(Math.min(...score.subarray(0, 20))).toBeGreaterThan(Math.max(...score.subarray(20)));
  });

  it('marks what lies beyond a valley, not a share of the rows', async () => {
    const rows = farFromOrigin(600, 5, 20, 52);
    const poisoned = await runDetector(spectralSignatures, scanInput(rows), {}, uncancelled());
    expect(Array.from(poisoned.marked, Boolean)).toEqual(rows.map((_, i) => i < 20));
    const { input } = gaussianClasses({ seed: 53, perClass: 1000 });
    const clean = await runDetector(spectralSignatures, input, {}, uncancelled());
    expect(clean.marked).toEqual(new Uint8Array(4000));
    expect(clean.classes.every(({ decision }) => decision === 'not judged (ranking)')).toBe(true);
  });

  it.each([
    { n: 60, d: 200, k: 1 },
    { n: 60, d: 200, k: 3 },
    { n: 300, d: 40, k: 3 },
    { n: 300, d: 6, k: 10 },
  ])('$n rows of $d columns, k = $k: as by the full decomposition', async ({ n, d, k }) => {
    const rows = farFromOrigin(n, d, 6, 54);
    const expected = fullDecomposition(rows, Math.min(k, d));
    const { score, classes } = await runDetector(spectralSignatures, scanInput(rows), { k }, uncancelled());
    expect(relativeError(Array.from(score), expected.score)).toBeLessThan(1e-6);
    expect(classes[0].statistic).toBeCloseTo(expected.share, 6);
    expect(classes[0].spectrum).toHaveLength(Math.min(20, d));
  });

  it('takes few rows that vary along fewer directions than are shown', async () => {
    const rows = Array.from({ length: 60 }, (_, i) =>
      Array.from({ length: 200 }, (_column, j) => (i % 3) * (j % 5)),
    );
    const { score, classes } = await runDetector(
      spectralSignatures,
      scanInput(rows),
      { k: 5 },
      uncancelled(),
    );
    expect(score.every(Number.isFinite)).toBe(true);
    expect(classes[0].spectrum?.every(Number.isFinite)).toBe(true);
    expect(factOf(classes[0], 'share of the leading eigenvalue')).toBeCloseTo(1, 6);
  });
});
