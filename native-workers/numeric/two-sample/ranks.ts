import { radixSort } from './radix-sort.ts';

/** Values ranked between two looks at cancellation. */
const BLOCK = 65_536;

/**
 * Ranks of the values from 1, ties sharing the mean of their ranks, shape (n,): `scipy.stats.rankdata`.
 *
 * @throws RangeError when a value is NaN
 * @throws whatever `check` throws
 */
export function averageRanks(values: Float64Array, check: () => void): Float64Array {
  const ascending = radixSort(values, check);
  const n = values.length;
  const distinct = new Float64Array(n);
  const rank = new Float64Array(n);
  let count = 0;
  for (let from = 0; from < n;) {
    let to = from + 1;
    while (to < n && ascending[to] === ascending[from]) to++;
    distinct[count] = ascending[from];
    rank[count] = (from + 1 + to) / 2;
    count++;
    from = to;
  }
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if (i % BLOCK === 0) check();
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (distinct[middle] < values[i]) low = middle + 1;
      else high = middle;
    }
    out[i] = rank[low];
  }
  return out;
}
