import { describe, expect, it } from 'vitest';
import { gaussianClasses, mapActivations, normalDraws } from '../../test/conformance/gaussian-classes.ts';
import { trainingFigures, trainingInput } from '../../test/golden/training.ts';
import { uncancelled } from '../task.ts';
import type { DetectorResult, ScanInput } from './detector.ts';
import { neurons } from './neurons.ts';
import { runDetector } from './run-detector.ts';

const run = (input: ScanInput): Promise<DetectorResult> => runDetector(neurons, input, {}, uncancelled());

/** Noise around three classes, with 30 rows of class 1 whose unit 5 is intense, and a natural unit 6. */
function triggered(natural: boolean): ScanInput {
  const { input } = gaussianClasses({ seed: 6, classes: 3, perClass: 400, cols: 8, trustedPerClass: 0 });
  const normal = normalDraws(7);
  const { label } = input.investigated;
  return mapActivations(input, (_, row, column) => {
    if (column === 5) return row >= 400 && row < 430 ? 9 + normal() : 0.2 * normal();
    // A unit that some rows of every class fire.
    if (column === 6) return natural && row % 20 === 0 ? 9 + normal() : 0.2 * normal();
    return normal() + (column === label[row] ? 3 : 0);
  });
}

describe('neurons', () => {
  it('have the excesses of a reference in SciPy', async () => {
    const { score } = await run(trainingInput());
    trainingFigures.neuronScore.forEach((expected, i) => {
      expect(score[i]).toBeCloseTo(expected, 8);
    });
  });

  it('name the unit that a trigger fires and mark its rows alone', async () => {
    const result = await run(triggered(false));
    const [, one] = result.classes;
    expect(one.facts.map(({ name }) => name)).toContain('rows that fire unit 5');
    expect(one.facts.find(({ name }) => name === 'rows that fire unit 5')?.value).toBe(30);
    result.marked.forEach((mark, i) => {
      expect(mark).toBe(i >= 400 && i < 430 ? 1 : 0);
    });
    const ordinary = result.score.reduce((a, s, i) => (i >= 400 && i < 430 ? a : Math.max(a, s)), -Infinity);
    expect(Math.min(...result.score.slice(400, 430))).toBeGreaterThan(ordinary);
  });

  it('do not tell a unit that rows of every class fire', async () => {
    const result = await run(triggered(true));
    for (const { facts } of result.classes)
      expect(facts.map(({ name }) => name)).not.toContain('rows that fire unit 6');
    expect(result.marked.reduce((sum, mark) => sum + mark, 0)).toBe(30);
  });

  it('tell no unit of clean classes, and none of one class alone', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const { input } = gaussianClasses({ seed, classes: 3, perClass: 400, cols: 8, trustedPerClass: 0 });
      const { marked, classes } = await run(input);
      expect(marked.every((mark) => mark === 0)).toBe(true);
      expect(classes.every(({ statistic }) => statistic === 0)).toBe(true);
    }
    const input = triggered(false);
    const label = new Int32Array(input.investigated.rows);
    const alone = await run({ ...input, investigated: { ...input.investigated, label } });
    expect(alone.marked.every((mark) => mark === 0)).toBe(true);
    expect(alone.score.every(Number.isFinite)).toBe(true);
  });

  it('count dead units as nothing, also where there are fewer than three', async () => {
    const { input } = gaussianClasses({ seed: 1, classes: 2, perClass: 60, cols: 2, trustedPerClass: 0 });
    const dead = mapActivations(input, (x, _row, column) => (column === 0 ? 0 : x));
    const { score } = await run(dead);
    expect(score.every(Number.isFinite)).toBe(true);
    const { label } = input.investigated;
    const flat = mapActivations(input, (x, row, column) =>
      label[row] === 0 && row === 0 && column === 1 ? x : 1,
    );
    const result = await run(flat);
    expect(result.score.slice(1, 60).every((s) => s === 0)).toBe(true);
  });
});
