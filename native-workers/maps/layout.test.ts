import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { availableEngines, kernels, useEngine } from '../engine.ts';
import { type LayoutKernels, SCRATCH_EXTRA } from '../engines/layout-kernels.ts';
import { typescriptKernels } from '../engines/typescript/kernels.ts';
import { mixHash } from '../numeric/hash.ts';
import { inlineRunner } from '../inline-runner.ts';
import { Cancelled, uncancelled } from '../task.ts';
import { fitCurve, forceTable } from './attraction-table.ts';
import { edgeSchedule, layoutSpan, optimizeLayout } from './layout.ts';

const table = forceTable(fitCurve(0.1, 1), 2);
const uniform = (i: number, purpose: number) => mixHash(i + 1, purpose) / 2 ** 32;

/** A symmetric ring in which vertex 0 is joined to every third one, so that degrees from 2 to n / 3 occur. */
function ring(n: number): { starts: Int32Array; ends: Int32Array; weights: Float64Array } {
  const rows = Array.from({ length: n }, () => new Map<number, number>());
  const join = (i: number, j: number) => {
    if (i === j || n < 2) return;
    const weight = 0.01 + 0.99 * uniform(Math.min(i, j) * n + Math.max(i, j), 1);
    rows[i].set(j, weight);
    rows[j].set(i, weight);
  };
  for (let i = 0; i < n; i++) {
    for (let hop = 1; hop <= 1 + (i % 9); hop++) join(i, (i + hop) % n);
    if (i % 3 === 0) join(0, i);
  }
  const starts = new Int32Array(n + 1);
  const edges = rows.map((row, i) => {
    starts[i + 1] = starts[i] + row.size;
    return [...row].sort(([a], [b]) => a - b);
  });
  return {
    starts,
    ends: Int32Array.from(edges.flat(), ([end]) => end),
    weights: Float64Array.from(edges.flat(), ([, weight]) => weight),
  };
}

const scattered = (n: number) => Float32Array.from({ length: 2 * n }, (_, i) => 20 * uniform(i, 2) - 10);
const layOut = (n: number, epochs = 12) => {
  const edges = edgeSchedule(ring(n), epochs, 5, true);
  const options = { epochs, rate: 1, seed: 5 };
  return optimizeLayout(scattered(n), null, edges, table, options, inlineRunner(uncancelled()));
};

describe('the edge schedule', () => {
  it('uses every edge in proportion to its weight, both directions in the same epochs', () => {
    const graph = ring(50);
    const epochs = 200;
    const { starts, ends, schedule } = edgeSchedule(graph, epochs, 3, true);
    const largest = Math.max(...graph.weights);
    const uses = new Map<string, string>();
    for (let i = 0; i < 50; i++)
      for (let e = starts[i]; e < starts[i + 1]; e++) {
        const share = Math.floor(schedule[e] / 65_536) + 1;
        const phase = schedule[e] % 65_536;
        const due = Array.from({ length: epochs }, (_, epoch) =>
          Math.floor((share * (epoch + 1) + phase) / 65_536) > Math.floor((share * epoch + phase) / 65_536)
            ? '1'
            : '0',
        ).join('');
        const weight = graph.weights[graph.ends.indexOf(ends[e], graph.starts[i])];
        expect(Math.abs(due.replaceAll('0', '').length - (weight / largest) * epochs)).toBeLessThan(1.01);
        uses.set(`${i} ${ends[e]}`, due);
      }
    for (const [edge, due] of uses) expect(uses.get(edge.split(' ').reverse().join(' '))).toBe(due);
  });

  it('drops what is too weak to be used once', () => {
    const starts = Int32Array.of(0, 3);
    const graph = { starts, ends: Int32Array.of(0, 1, 2), weights: Float64Array.of(1, 0.1, 0.099) };
    expect(edgeSchedule(graph, 10, 0, false).ends).toEqual(Int32Array.of(0, 1));
    expect(edgeSchedule({ ...graph, weights: new Float64Array(3) }, 10, 0, false).ends).toHaveLength(0);
  });
});

