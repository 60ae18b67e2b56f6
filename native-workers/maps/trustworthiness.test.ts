import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { uncancelled } from '../task.ts';
import { trustworthiness } from './trustworthiness.ts';

interface Golden {
  readonly trust: { data: number[][]; map: number[][]; value: Record<string, number> };
}
const { trust } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/golden/umap.json'), 'utf8'),
) as Golden;
const rows = trust.data.length;
const matrix = { data: Float32Array.from(trust.data.flat()), rows, cols: trust.data[0].length };
const coordinates = Float32Array.from(trust.map.flat());
const queries = Int32Array.from({ length: rows }, (_, row) => row);

describe('trustworthiness', () => {
  it.each([1, 5, 15])('is scikit-learn’s for %i neighbours', (k) => {
    expect(trustworthiness({ matrix, coordinates, k, queries }, uncancelled())).toBeCloseTo(
      trust.value[k],
      12,
    );
  });

  it('is 1 for a map that is the data', () => {
    const flat = { data: coordinates, rows, cols: 2 };
    expect(trustworthiness({ matrix: flat, coordinates, k: 5, queries }, uncancelled())).toBe(1);
  });

  it('of some rows is their mean', () => {
    const half = (from: number) =>
      trustworthiness(
        { matrix, coordinates, k: 5, queries: queries.subarray(from, from + rows / 2) },
        uncancelled(),
      );
    expect((half(0) + half(rows / 2)) / 2).toBeCloseTo(trust.value[5], 12);
  });

  it('is refused where it is not defined', () => {
    const ask = (k: number, map: Float32Array) => () =>
      trustworthiness({ matrix, coordinates: map, k, queries }, uncancelled());
    expect(ask(20, coordinates)).toThrow(RangeError);
    expect(ask(0, coordinates)).toThrow(RangeError);
    expect(ask(5, coordinates.subarray(2))).toThrow(RangeError);
  });
});
