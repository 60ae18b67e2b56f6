import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Matrix } from '../detectors/detector.ts';
import { availableEngines, kernels, useEngine } from '../engine.ts';
import { packCentres, packedCentres } from '../engines/clustering-kernels.ts';
import { mixHash } from '../numeric/hash.ts';
import { inlineRunner } from '../inline-runner.ts';
import type { TaskRunner } from '../runner.ts';
import { Cancelled, uncancelled } from '../task.ts';
import { kMeans, type KMeansResult } from './k-means.ts';

interface Golden {
  readonly kMeans: readonly {
    readonly cols: number;
    readonly k: number;
    readonly rows: number[];
    readonly labels: number[];
    readonly inertia: number;
    readonly rounds: number;
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/clustering.json', import.meta.url), 'utf8'),
) as Golden;

function shared(values: ArrayLike<number>, cols: number): Matrix {
  const data = new Float32Array(new SharedArrayBuffer(4 * values.length));
  data.set(values);
  return { data, rows: values.length / cols, cols };
}

/** Groups after a ReLU, many exact zeros; the offset makes the norms far larger than the distances. */
function grouped(rows: number, cols: number, groups: number, offset = 0): Matrix {
  const values = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) {
      const centre = mixHash(mixHash(i, 1) % groups, j + 7) / 2 ** 31 - 1;
      const jitter = mixHash(i * cols + j, 3) / 2 ** 32 - 0.5;
      values[i * cols + j] = offset + Math.max(0, centre + jitter);
    }
  return shared(values, cols);
}

/** Lloyd's rounds over all distances. */
function slowKMeans(
  matrix: Matrix,
  k: number,
  start: Float64Array,
  tolerance: number,
): { clusters: number[]; rounds: number } {
  const { data, rows, cols } = matrix;
  const centres = Float64Array.from(start);
  const mean = Array.from({ length: cols }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += data[i * cols + j];
    return sum / rows;
  });
  let variance = 0;
  for (let at = 0; at < rows * cols; at++) variance += (data[at] - mean[at % cols]) ** 2;
  const clusters = new Array<number>(rows).fill(-1);
  const assign = () => {
    let changed = 0;
    for (let i = 0; i < rows; i++) {
      let best = -1;
      let least = Infinity;
      for (let c = 0; c < k; c++) {
        let square = 0;
        for (let j = 0; j < cols; j++) square += (data[i * cols + j] - centres[c * cols + j]) ** 2;
        if (square < least) {
          least = square;
          best = c;
        }
      }
      if (clusters[i] !== best) changed++;
      clusters[i] = best;
    }
    return changed;
  };
  for (let rounds = 1; ; rounds++) {
    const changed = assign();
    let shift = 0;
    for (let c = 0; c < k; c++)
      for (let j = 0; j < cols; j++) {
        let sum = 0;
        let count = 0;
        for (let i = 0; i < rows; i++)
          if (clusters[i] === c) {
            sum += data[i * cols + j];
            count++;
          }
        shift += (sum / count - centres[c * cols + j]) ** 2;
        centres[c * cols + j] = sum / count;
      }
    if (changed === 0) return { clusters, rounds };
    if (shift <= (tolerance * variance) / (rows * cols)) {
      assign();
      return { clusters, rounds };
    }
  }
}

function bytesOf({ clusters, centres, counts, inertia, rounds }: KMeansResult): string {
  return (
    [clusters, centres, counts].map((a) => Buffer.from(a.buffer).toString('base64')).join() +
    `${inertia} ${rounds}`
  );
}

function firstRows({ data, cols }: Matrix, k: number): Float64Array {
  return Float64Array.from(data.subarray(0, k * cols));
}

const runner = inlineRunner(uncancelled());
const run = (args: Parameters<typeof kMeans>[0]) => kMeans(args, runner, uncancelled());

