import { describe, expect, it } from 'vitest';
import { availableEngines, useEngine } from '../engine.ts';
import { mixHash } from '../numeric/hash.ts';
import { type EngineName, fusesMultiplyAdd, type Kernels } from './kernels.ts';
import { panelsLength } from './neighbours-kernels.ts';

const ROWS = 100;
const KEEP = 5;

function rowsOf(cols: number): Float32Array {
  return Float32Array.from({ length: ROWS * cols }, (_, i) => mixHash(i, 9) / 2 ** 32 - 0.4);
}

function upTo(n: number, length = n): Int32Array {
  return Int32Array.from({ length }, (_, i) => (i < n ? i : -1));
}

function engine(name: EngineName): Kernels {
  const found = useEngine(name);
  useEngine(null);
  return found;
}

interface Lists {
  scores: Float32Array;
  ids: Int32Array;
}

function emptyLists(): Lists {
  return { scores: new Float32Array(ROWS * KEEP).fill(Infinity), ids: new Int32Array(ROWS * KEEP).fill(-1) };
}

function normsOf(x: Float32Array, cols: number): Float32Array {
  const norms = new Float32Array(128).fill(Infinity);
  for (let r = 0; r < ROWS; r++) {
    let square = 0;
    for (let j = 0; j < cols; j++) square += x[r * cols + j] ** 2;
    norms[r] = square;
  }
  return norms;
}

/** All rows against all by one side; queries in the order given. */
function oneSided(table: Kernels, x: Float32Array, cols: number, queries: Int32Array): Lists {
  const { scores, ids } = emptyLists();
  const panels = new Float32Array(panelsLength(128, cols));
  const points = upTo(ROWS, 128);
  table.packPoints(x, cols, points, panels);
  table.knnTile(x, cols, queries, queries, queries, panels, normsOf(x, cols), points, KEEP, scores, ids);
  return { scores, ids };
}

/** The same by pairs, in blocks of points that do not fill their panels and of odd numbers of queries. */
function twoSided(table: Kernels, x: Float32Array, cols: number, block: number, step: number): Lists {
  const { scores, ids } = emptyLists();
  const norms = normsOf(x, cols);
  const worst = new Float32Array(128).fill(-Infinity).fill(Infinity, 0, ROWS);
  const panels = new Float32Array(panelsLength(128, cols));
  for (let from = 0; from < ROWS; from += block) {
    const to = Math.min(ROWS, from + block);
    const points = upTo(to - from, Math.ceil((to - from) / 32) * 32).map((p) => (p < 0 ? -1 : p + from));
    table.packPoints(x, cols, points, panels);
    for (let q = 0; q < to; q += step) {
      const count = Math.min(step, to - q);
      table.knnTileBoth(
        x,
        cols,
        q,
        q,
        q,
        count,
        panels,
        norms,
        from,
        from,
        to - from,
        KEEP,
        scores,
        ids,
        worst,
      );
    }
  }
  return { scores, ids };
}

