import { median } from '../numeric/order-statistics.ts';
import { lnNormalTail } from '../numeric/distributions.ts';

/** How the numbers of a group differ from those outside. */
export interface NumberShift {
  readonly insideMedian: number;
  readonly outsideMedian: number;
  /** Chance that a number of the group is above one outside, ties half: the area under the ROC curve. */
  readonly area: number;
  /** ln of the two-sided p of the Mann-Whitney test, by its normal approximation with ties. */
  readonly lnP: number;
}

/** Null where either side holds no number. NaN are left out. */
export function numberShift(inside: Float64Array, outside: Float64Array): NumberShift | null {
  const a = inside.filter((value) => !Number.isNaN(value)).sort();
  const b = outside.filter((value) => !Number.isNaN(value)).sort();
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return null;
  let above = 0;
  let ties = 0;
  let [i, j] = [0, 0];
  while (i < n) {
    const value = a[i];
    let equal = 0;
    while (i < n && a[i] === value) {
      equal++;
      i++;
    }
    while (j < m && b[j] < value) j++;
    let same = 0;
    while (j + same < m && b[j + same] === value) same++;
    above += equal * (j + same / 2);
    ties += (equal + same) ** 3 - (equal + same);
  }
  // Ties among the numbers outside alone.
  for (let from = 0; from < m;) {
    let to = from;
    while (to < m && b[to] === b[from]) to++;
    if (!has(a, b[from])) ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * Math.max(1, total - 1)));
  const away = Math.max(0, Math.abs(above - (n * m) / 2) - 0.5);
  const lnP = variance > 0 ? Math.min(0, Math.LN2 + lnNormalTail(away / Math.sqrt(variance))) : 0;
  return { insideMedian: median(a), outsideMedian: median(b), area: above / (n * m), lnP };
}

function has(ascending: Float64Array, value: number): boolean {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === value;
}
