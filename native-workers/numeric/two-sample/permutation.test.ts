import { describe, expect, it } from 'vitest';
import { permutationPValue, permutationTest, permutedOrder } from './permutation.ts';

const check = (): void => undefined;

describe('permutations', () => {
  it('hold every row once, move with seed, purpose and number, and are the same again', () => {
    for (const n of [0, 1, 2, 257]) {
      const order = permutedOrder(n, 4, 9, 2);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      expect(permutedOrder(n, 4, 9, 2)).toEqual(order);
    }
    const orders = [permutedOrder(50, 4, 9, 2), permutedOrder(50, 5, 9, 2), permutedOrder(50, 4, 8, 2)];
    orders.push(permutedOrder(50, 4, 9, 3));
    expect(new Set(orders.map(String)).size).toBe(4);
  });

  it('bring every row to every place alike', () => {
    const [rows, permutations] = [6, 30_000];
    const counts = new Float64Array(rows * rows);
    for (let m = 0; m < permutations; m++)
      permutedOrder(rows, 1, 2, m).forEach((row, place) => {
        counts[row * rows + place]++;
      });
    const expected = permutations / rows;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 25 degrees of freedom: 52.6 is passed by one seed in a thousand.
    expect(chiSquare).toBeLessThan(52.6);
  });

  it('give (b + 1) / (m + 1)', () => {
    expect(permutationPValue(2, Float64Array.of(1, 2, 3, 0))).toBe(3 / 5);
    expect(permutationPValue(9, new Float64Array(99))).toBe(0.01);
  });

  it('test a difference of means: small where there is one, common where there is none', () => {
    const shifted = Float64Array.from({ length: 40 }, (_, i) => (i < 20 ? 3 : 0) + Math.sin(i * 12.9898));
    const difference = (order: Int32Array): number => {
      let total = 0;
      order.forEach((row, place) => {
        total += place < 20 ? shifted[row] : -shifted[row];
      });
      return Math.abs(total);
    };
    const args = { rows: 40, statistic: difference, permutations: 199, seed: 3, purpose: 1 };
    expect(permutationTest(args, check).p).toBe(1 / 200);
    for (let i = 0; i < 20; i++) shifted[i] -= 3;
    expect(permutationTest(args, check).p).toBeGreaterThan(0.05);
  });
});
