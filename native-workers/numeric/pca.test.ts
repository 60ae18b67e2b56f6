import { describe, expect, it } from 'vitest';
import { activations } from '../../test/fixtures/activations.ts';
import type { Matrix } from '../detectors/detector.ts';
import { inlineRunner } from '../inline-runner.ts';
import type { TaskRunner } from '../runner.ts';
import { Cancelled, uncancelled, type TaskContext } from '../task.ts';
import { columnMeansOf, pca, projectOnComponents, type Pca } from './pca.ts';
import { rangePairs } from './range-finder.ts';
import type { RowBlocks } from './row-blocks.ts';

const seeded = { seed: 7 };
const runnerOf = (threads: number, ctx: TaskContext = uncancelled()): TaskRunner => ({
  ...inlineRunner(ctx),
  threads,
});

function matrixOf(n: number, d: number): Matrix {
  return { data: activations(n, d, 11), rows: n, cols: d };
}

/** The matrix in blocks; what lies beyond a block is not to be read. */
function blocksOf({ data, rows, cols }: Matrix, blockRows: number): RowBlocks {
  return {
    rows,
    cols,
    blockRows,
    read: (index, into) => {
      into.set(data.subarray(index * blockRows * cols, Math.min(rows, (index + 1) * blockRows) * cols));
      return Promise.resolve();
    },
  };
}

async function everything(
  source: Parameters<typeof pca>[0],
  k: number,
  threads: number,
): Promise<[Pca, Float32Array]> {
  const found = await pca(source, k, runnerOf(threads), seeded);
  return [found, await projectOnComponents(source, found, runnerOf(threads))];
}

