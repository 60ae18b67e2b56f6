import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activations } from '../../test/fixtures/activations.ts';
import type { Matrix } from '../detectors/detector.ts';
import { availableEngines, useEngine } from '../engine.ts';
import { mixHash } from '../numeric/hash.ts';
import { inlineRunner } from '../inline-runner.ts';
import type { TaskRunner } from '../runner.ts';
import { Cancelled, type TaskContext, uncancelled } from '../task.ts';
import { tasks } from '../tasks.ts';
import { type ExactNeighbours, nearestNeighbours } from './exact.ts';
import type { Metric } from './screening.ts';

const ctx = uncancelled();
const inline = inlineRunner(ctx);

function uniform(n: number, d: number, purpose = 1): Matrix {
  const data = Float32Array.from({ length: n * d }, (_, i) => mixHash(i, purpose) / 2 ** 32);
  return { data, rows: n, cols: d };
}

/** Every pair in float64, sorted by distance and row. */
function byBruteForce({ data, rows, cols }: Matrix, k: number): { ids: number[]; distances: number[] } {
  const ids: number[] = [];
  const distances: number[] = [];
  for (let q = 0; q < rows; q++) {
    const all = Array.from({ length: rows }, (_, p) => {
      let square = 0;
      for (let j = 0; j < cols; j++) square += (data[q * cols + j] - data[p * cols + j]) ** 2;
      return { p, distance: Math.sqrt(square) };
    }).filter(({ p }) => p !== q);
    all.sort((a, b) => a.distance - b.distance || a.p - b.p);
    for (const { p, distance } of all.slice(0, k)) {
      ids.push(p);
      distances.push(distance);
    }
  }
  return { ids, distances };
}

function expectSame(found: ExactNeighbours, expected: { ids: number[]; distances: number[] }): void {
  expect(Array.from(found.ids)).toEqual(expected.ids);
  let most = 0;
  expected.distances.forEach((distance, i) => {
    most = Math.max(most, Math.abs(found.distances[i] - distance) / Math.max(1e-30, distance));
  });
  expect(most).toBeLessThan(1e-12);
}

/** Runs the pairs' tasks as if `threads` workers took the blocks in turn. */
function inTurns(threads: number): TaskRunner {
  let taken = 0;
  return {
    threads,
    run: (name, args) => {
      const task = tasks[name] as (a: unknown, c: TaskContext) => never;
      if (name !== 'screenPairs') return Promise.resolve().then(() => task(args, ctx));
      const { next } = args as { next: Int32Array };
      next[0] = taken;
      taken += 1;
      const skipping: TaskContext = { ...ctx, progress: () => Atomics.add(next, 0, threads - 1) };
      return Promise.resolve(task(args, skipping));
    },
  };
}

interface GoldenCase {
  n: number;
  d: number;
  seed: number;
  k: number;
  metric: Metric;
  ids: number[][];
  distances: number[][];
}
const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/neighbours.json', import.meta.url), 'utf8'),
) as { cases: GoldenCase[] };

