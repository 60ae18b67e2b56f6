import { mixHash } from '../hash.ts';

/**
 * The p value of a permutation test: (b + 1) / (m + 1), with b of m permuted statistics at least as large as the observed one.
 * The observed order is one of the permutations, so the p value is never 0 (Phipson, Smyth 2010).
 */
export function permutationPValue(observed: number, permuted: Float64Array): number {
  let atLeast = 0;
  for (const value of permuted) if (value >= observed) atLeast++;
  return (atLeast + 1) / (permuted.length + 1);
}

/**
 * A random order of 0 to n - 1 (Fisher, Yates). Every draw is a hash of seed, purpose, permutation and position, so that a
 * permutation is the same whichever thread makes it and whatever was drawn before.
 */
export function permutedOrder(n: number, seed: number, purpose: number, permutation: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const stream = mixHash(mixHash(seed, purpose), permutation);
  const draw = (i: number) => mixHash(mixHash(i, stream), permutation) / 2 ** 32;
  for (let i = 0; i < n - 1; i++) {
    const other = i + Math.floor(draw(i) * (n - i));
    const moved = order[other];
    order[other] = order[i];
    order[i] = moved;
  }
  return order;
}

interface PermutationTest {
  readonly observed: number;
  readonly p: number;
  /** The statistic under each permutation, shape (permutations,). */
  readonly permuted: Float64Array;
}

/**
 * Tests a statistic of two groups by permuting who belongs to which; large values speak against one common distribution.
 *
 * @param args.statistic of an order of all rows, the first group's rows first; must not keep the array
 * @throws whatever `check` throws; it is called once a permutation
 */
export function permutationTest(
  args: {
    rows: number;
    statistic: (order: Int32Array) => number;
    permutations: number;
    seed: number;
    purpose: number;
  },
  check: () => void,
): PermutationTest {
  const { rows, statistic, permutations, seed, purpose } = args;
  const observed = statistic(Int32Array.from({ length: rows }, (_, i) => i));
  const permuted = new Float64Array(permutations);
  for (let m = 0; m < permutations; m++) {
    check();
    permuted[m] = statistic(permutedOrder(rows, seed, purpose, m));
  }
  return { observed, p: permutationPValue(observed, permuted), permuted };
}
