import { describe, expect, it } from 'vitest';
import { gaussianClasses, withEverything } from '../../test/conformance/gaussian-classes.ts';
import { midRanks } from '../numeric/mid-ranks.ts';
import { uncancelled } from '../task.ts';
import type { DetectorResult, Matrix, ScanInput } from './detector.ts';
import { reconstructionError } from './reconstruction-error.ts';
import { runDetector } from './run-detector.ts';
import { softmaxUncertainty } from './softmax-uncertainty.ts';
import { weightedEnsemble } from './weighted-ensemble.ts';

const run = (input: ScanInput, params: unknown = {}): Promise<DetectorResult> =>
  runDetector(weightedEnsemble, input, params, uncancelled());
const weightsOf = (result: DetectorResult): number[] =>
  result.classes[0].facts.filter(({ name }) => name.startsWith('weight')).map(({ value }) => value);
const matrix = (rows: readonly (readonly number[])[]): Matrix => ({
  data: Float32Array.from(rows.flat()),
  rows: rows.length,
  cols: rows[0].length,
});
const rowsUpTo = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);
const check = (): void => undefined;

describe('the weighted ensemble', () => {
  const bare = gaussianClasses({ seed: 71 }).input;
  const whole = withEverything(bare);

  it('weighs four parts when it has them', async () => {
    const result = await run(whole);
    expect(weightsOf(result)).toEqual([0.3, 0.25, 0.25, 0.2]);
    expect(result.notes).toEqual([
      'The weighted ensemble is a ranking for comparison: it has no error rate.',
    ]);
    result.marked.forEach((mark, row) => {
      expect(mark).toBe(result.score[row] > 0.7 ? 1 : 0);
    });
    expect(result.marked.includes(1)).toBe(true);
  });

  it('scales up what is left of the weights, and says what is missing', async () => {
    const { investigated } = whole;
    const result = await run({ ...whole, investigated: { ...investigated, images: null } });
    const expected = [0, 0.25 / 0.7, 0.25 / 0.7, 0.2 / 0.7];
    weightsOf(result).forEach((weight, i) => {
      expect(weight).toBeCloseTo(expected[i], 12);
    });
    expect(result.notes[0]).toMatch(
      /Left out here, the other weights being scaled up: statistical \(needs images\)/,
    );
  });

  it('with one part alone is its rank, and marks nothing', async () => {
    const result = await run(bare);
    expect(weightsOf(result)).toEqual([0, 0, 0, 1]);
    expect(result.marked.includes(1)).toBe(false);
    expect(result.notes[0]).toMatch(/With one part alone nothing is marked/);
    const rows = rowsUpTo(300);
    const { activations } = bare.investigated;
    if (activations === null) throw new Error('no activations');
    const ranks = midRanks(reconstructionError(activations, rows, check));
    rows.forEach((row) => {
      expect(result.score[row]).toBeCloseTo(ranks[row], 12);
    });
  });

  it("takes the analyst's weights and threshold, and refuses none at all", async () => {
    const result = await run(whole, {
      statistical: 0,
      gradient: 0,
      uncertainty: 1,
      reconstruction: 1,
      threshold: 0.9,
    });
    expect(weightsOf(result)).toEqual([0, 0, 0.5, 0.5]);
    const nothing = { statistical: 0, gradient: 0, uncertainty: 0, reconstruction: 0 };
    await expect(run(whole, nothing)).rejects.toThrow('All four weights are 0');
    const gone = await run(bare, { reconstruction: 0 });
    expect(gone.classes[0].skipped).toMatch(/None of the weighted parts/);
  });

  it('leaves single unknown gradient norms out of a row', async () => {
    const gradientNorm = Float64Array.from({ length: 1200 }, (_, i) => (i === 3 ? NaN : i % 17));
    const result = await run({ ...bare, investigated: { ...bare.investigated, gradientNorm } });
    expect(result.score.every(Number.isFinite)).toBe(true);
    expect(weightsOf(result)[1]).toBeCloseTo(0.25 / 0.45, 12);
  });
});

describe('its parts', () => {
  it('uncertainty: 0 for a sure network, 1 for an undecided one', () => {
    const p = [0.7, 0.2, 0.1];
    const entropy = -p.reduce((sum, q) => sum + q * Math.log(q), 0) / Math.log(3);
    const logits = matrix([[0, 400, 0], [3, 3, 3], p.map(Math.log), [1e30, -1e30, 0]]);
    const found = softmaxUncertainty(logits, rowsUpTo(4), check);
    [0, 1, (entropy + 1 - 0.5) / 2, 0].forEach((expected, i) => {
      expect(found[i]).toBeCloseTo(expected, 6);
    });
    expect(softmaxUncertainty(matrix([[1], [2]]), rowsUpTo(2), check).every(Number.isNaN)).toBe(true);
  });

  it('reconstruction: what the leading components leave', () => {
    // The first column holds more than 90 % of the variance; what is left of a row is its second column.
    const rows = Array.from({ length: 40 }, (_, i) => [10 * (i % 2 === 0 ? 1 : -1), i % 4 < 2 ? 1 : -1, 5]);
    const error = reconstructionError(matrix(rows), rowsUpTo(40), check);
    for (const value of error) expect(value).toBeCloseTo(1, 9);
    const line = Array.from({ length: 40 }, (_, i) => [i, 2 * i]);
    expect(reconstructionError(matrix(line), rowsUpTo(40), check).every((value) => value === 0)).toBe(true);
  });
});