describe.each(availableEngines())('k-means with %s', (engine) => {
  beforeAll(() => {
    useEngine(engine);
  });
  afterAll(() => {
    useEngine(null);
  });

  it('gives the labels, inertia and rounds of scikit-learn from the same start', async () => {
    for (const { cols, k, rows, labels, inertia, rounds } of golden.kMeans) {
      const matrix = shared(rows, cols);
      const found = await run({ matrix, k, seed: 1, start: firstRows(matrix, k) });
      expect(Array.from(found.clusters)).toEqual(labels);
      expect(Math.abs(found.inertia / inertia - 1)).toBeLessThan(1e-9);
      expect(found).toMatchObject({ rounds, converged: true });
    }
  });

  it.each([
    [1, 64, 3],
    [31, 65, 2],
    [32, 255, 4],
    [33, 256, 5],
    [127, 257, 33],
    [513, 63, 6],
  ])('is what Lloyd gives: %i columns, %i rows, %i clusters', async (cols, rows, k) => {
    const matrix = grouped(rows, cols, 7);
    const start = firstRows(matrix, k);
    const found = await run({ matrix, k, seed: 1, start });
    if (found.counts.includes(0)) return;
    const slow = slowKMeans(matrix, k, start, 1e-4);
    expect(Array.from(found.clusters)).toEqual(slow.clusters);
    expect(found.rounds).toBe(slow.rounds);
  });

  it('is exact where the norms are a million times the distances', async () => {
    const matrix = grouped(600, 9, 6, 30_000);
    const start = firstRows(matrix, 6);
    const found = await run({ matrix, k: 6, seed: 1, start });
    expect(Array.from(found.clusters)).toEqual(slowKMeans(matrix, 6, start, 1e-4).clusters);
  });

  it('finds the same nearest centres as float64 where float32 overflows', () => {
    const x = Float32Array.of(1e20, 3e37, -2e19, 1, 0, 2e-30);
    const exact = Float64Array.of(1e20, -1e20, 0, 3e37, 1, 1e-30);
    const offset = new Float32Array(1);
    const { packed, biases } = packedCentres(6, 1);
    const arrays = { packed: new Float32Array(packed), biases: new Float32Array(biases) };
    const { largest, away } = packCentres(exact, 6, offset, arrays.packed, arrays.biases);
    const clusters = new Int32Array(6);
    const [upper, lower] = [new Float32Array(6), new Float32Array(6)];
    kernels().assign(
      x,
      null,
      0,
      6,
      1,
      offset,
      arrays.packed,
      arrays.biases,
      exact,
      6,
      largest,
      away,
      clusters,
      upper,
      lower,
    );
    expect(Array.from(clusters)).toEqual([0, 3, 2, 4, 2, 5]);
  });

  it('bounds the distances from above and from below', () => {
    for (const k of [1, 2, 4, 5, 32, 33]) {
      const matrix = grouped(77, 19, 9);
      const { data, cols } = matrix;
      const exact = firstRows(matrix, k).map((value, at) => value + 0.1 * (at % 3));
      const offset = new Float32Array(cols).fill(0.3);
      const lengths = packedCentres(k, cols);
      const packed = new Float32Array(lengths.packed);
      const biases = new Float32Array(lengths.biases);
      const { largest, away } = packCentres(exact, k, offset, packed, biases);
      const rows = Int32Array.from({ length: 77 }, (_, i) => (i * 5) % 77);
      const clusters = new Int32Array(70);
      const [upper, lower] = [new Float32Array(70), new Float32Array(70)];
      kernels().assign(
        data,
        rows,
        4,
        74,
        cols,
        offset,
        packed,
        biases,
        exact,
        k,
        largest,
        away,
        clusters,
        upper,
        lower,
      );
      for (let i = 0; i < 70; i++) {
        const distances = Array.from({ length: k }, (_, c) => {
          let square = 0;
          for (let j = 0; j < cols; j++) square += (data[rows[i + 4] * cols + j] - exact[c * cols + j]) ** 2;
          return Math.sqrt(square);
        });
        const nearest = Math.min(...distances);
        expect(distances[clusters[i]]).toBe(nearest);
        expect(upper[i]).toBeGreaterThanOrEqual(nearest);
        expect(upper[i]).toBeLessThan(nearest * 1.001 + 1e-3);
        const others = Math.min(...distances.filter((_, c) => c !== clusters[i]));
        expect(lower[i]).toBeLessThanOrEqual(others);
        if (k > 1) expect(lower[i]).toBeGreaterThan(others * 0.999 - 1e-3);
      }
    }
  });

  it('says which lengths do not fit', () => {
    const { data, cols } = grouped(10, 4, 2);
    const two = new Float64Array(2 * cols);
    expect(() => {
      kernels().centreSquares(data, null, 0, 11, cols, new Int32Array(11), 2, two, new Float64Array(11));
    }).toThrow(RangeError);
    expect(() => {
      kernels().moveRows(data, Int32Array.of(10), 0, 1, cols, Int32Array.of(0), Int32Array.of(1), 2, two);
    }).toThrow(RangeError);
  });

  it('gives empty clusters the farthest rows, and leaves them where every row lies on a centre', async () => {
    const far = shared([0, 1, 2, 3, 100, 50], 1);
    const found = await run({ matrix: far, k: 3, seed: 1, start: Float64Array.of(1, 1000, 2000) });
    expect(Array.from(found.counts).sort()).toEqual([1, 1, 4]);
    expect(found.inertia).toBe(5);
    const same = await run({ matrix: shared(new Float32Array(12).fill(2), 3), k: 3, seed: 1 });
    expect(Array.from(same.clusters)).toEqual([0, 0, 0, 0]);
    expect(same).toMatchObject({ inertia: 0, converged: true });
  });
});

