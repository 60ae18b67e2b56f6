import { describe, expect, it } from 'vitest';
import { mixHash } from '../numeric/hash.ts';
import { scanWindows } from './scan-statistic.ts';
import { logLikelihoodRatio, searchSubgroups, type SubgroupInput } from './subgroup-search.ts';

const check = (): void => undefined;
const uniform = (row: number, purpose: number): number => mixHash(row, purpose) / 2 ** 32;

/** 40 windows of 50 rows; in the first `planted` flagged windows half the rows come from one client with a high value. */
function logOf(flagged: number, planted: boolean): SubgroupInput {
  const rows = 2000;
  const windowOf = Int32Array.from({ length: rows }, (_, row) => Math.floor(row / 50));
  const added = (row: number): boolean => planted && windowOf[row] < flagged && uniform(row, 1) < 0.5;
  return {
    rows,
    windowOf,
    windows: 40,
    flagged: Uint8Array.from({ length: 40 }, (_, window) => (window < flagged ? 1 : 0)),
    categorical: [
      {
        name: 'client',
        levels: ['a', 'b', 'c'],
        codes: Int32Array.from({ length: rows }, (_, row) =>
          added(row) ? 2 : Math.min(2, Math.floor(uniform(row, 2) * 2.1)),
        ),
      },
    ],
    numeric: [
      {
        name: 'value',
        values: Float64Array.from({ length: rows }, (_, row) =>
          added(row) ? 0.95 + 0.05 * uniform(row, 3) : uniform(row, 3),
        ),
      },
    ],
  };
}

describe('subgroup search', () => {
  it('finds the client and the range that were added', () => {
    const [best] = searchSubgroups(logOf(4, true), { permutations: 99, seed: 1, purpose: 2 }, check);
    expect(best.conditions).toContainEqual({ column: 'client', level: 'c', from: null, to: null });
    expect(best.rows).toBeGreaterThan(80);
    expect(best.expected).toBeLessThan(20);
    expect(best.pValue).toBeLessThanOrEqual(0.05);
  });

  it('finds none where nothing was added', () => {
    expect(searchSubgroups(logOf(4, false), { permutations: 99, seed: 1, purpose: 2 }, check)).toEqual([]);
  });

  it('scores as Kulldorff does', () => {
    expect(logLikelihoodRatio(10, 5, 20)).toBeCloseTo(10 * Math.log(2) + 10 * Math.log(10 / 15), 12);
    expect(logLikelihoodRatio(5, 5, 20)).toBe(0);
  });
});

describe('scan statistic', () => {
  it('finds the stretch that is too thick', () => {
    const counts = Int32Array.from({ length: 48 }, (_, i) => (i >= 20 && i < 23 ? 30 : 10));
    const found = scanWindows(
      counts,
      new Float64Array(48).fill(1),
      12,
      { permutations: 99, seed: 3, purpose: 1 },
      check,
    );
    expect(found).toMatchObject({ from: 20, to: 23, observed: 90, pValue: 0.01 });
  });

  it('is not sure of even counts, and has nothing to say of none', () => {
    const even = scanWindows(
      new Int32Array(48).fill(10),
      new Float64Array(48).fill(1),
      12,
      { permutations: 99, seed: 3, purpose: 1 },
      check,
    );
    expect(even?.pValue).toBeGreaterThan(0.5);
    expect(
      scanWindows(
        new Int32Array(5),
        new Float64Array(5).fill(1),
        3,
        { permutations: 9, seed: 1, purpose: 1 },
        check,
      ),
    ).toBeNull();
  });
});
