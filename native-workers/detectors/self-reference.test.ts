import { describe, expect, it } from 'vitest';
import { gaussianClasses } from '../../test/conformance/gaussian-classes.ts';
import { classScores, factOf, scanInput, scoresOfClass } from '../../test/fixtures/class-scores.ts';
import { rankShares } from '../numeric/order-statistics.ts';
import { uncancelled } from '../task.ts';
import { runDetector } from './run-detector.ts';
import { selfReference } from './self-reference.ts';

const run = (input: Parameters<typeof runDetector>[1]) =>
  runDetector(selfReference, input, {}, uncancelled());

describe('self-reference', () => {
  it('is the larger of the ranks of robust distance and quantum entropy', async () => {
    const input = scanInput(classScores.activations, classScores.labels);
    const { score } = await run(input);
    const distance = rankShares(Float64Array.from(classScores.distances));
    const entropy = rankShares(Float64Array.from(classScores.quantumEntropy['4']));
    const expected = Array.from(distance, (rank, i) => Math.max(rank, entropy[i]));
    expect(scoresOfClass(score, input, 1)).toEqual(expected);
  });

  it('marks a triggered group, which loses its label without its own direction', async () => {
    const { input, planted } = gaussianClasses({
      seed: 41,
      classes: 6,
      perClass: 800,
      planted: { classIndex: 3, rows: 40, kind: 'trigger' },
    });
    const { marked, classes } = await run(input);
    expect(Array.from(marked)).toEqual(Array.from(planted));
    const finding = classes[3];
    expect(factOf(finding, 'rows of the foremost group')).toBe(40);
    expect(factOf(finding, 'agree')).toBe(1);
    expect(factOf(finding, 'q1')).toBeGreaterThan(0.5);
    expect(factOf(finding, 'r1')).toBeLessThan(0.05);
    expect(finding.decision).toBe('not judged (ranking)');
  });

  it('shows a natural sub-population and does not mark it', async () => {
    const { input } = gaussianClasses({
      seed: 42,
      perClass: 1500,
      planted: { classIndex: 0, rows: 90, kind: 'natural' },
    });
    const { marked, classes } = await run(input);
    expect(factOf(classes[0], 'groups behind a valley')).toBeGreaterThan(0);
    expect(factOf(classes[0], 'q1')).toBeLessThan(0.1);
    expect(marked).toEqual(new Uint8Array(input.investigated.rows));
  });

  it('marks nothing in clean classes, with two of them or more', async () => {
    for (const classes of [2, 5]) {
      const { input } = gaussianClasses({ seed: 43, classes, perClass: 600 });
      const result = await run(input);
      expect(result.marked).toEqual(new Uint8Array(input.investigated.rows));
      expect(result.classes.map((finding) => factOf(finding, 'rel')).every(Number.isNaN)).toBe(true);
    }
  });

  it('ranks without predictions, and a set of a single class', async () => {
    const { input } = gaussianClasses({ seed: 44, classes: 2, perClass: 200 });
    const single = {
      classes: ['only'],
      investigated: { ...input.investigated, predicted: null, label: new Int32Array(400) },
      trusted: null,
    };
    const { score } = await run(single);
    expect(score.every((value) => value > 0 && value <= 1)).toBe(true);
  });
});
