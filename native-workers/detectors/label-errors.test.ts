import { describe, expect, it } from 'vitest';
import { gaussianClasses, normalDraws } from '../../test/conformance/gaussian-classes.ts';
import { trainingFigures, trainingInput } from '../../test/golden/training.ts';
import { uncancelled } from '../task.ts';
import { flipsFrom } from './confident-joint.ts';
import type { DetectorResult, ScanInput } from './detector.ts';
import { labelErrors } from './label-errors.ts';
import { runDetector } from './run-detector.ts';

const run = (input: ScanInput): Promise<DetectorResult> => runDetector(labelErrors, input, {}, uncancelled());
const fact = (result: DetectorResult, classIndex: number, name: string): number =>
  result.classes[classIndex].facts.find((one) => one.name === name)?.value ?? NaN;
const joint = {
  thresholds: Float64Array.from(trainingFigures.thresholds),
  counts: Int32Array.from(trainingFigures.counts),
};

/** Two classes of equal spread whose means are `apart` deviations away from one another. */
function overlapping(seed: number, perClass: number, apart: number): ScanInput {
  const { input } = gaussianClasses({ seed, classes: 2, perClass, cols: 4, trustedPerClass: 0 });
  const normal = normalDraws(seed);
  const { activations, label } = input.investigated;
  if (activations === null) throw new Error('no activations');
  const data = activations.data.map((_, i) => {
    const shift = i % 4 === 0 && label[Math.floor(i / 4)] === 1 ? apart : 0;
    return normal() + shift;
  });
  return { ...input, investigated: { ...input.investigated, activations: { ...activations, data } } };
}

describe('label errors', () => {
  it('have the margins, thresholds and counts of a reference in NumPy', async () => {
    const result = await run(trainingInput());
    trainingFigures.margin.forEach((expected, i) => {
      expect(result.score[i]).toBeCloseTo(expected, 8);
      const looks = trainingFigures.looksLike[i];
      expect(result.marked[i]).toBe(looks >= 0 && looks !== trainingFigures.label[i] ? 1 : 0);
    });
    for (const { from, to, count, reverse } of trainingFigures.pairs) {
      expect(fact(result, from, `look like class-${to}`)).toBe(count);
      expect(fact(result, from, `given class-${to} and look like class-${from}`)).toBe(reverse);
    }
    result.classes.forEach(({ facts }, c) => {
      expect(facts[0].value).toBeCloseTo(trainingFigures.thresholds[c], 10);
    });
  });

  it('test each pair against its reverse as SciPy does, most rows first', () => {
    const flips = joint.thresholds.reduce<ReturnType<typeof flipsFrom>>(
      (all, _, c) => [...all, ...flipsFrom(joint, c)],
      [],
    );
    expect(flips).toHaveLength(trainingFigures.pairs.length);
    for (const { from, to, lnP } of trainingFigures.pairs) {
      expect(flips.find((flip) => flip.from === from && flip.to === to)?.lnP).toBeCloseTo(lnP, 10);
    }
    const many = { thresholds: new Float64Array(3), counts: Int32Array.of(9, 1, 4, 0, 9, 0, 4, 0, 9) };
    expect(flipsFrom(many, 0).map(({ to, reverse }) => [to, reverse])).toEqual([
      [2, 4],
      [1, 0],
    ]);
  });

  it('name the pair of systematic flips, whatever the network predicted', async () => {
    const { input } = gaussianClasses({ seed: 8, classes: 4, perClass: 300, cols: 8, trustedPerClass: 0 });
    const label = input.investigated.label.map((c, i) => (i < 60 ? 2 : c));
    // A network that learned the flips by heart predicts them: nothing of that is read.
    const result = await run({
      ...input,
      investigated: { ...input.investigated, label, predicted: label },
    });
    expect(fact(result, 2, 'look like class-0')).toBeGreaterThanOrEqual(40);
    expect(fact(result, 2, 'given class-0 and look like class-2')).toBe(0);
    expect(fact(result, 2, 'asymmetry with class-0 by chance')).toBeLessThan(-25);
    const ordinary = result.score.slice(60).reduce((a, b) => Math.max(a, b));
    const above = result.score.slice(0, 60).filter((score) => score > ordinary).length;
    expect(above).toBeGreaterThanOrEqual(40);
  });

  it('neither alarm nor see an asymmetry between classes that overlap', async () => {
    const result = await run(overlapping(5, 1500, 1.5));
    const there = fact(result, 0, 'look like class-1');
    expect(there).toBeGreaterThan(100);
    expect(fact(result, 0, 'asymmetry with class-1 by chance')).toBeGreaterThan(Math.log(0.01));
    expect(fact(result, 1, 'asymmetry with class-0 by chance')).toBeGreaterThan(Math.log(0.01));
    for (const { decision, pValue } of result.classes) {
      expect(decision).toBe('not judged (ranking)');
      expect(pValue).toBeNull();
    }
  });

  it('say why one class alone is not judged', async () => {
    const input = trainingInput();
    const { rows } = input.investigated;
    const alone = { ...input, investigated: { ...input.investigated, label: new Int32Array(rows) } };
    const result = await run(alone);
    expect(result.classes[0].skipped).toMatch(/one class alone/);
    expect(result.score.every(Number.isNaN)).toBe(true);
  });
});