describe.each(availableEngines())('the tiles of neighbours, %s', (name) => {
  const table = engine(name);

  it.each([1, 31, 32, 33, 127, 513])('give the lists of sorting every score, %i columns', (cols) => {
    const x = rowsOf(cols);
    const norms = normsOf(x, cols);
    const { scores, ids } = oneSided(table, x, cols, upTo(ROWS));
    for (let q = 0; q < ROWS; q++) {
      const all = Array.from({ length: ROWS }, (_, p) => {
        let product = 0;
        for (let j = 0; j < cols; j++) product += x[q * cols + j] * x[p * cols + j];
        return { p, score: norms[p] - 2 * product };
      });
      const expected = all.filter(({ p }) => p !== q).sort((a, b) => a.score - b.score || a.p - b.p);
      for (let i = 0; i < KEEP; i++) {
        const tolerance = 1e-6 * cols;
        expect(Math.abs(scores[q * KEEP + i] - expected[i].score)).toBeLessThan(tolerance);
        expect(all[ids[q * KEEP + i]].score).toBeLessThan(expected[i].score + tolerance);
      }
    }
  });

  it.each([
    [128, 128],
    [32, 128],
    [64, 7],
    [32, 13],
  ])('give the same lists from both sides, blocks of %i points and %i queries', (block, step) => {
    const x = rowsOf(19);
    expect(twoSided(table, x, 19, block, step)).toEqual(oneSided(table, x, 19, upTo(ROWS)));
  });

  it('write the lists that are named, wherever the queries stand', () => {
    const x = rowsOf(6);
    const queries = Int32Array.of(99, 3, 50, 8, 77);
    const expected = oneSided(table, x, 6, upTo(ROWS));
    const { scores, ids } = oneSided(table, x, 6, queries);
    for (let q = 0; q < ROWS; q++) {
      const list = ids.subarray(q * KEEP, (q + 1) * KEEP);
      if (!queries.includes(q)) expect(Array.from(list)).toEqual([-1, -1, -1, -1, -1]);
      else {
        expect(list).toEqual(expected.ids.subarray(q * KEEP, (q + 1) * KEEP));
        expect(scores[q * KEEP]).toBe(expected.scores[q * KEEP]);
      }
    }
  });

  it('read views that begin anywhere', () => {
    const whole = new Float32Array(ROWS * 7 + 3);
    whole.set(rowsOf(7), 3);
    expect(oneSided(table, whole.subarray(3), 7, upTo(ROWS))).toEqual(
      oneSided(table, rowsOf(7), 7, upTo(ROWS)),
    );
  });

  it('compute candidates to the last bit alike', () => {
    for (const cols of [1, 7, 8, 9, 127]) {
      const x = rowsOf(cols);
      const candidates = Int32Array.of(5, -1, 99, 4, 4, 0);
      const values = new Float64Array(6);
      for (const products of [0, 1] as const) {
        table.candidateValues(x, cols, Int32Array.of(4, 99), candidates, products, values);
        const expected = new Float64Array(6);
        engine('typescript').candidateValues(x, cols, Int32Array.of(4, 99), candidates, products, expected);
        expect(values).toEqual(expected);
        expect(values[1]).toBe(Infinity);
      }
    }
  });

  it('refuse lengths and indices that do not fit, and write nothing then', () => {
    const x = rowsOf(4);
    const points = upTo(ROWS, 128);
    const panels = new Float32Array(panelsLength(128, 4));
    const norms = normsOf(x, 4);
    const { scores, ids } = emptyLists();
    const worst = new Float32Array(128);
    const few = upTo(3);
    table.packPoints(x, 4, points, panels);
    const bad = Int32Array.of(0, 1, ROWS);
    const below = Int32Array.of(0, -1, 2);
    const calls: (() => void)[] = [
      () => table.packPoints(x, 4, upTo(31), panels),
      () => table.packPoints(x, 4, points, panels.subarray(1)),
      () => table.packPoints(x, 4, Int32Array.from(points).fill(ROWS, 0, 1), panels),
      () => table.knnTile(x, 0, few, few, few, panels, norms, points, KEEP, scores, ids),
      () => table.knnTile(x, 4, bad, few, few, panels, norms, points, KEEP, scores, ids),
      () => table.knnTile(x, 4, below, few, few, panels, norms, points, KEEP, scores, ids),
      () => table.knnTile(x, 4, few, bad, few, panels, norms, points, KEEP, scores, ids),
      () => table.knnTile(x, 4, few, few, upTo(2), panels, norms, points, KEEP, scores, ids),
      () => table.knnTile(x, 4, few, upTo(2), few, panels, norms, points, KEEP, scores, ids),
      () => table.knnTile(x, 4, few, few, few, panels.subarray(1), norms, points, KEEP, scores, ids),
      () => table.knnTile(x, 4, few, few, few, panels, norms.subarray(1), points, KEEP, scores, ids),
      () => table.knnTile(x, 4, few, few, few, panels, norms, points, 0, scores, ids),
      () => table.knnTile(x, 4, few, few, few, panels, norms, points, KEEP, scores.subarray(0, 14), ids),
      () => table.knnTileBoth(x, 4, 98, 0, 0, 3, panels, norms, 0, 0, ROWS, KEEP, scores, ids, worst),
      () => table.knnTileBoth(x, 4, 0, 98, 0, 3, panels, norms, 0, 0, ROWS, KEEP, scores, ids, worst),
      () => table.knnTileBoth(x, 4, 0, 0, 0, 3, panels, norms, 1, 0, ROWS, KEEP, scores, ids, worst),
      () => table.knnTileBoth(x, 4, 0, 0, 0, 3, panels, norms, 0, 0, 129, KEEP, scores, ids, worst),
      () =>
        table.knnTileBoth(x, 4, 0, 0, 0, 3, panels, norms, 0, 0, ROWS, KEEP, scores, ids, worst.subarray(1)),
      () => table.candidateValues(x, 4, few, upTo(4), 0, new Float64Array(4)),
      () => table.candidateValues(x, 4, few, bad, 0, new Float64Array(3)),
      () => table.candidateValues(x, 4, bad, few, 0, new Float64Array(3)),
      () => table.candidateValues(x, 4, few, few, 0, new Float64Array(2)),
    ];
    const doubles = new Float64Array(ROWS * KEEP);
    const exact = (rows: Int32Array, scales: Float64Array | null, some: Float64Array) => () =>
      table.knnTileExact(x, 4, rows, few, few, panels, scales, points, KEEP, some, ids);
    calls.push(exact(bad, null, doubles), exact(few, new Float64Array(127), doubles));
    calls.push(exact(few, null, doubles.subarray(0, 14)));
    calls.forEach((call, i) => {
      expect(call, `call ${i}`).toThrow(RangeError);
    });
    expect(ids.every((id) => id === -1)).toBe(true);
  });
});

it('the tiles of neighbours have the same bytes in engines that round alike', () => {
  const x = rowsOf(61);
  const classes = availableEngines().filter((name) => name !== 'typescript');
  for (const fused of [true, false]) {
    const [first, ...others] = classes
      .filter((name) => fusesMultiplyAdd(name) === fused)
      .map((name) => oneSided(engine(name), x, 61, upTo(ROWS)));
    for (const lists of others) expect(lists).toEqual(first);
  }
});