describe('pca', () => {
  it('gives the same bytes for any number of threads and any length of blocks', async () => {
    const matrix = matrixOf(9000, 24);
    const reference = await everything({ matrix, rows: null }, 5, 1);
    for (const threads of [2, 3, 4, 7])
      expect(await everything({ matrix, rows: null }, 5, threads)).toEqual(reference);
    for (const blockRows of [256, 768, 2048, 16_384])
      for (const threads of [1, 3])
        expect(await everything(blocksOf(matrix, blockRows), 5, threads)).toEqual(reference);
    const means = await columnMeansOf(blocksOf(matrix, 512), runnerOf(2));
    expect(means).toEqual(reference[0].mean);
  });

  it('gives the same bytes streamed where there are fewer rows than columns', async () => {
    const matrix = matrixOf(600, 1500);
    const reference = await everything({ matrix, rows: null }, 4, 1);
    expect(reference[0].method).toBe('rows');
    expect(await everything(blocksOf(matrix, 256), 4, 3)).toEqual(reference);
  });

  it('agrees between the products of rows and those of columns', async () => {
    const wide = matrixOf(100, 200);
    const tall = { ...wide, cols: 100, rows: 200 };
    const half = await pca({ matrix: wide, rows: null }, 3, runnerOf(1), seeded);
    const twice = await pca(
      { matrix: wide, rows: Int32Array.from({ length: 101 }, (_, i) => i % 100) },
      3,
      runnerOf(1),
      seeded,
    );
    expect([half.method, twice.method]).toEqual(['rows', 'columns']);
    const { method } = await pca({ matrix: tall, rows: null }, 3, runnerOf(1), seeded);
    expect(method).toBe('columns');
    for (let c = 0; c < 3; c++)
      expect(Math.abs(half.variances[c] / twice.variances[c] - 1)).toBeLessThan(0.1);
  });

  it('works on chosen rows as if they were gathered', async () => {
    const matrix = matrixOf(700, 20);
    const rows = Int32Array.from({ length: 300 }, (_, i) => (i * 7) % 700);
    const gathered = new Float32Array(300 * 20);
    rows.forEach((row, r) => {
      gathered.set(matrix.data.subarray(row * 20, (row + 1) * 20), r * 20);
    });
    const copied = { data: gathered, rows: 300, cols: 20 };
    expect(await everything({ matrix, rows }, 4, 2)).toEqual(
      await everything({ matrix: copied, rows: null }, 4, 2),
    );
  });

  it.each([
    [1, 5, 0],
    [2, 5, 1],
    [3, 40, 2],
    [40, 3, 3],
    [256, 1, 1],
  ])('delivers min(k, n - 1, d) components: %i rows of %i columns', async (n, d, components) => {
    const [found, coordinates] = await everything({ matrix: matrixOf(n, d), rows: null }, 6, 2);
    expect([found.components, found.asked]).toEqual([components, 6]);
    expect(found.directions).toHaveLength(components * d);
    expect(found.variances).toHaveLength(components);
    expect(coordinates).toHaveLength(n * components);
    expect(coordinates.every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['rows', 20, 90],
    ['columns', 90, 20],
  ])('copes with rows that are all the same, by %s', async (method, n, d) => {
    const matrix = { data: new Float32Array(n * d).fill(3), rows: n, cols: d };
    const found = await pca({ matrix, rows: null }, 3, runnerOf(1), seeded);
    expect(found.method).toBe(method);
    expect(Array.from(found.variances)).toEqual([0, 0, 0]);
    expect(found.totalVariance).toBe(0);
    for (let c = 0; c < 3; c++) {
      const direction = found.directions.subarray(c * d, (c + 1) * d);
      expect(Math.abs(direction.reduce((sum, value) => sum + value * value, 0) - 1)).toBeLessThan(1e-12);
    }
  });

  it('refuses no rows, no components and blocks of odd length', async () => {
    const matrix = matrixOf(10, 3);
    const empty = { matrix, rows: new Int32Array(0) };
    await expect(pca(empty, 2, runnerOf(1), seeded)).rejects.toThrow('at least one row');
    await expect(pca({ matrix, rows: null }, 0, runnerOf(1), seeded)).rejects.toThrow('one is the least');
    await expect(pca(blocksOf(matrix, 100), 2, runnerOf(1), seeded)).rejects.toThrow('multiple of 256');
  });

  it('is cancelled', async () => {
    let looks = 0;
    const ctx: TaskContext = {
      ...uncancelled(),
      check: () => {
        looks += 1;
        if (looks > 4) throw new Cancelled();
      },
    };
    const matrix = matrixOf(9000, 24);
    await expect(pca({ matrix, rows: null }, 5, runnerOf(2, ctx), seeded)).rejects.toThrow(Cancelled);
  });
});

describe('randomised range finding', () => {
  const matrix = matrixOf(2500, 300);

  it('finds the components that the products of columns hold', async () => {
    const exact = await pca({ matrix, rows: null }, 6, runnerOf(1), seeded);
    const mean = exact.mean;
    const found = await rangePairs({ matrix, rows: null }, mean, 6, runnerOf(1), 3);
    for (let c = 0; c < 6; c++) {
      expect(Math.abs(found.values[c] / 2500 / exact.variances[c] - 1)).toBeLessThan(1e-5);
      let cosine = 0;
      for (let j = 0; j < 300; j++) cosine += found.directions[c * 300 + j] * exact.directions[c * 300 + j];
      expect(cosine).toBeGreaterThan(1 - 1e-5);
    }
  });

  it('gives the same bytes for any number of threads and any length of blocks, and moves with the seed alone', async () => {
    const mean = await columnMeansOf({ matrix, rows: null }, runnerOf(1));
    const reference = await rangePairs({ matrix, rows: null }, mean, 3, runnerOf(1), 3);
    expect(await rangePairs({ matrix, rows: null }, mean, 3, runnerOf(4), 3)).toEqual(reference);
    expect(await rangePairs(blocksOf(matrix, 512), mean, 3, runnerOf(2), 3)).toEqual(reference);
    expect(await rangePairs({ matrix, rows: null }, mean, 3, runnerOf(1), 4)).not.toEqual(reference);
  });
});
