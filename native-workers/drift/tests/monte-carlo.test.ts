import { describe, expect, it } from 'vitest';
import { dealCells, drawHypergeometric, monteCarloP, normalDraws, uniformDraws } from './monte-carlo.ts';

const check = (): void => undefined;

describe('draws', () => {
  it('are the same for seed, purpose and number, and others for another', () => {
    const some = (seed: number, purpose: number, index: number): number[] => {
      const draw = uniformDraws(seed, purpose, index);
      return [draw(), draw(), draw()];
    };
    expect(some(1, 2, 3)).toEqual(some(1, 2, 3));
    expect(new Set([some(1, 2, 3), some(2, 2, 3), some(1, 3, 3), some(1, 2, 4)].flat()).size).toBe(12);
  });

  it('of a normal have its moments', () => {
    const draw = normalDraws(uniformDraws(1, 1, 1));
    const values = Array.from({ length: 40_000 }, draw);
    const moment = (k: number): number => values.reduce((sum, v) => sum + v ** k, 0) / values.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.02);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.03);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.2);
  });

  it('from a population follow the hypergeometric law', () => {
    const [total, marked, drawn, times] = [30, 12, 9, 20_000];
    const uniform = uniformDraws(3, 1, 0);
    const counts = new Float64Array(drawn + 1);
    for (let i = 0; i < times; i++) counts[drawHypergeometric(total, marked, drawn, uniform())]++;
    const choose = (n: number, k: number): number =>
      Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((product, f) => product * f, 1);
    counts.forEach((count, x) => {
      const p = (choose(marked, x) * choose(total - marked, drawn - x)) / choose(total, drawn);
      expect(Math.abs(count / times - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / times) + 1e-3);
    });
  });

  it('keep both margins, also at the ends and with millions of rows', () => {
    expect(drawHypergeometric(10, 10, 4, 0.5)).toBe(4);
    expect(drawHypergeometric(10, 0, 4, 0.5)).toBe(0);
    for (const u of [1e-12, 0.5, 1 - 1e-12]) {
      const x = drawHypergeometric(2_000_000, 900_000, 1_000_000, u);
      expect(Math.abs(x - 450_000)).toBeLessThan(3000);
    }
    const totals = Float64Array.of(5, 0, 100_000, 3, 7);
    const out = new Float64Array(5);
    for (let i = 0; i < 200; i++) {
      dealCells(totals, 40_000, uniformDraws(1, 1, i), out);
      expect(out.reduce((sum, x) => sum + x, 0)).toBe(40_000);
      out.forEach((x, k) => expect(x >= 0 && x <= totals[k]).toBe(true));
    }
  });
});

describe('a Monte Carlo p-value', () => {
  const counted = (values: readonly number[], stopAfter: number) =>
    monteCarloP({ observed: 5, most: values.length, stopAfter, draw: (i) => values[i] }, check);

  it('counts the observed one and is never 0', () => {
    expect(counted([1, 2, 3, 4], Infinity)).toEqual({ p: 1 / 5, leastP: 1 / 5, draws: 4 });
    expect(counted([1, 5, 9, 4], Infinity).p).toBe(3 / 5);
  });

  it('stops early with the share so far', () => {
    expect(counted([9, 1, 9, 1, 1, 1], 2)).toEqual({ p: 2 / 3, leastP: 1 / 7, draws: 3 });
  });

  it('takes a statistic that differs by rounding for the same', () => {
    expect(counted([5 - 1e-14], Infinity).p).toBe(1);
  });
});