describe.each(availableEngines())('the layout by %s', (engine) => {
  const sizes = [1, 2, 63, 64, 65, 255, 256, 257, 5000];
  const wish = new Map<number, Float32Array>();
  beforeAll(async () => {
    useEngine('typescript');
    for (const n of sizes) wish.set(n, await layOut(n));
    useEngine(engine);
  });
  afterAll(() => {
    useEngine(null);
  });

  it('has the bytes of the readable engine, whatever the number of rows', async () => {
    for (const n of sizes) {
      const found = await layOut(n);
      expect(found.every(Number.isFinite)).toBe(true);
      expect(Buffer.from(found.buffer).equals(Buffer.from(wish.get(n)?.buffer ?? new ArrayBuffer()))).toBe(
        true,
      );
    }
  });

  it('has the same bytes for any cut into blocks', () => {
    const n = 1000;
    const edges = edgeSchedule(ring(n), 6, 5, true);
    const cut = (block: number) => {
      const coordinates = [scattered(n), new Float32Array(2 * n)] as const;
      const layout = { ...edges, table, coordinates, fixed: null, epochs: 6, rate: 1, seed: 5 };
      const state = new Int32Array(new SharedArrayBuffer(12));
      layoutSpan({ layout, from: 0, to: 6, block, state }, uncancelled());
      return coordinates[0];
    };
    const whole = cut(1000);
    for (const block of [1, 7, 64, 333]) expect(cut(block)).toEqual(whole);
  });

  it('works at offsets and beyond the ends of the table', () => {
    const starts = Int32Array.of(3, 5, 6);
    const ends = Int32Array.of(9, 9, 1, 0, 2, 9).subarray(2);
    const schedule = Uint32Array.of(0, 0xffff_0000, 0xffff_0000, 0xffff_0000, 0).subarray(1);
    const far = Float32Array.of(9, -1e-30, 0, 3e8, -1e-12, -5e8, 400).subarray(1);
    const run = (engine: LayoutKernels) => {
      const next = new Float32Array(4);
      engine.layoutEpoch(
        starts,
        ends,
        schedule,
        table,
        far.subarray(0, 4),
        far,
        next,
        7,
        3,
        0.9,
        0xffff_ffff,
        new Int32Array(40),
      );
      return next;
    };
    expect(run(kernels())).toEqual(run(typescriptKernels));
  });

  it('refuses lengths that do not fit', () => {
    type Block = Parameters<LayoutKernels['layoutEpoch']>;
    const edges = edgeSchedule(ring(20), 5, 1, true);
    const scratch = new Int32Array(edges.ends.length + 20 + SCRATCH_EXTRA);
    const block: Block = [
      ...[edges.starts, edges.ends, edges.schedule, table, scattered(20), scattered(20)],
      ...[new Float32Array(40), 0, 0, 1, 1, scratch],
    ] as unknown as Block;
    const engine = kernels();
    const bent = (at: number, value: unknown) => {
      engine.layoutEpoch(...(block.with(at, value as never) as unknown as Block));
    };
    expect(() => {
      engine.layoutEpoch(...block);
    }).not.toThrow();
    const descending = edges.starts.slice().reverse();
    const astray = edges.ends.slice();
    astray[5] = 20;
    const wrong: [number, unknown][] = [
      [0, new Int32Array()],
      [0, descending],
      [1, edges.ends.slice(1)],
      [1, astray],
      [1, edges.ends.slice().fill(-1)],
      [2, edges.schedule.slice(1)],
      [3, table.slice(1)],
      [4, scattered(19)],
      [5, scattered(19)],
      [5, new Float32Array(1)],
      [6, new Float32Array(39)],
      [9, 0],
      [11, scratch.slice(1)],
    ];
    for (const [at, value] of wrong)
      expect(() => {
        bent(at, value);
      }, `argument ${at}`).toThrow(RangeError);
  });
});

describe('the layout', () => {
  const edges = edgeSchedule(ring(300), 50, 5, true);
  const options = { epochs: 50, rate: 1, seed: 5 };

  it('tells how it goes and stops where it is cancelled', async () => {
    const told: number[] = [];
    const listen = (epoch: number, coordinates: Float32Array) => {
      told.push(epoch);
      expect(coordinates).toHaveLength(600);
    };
    const runner = inlineRunner(uncancelled());
    await optimizeLayout(scattered(300), null, edges, table, options, runner, listen);
    expect(told).toEqual([10, 20, 30, 40, 50]);
    let looks = 0;
    const cancelling = inlineRunner({
      ...uncancelled(),
      check: () => {
        if (++looks > 30) throw new Cancelled();
      },
    });
    await expect(
      optimizeLayout(scattered(300), null, edges, table, options, cancelling, listen),
    ).rejects.toThrow(Cancelled);
    expect(told.slice(5)).toEqual([10, 20, 30]);
  });

  it('refuses a start that does not fit, and has nothing to do for no rows', async () => {
    const runner = inlineRunner(uncancelled());
    await expect(optimizeLayout(scattered(299), null, edges, table, options, runner)).rejects.toThrow(
      RangeError,
    );
    const none = edgeSchedule(ring(0), 50, 5, true);
    expect(await optimizeLayout(scattered(0), null, none, table, options, runner)).toHaveLength(0);
  });
});