describe.each(availableEngines())('nearest neighbours, %s', (engine) => {
  beforeAll(() => void useEngine(engine));
  afterAll(() => void useEngine(null));

  it.each(golden.cases)('are those of scikit-learn: $n x $d, $metric', async (expected) => {
    const { n, d, seed, k, metric } = expected;
    const matrix = { data: activations(n, d, seed), rows: n, cols: d };
    const found = await nearestNeighbours(matrix, { k, metric }, inline, ctx);
    expect(Array.from(found.ids)).toEqual(expected.ids.flat());
    const most = expected.distances
      .flat()
      .reduce((worst, distance, i) => Math.max(worst, Math.abs(found.distances[i] - distance)), 0);
    expect(most).toBeLessThan(2e-7);
    expect(found.certified + found.recomputed).toBe(n);
  });

  it.each([1, 2, 31, 32, 33, 127, 513])('are those of every pair compared: %i columns', async (d) => {
    const matrix = uniform(130, d);
    const found = await nearestNeighbours(matrix, { k: 6, metric: 'euclidean' }, inline, ctx);
    expectSame(found, byBruteForce(matrix, 6));
  });

  it.each([0, 1, 2, 3, 16, 63, 64, 65, 255, 256, 257])('deliver min(k, n - 1): %i rows', async (n) => {
    const matrix = uniform(n, 5);
    const found = await nearestNeighbours(matrix, { k: 15, metric: 'euclidean' }, inline, ctx);
    expect([found.queries, found.k]).toEqual([n, Math.max(0, Math.min(15, n - 1))]);
    expectSame(found, byBruteForce(matrix, found.k));
    expect(found.certified).toBe(n);
  });

  it('notice that float32 cannot tell two far tight clusters apart inside', async () => {
    const n = 260;
    const matrix = uniform(n, 8, 4);
    for (let i = 0; i < matrix.data.length; i++)
      matrix.data[i] = (Math.floor(i / 8) % 2 === 0 ? 1000 : -1000) + (matrix.data[i] - 0.5) * 2e-3;
    const found = await nearestNeighbours(matrix, { k: 10, metric: 'euclidean' }, inline, ctx);
    expect(found.recomputed).toBeGreaterThan(n * 0.9);
    expectSame(found, byBruteForce(matrix, 10));
  });

  it('take duplicates and rows that are all equal by their numbers', async () => {
    const distinct = uniform(10, 4);
    const data = new Float32Array(90 * 4);
    for (let r = 0; r < 90; r++) data.set(distinct.data.subarray((r % 10) * 4, ((r % 10) + 1) * 4), r * 4);
    const copies = { data, rows: 90, cols: 4 };
    const found = await nearestNeighbours(copies, { k: 12, metric: 'euclidean' }, inline, ctx);
    expectSame(found, byBruteForce(copies, 12));
    const same = { data: new Float32Array(70 * 3).fill(2.5), rows: 70, cols: 3 };
    const equal = await nearestNeighbours(same, { k: 4, metric: 'euclidean' }, inline, ctx);
    expect(equal.certified).toBe(70);
    expectSame(equal, byBruteForce(same, 4));
  });

  it('do not trust float32 where it overflows or underflows', async () => {
    for (const scale of [1e25, 1e-25]) {
      const matrix = uniform(60, 3);
      for (let i = 0; i < matrix.data.length; i++) matrix.data[i] *= scale;
      const found = await nearestNeighbours(matrix, { k: 5, metric: 'euclidean' }, inline, ctx);
      expectSame(found, byBruteForce(matrix, 5));
    }
  });

  it('of some rows are those of all', async () => {
    const matrix = uniform(300, 9);
    const all = await nearestNeighbours(matrix, { k: 5, metric: 'cosine' }, inline, ctx);
    const rows = Int32Array.of(7, 299, 0, 150);
    const some = await nearestNeighbours(matrix, { k: 5, metric: 'cosine', rows }, inline, ctx);
    rows.forEach((row, q) => {
      expect(some.ids.slice(q * 5, q * 5 + 5)).toEqual(all.ids.slice(row * 5, row * 5 + 5));
      expect(some.distances.slice(q * 5, q * 5 + 5)).toEqual(all.distances.slice(row * 5, row * 5 + 5));
    });
  });

  it.each(['euclidean', 'cosine', 'dot'] as const)(
    'have the same bytes for any number of threads, %s',
    async (metric) => {
      const matrix = { data: activations(2200, 12, 21), rows: 2200, cols: 12 };
      const one = await nearestNeighbours(matrix, { k: 9, metric }, inline, ctx);
      for (const threads of [2, 3, 4, 7])
        expect(await nearestNeighbours(matrix, { k: 9, metric }, inTurns(threads), ctx)).toEqual(one);
    },
  );
});

describe('nearest neighbours', () => {
  it('are the same in every engine', async () => {
    const matrix = { data: activations(700, 40, 2), rows: 700, cols: 40 };
    const [first, ...others] = await Promise.resolve(availableEngines()).then(async (engines) => {
      const found: ExactNeighbours[] = [];
      for (const engine of engines) {
        useEngine(engine);
        found.push(await nearestNeighbours(matrix, { k: 15, metric: 'euclidean' }, inline, ctx));
      }
      useEngine(null);
      return found;
    });
    for (const { ids, distances } of others) {
      expect(ids).toEqual(first.ids);
      expect(distances).toEqual(first.distances);
    }
  });

  it('refuse what does not fit', async () => {
    const matrix = uniform(10, 3);
    const options = { k: 2, metric: 'euclidean' } as const;
    const find = (some: Matrix, other: object = {}) =>
      nearestNeighbours(some, { ...options, ...other }, inline, ctx);
    await expect(find(matrix, { k: 0 })).rejects.toThrow('0 is not a number of neighbours');
    await expect(find(matrix, { rows: Int32Array.of(10) })).rejects.toThrow('Row 10 is not among');
    await expect(find({ ...matrix, rows: 11 })).rejects.toThrow('fewer than 11 rows of 3');
    await expect(find({ ...matrix, cols: 0 })).rejects.toThrow('without columns');
  });

  it('are given up when cancelled', async () => {
    let looks = 0;
    const cancelling: TaskContext = {
      ...ctx,
      check: () => {
        looks += 1;
        if (looks > 6) throw new Cancelled();
      },
    };
    const matrix = uniform(3000, 4);
    await expect(
      nearestNeighbours(matrix, { k: 3, metric: 'euclidean' }, inlineRunner(cancelling), cancelling),
    ).rejects.toThrow(Cancelled);
  });
});
