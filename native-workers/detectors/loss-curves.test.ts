import { describe, expect, it } from 'vitest';
import { normalDraws } from '../../test/conformance/gaussian-classes.ts';
import { trainingFigures, trainingInput } from '../../test/golden/training.ts';
import { uncancelled } from '../task.ts';
import type { DetectorResult, ScanInput } from './detector.ts';
import { lossCurves } from './loss-curves.ts';
import { runDetector } from './run-detector.ts';

const run = (input: ScanInput): Promise<DetectorResult> => runDetector(lossCurves, input, {}, uncancelled());

/** One class whose rows have these losses, one list a row. */
function withLosses(rows: readonly (readonly number[])[]): ScanInput {
  const n = rows.length;
  return {
    classes: ['only'],
    investigated: {
      rows: n,
      label: new Int32Array(n),
      predicted: null,
      keyHash: Uint32Array.from({ length: n }, (_, i) => Math.imul(i + 1, 0x9e3779b1)),
      activations: null,
      logits: null,
      losses: { names: rows[0].map((_, t) => `epoch ${t}`), data: Float32Array.from(rows.flat()) },
      gradientNorm: null,
      images: null,
    },
    trusted: null,
  };
}

const fact = (result: DetectorResult, name: RegExp): number =>
  result.classes[0].facts.find((one) => name.test(one.name))?.value ?? NaN;

describe('loss curves', () => {
  it('rank as SciPy does, ties and unknown losses included', async () => {
    const { score } = await run(trainingInput());
    trainingFigures.lossScore.forEach((expected, i) => {
      if (expected === null) expect(score[i]).toBeNaN();
      else expect(score[i]).toBeCloseTo(expected, 12);
    });
  });

  it('put a learned trigger at one end and wrong labels at the other', async () => {
    const normal = normalDraws(1);
    const rows = Array.from({ length: 1000 }, (_, i) => {
      const shift = i < 40 ? -12 : i < 60 ? 12 : 0;
      return [Math.exp(normal() + shift / 2), Math.exp(normal() + shift)];
    });
    const result = await run(withLosses(rows));
    expect(fact(result, /^fast and confident/)).toBeGreaterThanOrEqual(40);
    expect(fact(result, /^slow or never/)).toBeGreaterThanOrEqual(20);
    expect(fact(result, /then confident/)).toBeLessThan(20);
    for (let i = 0; i < 60; i++) expect(result.score[i]).toBeGreaterThan(0.9);
    expect(result.score.slice(60).filter((score) => score < 0.9).length).toBeGreaterThan(700);
  });

  it.each([-12, 12])('mark a group apart from the last losses by e^%i, and nothing else', async (shift) => {
    const normal = normalDraws(2);
    const rows = Array.from({ length: 1000 }, (_, i) => [
      Math.exp(normal()),
      Math.exp(normal() + (i < 40 ? shift : 0)),
    ]);
    const { marked } = await run(withLosses(rows));
    marked.forEach((mark, i) => {
      expect(mark).toBe(i < 40 ? 1 : 0);
    });
  });

  it('mark nothing of ordinary losses, and never alarm', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const normal = normalDraws(seed);
      const result = await run(
        withLosses(Array.from({ length: 400 }, () => [Math.exp(normal()), Math.exp(2 * normal() - 4)])),
      );
      expect(result.marked.every((mark) => mark === 0)).toBe(true);
      expect(result.classes[0].decision).toBe('not judged (ranking)');
      expect(result.pValue).toBeNull();
    }
  });

  it('rank a group of the lowest loss as high as one of the highest', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => [1 + i / 100, 1 + i / 100]);
    const { score } = await run(withLosses(rows));
    for (let i = 0; i < 100; i++) expect(score[i]).toBeCloseTo(score[199 - i], 12);
    expect(score[0]).toBeGreaterThan(0.99);
  });

  it('read nothing of a trusted set: a network has lower losses on what it was trained on', async () => {
    const input = trainingInput();
    const losses = { names: ['loss_1'], data: new Float32Array(input.investigated.rows).fill(9) };
    const result = await run({ ...input, trusted: { ...input.investigated, losses } });
    expect(result).toEqual(await run(input));
  });

  it('work on one column alone and say so', async () => {
    const result = await run(withLosses(Array.from({ length: 60 }, (_, i) => [i])));
    expect(result.score[0]).toBeCloseTo(59 / 60, 12);
    expect(result.notes[0]).toMatch(/one column of losses \(epoch 0\)/);
  });

  it('do not judge rows without a loss, nor classes without enough, nor equal losses', async () => {
    const some = Array.from({ length: 80 }, (_, i) => [i === 3 ? NaN : i, i === 5 ? NaN : i]);
    const result = await run(withLosses(some));
    expect(result.score[3]).toBeNaN();
    expect(result.score[5]).toBeNaN();
    expect(result.score.filter(Number.isNaN)).toHaveLength(2);
    const few = await run(withLosses(some.map((_, i) => (i < 49 ? [1 + i, 1] : [NaN, 1]))));
    expect(few.classes[0].skipped).toBe(
      'Class only has 49 rows with a first and a last loss: fewer than 50 are not ranked.',
    );
    const equal = await run(withLosses(some.map(() => [0.5, 0.5])));
    expect(equal.classes[0].skipped).toMatch(/All losses of class only are equal/);
    expect(equal.score.every(Number.isNaN)).toBe(true);
  });
});
