import type { SelectMode } from '../scatter/selection.ts';

/** Rows as a set: ascending, each once. */
export function rowSet(rows: Iterable<number>): Int32Array {
  const sorted = Int32Array.from(rows).sort();
  let kept = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[kept++] = sorted[i];
  }
  return sorted.slice(0, kept);
}

/** What `picked` makes of `present`; both ascending and without repeats, and so is the answer. */
export function combineRows(present: Int32Array, picked: Int32Array, mode: SelectMode): Int32Array {
  if (mode === 'replace') return picked;
  const out = new Int32Array(present.length + picked.length);
  let n = 0;
  let i = 0;
  let j = 0;
  while (i < present.length || j < picked.length) {
    const a = i < present.length ? present[i] : Infinity;
    const b = j < picked.length ? picked[j] : Infinity;
    const row = Math.min(a, b);
    const inPresent = a === row;
    const inPicked = b === row;
    if (inPresent) i++;
    if (inPicked) j++;
    const keep = mode === 'add' ? true : mode === 'subtract' ? inPresent && !inPicked : inPresent && inPicked;
    if (keep) out[n++] = row;
  }
  return out.slice(0, n);
}

/** Whether two sets hold the same rows. */
export function sameRows(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((row, i) => row === b[i]);
}

/** Whether a row is in the set, by bisection. */
export function hasRow(rows: Int32Array, row: number): boolean {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (rows[middle] === row) return true;
    if (rows[middle] < row) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