describe('k-means', () => {
  it('gives the same bytes in every engine and for any number of threads', async () => {
    const matrix = grouped(9000, 17, 12);
    const found = new Set<string>();
    for (const engine of availableEngines()) {
      useEngine(engine);
      found.add(bytesOf(await run({ matrix, k: 9, seed: 5 })));
    }
    useEngine(null);
    for (const threads of [2, 3, 4, 7]) {
      const several: TaskRunner = { ...runner, threads };
      found.add(bytesOf(await kMeans({ matrix, k: 9, seed: 5 }, several, uncancelled())));
    }
    expect(found.size).toBe(1);
  });

  it('draws other first centres for another seed, and ends near the groups', async () => {
    const matrix = grouped(3000, 12, 8);
    const results = await Promise.all([1, 2].map((seed) => run({ matrix, k: 8, seed })));
    expect(bytesOf(results[0])).not.toBe(bytesOf(results[1]));
    for (const { inertia } of results) expect(inertia / 3000).toBeLessThan(1.2);
  });

  it('refuses what it cannot do in a sentence', async () => {
    const matrix = grouped(4, 3, 2);
    await expect(run({ matrix, k: 0, seed: 1 })).rejects.toThrow(/Ask for 1 or more/);
    await expect(run({ matrix, k: 5, seed: 1 })).rejects.toThrow(/5 clusters cannot be made of 4 rows/);
    await expect(run({ matrix, k: 2, seed: 1, start: new Float64Array(5) })).rejects.toThrow(
      /2 centres of 3 columns have 6/,
    );
  });

  it('looks at cancellation every 50 ms of work and stops', async () => {
    const matrix = grouped(20_000, 40, 30);
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
    await kMeans({ matrix, k: 25, seed: 2 }, inlineRunner(ctx), ctx);
    expect(longest).toBeLessThan(100);
    const cancelled = {
      ...ctx,
      check: () => {
        throw new Cancelled();
      },
    };
    await expect(kMeans({ matrix, k: 25, seed: 2 }, inlineRunner(cancelled), ctx)).rejects.toThrow(Cancelled);
  });
});
