import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { availableEngines, useEngine } from '../engine.ts';
import { mixHash } from '../numeric/hash.ts';
import { Cancelled, uncancelled } from '../task.ts';
import { dbscan } from './dbscan.ts';
import { gridCells } from './grid-cells.ts';
import { kdTree } from './kd-tree.ts';
import { RadiusDbscan } from './radius-dbscan.ts';

interface Golden {
  readonly dbscan: readonly {
    readonly name: string;
    readonly dims: number;
    readonly points: number[];
    readonly eps: number;
    readonly minPoints: number;
    readonly labels: number[];
    readonly core: number[];
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/clustering.json', import.meta.url), 'utf8'),
) as Golden;

/** DBSCAN as it was written down, over all pairs. */
function slowDbscan(points: Float64Array, dims: number, eps: number, minPoints: number): number[] {
  const n = points.length / dims;
  const near = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (__, j) => j).filter((j) => {
      let square = 0;
      for (let c = 0; c < dims; c++) square += (points[i * dims + c] - points[j * dims + c]) ** 2;
      return square <= eps * eps;
    }),
  );
  const clusters = new Array<number>(n).fill(-1);
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (clusters[i] >= 0 || near[i].length < minPoints) continue;
    const queue = [i];
    clusters[i] = count;
    for (const point of queue) {
      if (near[point].length < minPoints) continue;
      for (const other of near[point]) {
        if (clusters[other] >= 0) continue;
        clusters[other] = count;
        queue.push(other);
      }
    }
    count++;
  }
  return clusters;
}

function drawn(n: number, dims: number, purpose: number, scale: (i: number) => number): Float64Array {
  return Float64Array.from({ length: n * dims }, (_, at) => {
    const i = Math.floor(at / dims);
    const sum = [0, 1, 2].reduce((all, part) => all + mixHash(mixHash(at, purpose), part) / 2 ** 32, -1.5);
    return sum * scale(i) + (mixHash(i, purpose + 1) % 5) * (1 + (at % dims));
  });
}

describe.each(golden.dbscan)('DBSCAN of $name', ({ dims, points, eps, minPoints, labels, core }) => {
  it('gives the labels and core points of scikit-learn', () => {
    const found = dbscan({ points: Float64Array.from(points), dims, eps, minPoints }, uncancelled());
    expect(Array.from(found.clusters)).toEqual(labels);
    expect(Array.from(found.core)).toEqual(core);
    expect(found.count).toBe(Math.max(-1, ...labels) + 1);
    expect(found.noise).toBe(labels.filter((label) => label < 0).length);
  });

  it('gives the same on the k-d tree', () => {
    const tree = kdTree(Float64Array.from(points), dims, () => undefined);
    const clusters = new Int32Array(labels.length);
    new RadiusDbscan(tree, eps, minPoints, uncancelled()).run(new Uint8Array(labels.length), clusters);
    expect(Array.from(clusters)).toEqual(labels);
  });
});

