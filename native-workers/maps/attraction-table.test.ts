import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TABLE_LENGTH } from '../engines/layout-kernels.ts';
import { fitCurve, forceTable } from './attraction-table.ts';

interface Golden {
  readonly curves: { minDist: number; spread: number; a: number; b: number }[];
}
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/golden/umap.json'), 'utf8'),
) as Golden;

describe('the curve of a map', () => {
  it.each(golden.curves)('is umap-learn’s for minimum distance $minDist, spread $spread', (wish) => {
    const { a, b } = fitCurve(wish.minDist, wish.spread);
    expect(a / wish.a).toBeCloseTo(1, 5);
    expect(b / wish.b).toBeCloseTo(1, 5);
  });

  it('is refused where there is none', () => {
    expect(() => fitCurve(-0.1, 1)).toThrow(RangeError);
    expect(() => fitCurve(3, 1)).toThrow(RangeError);
    expect(() => fitCurve(0.1, 0)).toThrow(RangeError);
    expect(() => fitCurve(Number.NaN, 1)).toThrow(RangeError);
  });
});

describe('the table of forces', () => {
  const { a, b } = fitCurve(0.1, 1);
  const table = forceTable({ a, b }, 2);
  const entryBits = new Float32Array(1);
  const at = (which: 0 | 1, square: number) => {
    entryBits[0] = square;
    const bits = new Int32Array(entryBits.buffer)[0];
    const entry = 2 * ((bits >> 17) - ((127 - 20) << 6)) + (which * TABLE_LENGTH) / 2;
    return table[entry] + table[entry + 1] * (bits & 0x1ffff);
  };

  it('follows attraction and repulsion, neither above 4, over its whole range', () => {
    for (let exponent = -19.9; exponent < 16.9; exponent += 0.013) {
      const square = 2 ** exponent;
      const most = 4 / Math.sqrt(square);
      const attraction = Math.min(most, (2 * a * b * square ** (b - 1)) / (1 + a * square ** b));
      const repulsion = Math.min(most, (2 * b) / ((0.001 + square) * (1 + a * square ** b)));
      expect(at(0, square) / (2 * attraction)).toBeCloseTo(1, 3);
      expect(at(1, square) / repulsion).toBeCloseTo(1, 2);
    }
  });

  it('attracts half as much where an edge is walked from one end', () => {
    const once = forceTable({ a, b }, 1);
    expect(once[500]).toBe(table[500] / 2);
    expect(once.subarray(TABLE_LENGTH / 2)).toEqual(table.subarray(TABLE_LENGTH / 2));
  });
});
