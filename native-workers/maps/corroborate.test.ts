import { beforeAll, describe, expect, it } from 'vitest';
import type { Matrix } from '../detectors/detector.ts';
import { mixHash } from '../numeric/hash.ts';
import { uncancelled } from '../task.ts';
import { bestIsland, corroborate, principalCosines } from './corroborate.ts';
import { nestedRows } from './nested-rows.ts';
import { inlineRunner } from '../inline-runner.ts';
import { pcaMap, principalComponents } from './pca-map.ts';
import { referencePca } from './reference-pca.ts';
import { referenceUmap } from './reference-umap.ts';

const uniform = (i: number, purpose: number) => (mixHash(i + 1, purpose) + 0.5) / 2 ** 32;
const normal = (i: number) =>
  Math.sqrt(-2 * Math.log(uniform(i, 11))) * Math.cos(2 * Math.PI * uniform(i, 12));

const ROWS = 1000;
const COLS = 24;
const POISON = 80;
const suspect = Uint8Array.from({ length: ROWS }, (_, row) => (row < POISON ? 1 : 0));
const everyRow = Int32Array.from({ length: ROWS }, (_, row) => row);
let matrix: Matrix;

/** One broad class and a tight group well apart; every column has its own width. */
beforeAll(() => {
  const data = new Float32Array(ROWS * COLS);
  for (let row = 0; row < ROWS; row++)
    for (let col = 0; col < COLS; col++) {
      const width = suspect[row] ? 0.3 : 2 / (1 + col);
      data[row * COLS + col] = 5 + width * normal(row * COLS + col) + (suspect[row] ? 6 : 0);
    }
  matrix = { data, rows: ROWS, cols: COLS };
});

describe('principal components', () => {
  const ctx = uncancelled();
  const runner = inlineRunner(ctx);

  it('agree with ml-pca: subspace, variances and coordinates', () => {
    const ours = principalComponents(matrix, everyRow, 10, uncancelled());
    const theirs = referencePca(nestedRows(matrix, everyRow), 10);
    for (const cosine of principalCosines(ours.directions, theirs.directions, 10))
      expect(cosine).toBeGreaterThan(1 - 1e-9);
    for (let c = 0; c < 10; c++) {
      expect(theirs.variances[c] / ours.variances[c]).toBeCloseTo(1, 9);
      const sign = Math.sign(theirs.coordinates[0][c] * ours.coordinates[c]);
      for (const row of [0, 500, 999])
        expect(sign * theirs.coordinates[row][c]).toBeCloseTo(ours.coordinates[row * 10 + c], 6);
    }
  });

  it('name their axes by the share of the variance, and do not depend on the order of the rows', async () => {
    const map = await pcaMap({ matrix, rows: null }, runner, ctx);
    const ours = principalComponents(matrix, null, COLS, uncancelled());
    const share = ((100 * ours.variances[0]) / ours.totalVariance).toFixed(1);
    expect(map.axes[0]).toBe(`PC 1 (${share} %)`);
    const turned = await pcaMap({ matrix, rows: everyRow.slice().reverse() }, runner, ctx);
    for (let i = 0; i < ROWS; i++)
      expect(turned.coordinates[2 * (ROWS - 1 - i)]).toBeCloseTo(map.coordinates[2 * i], 4);
  });

  it('of one column lie on a line; equal rows lie on one point', async () => {
    const line = { data: Float32Array.from([1, 2, 4]), rows: 3, cols: 1 };
    const map = await pcaMap({ matrix: line, rows: null }, runner, ctx);
    expect([1, 3, 5].map((i) => map.coordinates[i])).toEqual([0, 0, 0]);
    const same = { data: new Float32Array(40).fill(3), rows: 10, cols: 4 };
    expect(await pcaMap({ matrix: same, rows: null }, runner, ctx)).toEqual({
      coordinates: new Float32Array(20),
      axes: ['PC 1 (0.0 %)', 'PC 2 (0.0 %)'],
    });
  });
});

describe('corroborate', () => {
  it('finds the planted group again by another road', () => {
    const shares: number[] = [];
    const result = corroborate(
      { matrix, rows: everyRow, suspect },
      { ...uncancelled(), progress: (fraction) => shares.push(fraction) },
    );
    expect(result.cosines).toHaveLength(10);
    expect(Math.min(...result.cosines)).toBeGreaterThan(1 - 1e-9);
    expect(result.suspectsShown).toBe(POISON);
    expect(result.bestIsland?.jaccard).toBeGreaterThan(0.95);
    expect(shares.at(-1)).toBe(1);
    expect([...shares].sort((a, b) => a - b)).toEqual(shares);
  });

  it('does not find a group where the suspects were drawn by chance', () => {
    const chance = Uint8Array.from({ length: ROWS }, (_, row) => (uniform(row, 5) < 0.08 ? 1 : 0));
    expect(
      corroborate({ matrix, rows: everyRow, suspect: chance }, uncancelled()).bestIsland?.jaccard,
    ).toBeLessThan(0.2);
  });

  it('leaves axes without variance out of the comparison', () => {
    const flat = { data: new Float32Array(ROWS * 6), rows: ROWS, cols: 6 };
    for (let row = 0; row < ROWS; row++) {
      flat.data[row * 6] = normal(row);
      flat.data[row * 6 + 3] = 3 * normal(row + ROWS);
    }
    const { cosines } = corroborate({ matrix: flat, rows: everyRow, suspect }, uncancelled());
    expect(cosines).toHaveLength(2);
    expect(cosines[1]).toBeGreaterThan(1 - 1e-9);
  });

  it('names the island with the best overlap, and none without suspects', () => {
    const clusters = Int32Array.from([0, 0, 0, 1, 1, -1]);
    expect(bestIsland(clusters, 2, Uint8Array.from([1, 0, 0, 1, 1, 1]))).toEqual({
      size: 2,
      suspects: 2,
      jaccard: 0.5,
    });
    expect(bestIsland(clusters, 2, new Uint8Array(6))).toBeNull();
    expect(bestIsland(new Int32Array(2).fill(-1), 0, Uint8Array.from([1, 1]))).toBeNull();
  });
});

describe('reference UMAP', () => {
  it('is the same for the same seed, another for another, and keeps the planted group together', () => {
    const rows = everyRow.slice(0, 300);
    const draw = (seed: number) => referenceUmap({ matrix, rows }, uncancelled(seed)).coordinates;
    const first = draw(3);
    expect(draw(3)).toEqual(first);
    expect(draw(4)).not.toEqual(first);
    const centre = (from: number, to: number) => {
      let [x, y] = [0, 0];
      for (let i = from; i < to; i++)
        [x, y] = [x + first[2 * i] / (to - from), y + first[2 * i + 1] / (to - from)];
      return [x, y];
    };
    const group = centre(0, POISON);
    const rest = centre(POISON, 300);
    const near = (i: number, c: number[]) => Math.hypot(first[2 * i] - c[0], first[2 * i + 1] - c[1]);
    let right = 0;
    for (let i = 0; i < 300; i++) right += near(i, group) < near(i, rest) === i < POISON ? 1 : 0;
    expect(right).toBeGreaterThan(285);
  });
});
