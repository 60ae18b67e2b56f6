import { describe, expect, it } from 'vitest';
import type { Matrix } from '../detectors/detector.ts';
import type { NearestNeighbours } from '../neighbours/exact.ts';
import { mixHash } from '../numeric/hash.ts';
import { inlineRunner } from '../inline-runner.ts';
import { Cancelled, uncancelled } from '../task.ts';
import { pcaMap } from './pca-map.ts';
import { trustworthiness } from './trustworthiness.ts';
import { defaultEpochs, layoutStart, transform, UMAP_OPTIONS, umap } from './umap.ts';

const uniform = (i: number, purpose: number) => (mixHash(i + 1, purpose) + 0.5) / 2 ** 32;
const normal = (i: number) =>
  Math.sqrt(-2 * Math.log(uniform(i, 21))) * Math.cos(2 * Math.PI * uniform(i, 22));

const ROWS = 800;
const COLS = 12;
const GROUPS = 5;
const group = (row: number) => row % GROUPS;

/** Groups around centres after a ReLU, with a handful of equal rows. */
function groups(rows: number, from: number): Matrix {
  const data = new Float32Array(rows * COLS);
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < COLS; col++) {
      const at = (from + row) * COLS + col;
      data[row * COLS + col] = Math.max(0, normal(at) + 5 * normal(9e8 + group(row) * COLS + col));
    }
  return { data, rows, cols: COLS };
}

function nearest(queries: Matrix, others: Matrix, k: number, same: boolean): NearestNeighbours {
  const ids = new Int32Array(queries.rows * k);
  const distances = new Float64Array(queries.rows * k);
  for (let q = 0; q < queries.rows; q++) {
    const found = Array.from({ length: others.rows }, (_, i) => {
      let sum = 0;
      for (let c = 0; c < COLS; c++) sum += (queries.data[q * COLS + c] - others.data[i * COLS + c]) ** 2;
      return { i, distance: Math.sqrt(sum) };
    })
      .filter(({ i }) => !same || i !== q)
      .sort((a, b) => a.distance - b.distance || a.i - b.i);
    for (let j = 0; j < k; j++) {
      ids[q * k + j] = found[j].i;
      distances[q * k + j] = found[j].distance;
    }
  }
  return { queries: queries.rows, k, ids, distances };
}

const matrix = groups(ROWS, 0);
for (let row = 0; row < 6; row++) matrix.data.copyWithin(row * GROUPS * COLS, 700 * COLS, 701 * COLS);
const neighbours = nearest(matrix, matrix, 14, true);
const ctx = uncancelled();
const { coordinates: components } = await pcaMap({ matrix, rows: null }, inlineRunner(ctx), ctx);
const everyRow = Int32Array.from({ length: ROWS }, (_, row) => row);
const draw = (options: Partial<Parameters<typeof umap>[2]> = {}) =>
  umap(
    neighbours,
    components,
    { ...UMAP_OPTIONS, epochs: 150, seed: 1, ...options },
    inlineRunner(uncancelled()),
  );
