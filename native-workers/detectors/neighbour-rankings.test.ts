import { describe, expect, it } from 'vitest';
import { gaussianClasses } from '../../test/conformance/gaussian-classes.ts';
import { uncancelled } from '../task.ts';
import type { ScanInput } from './detector.ts';
import { knnDisagreement } from './knn-disagreement.ts';
import { knnOutlier } from './knn-outlier.ts';
import { lof } from './lof.ts';
import { runDetector } from './run-detector.ts';

const run = (
  detector: typeof knnDisagreement | typeof knnOutlier | typeof lof,
  input: ScanInput,
  params = {},
) => runDetector(detector, input, params, uncancelled());

/** Rows `from` to `to - 1` are given another label and, as nothing learned it, the old prediction. */
function flipped(input: ScanInput, from: number, to: number, label: number): ScanInput {
  const { investigated } = input;
  return {
    ...input,
    investigated: {
      ...investigated,
      label: investigated.label.map((old, i) => (i >= from && i < to ? label : old)),
    },
  };
}

describe('neighbour disagreement', () => {
  const { input } = gaussianClasses({ seed: 21 });

  it('is the share of neighbours with another label: flipped rows stand out', async () => {
    const result = await run(knnDisagreement, flipped(input, 0, 15, 2));
    const scores = [...result.score];
    expect(Math.min(...scores.slice(0, 15))).toBeGreaterThan(0.7);
    expect(scores.filter((score) => score > 0.5)).toHaveLength(15);
    expect(result.marked.reduce((sum, mark) => sum + mark, 0)).toBe(15);
    expect(scores.every((score) => Number.isInteger(Math.round(score * 20 * 1e9) / 1e9))).toBe(true);
  });

  it('marks nothing in well separated clean classes, and says how neighbours were found', async () => {
    const result = await run(knnDisagreement, input);
    expect(result.marked.includes(1)).toBe(false);
    expect(result.classes[0].facts).toContainEqual({
      name: 'neighbours of each row',
      value: 20,
      unit: 'rows',
    });
    expect(result.classes[0].facts).toContainEqual({
      name: 'share of the true neighbours found',
      value: 1,
      unit: 'share',
    });
  });

  it('looks at as many neighbours as asked, or as there are', async () => {
    const { input: few } = gaussianClasses({ seed: 22, classes: 2, perClass: 60 });
    const result = await run(knnDisagreement, few, { k: 200 });
    expect(result.classes[0].facts[2].value).toBe(119);
    expect(result.score.every((score) => Math.abs(score - 60 / 119) < 1e-12)).toBe(true);
  });

  it('says why nothing is ranked where no row is predicted as labelled', async () => {
    const { investigated } = input;
    const wrong = { ...investigated, predicted: investigated.label.map((c) => (c + 1) % 4) };
    const result = await run(knnDisagreement, { ...input, investigated: wrong });
    expect(result.classes[0].skipped).toMatch(/no scale to measure distances/);
    expect(result.score.every(Number.isNaN)).toBe(true);
  });
});

describe('neighbour outliers', () => {
  const { input } = gaussianClasses({ seed: 23 });
  const { activations } = input.investigated;
  if (activations === null) throw new Error('no activations');
  const data = activations.data.slice();
  // One lone row, and thirty far rows close to one another.
  data.fill(30, 0, activations.cols);
  for (let i = 1; i <= 30; i++)
    for (let j = 0; j < activations.cols; j++)
      data[i * activations.cols + j] =
        (j % 2 === 0 ? -20 : 20) + 0.5 * activations.data[i * activations.cols + j];
  const changed = {
    ...input,
    investigated: { ...input.investigated, activations: { ...activations, data } },
  };

  it.each([knnOutlier, lof])('$id ranks a lone row first', async (detector) => {
    const { score } = await run(detector, changed);
    expect(score.indexOf(Math.max(...score))).toBe(0);
  });

  it('a dense group is no outlier to the local factor', async () => {
    const result = await run(lof, changed);
    expect([...result.score.subarray(1, 31)].filter((factor) => factor > 1.5).length).toBeLessThan(5);
    expect(result.marked[0]).toBe(1);
    expect([...result.marked].every((mark, i) => (mark === 1) === result.score[i] > 1.5)).toBe(true);
  });

  it('the distance has no cut of its own', async () => {
    const { marked } = await run(knnOutlier, changed);
    expect(marked.includes(1)).toBe(false);
  });

  it('copies of a row leave factors finite', async () => {
    const copied = activations.data.slice();
    for (let i = 1; i < 40; i++) copied.copyWithin(i * activations.cols, 0, activations.cols);
    const set = { ...input.investigated, activations: { ...activations, data: copied } };
    const { score } = await run(lof, { ...input, investigated: set });
    expect(score.every((factor) => factor > 0 && Number.isFinite(factor))).toBe(true);
    expect(score[0]).toBeCloseTo(1, 6);
  });
});
