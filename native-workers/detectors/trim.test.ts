import { describe, expect, it } from 'vitest';
import { gaussianClasses } from '../../test/conformance/gaussian-classes.ts';
import { trainingFigures, trainingInput } from '../../test/golden/training.ts';
import { uncancelled } from '../task.ts';
import type { DetectorResult, ScanInput } from './detector.ts';
import { runDetector } from './run-detector.ts';
import { trim } from './trim.ts';

const run = (input: ScanInput, params = {}): Promise<DetectorResult> =>
  runDetector(trim, input, params, uncancelled());
const fact = (result: DetectorResult, classIndex: number, name: string): number =>
  result.classes[classIndex].facts.find((one) => one.name === name)?.value ?? NaN;

/** Gaussian classes of which some rows of class 0 are given class 1. */
function flipped(seed: number, flips: number): { input: ScanInput; isFlip: (row: number) => boolean } {
  const { input } = gaussianClasses({ seed, classes: 3, perClass: 300, cols: 8, trustedPerClass: 0 });
  const label = input.investigated.label.map((c, i) => (i < flips ? 1 : c));
  return {
    input: { ...input, investigated: { ...input.investigated, label, predicted: null } },
    isFlip: (row) => row < flips,
  };
}

describe('TRIM', () => {
  it('ends with the losses of a reference in NumPy, after as many rounds', async () => {
    const result = await run(trainingInput(), { keep: trainingFigures.keep });
    trainingFigures.trimLoss.forEach((expected, i) => {
      expect(result.score[i]).toBeCloseTo(expected, 8);
    });
    expect(fact(result, 0, 'rounds')).toBe(trainingFigures.trimRounds);
    expect(fact(result, 0, 'kept rows stayed the same')).toBe(1);
    expect(fact(result, 0, 'share kept in each round')).toBe(trainingFigures.keep);
  });

  it('finds wrong labels that were trimmed away, and marks them alone', async () => {
    const { input, isFlip } = flipped(2, 40);
    const { score, marked } = await run(input);
    const worst = score.reduce((a, s, i) => (isFlip(i) ? a : Math.max(a, s)), -Infinity);
    for (let i = 0; i < 40; i++) expect(score[i]).toBeGreaterThan(worst);
    marked.forEach((mark, i) => {
      expect(mark).toBe(isFlip(i) ? 1 : 0);
    });
  });

  it('marks nothing of clean classes', async () => {
    for (let seed = 20; seed < 30; seed++) {
      const { marked } = await run(flipped(seed, 0).input);
      expect(marked.every((mark) => mark === 0)).toBe(true);
    }
  });

  it('has losses of distinct rows where probabilities round to 1', async () => {
    const { score } = await run(flipped(3, 0).input);
    expect(Math.min(...score)).toBeGreaterThan(0);
    expect(new Set(score).size).toBe(score.length);
  });

  it('says why one class alone, or constant activations, are not judged', async () => {
    const { input } = flipped(4, 0);
    const alone = {
      classes: ['only'],
      trusted: null,
      investigated: { ...input.investigated, label: new Int32Array(input.investigated.rows) },
    };
    expect((await run(alone)).classes[0].skipped).toMatch(/one class alone/);
    const { label, activations, rows } = input.investigated;
    if (activations === null) throw new Error('no activations');
    const data = activations.data.map((_, i) => label[Math.floor(i / activations.cols)]);
    const constant = {
      ...input,
      investigated: { ...input.investigated, activations: { ...activations, data } },
    };
    const result = await run(constant);
    expect(result.score.filter(Number.isNaN)).toHaveLength(rows);
  });
});
