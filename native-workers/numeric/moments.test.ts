import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Matrix } from '../detectors/detector.ts';
import { columnMeans, fourthMoment, mergeMoments, moments } from './moments.ts';
import { gatherRows } from './rows.ts';

const check = (): void => undefined;

/** Activations after a ReLU: many exact zeros, as the kernels meet them. */
function matrixOf(n: number, d: number, seed: number): Matrix {
  const data = Float32Array.from({ length: n * d }, (_, i) =>
    Math.max(0, Math.sin(i * 12.9898 + seed) * 3 + 1),
  );
  return { data, rows: n, cols: d };
}

function naiveScatter({ data, cols }: Matrix, rows: number[]): number[] {
  const mean = Array.from(
    { length: cols },
    (_, j) => rows.reduce((sum, r) => sum + data[r * cols + j], 0) / rows.length,
  );
  const out: number[] = [];
  for (let i = 0; i < cols; i++) {
    for (let j = 0; j < cols; j++) {
      out.push(
        rows.reduce((sum, r) => sum + (data[r * cols + i] - mean[i]) * (data[r * cols + j] - mean[j]), 0),
      );
    }
  }
  return out;
}

const sizes = fc.constantFrom(1, 2, 63, 64, 65, 130);
const widths = fc.constantFrom(1, 3, 4, 5, 8, 17);

describe('moments', () => {
  it('equal the plain sums for any size, width and choice of rows', () => {
    fc.assert(
      fc.property(sizes, widths, fc.integer({ min: 0, max: 999 }), (n, d, seed) => {
        const matrix = matrixOf(n + 10, d, seed);
        const rows = Int32Array.from({ length: n }, (_, i) => (i * 7 + seed) % (n + 10));
        const m = moments(matrix, rows, check);
        const expected = naiveScatter(matrix, [...rows]);
        expected.forEach((value, i) => {
          expect(Math.abs(m.scatter[i] - value)).toBeLessThan(1e-11 * (1 + n));
        });
        expect(m.n).toBe(n);
        expect(Math.abs(m.fourth - fourthMoment(matrix, rows, m.mean, check))).toBeLessThan(
          1e-9 * (1 + m.fourth),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('of parts merge to those of the whole', () => {
    fc.assert(
      fc.property(sizes, sizes, widths, (n, more, d) => {
        const matrix = matrixOf(n + more, d, 5);
        const first = Int32Array.from({ length: n }, (_, i) => i);
        const second = Int32Array.from({ length: more }, (_, i) => n + i);
        const whole = moments(matrix, null, check);
        const empty = moments(matrix, new Int32Array(0), check);
        const merged = mergeMoments(
          [moments(matrix, first, check), empty, moments(matrix, second, check)],
          d,
        );
        expect(merged.n).toBe(whole.n);
        whole.scatter.forEach((value, i) => {
          expect(Math.abs(merged.scatter[i] - value)).toBeLessThan(1e-10 * (1 + whole.n));
        });
      }),
      { numRuns: 30 },
    );
  });

  it('subtract the mean before squaring: a large offset costs nothing', () => {
    const small = matrixOf(500, 3, 1);
    const far = { ...small, data: small.data.map((x) => Math.round(x * 1024) / 1024 + 4096) };
    const near = { ...small, data: small.data.map((x) => Math.round(x * 1024) / 1024) };
    const a = moments(near, null, check);
    const b = moments(far, null, check);
    a.scatter.forEach((value, i) => {
      expect(Math.abs(b.scatter[i] - value)).toBeLessThan(1e-8);
    });
  });

  it('of no rows are zero', () => {
    const m = moments(matrixOf(4, 3, 1), new Int32Array(0), check);
    expect([...m.mean, ...m.scatter, m.fourth, m.n].every((value) => value === 0)).toBe(true);
  });
});

it('gathers rows of several matrices in order', () => {
  const a = matrixOf(3, 2, 1);
  const b = matrixOf(2, 2, 2);
  const pool = gatherRows([
    { matrix: a, rows: Int32Array.of(2, 0) },
    { matrix: b, rows: null },
  ]);
  expect([...pool.data]).toEqual([...a.data.slice(4, 6), ...a.data.slice(0, 2), ...b.data]);
  expect([...columnMeans(pool, Int32Array.of(0), check)]).toEqual([...a.data.slice(4, 6)]);
});
