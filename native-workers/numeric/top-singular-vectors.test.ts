import { describe, expect, it } from 'vitest';
import { activations } from '../../test/fixtures/activations.ts';
import { inlineRunner } from '../inline-runner.ts';
import type { TaskRunner } from '../runner.ts';
import { uncancelled } from '../task.ts';
import { moments } from './moments.ts';
import { project } from './projection.ts';
import type { RowBlocks } from './row-blocks.ts';
import { symmetricEigen } from './symmetric-eigen.ts';
import { topSingularVectors, topSingularVectorsStreamed } from './top-singular-vectors.ts';

const check = (): void => undefined;
const n = 9000;
const d = 40;
const matrix = { data: activations(n, d, 21), rows: n, cols: d };
// Class 0 is large, 4 has fewer rows than columns, 5 one row, 6 none; some rows have no class.
const label = Int32Array.from({ length: n }, (_, i) => (i === 77 ? 5 : i % 900 === 3 ? 4 : (i % 5) - 1));
const runnerOf = (threads: number): TaskRunner => ({ ...inlineRunner(uncancelled()), threads });

function blocks(blockRows: number, { data } = matrix): RowBlocks {
  return {
    rows: n,
    cols: d,
    blockRows,
    read: (index, into) => {
      into.set(data.subarray(index * blockRows * d, (index + 1) * blockRows * d));
      return Promise.resolve();
    },
  };
}

describe('topSingularVectors', () => {
  it('scores every row of a class as the exact decomposition does', async () => {
    const { classes, scores } = await topSingularVectors(matrix, label, 7, 2, runnerOf(2));
    expect(classes.map((c) => c.n)).toEqual(
      Array.from({ length: 7 }, (_, c) => label.filter((own) => own === c).length),
    );
    for (const c of [0, 1, 4]) {
      const rows = Int32Array.from(label.keys()).filter((i) => label[i] === c);
      const { mean, scatter } = moments(matrix, rows, check);
      const { values, vectors } = symmetricEigen(scatter, d, check);
      const axes = { count: 2, cols: d, data: vectors.slice(0, 2 * d) };
      const coordinates = project(matrix, rows, mean, axes, check);
      const wanted = Array.from(rows, (_, i) => coordinates[2 * i] ** 2 + coordinates[2 * i + 1] ** 2);
      const largest = Math.max(...wanted);
      rows.forEach((row, i) => {
        expect(Math.abs(scores[row] - wanted[i])).toBeLessThan(1e-5 * largest);
      });
      expect(Math.abs(classes[c].values[1] - values[1])).toBeLessThan(1e-6 * values[0]);
    }
  });

  it('says what it delivers for one row and for none, and leaves rows without a class alone', async () => {
    const { classes, scores } = await topSingularVectors(matrix, label, 7, 2, runnerOf(1));
    expect(classes.slice(5).map(({ n: rows, count }) => [rows, count])).toEqual([
      [1, 0],
      [0, 0],
    ]);
    expect(scores[77]).toBe(0);
    label.forEach((c, i) => {
      expect(Number.isNaN(scores[i])).toBe(c < 0);
    });
  });

  it('gives the same bytes streamed, for any length of blocks and number of threads', async () => {
    const { classes, scores } = await topSingularVectors(matrix, label, 7, 3, runnerOf(1));
    for (const blockRows of [256, 512, 2048]) {
      for (const threads of [1, 4]) {
        const streamed = await topSingularVectorsStreamed(blocks(blockRows), label, 7, 3, runnerOf(threads));
        expect(streamed.classes).toEqual(classes);
        expect(Float64Array.from(streamed.scores)).toEqual(scores);
      }
    }
  });

  it('sums about the mean where the first rows of a class are far from the others', async () => {
    const far = { ...matrix, data: matrix.data.map((value, i) => (i < 2000 * d ? value + 3000 : value)) };
    const { classes, scores } = await topSingularVectors(far, label, 7, 1, runnerOf(1));
    const rows = Int32Array.from(label.keys()).filter((i) => label[i] === 0);
    const { mean, scatter } = moments(far, rows, check);
    const { values, vectors } = symmetricEigen(scatter, d, check);
    const along = project(far, rows, mean, { count: 1, cols: d, data: vectors.slice(0, d) }, check);
    expect(Math.abs(classes[0].values[0] / values[0] - 1)).toBeLessThan(1e-6);
    rows.forEach((row, i) => {
      expect(Math.abs(Math.sqrt(scores[row]) - Math.abs(along[i]))).toBeLessThan(1e-2);
    });
    const streamed = await topSingularVectorsStreamed(blocks(512, far), label, 7, 1, runnerOf(2));
    expect(streamed.classes).toEqual(classes);
    expect(Float64Array.from(streamed.scores)).toEqual(scores);
  });

  it('refuses labels that are missing and classes that no memory holds', async () => {
    await expect(topSingularVectors(matrix, label.subarray(1), 7, 1, runnerOf(1))).rejects.toThrow('labels');
    await expect(topSingularVectorsStreamed(blocks(100), label, 7, 1, runnerOf(1))).rejects.toThrow(
      'multiple of 256',
    );
    const wide = { rows: 9000, cols: 9000, blockRows: 256, read: () => Promise.resolve() };
    await expect(topSingularVectorsStreamed(wide, new Int32Array(9000), 1, 1, runnerOf(1))).rejects.toThrow(
      'more memory',
    );
  });
});
