import { describe, expect, it } from 'vitest';
import { gaussianClasses, withEverything } from '../../test/conformance/gaussian-classes.ts';
import { uncancelled } from '../task.ts';
import type { InputStatistics, ScanInput } from './detector.ts';
import { inputScores, inputStatistics } from './input-statistics.ts';
import { runDetector } from './run-detector.ts';

const slice = (n: number) => ({
  classIndex: 0,
  rows: Int32Array.from({ length: n }, (_, i) => i),
  trustedRows: new Int32Array(0),
});
const statistics = (rows: readonly (readonly number[])[]): InputStatistics => ({
  data: Float32Array.from(rows.flat()),
  contentHash: new Float64Array(rows.length),
});

describe('input statistics', () => {
  it('are the largest robust z of the five', () => {
    // Medians 3 and 0, MADs 1 and 0: the second's mean deviation, 8 / 5, stands in.
    const rows = [1, 2, 3, 4, 5].map((mean, i) => [mean, i === 4 ? 8 : 0, 7, 7, 7]);
    const found = inputScores(statistics(rows), slice(5));
    const expected = [2 / 1.4826, 1 / 1.4826, 0, 1 / 1.4826, 5];
    found?.score.forEach((score, i) => {
      expect(score).toBeCloseTo(expected[i], 12);
    });
    expect([...(found?.farBy ?? [])]).toEqual([0, 1, 0, 0, 0]);
  });

  it('are none where no image differs', () => {
    expect(inputScores(statistics([1, 2, 3].map(() => [1, 2, 3, 4, 5])), slice(3))).toBeNull();
  });

  const whole = withEverything(gaussianClasses({ seed: 61 }).input);
  const { images } = whole.investigated;
  if (images === null) throw new Error('no images');
  const withImages = (data: Float32Array): ScanInput => ({
    ...whole,
    investigated: { ...whole.investigated, images: { ...images, data } },
  });

  it('rank darker pictures of a class first and say by what', async () => {
    const data = images.data.map((value, at) => (at % 5 === 0 && at < 50 ? value - 12 : value));
    const result = await runDetector(inputStatistics, withImages(data), {}, uncancelled());
    const order = [...result.score.keys()].sort((a, b) => result.score[b] - result.score[a]);
    expect(order.slice(0, 10).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(
      result.classes[0].facts.find(({ name }) => name.endsWith('by mean'))?.value,
    ).toBeGreaterThanOrEqual(10);
    expect(result.marked[3]).toBe(1);
  });

  it('skip a class whose pictures are all alike', async () => {
    const data = images.data.map((value, at) => (at < 300 * 5 ? at % 5 : value));
    const result = await runDetector(inputStatistics, withImages(data), {}, uncancelled());
    expect(result.classes[0].skipped).toMatch(/No statistic/);
    expect(Number.isNaN(result.score[0])).toBe(true);
    expect(Number.isNaN(result.score[300])).toBe(false);
  });

  it('are left out without images', async () => {
    const result = await runDetector(inputStatistics, gaussianClasses({ seed: 61 }).input, {}, uncancelled());
    expect(result.skipped[0].reason).toMatch(/needs images/);
  });
});
