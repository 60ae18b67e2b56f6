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
import { beatrix } from './beatrix.ts';
import { runDetector } from './run-detector.ts';

describe('Beatrix', () => {
  it('gives the deviations of the three orders that numpy gives, with negative neurons', async () => {
    const { signed, deviation } = classScores.gram;
    const { score } = await runDetector(beatrix, scanInput(signed), { neurons: 4 }, uncancelled());
    expect(relativeError(Array.from(score), deviation)).toBeLessThan(1e-9);
  });

  it('and without', async () => {
    const input = scanInput(classScores.activations, classScores.labels);
    const { score, classes } = await runDetector(beatrix, input, {}, uncancelled());
    expect(relativeError(scoresOfClass(score, input, 1), classScores.gram.ofClass)).toBeLessThan(1e-9);
    expect(factOf(classes[1], 'neurons compared')).toBe(5);
  });

  it('ranks rows that fire two neurons together which otherwise do not', async () => {
    const { input, planted } = gaussianClasses({
      seed: 31,
      perClass: 800,
      planted: { classIndex: 1, rows: 20, kind: 'displaced' },
      reshape: (value) => Math.max(0, value),
    });
    const { score, marked } = await runDetector(beatrix, input, {}, uncancelled());
    const inClass = Array.from(score.keys()).filter((i) => input.investigated.label[i] === 1);
    const first = inClass.sort((a, b) => score[b] - score[a]).slice(0, 20);
    expect(first.every((i) => planted[i] === 1)).toBe(true);
    const beyond = Array.from(marked.keys()).filter((i) => marked[i] === 1);
    expect(beyond.length).toBeGreaterThan(0);
    expect(beyond.every((i) => planted[i] === 1)).toBe(true);
  });

  it('has no rule where most rows stay inside every band', async () => {
    const { input } = gaussianClasses({ seed: 32, perClass: 400 });
    const result = await runDetector(beatrix, input, {}, uncancelled());
    expect(result.classes.every((finding) => factOf(finding, 'rows inside every band') > 0.5)).toBe(true);
    expect(result.marked).toEqual(new Uint8Array(input.investigated.rows));
  });

  it('judges a class whose neurons are dormant on most rows', async () => {
    const rows = Array.from({ length: 120 }, (_, i) => [i % 7, i % 11 === 0 ? 3 : 0, 0]);
    const { score, classes } = await runDetector(beatrix, scanInput(rows), {}, uncancelled());
    expect(score.every(Number.isFinite)).toBe(true);
    expect(factOf(classes[0], 'neurons compared')).toBe(2);
  });
});
