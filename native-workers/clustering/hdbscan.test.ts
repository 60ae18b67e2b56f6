import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mixHash } from '../numeric/hash.ts';
import { Cancelled, uncancelled } from '../task.ts';
import { hdbscan, hdbscanOnGraph, type HdbscanResult } from './hdbscan.ts';
import { mutualReachability, slowHdbscan } from '../../test/fixtures/slow-hdbscan.ts';

interface Golden {
  readonly dbscan: readonly { readonly name: string; readonly dims: number; readonly points: number[] }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/clustering.json', import.meta.url), 'utf8'),
) as Golden;

function stabilitiesOf({ tree, numbers, count }: HdbscanResult): number[] {
  const found = new Array<number>(count).fill(NaN);
  numbers.forEach((number, cluster) => {
    if (number >= 0) found[number] = tree?.stabilities[cluster] ?? NaN;
  });
  return found;
}

/** Every row's k nearest others, nearest first, ties by row. */
function graphOf(
  points: Float64Array,
  dims: number,
  k: number,
): { neighbours: Int32Array; distances: Float64Array } {
  const n = points.length / dims;
  const distance = mutualReachability(points, dims, 1);
  const neighbours = new Int32Array(n * k).fill(-1);
  const distances = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const others = [...distance.keys()].filter((j) => j !== i);
    others.sort((a, b) => distance[i][a] - distance[i][b] || a - b);
    others.slice(0, k).forEach((other, at) => {
      neighbours[i * k + at] = other;
      distances[i * k + at] = distance[i][other];
    });
  }
  return { neighbours, distances };
}

function expectSame(found: HdbscanResult, slow: ReturnType<typeof slowHdbscan>): void {
  expect(Array.from(found.clusters)).toEqual(slow.clusters);
  expect(found.count).toBe(slow.stabilities.length);
  expect(found.noise).toBe(slow.clusters.filter((cluster) => cluster < 0).length);
  found.probabilities.forEach((value, row) => {
    expect(value).toBeCloseTo(slow.probabilities[row], 12);
  });
  stabilitiesOf(found).forEach((value, cluster) => {
    const wanted = slow.stabilities[cluster];
    if (Number.isFinite(wanted)) expect(Math.abs(value / wanted - 1)).toBeLessThan(1e-9);
    else expect(value).toBe(wanted);
  });
}

describe.each(golden.dbscan)('HDBSCAN of $name', ({ dims, points: values }) => {
  const points = Float64Array.from(values);
  const n = points.length / dims;

  it.each([
    [5, 5],
    [12, 3],
    [4, 1],
    [15, 10],
  ])('is what the papers say, clusters of %i and cores of %i', (minClusterSize, minSamples) => {
    for (const selection of ['eom', 'leaf'] as const) {
      const found = hdbscan({ points, dims, minClusterSize, minSamples, selection }, uncancelled());
      const enough = n >= Math.max(minClusterSize, minSamples);
      const slow = slowHdbscan(
        enough ? mutualReachability(points, dims, minSamples) : [],
        minClusterSize,
        selection,
      );
      if (enough) expectSame(found, slow);
      else expect(Array.from(found.clusters)).toEqual(new Array<number>(n).fill(-1));
    }
  });

  it('is the same on the graph of all neighbours', () => {
    if (n < 5) return;
    const sizes = { minClusterSize: 5, minSamples: 5, selection: 'eom' } as const;
    const found = hdbscanOnGraph({ ...graphOf(points, dims, n - 1), k: n - 1, ...sizes }, uncancelled());
    expectSame(found, slowHdbscan(mutualReachability(points, dims, 5), 5, 'eom'));
  });
});

