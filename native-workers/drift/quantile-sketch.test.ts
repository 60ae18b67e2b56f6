import { describe, expect, it } from 'vitest';
import { mixHash } from '../numeric/hash.ts';
import type { QuantileSketch, SketchParts } from './quantile-sketch.ts';
import {
  compressSketch,
  countedSample,
  finishSketch,
  mergeSketchParts,
  sketchStrip,
} from './quantile-sketch.ts';

const check = (): void => undefined;

const shapes: Record<string, (i: number) => number> = {
  'all different': (i) => mixHash(i, 1) / 2 ** 32,
  'long tail': (i) => 1 / (1e-9 + mixHash(i, 2) / 2 ** 32),
  'half of them 0': (i) => (i % 2 === 0 ? 0 : mixHash(i, 3)),
  'few heavy values among many': (i) => (i % 3 === 0 ? 7 : i % 5 === 0 ? -2 : mixHash(i, 4) % 100_003),
  ascending: (i) => i,
};

/** The largest difference of ranks over all values of the data, at and below each. */
function worstRankError(sketch: QuantileSketch, values: Float64Array): number {
  const sorted = values.filter((v) => !Number.isNaN(v)).sort();
  let worst = 0;
  let [point, passed, i] = [0, 0, 0];
  while (i < sorted.length) {
    const value = sorted[i];
    while (point < sketch.values.length && sketch.values[point] < value) passed += sketch.counts[point++];
    worst = Math.max(worst, Math.abs(passed - i));
    while (i < sorted.length && sorted[i] === value) i++;
    const at = sketch.values[point] === value ? sketch.counts[point] : 0;
    worst = Math.max(worst, Math.abs(passed + at - i));
  }
  return worst;
}

function strips(values: Float64Array, count: number, points: number): SketchParts[] {
  return Array.from({ length: count }, (_, s) =>
    sketchStrip(
      values.subarray(Math.floor((s * values.length) / count), Math.floor(((s + 1) * values.length) / count)),
      s,
      points,
      check,
    ),
  );
}

describe.each(Object.entries(shapes))('a sketch of values, %s', (_, value) => {
  const values = Float64Array.from({ length: 20_000 }, (_, i) => (i % 97 === 5 ? NaN : value(i)));
  const parts = strips(values, 7, 128);
  const sketch = finishSketch(parts.reduce(mergeSketchParts), 128);

  it('keeps all rows, both ends and its size', () => {
    const known = values.filter((v) => !Number.isNaN(v));
    expect(sketch.n).toBe(known.length);
    expect(sketch.missing).toBe(values.length - known.length);
    expect(sketch.counts.reduce((sum, c) => sum + c, 0)).toBe(known.length);
    expect(sketch.values.length).toBeLessThanOrEqual(128);
    expect(sketch.values[0]).toBe(Math.min(...known));
    expect(sketch.values.at(-1)).toBe(Math.max(...known));
    expect([...sketch.values]).toEqual([...new Set(sketch.values)].sort((a, b) => a - b));
  });

  it('is never farther off than it says, and says little', () => {
    expect(worstRankError(sketch, values)).toBeLessThanOrEqual(sketch.rankError);
    expect(sketch.rankError).toBeLessThan((2.2 * values.length) / 128);
  });

  it('has the same bytes whichever way the strips are merged', () => {
    const [a, b, c, d, e, f, g] = parts;
    const other = mergeSketchParts(
      mergeSketchParts(g, mergeSketchParts(c, e)),
      mergeSketchParts(mergeSketchParts(b, f), mergeSketchParts(d, a)),
    );
    expect(finishSketch(other, 128)).toEqual(sketch);
  });

  it('bounds its error when finished sketches are merged again', () => {
    const again = strips(values, 3, 64).map((part, s) => new Map([[s, finishSketch(part, 64)]]));
    const merged = finishSketch(again.reduce<SketchParts>(mergeSketchParts, new Map()), 64);
    expect(worstRankError(merged, values)).toBeLessThanOrEqual(merged.rankError);
  });
});

describe('a sketch', () => {
  it('is exact while its points suffice', () => {
    const values = Float64Array.from({ length: 5000 }, (_, i) => i % 40);
    const sketch = finishSketch(strips(values, 4, 40).reduce(mergeSketchParts), 40);
    expect(sketch).toEqual(countedSample(values, check));
    expect(sketch.rankError).toBe(0);
  });

  it('takes no rows, one row, equal rows, infinities and both zeros', () => {
    expect(finishSketch(new Map(), 8)).toMatchObject({ n: 0, missing: 0, rankError: 0 });
    expect(countedSample(Float64Array.of(NaN, NaN), check)).toMatchObject({ n: 0, missing: 2 });
    expect(countedSample(Float64Array.of(3, 3, 3), check)).toMatchObject({ n: 3, rankError: 0 });
    const odd = countedSample(Float64Array.of(-0, Infinity, 0, -Infinity), check);
    expect([...odd.values]).toEqual([-Infinity, 0, Infinity]);
    expect([...odd.counts]).toEqual([1, 2, 1]);
  });

  it('keeps a heavy value that stands at the end of a block', () => {
    const light = Array.from({ length: 90 }, (_, i) => i / 1000);
    const sample = countedSample(
      Float64Array.from([...light, ...new Array<number>(900).fill(50), 99]),
      check,
    );
    const small = compressSketch(sample, 6);
    const at = small.values.indexOf(50);
    expect(at).toBeGreaterThan(0);
    expect(small.counts[at]).toBeGreaterThanOrEqual(900);
  });

  it('refuses a strip twice and fewer than two points', () => {
    const [part] = strips(Float64Array.of(1, 2), 1, 8);
    expect(() => mergeSketchParts(part, part)).toThrow(/strip 0 is in both/);
    expect(() => compressSketch(countedSample(Float64Array.of(1), check), 1)).toThrow(/2 are the least/);
  });
});