const bytes = (array: Float32Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/** Share of the points whose nearest point on the map is of their own group. */
function apart(map: Float32Array, label: (row: number) => number): number {
  let own = 0;
  for (let i = 0; i < map.length / 2; i++) {
    let [best, least] = [-1, Infinity];
    for (let j = 0; j < map.length / 2; j++) {
      const square = (map[2 * i] - map[2 * j]) ** 2 + (map[2 * i + 1] - map[2 * j + 1]) ** 2;
      if (i !== j && square < least) [best, least] = [j, square];
    }
    own += label(best) === label(i) ? 1 : 0;
  }
  return own / (map.length / 2);
}

describe('UMAP', () => {
  it.each([1, 2, 3])('keeps neighbourhoods and groups (seed %i)', async (seed) => {
    const coordinates = await draw({ seed });
    expect(trustworthiness({ matrix, coordinates, k: 15, queries: everyRow }, uncancelled())).toBeGreaterThan(
      0.95,
    );
    expect(apart(coordinates, group)).toBe(1);
  });

  it('is the same for the same seed and another for another', async () => {
    const first = bytes(await draw());
    expect(bytes(await draw()).equals(first)).toBe(true);
    expect(bytes(await draw({ seed: 2 })).equals(first)).toBe(false);
  });

  it('keeps equal rows together', async () => {
    const map = await draw();
    for (let row = 1; row < 6; row++)
      expect(Math.hypot(map[0] - map[2 * row * GROUPS], map[1] - map[2 * row * GROUPS + 1])).toBeLessThan(1);
  });

  it('pulls labels apart when it is told them, and lays near points closer for a smaller distance', async () => {
    const label = (row: number) => (row % 10 < 5 ? 0 : 1);
    const labels = Int32Array.from(everyRow, label);
    expect(apart(await draw(), label)).toBeLessThan(0.7);
    expect(apart(await draw({ labels, labelWeight: 0.9 }), label)).toBeGreaterThan(0.95);
    const nearestMean = async (minDist: number) => {
      const map = await draw({ minDist });
      let sum = 0;
      for (let i = 0; i < ROWS; i++) {
        const j = neighbours.ids[i * 14];
        sum += Math.hypot(map[2 * i] - map[2 * j], map[2 * i + 1] - map[2 * j + 1]);
      }
      return sum;
    };
    expect(await nearestMean(0.8)).toBeGreaterThan(1.5 * (await nearestMean(0)));
  });

  it('starts from the principal components, equal rows a little apart', () => {
    const start = layoutStart(components, 1);
    expect(Math.max(...start.map(Math.abs))).toBeCloseTo(10, 3);
    expect(start[0]).not.toBe(start[2 * GROUPS]);
    expect(Math.abs(start[0] - start[2 * GROUPS])).toBeLessThan(2.1e-4);
    expect(layoutStart(new Float32Array(4), 1).every((x) => Math.abs(x) <= 1e-4)).toBe(true);
  });

  it('tells the start and the epochs, and can be cancelled', async () => {
    const told: number[] = [];
    const options = { ...UMAP_OPTIONS, epochs: 25, seed: 1 };
    await umap(neighbours, components, options, inlineRunner(uncancelled()), (epoch) => told.push(epoch));
    expect(told).toEqual([0, 10, 20, 25]);
    const cancelled = inlineRunner({
      ...uncancelled(),
      check: () => {
        throw new Cancelled();
      },
    });
    await expect(umap(neighbours, components, options, cancelled)).rejects.toThrow(Cancelled);
    expect([defaultEpochs(10_000), defaultEpochs(10_001)]).toEqual([500, 400]);
  });

  it('draws one row, two rows and rows that are all equal', async () => {
    for (const rows of [1, 2, 40]) {
      const k = Math.min(14, rows - 1);
      const ids = Int32Array.from({ length: rows * k }, (_, e) => (Math.floor(e / k) + 1 + (e % k)) % rows);
      const same = { queries: rows, k, ids, distances: new Float64Array(rows * k) };
      const options = { ...UMAP_OPTIONS, epochs: 20, seed: 1 };
      const map = await umap(same, new Float32Array(2 * rows), options, inlineRunner(uncancelled()));
      expect(map).toHaveLength(2 * rows);
      expect(map.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('new rows on a map', () => {
  it('come to their own group, equal rows close to their equals', async () => {
    const map = await draw();
    const fitted = map.slice();
    const fresh = groups(100, ROWS);
    fresh.data.set(matrix.data.subarray(123 * COLS, 124 * COLS), 3 * COLS);
    const runner = inlineRunner(uncancelled());
    const lists = nearest(fresh, matrix, 15, false);
    const placed = await transform(lists, map, { ...UMAP_OPTIONS, seed: 1 }, runner);
    expect(bytes(map).equals(bytes(fitted))).toBe(true);
    const both = new Float32Array(map.length + placed.length);
    both.set(map);
    both.set(placed, map.length);
    expect(apart(both, (row) => (row < ROWS ? group(row) : group(row - ROWS)))).toBeGreaterThan(0.99);
    expect(Math.hypot(placed[6] - map[246], placed[7] - map[247])).toBeLessThan(1);
    expect(
      bytes(await transform(lists, map, { ...UMAP_OPTIONS, seed: 1 }, runner)).equals(bytes(placed)),
    ).toBe(true);
  });

  it('are refused with neighbours that are not on the map', async () => {
    const lists = { queries: 1, k: 1, ids: Int32Array.of(9), distances: Float64Array.of(1) };
    const place = transform(
      lists,
      new Float32Array(8),
      { ...UMAP_OPTIONS, seed: 1 },
      inlineRunner(uncancelled()),
    );
    await expect(place).rejects.toThrow(RangeError);
  });
});
