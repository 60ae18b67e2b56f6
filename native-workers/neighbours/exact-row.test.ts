import { describe, expect, it } from 'vitest';
import { mixHash } from '../numeric/hash.ts';
import { uncancelled } from '../task.ts';
import { exactNeighbours } from './exact-row.ts';

describe('exact neighbours', () => {
  it('agree with sorting every distance', () => {
    const [rows, cols] = [500, 7];
    const data = Float32Array.from({ length: rows * cols }, (_, i) => mixHash(i, 3) / 2 ** 32);
    const distance = (a: number, b: number) => {
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += (data[a * cols + c] - data[b * cols + c]) ** 2;
      return Math.sqrt(sum);
    };
    for (const row of [0, 250, 499]) {
      const expected = Array.from({ length: rows }, (_, other) => other)
        .filter((other) => other !== row)
        .sort((a, b) => distance(row, a) - distance(row, b) || a - b)
        .slice(0, 12);
      const found = exactNeighbours({ matrix: { data, rows, cols }, row, k: 12 }, uncancelled());
      expect(Array.from(found.rows)).toEqual(expected);
      expect(found.distances[11]).toBeCloseTo(distance(row, expected[11]), 12);
    }
  });

  it('breaks ties by row, leaves the row itself out, and gives all when k is larger', () => {
    const data = Float32Array.from([0, 1, -1, 1, 0]);
    const found = exactNeighbours({ matrix: { data, rows: 5, cols: 1 }, row: 0, k: 9 }, uncancelled());
    expect(Array.from(found.rows)).toEqual([4, 1, 2, 3]);
    expect(Array.from(found.distances)).toEqual([0, 1, 1, 1]);
    expect(
      exactNeighbours({ matrix: { data, rows: 1, cols: 1 }, row: 0, k: 3 }, uncancelled()).rows,
    ).toHaveLength(0);
  });
});
