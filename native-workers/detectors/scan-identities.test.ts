import { describe, expect, it } from 'vitest';
import { gaussianClasses, normalDraws } from '../../test/conformance/gaussian-classes.ts';
import {
  classScores,
  factOf,
  relativeError,
  scanInput,
  scoresOfClass,
} from '../../test/fixtures/class-scores.ts';
import { uncancelled } from '../task.ts';
import { runDetector } from './run-detector.ts';
import { scanIdentities } from './scan-identities.ts';

const run = (input: Parameters<typeof runDetector>[1]) =>
  runDetector(scanIdentities, input, {}, uncancelled());

/** Classes of 600 rows, of which the first `planted` lie apart in some. */
function rowsWithPlanted(classes: number, planted: (classIndex: number) => number, seed: number) {
  const normal = normalDraws(seed);
  const labels: number[] = [];
  const rows: number[][] = [];
  for (let c = 0; c < classes; c++) {
    for (let i = 0; i < 600; i++) {
      labels.push(c);
      const apart = i < planted(c) ? 14 : 0;
      rows.push(
        Array.from(
          { length: 6 },
          (_, j) => normal() + (j === c % 6 ? 9 : 0) + (j === (c + 1) % 6 ? apart : 0),
        ),
      );
    }
  }
  return { rows, labels };
}

describe('SCAn', () => {
  it.each(['own', 'trusted'] as const)(
    'splits a class as numpy does, variation from the %s rows',
    async (source) => {
      const { activations, labels, trusted, identities } = classScores;
      const input = scanInput(activations, labels, source === 'trusted' ? trusted : null);
      const { score, classes } = await run(input);
      const expected = identities[source];
      expect(classes[1].statistic).toBeCloseTo(expected.gain, 9);
      expect(factOf(classes[1], 'rows of the smaller identity')).toBe(expected.size);
      expect(relativeError(scoresOfClass(score, input, 1), expected.along)).toBeLessThan(1e-9);
    },
  );

  it('finds poison by the trusted variation that hides in its own', async () => {
    // One class, one in three rows poisoned along a direction that hardly varies otherwise.
    const normal = normalDraws(21);
    const draw = (n: number, poison: number) =>
      Array.from({ length: n }, (_, i) =>
        Array.from({ length: 4 }, (_column, j) =>
          j === 3 ? 0.2 * normal() + (i < poison ? 2 : 0) : normal(),
        ),
      );
    const rows = draw(600, 200);
    const clean = draw(600, 0);
    const own = await run(scanInput(rows));
    const held = await run(
      scanInput(
        rows,
        rows.map(() => 0),
        clean,
      ),
    );
    const separation = (result: typeof own) => factOf(result.classes[0], 'distance of the two identities');
    expect(separation(held)).toBeGreaterThan(3 * separation(own));
    expect(Array.from(held.marked, Boolean)).toEqual(rows.map((_, i) => i < 200));
  });

  it('uses its own rows where the trusted ones are fewer than the columns', async () => {
    const { activations, labels, trusted } = classScores;
    const input = scanInput(activations, labels, trusted);
    const few = input.trusted && {
      ...input.trusted,
      rows: 6,
      activations: input.trusted.activations && {
        ...input.trusted.activations,
        rows: 6,
        data: input.trusted.activations.data.slice(0, 36),
      },
      label: Int32Array.from([0, 1, 2, 0, 1, 2]),
      keyHash: input.trusted.keyHash.slice(0, 6),
    };
    const { classes } = await run({ ...input, trusted: few });
    const fact = classes[1].facts.find(({ name }) => name === 'rows behind the shared variation');
    expect(fact).toMatchObject({ value: 270, unit: 'investigated rows' });
  });

  it('still marks every class when all are poisoned, where an index over the classes is silent', async () => {
    const { rows, labels } = rowsWithPlanted(5, (c) => 30 + c, 22);
    const { marked, classes } = await run(scanInput(rows, labels));
    classes.forEach((finding, c) => {
      expect(factOf(finding, 'rows beyond a clear valley')).toBe(30 + c);
      expect(factOf(finding, 'published index')).toBeLessThan(Math.exp(2));
    });
    expect(Array.from(marked, Boolean)).toEqual(rows.map((_, i) => i % 600 < 30 + labels[i]));
  });

  it('gives two classes no index over the classes, and the poison nonetheless', async () => {
    const { rows, labels } = rowsWithPlanted(2, (c) => (c === 0 ? 25 : 0), 23);
    const { marked, classes } = await run(scanInput(rows, labels));
    expect(classes.map((finding) => factOf(finding, 'published index'))).toEqual([NaN, NaN]);
    expect(Array.from(marked, Boolean)).toEqual(rows.map((_, i) => i < 25));
  });

  it('splits clean classes too, but marks nothing and judges nothing', async () => {
    const { input } = gaussianClasses({ seed: 24, perClass: 800 });
    const { marked, cluster, classes } = await run(input);
    expect(cluster?.some((side) => side === 1)).toBe(true);
    expect(marked).toEqual(new Uint8Array(input.investigated.rows));
    expect(classes.every(({ decision }) => decision === 'not judged (ranking)')).toBe(true);
  });
});