describe('DBSCAN', () => {
  it.each([1, 2, 3, 4, 7, 10])('agrees with all pairs in %i dimensions, for many eps', (dims) => {
    const points = drawn(220, dims, 3, (i) => (i % 3 === 0 ? 2.5 : 0.6));
    for (const eps of [1e-9, 0.05, 0.3, 0.9, 2, 7, 100])
      for (const minPoints of [1, 4, 15]) {
        const found = dbscan({ points, dims, eps, minPoints }, uncancelled());
        expect(Array.from(found.clusters)).toEqual(slowDbscan(points, dims, eps, minPoints));
      }
  });

  it('takes distances equal to eps on lattices of 1 to 3 dimensions', () => {
    for (const dims of [1, 2, 3]) {
      const points = Float64Array.from({ length: 6 ** 3 * dims }, (_, at) => {
        const i = Math.floor(at / dims);
        return (Math.floor(i / 6 ** (at % dims)) % 6) * 0.1;
      });
      for (const eps of [0.1, 0.1 * Math.sqrt(2), 0.2, 0.1 * Math.sqrt(3)]) {
        const found = dbscan({ points, dims, eps, minPoints: 5 }, uncancelled());
        expect(Array.from(found.clusters)).toEqual(slowDbscan(points, dims, eps, 5));
      }
    }
  });

  it('gives the same labels and core points in every engine, in 1 to 3 dimensions', () => {
    for (const dims of [1, 2, 3]) {
      const points = drawn(9000, dims, 21, (i) => (i % 4 === 0 ? 3 : 0.4));
      const found = availableEngines().map((engine) => {
        useEngine(engine);
        const { clusters, core, count } = dbscan(
          { points, dims, eps: 0.11 * dims, minPoints: 9 },
          uncancelled(),
        );
        expect(count).toBeGreaterThan(1);
        return [clusters, core].map((values) => Buffer.from(values.buffer).toString('base64')).join();
      });
      useEngine(null);
      expect(new Set(found).size).toBe(1);
    }
  });

  it('says which cells do not fit, in every engine', () => {
    const points = drawn(300, 2, 5, () => 1);
    const cells = gridCells(points, 2, 0.3, () => undefined);
    if (cells === null) throw new Error('no grid');
    const { starts, first, lineStarts, around, reach, count } = cells;
    const [xs, ys, zs] = cells.points;
    for (const engine of availableEngines()) {
      const mark = (to: number, core: Uint8Array) => () => {
        useEngine(engine).markCores(
          xs,
          ys,
          zs,
          0.09,
          4,
          starts,
          first,
          lineStarts,
          around,
          reach,
          0,
          to,
          core,
        );
      };
      expect(mark(count + 1, new Uint8Array(300))).toThrow(RangeError);
      expect(mark(count, new Uint8Array(299))).toThrow(RangeError);
      expect(mark(count, new Uint8Array(300))).not.toThrow();
    }
    useEngine(null);
  });

  it('answers for no, one and two points', () => {
    const of = (points: number[], minPoints: number) =>
      Array.from(
        dbscan({ points: Float64Array.from(points), dims: 2, eps: 1, minPoints }, uncancelled()).clusters,
      );
    expect(of([], 1)).toEqual([]);
    expect(of([3, 4], 1)).toEqual([0]);
    expect(of([3, 4], 2)).toEqual([-1]);
    expect(of([3, 4, 3, 5], 2)).toEqual([0, 0]);
  });

  it('reads float32 points as they are', () => {
    const points = Float32Array.from(golden.dbscan[0].points);
    const { dims, eps, minPoints } = golden.dbscan[0];
    const found = dbscan({ points, dims, eps, minPoints }, uncancelled());
    expect(Array.from(found.clusters)).toEqual(slowDbscan(Float64Array.from(points), dims, eps, minPoints));
  });

  it('survives two heaps just out of reach and points a million million eps apart', () => {
    const points = new Float64Array(2 * 40_000);
    for (let i = 0; i < 40_000; i++) points[2 * i] = i % 2 === 0 ? 0 : 1.0000001;
    points[0] = 1e12;
    const found = dbscan({ points, dims: 2, eps: 1, minPoints: 10 }, uncancelled());
    expect(found).toMatchObject({ count: 2, noise: 1 });
  });

  it('says what it does not take', () => {
    const points = new Float64Array(22);
    const ask = (dims: number, eps: number, minPoints: number) => () =>
      dbscan({ points, dims, eps, minPoints }, uncancelled());
    expect(ask(11, 1, 5)).toThrow(/10 dimensions, not 11/);
    expect(ask(3, 1, 5)).toThrow(/do not make rows of 3/);
    expect(ask(2, 0, 5)).toThrow(/reaches nothing/);
    expect(ask(2, 1, 0)).toThrow(/1 or more/);
  });

  it.each([2, 5])('looks at cancellation every 50 ms of work, in %i dimensions', (dims) => {
    const points = drawn(60_000, dims, 9, () => 3);
    let last = process.cpuUsage();
    let longest = 0;
    let looks = 0;
    const ctx = {
      ...uncancelled(),
      check: () => {
        const { user, system } = process.cpuUsage(last);
        longest = Math.max(longest, (user + system) / 1000);
        last = process.cpuUsage();
        looks++;
      },
    };
    dbscan({ points, dims, eps: 0.7, minPoints: 400 }, ctx);
    expect(looks).toBeGreaterThan(8);
    expect(longest).toBeLessThan(100);
  });

  it('stops when it is cancelled', () => {
    const ctx = {
      ...uncancelled(),
      check: () => {
        throw new Cancelled();
      },
    };
    const points = drawn(6000, 4, 9, () => 3);
    for (const dims of [2, 4])
      expect(() => dbscan({ points, dims, eps: 0.7, minPoints: 40 }, ctx)).toThrow(Cancelled);
  });
});
