import { describe, expect, it } from 'vitest';
import { gaussianClasses } from '../../test/conformance/gaussian-classes.ts';
import {
  classScores,
  factOf,
  relativeError,
  scanInput,
  scoresOfClass,
} from '../../test/fixtures/class-scores.ts';
import { uncancelled } from '../task.ts';
import { quantumEntropyScores } from './quantum-entropy.ts';
import { runDetector } from './run-detector.ts';

describe('quantum entropy', () => {
  it.each([0, 4, 16] as const)(
    "gives what SciPy's matrix exponential gives at sharpness %i",
    async (sharpness) => {
      const input = scanInput(classScores.activations, classScores.labels);
      const { score } = await runDetector(quantumEntropyScores, input, { sharpness }, uncancelled());
      const expected = classScores.quantumEntropy[String(sharpness) as '0' | '4' | '16'];
      expect(relativeError(scoresOfClass(score, input, 1), expected)).toBeLessThan(1e-9);
    },
  );

  it('finds a planted group and leaves the clean classes alone', async () => {
    const { input, planted } = gaussianClasses({
      seed: 12,
      perClass: 1500,
      planted: { classIndex: 2, rows: 30, kind: 'far' },
    });
    const result = await runDetector(quantumEntropyScores, input, {}, uncancelled());
    expect(Array.from(result.marked)).toEqual(Array.from(planted));
    expect(result.classes.map((finding) => (finding.statistic ?? 0) > 2)).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it('cuts a natural sub-population like a planted one, and therefore never judges a class', async () => {
    const { input } = gaussianClasses({
      seed: 13,
      perClass: 1500,
      planted: { classIndex: 0, rows: 90, kind: 'natural' },
    });
    const { classes } = await runDetector(quantumEntropyScores, input, {}, uncancelled());
    expect(factOf(classes[0], 'rows beyond a clear valley')).toBeGreaterThan(80);
    expect(classes.every(({ decision }) => decision === 'not judged (ranking)')).toBe(true);
  });

  it('stays finite where rows vary along fewer directions than columns', async () => {
    const rows = classScores.activations.map(([a, b]) => [a, b, a, b, a + b, 0]);
    const { score } = await runDetector(quantumEntropyScores, scanInput(rows), {}, uncancelled());
    expect(score.every(Number.isFinite)).toBe(true);
  });
});