describe('HDBSCAN', () => {
  const sizes = { minClusterSize: 5, minSamples: 4, selection: 'eom' } as const;

  it('finds far apart groups on a graph whose edges do not join them', () => {
    const { dims, points: values } = golden.dbscan[0];
    const points = Float64Array.from([...values, ...values.map((value) => value + 1000)]);
    const found = hdbscanOnGraph(
      { ...graphOf(points, dims, 8), k: 8, ...sizes, minClusterSize: 10 },
      uncancelled(),
    );
    const whole = hdbscan({ points, dims, ...sizes, minClusterSize: 10 }, uncancelled());
    const half = values.length / dims;
    const first = new Set(found.clusters.subarray(0, half).filter((cluster) => cluster >= 0));
    const second = new Set(found.clusters.subarray(half).filter((cluster) => cluster >= 0));
    expect([...first].filter((cluster) => second.has(cluster))).toEqual([]);
    expect(found.count).toBeGreaterThanOrEqual(whole.count);
  });

  it('joins rows without any edge at infinity: all noise', () => {
    const found = hdbscanOnGraph(
      { neighbours: new Int32Array(60).fill(-1), distances: new Float64Array(60), k: 3, ...sizes },
      uncancelled(),
    );
    expect(found).toMatchObject({ count: 0, noise: 20 });
  });

  it('moves with its rows', () => {
    const { dims, points: values } = golden.dbscan[4];
    const n = values.length / dims;
    const order = [...Array(n).keys()].sort((a, b) => mixHash(a, 5) - mixHash(b, 5));
    const points = Float64Array.from(values);
    const moved = Float64Array.from(order.flatMap((row) => values.slice(row * dims, (row + 1) * dims)));
    const before = hdbscan({ points, dims, ...sizes }, uncancelled());
    const after = hdbscan({ points: moved, dims, ...sizes }, uncancelled());
    expect(after.count).toBe(before.count);
    const pairs = new Set(order.map((row, place) => `${before.clusters[row]} ${after.clusters[place]}`));
    expect(pairs.size).toBe(before.count + (before.noise > 0 ? 1 : 0));
  });

  it('answers for no, one and two points', () => {
    for (const n of [0, 1, 2]) {
      const found = hdbscan({ points: new Float64Array(3 * n), dims: 3, ...sizes }, uncancelled());
      expect(found).toMatchObject({ count: 0, noise: n, tree: null });
    }
  });

  it('says what it does not take', () => {
    const points = new Float64Array(32);
    expect(() => hdbscan({ points, dims: 16, ...sizes }, uncancelled())).toThrow(
      /1 to 15 dimensions, not 16/,
    );
    expect(() => hdbscan({ points, dims: 5, ...sizes }, uncancelled())).toThrow(/do not make rows/);
    expect(() => hdbscan({ points, dims: 2, ...sizes, minClusterSize: 1 }, uncancelled())).toThrow(
      /2 or more/,
    );
    const graph = { neighbours: Int32Array.of(1, 0, 7, 0), distances: new Float64Array(4), k: 1 };
    expect(() => hdbscanOnGraph({ ...graph, ...sizes, minSamples: 2 }, uncancelled())).toThrow(
      /Row 2 has the neighbour 7/,
    );
    expect(() => hdbscanOnGraph({ ...graph, ...sizes }, uncancelled())).toThrow(
      /need 3 neighbours a row; the graph has 1/,
    );
    const far = { neighbours: Int32Array.of(1, 0), distances: Float64Array.of(1, NaN), k: 1 };
    expect(() => hdbscanOnGraph({ ...far, ...sizes, minSamples: 2 }, uncancelled())).toThrow(
      /Row 1 has a neighbour at/,
    );
  });

  it('looks at cancellation every 50 ms of work and stops', () => {
    const points = Float64Array.from(
      { length: 40_000 },
      (_, at) => mixHash(at, 2) / 2 ** 32 + (mixHash(at >> 1, 3) % 9),
    );
    let last = process.cpuUsage();
    let longest = 0;
    const ctx = {
      ...uncancelled(),
      check: () => {
        const { user, system } = process.cpuUsage(last);
        longest = Math.max(longest, (user + system) / 1000);
        last = process.cpuUsage();
      },
    };
    hdbscan({ points, dims: 2, ...sizes, minClusterSize: 30 }, ctx);
    expect(longest).toBeLessThan(100);
    const cancelled = {
      ...ctx,
      check: () => {
        throw new Cancelled();
      },
    };
    expect(() => hdbscan({ points, dims: 2, ...sizes }, cancelled)).toThrow(Cancelled);
  });
});
