import { describe, expect, it } from 'vitest';
import { gaussianClasses, withEverything } from '../../test/conformance/gaussian-classes.ts';
import { uncancelled } from '../task.ts';
import type { DetectorResult, ScanInput } from './detector.ts';
import { nearDuplicates } from './near-duplicates.ts';
import { runDetector } from './run-detector.ts';

const run = (input: ScanInput): Promise<DetectorResult> =>
  runDetector(nearDuplicates, input, {}, uncancelled());
const fact = (result: DetectorResult, c: number, name: string): number =>
  result.classes[c].facts.find((f) => f.name === name)?.value ?? NaN;

/** The rows named become copies of row `from`, each value off by up to `noise`. */
function copied(input: ScanInput, from: number, to: readonly number[], noise: number): ScanInput {
  const { activations } = input.investigated;
  if (activations === null) throw new Error('no activations');
  const { cols } = activations;
  const data = activations.data.slice();
  for (const row of to)
    for (let j = 0; j < cols; j++)
      data[row * cols + j] = data[from * cols + j] + noise * Math.sin(row * 7 + j * 13);
  return { ...input, investigated: { ...input.investigated, activations: { ...activations, data } } };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('near-duplicates', () => {
  const { input } = gaussianClasses({ seed: 41 });

  it('are none among independent rows', async () => {
    const result = await run(input);
    expect(result.score.every((score) => score === 0)).toBe(true);
    expect(result.marked.includes(1)).toBe(false);
    expect(result.cluster?.every((c) => c === -1)).toBe(true);
    expect(result.notes).toEqual([]);
  });

  it('are grouped, the largest group first; more than 20 make a note', async () => {
    const result = await run(copied(copied(input, 0, range(1, 25), 0.01), 100, range(101, 104), 0.01));
    expect([...result.score.subarray(0, 25)]).toEqual(range(0, 25).map(() => 24));
    expect([...result.score.subarray(100, 104)]).toEqual([3, 3, 3, 3]);
    expect([...(result.cluster?.subarray(0, 25) ?? [])]).toEqual(range(0, 25).map(() => 0));
    expect(result.cluster?.[100]).toBe(1);
    expect(fact(result, 0, 'rows in the largest group')).toBe(25);
    expect(fact(result, 0, 'groups of near-duplicates')).toBe(2);
    expect(fact(result, 0, 'rows with an exact copy in the class')).toBe(0);
    expect(result.marked.reduce((sum, mark) => sum + mark, 0)).toBe(25);
    expect(result.notes).toEqual([
      expect.stringMatching(/^Class class-0 holds a group of 25 near-duplicates.*not an alarm/),
    ]);
    expect(result.classes[0].decision).toBe('not judged (ranking)');
  });

  it('counts equal rows, and marks those that carry two labels', async () => {
    const result = await run(copied(input, 0, [5, 310], 0));
    expect(fact(result, 0, 'rows with an exact copy in the class')).toBe(2);
    expect(fact(result, 0, 'rows with an exact copy under another label')).toBe(2);
    expect(fact(result, 1, 'rows with an exact copy under another label')).toBe(1);
    expect([...result.marked.keys()].filter((row) => result.marked[row] === 1)).toEqual([0, 5, 310]);
    expect([result.score[0], result.score[5], result.score[310]]).toEqual([2, 2, 2]);
  });

  it('takes the content of images where there are any', async () => {
    const whole = withEverything(input);
    const { images } = whole.investigated;
    if (images === null) throw new Error('no images');
    const contentHash = images.contentHash.slice();
    contentHash[7] = contentHash[8];
    const set = { ...whole.investigated, images: { ...images, contentHash } };
    const result = await run({ ...whole, investigated: set });
    expect(fact(result, 0, 'rows with an exact copy in the class')).toBe(2);
    expect([...result.score.keys()].filter((row) => result.score[row] > 0)).toEqual([7, 8]);
  });

  it('compares no directions in fewer than eight dimensions', async () => {
    const flat = gaussianClasses({ seed: 42, cols: 3 }).input;
    const result = await run(copied(flat, 0, [1], 0));
    expect(fact(result, 0, 'rows compared by direction')).toBe(0);
    expect([...result.score.keys()].filter((row) => result.score[row] > 0)).toEqual([0, 1]);
  });
});
