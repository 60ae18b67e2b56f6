import { describe, expect, it } from 'vitest';
import { normalDraws } from '../../test/conformance/gaussian-classes.ts';
import { UnionFind } from '../clustering/union-find.ts';
import { joinNearCopies } from './near-copies.ts';

const COLS = 9;
const LEAST = 0.9995;

function groupsOf(points: Float32Array, centre = new Float64Array(COLS)): number[] {
  const sets = new UnionFind(points.length / COLS);
  joinNearCopies(points, COLS, centre, LEAST, sets.parents, () => undefined);
  return Array.from(sets.parents.keys(), (row) => sets.find(row));
}

describe('near copies', () => {
  it('are the connected pairs above the cosine, as every pair computed in float64 says', () => {
    const n = 1300;
    const normal = normalDraws(4);
    const points = Float32Array.from({ length: n * COLS }, () => normal());
    // Chains of scaled, slightly turned copies across the blocks.
    for (let i = 0; i < 200; i++)
      for (let j = 0; j < COLS; j++)
        points[((i * 613 + 7) % n) * COLS + j] = 3 * points[i * COLS + j] + 0.03 * normal();
    const expected = new UnionFind(n);
    for (let a = 0; a < n; a++)
      for (let b = 0; b < a; b++) {
        let [ab, aa, bb] = [0, 0, 0];
        for (let j = 0; j < COLS; j++) {
          ab += points[a * COLS + j] * points[b * COLS + j];
          aa += points[a * COLS + j] ** 2;
          bb += points[b * COLS + j] ** 2;
        }
        if (ab / Math.sqrt(aa * bb) > LEAST) expected.union(a, b);
      }
    const groups = groupsOf(points);
    expect(groups).toEqual(Array.from(groups.keys(), (row) => expected.find(row)));
    expect(new Set(groups).size).toBeLessThan(n - 50);
    expect(new Set(groups).size).toBeGreaterThan(n / 2);
  });

  it('are sought around the centre, where a row has no direction', () => {
    const points = new Float32Array(4 * COLS).fill(5);
    points[COLS] = 6;
    points[2 * COLS] = 8;
    points[3 * COLS + 1] = 7;
    expect(groupsOf(points, new Float64Array(COLS).fill(5))).toEqual([0, 1, 1, 3]);
  });
});
