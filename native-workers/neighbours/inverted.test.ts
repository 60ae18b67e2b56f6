import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activations } from '../../test/fixtures/activations.ts';
import type { Matrix } from '../detectors/detector.ts';
import { availableEngines, useEngine } from '../engine.ts';
import { inlineRunner } from '../inline-runner.ts';
import type { TaskRunner } from '../runner.ts';
import { uncancelled } from '../task.ts';
import { nearestNeighbours, type NearestNeighbours } from './exact.ts';
import { invertedNeighbours } from './inverted.ts';

const ctx = uncancelled(5);
const inline = inlineRunner(ctx);

function matrixOf(n: number, d: number): Matrix {
  return { data: activations(n, d, 13), rows: n, cols: d };
}

/** Share of the true neighbours in the lists found. */
function recallOf(found: NearestNeighbours, exact: NearestNeighbours): number {
  let hits = 0;
  for (let q = 0; q < exact.queries; q++) {
    const own = new Set(found.ids.subarray(q * exact.k, (q + 1) * exact.k));
    for (const id of exact.ids.subarray(q * exact.k, (q + 1) * exact.k)) if (own.has(id)) hits += 1;
  }
  return hits / exact.ids.length;
}

/** Runs the tasks that are handed in together last one first. */
function lastFirst(threads: number): TaskRunner {
  const waiting: (() => void)[] = [];
  return {
    threads,
    run: (name, args) =>
      new Promise((resolve, reject) => {
        waiting.push(() => void inline.run(name, args).then(resolve, reject));
        if (waiting.length > 1) return;
        setImmediate(() => {
          for (const start of waiting.splice(0).reverse()) start();
        });
      }),
  };
}

describe.each(availableEngines())('neighbours by inverted lists, %s', (engine) => {
  beforeAll(() => void useEngine(engine));
  afterAll(() => void useEngine(null));

  it.each(['euclidean', 'cosine', 'dot'] as const)('have the recall that is reported, %s', async (metric) => {
    const matrix = matrixOf(2000, 10);
    const found = await invertedNeighbours(matrix, { k: 8, metric, recall: 0.9 }, inline, ctx);
    const exact = await nearestNeighbours(matrix, { k: 8, metric }, inline, ctx);
    expect(found.recall).toBeGreaterThanOrEqual(0.9);
    expect(found.sampled).toBe(500);
    expect(Math.abs(recallOf(found, exact) - found.recall)).toBeLessThan(0.03);
    for (let q = 0; q < 2000; q++)
      for (let i = 0; i < 8; i++) {
        expect(found.ids[q * 8 + i]).not.toBe(q);
        expect(found.distances[q * 8 + i]).toBeGreaterThanOrEqual(exact.distances[q * 8 + i]);
      }
  });

  it('are the true ones when all lists are looked through', async () => {
    const matrix = matrixOf(700, 6);
    const options = { k: 5, metric: 'euclidean', recall: 1 } as const;
    const found = await invertedNeighbours(matrix, options, inline, ctx);
    const exact = await nearestNeighbours(matrix, options, inline, ctx);
    expect(recallOf(found, exact)).toBeGreaterThanOrEqual(found.probed === found.lists ? 1 : 0.995);
  });

  it('of wide rows are found by their components', async () => {
    const matrix = matrixOf(1500, 130);
    const options = { k: 5, metric: 'euclidean', recall: 0.95 } as const;
    const found = await invertedNeighbours(matrix, options, inline, ctx);
    const exact = await nearestNeighbours(matrix, options, inline, ctx);
    expect(recallOf(found, exact)).toBeGreaterThan(0.93);
    found.ids.forEach((id, i) => {
      const place = exact.ids.subarray(Math.floor(i / 5) * 5, Math.floor(i / 5) * 5 + 5).indexOf(id);
      if (place >= 0) expect(found.distances[i]).toBe(exact.distances[Math.floor(i / 5) * 5 + place]);
    });
  });
});

describe('neighbours by inverted lists', () => {
  it('have the same bytes for any number of threads', async () => {
    const matrix = matrixOf(9000, 24);
    const options = { k: 6, metric: 'euclidean', recall: 0.9 } as const;
    const one = await invertedNeighbours(matrix, options, inline, ctx);
    for (const threads of [2, 3, 4, 7])
      expect(await invertedNeighbours(matrix, options, lastFirst(threads), ctx)).toEqual(one);
  });

  it('are complete where lists hold fewer than k rows', async () => {
    // Forty far tight groups of eight: the nearest lists hold fewer than 20 rows.
    const data = Float32Array.from({ length: 320 * 2 }, (_, i) =>
      i % 2 === 0 ? Math.floor(i / 16) * 1e3 : (i % 16) * 1e-2,
    );
    const options = { k: 20, metric: 'euclidean', recall: 0 } as const;
    const found = await invertedNeighbours({ data, rows: 320, cols: 2 }, options, inline, ctx);
    expect(found.ids.every((id) => id >= 0)).toBe(true);
    expect(found.distances.every(Number.isFinite)).toBe(true);
  });

  it.each([0, 1, 2, 3, 40])('cope with %i rows', async (n) => {
    const matrix = matrixOf(n, 3);
    const options = { k: 5, metric: 'euclidean', recall: 0.97 } as const;
    const found = await invertedNeighbours(matrix, options, inline, ctx);
    const exact = await nearestNeighbours(matrix, options, inline, ctx);
    expect([found.k, found.queries]).toEqual([exact.k, n]);
    expect(found.ids).toEqual(exact.ids);
    expect(found.distances).toEqual(exact.distances);
  });

  it('cope with rows that are all equal', async () => {
    const matrix = { data: new Float32Array(900 * 2).fill(1), rows: 900, cols: 2 };
    const options = { k: 4, metric: 'euclidean', recall: 0.97 } as const;
    const found = await invertedNeighbours(matrix, options, inline, ctx);
    expect(found.distances.every((distance) => distance === 0)).toBe(true);
    expect(found.ids.every((id) => id >= 0)).toBe(true);
  });

  it('refuse what does not fit', async () => {
    const matrix = matrixOf(50, 3);
    const find = (k: number, recall: number) =>
      invertedNeighbours(matrix, { k, metric: 'euclidean', recall }, inline, ctx);
    await expect(find(0, 0.97)).rejects.toThrow(RangeError);
    await expect(find(3, 1.5)).rejects.toThrow('1.5 is not a share');
    await expect(find(3, NaN)).rejects.toThrow('not a share');
  });
});
