import { describe, expect, it } from 'vitest';
import { normalDraws } from '../../test/conformance/gaussian-classes.ts';
import {
  classScores,
  factOf,
  relativeError,
  scanInput,
  scoresOfClass,
} from '../../test/fixtures/class-scores.ts';
import { uncancelled } from '../task.ts';
import { robustCovariance } from './robust-covariance.ts';
import { runDetector } from './run-detector.ts';

/** Sparse activations after a ReLU: a clean class whose tail is far heavier than a Gaussian one. */
function afterRelu(n: number, d: number, seed: number): number[][] {
  const normal = normalDraws(seed);
  return Array.from({ length: n }, () => {
    const strength = Math.exp(0.6 * normal());
    return Array.from({ length: d }, () => Math.max(0, strength * (0.2 + normal())));
  });
}

describe('robust covariance', () => {
  it('gives the distances that numpy gives', async () => {
    const input = scanInput(classScores.activations, classScores.labels);
    const { score } = await runDetector(robustCovariance, input, {}, uncancelled());
    expect(relativeError(scoresOfClass(score, input, 1), classScores.distances)).toBeLessThan(1e-9);
  });

  it('does not cut a clean class after a ReLU, of which a chi-square cut would take a tenth and more', async () => {
    const input = scanInput(afterRelu(3000, 20, 7));
    const result = await runDetector(robustCovariance, input, {}, uncancelled());
    const chiSquare = 45.31; // .999 quantile, 20 degrees of freedom
    expect(result.score.filter((squared) => squared > chiSquare).length).toBeGreaterThan(300);
    expect(result.marked).toEqual(new Uint8Array(3000));
    expect(factOf(result.classes[0], 'rows beyond a clear valley')).toBe(0);
    expect(result.classes[0].decision).toBe('not judged (ranking)');
  });

  it('is not moved by a third of foreign rows, and marks them', async () => {
    const normal = normalDraws(3);
    const rows = Array.from({ length: 900 }, (_, i) =>
      Array.from({ length: 8 }, (_column, j) => normal() + (i < 300 && j < 4 ? 9 : 0)),
    );
    const { score, marked } = await runDetector(robustCovariance, scanInput(rows), {}, uncancelled());
    expect(Math.min(...score.subarray(0, 300))).toBeGreaterThan(Math.max(...score.subarray(300)));
    expect(Array.from(marked, Boolean)).toEqual(rows.map((_, i) => i < 300));
  });

  it('says so where most rows are identical', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => (i < 80 ? [1, 2] : [i, i * i]));
    const result = await runDetector(robustCovariance, scanInput(rows), {}, uncancelled());
    expect(result.classes[0].skipped).toMatch(/Most rows of class 0 are identical/);
    expect(result.score.every(Number.isNaN)).toBe(true);
  });
});
