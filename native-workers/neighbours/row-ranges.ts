/** A range of rows, the last not included. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** Splits n rows into at most 32 ranges of at least about `least` rows; a function of n alone, never of threads. */
export function rowRanges(n: number, least: number): RowRange[] {
  const count = Math.min(32, Math.ceil(n / least));
  const multiple = Math.min(256, least);
  const bound = (i: number) => Math.min(n, Math.round((i * n) / count / multiple) * multiple);
  const ranges: RowRange[] = [];
  for (let i = 0; i < count; i++) {
    const to = i === count - 1 ? n : bound(i + 1);
    if (to > bound(i)) ranges.push({ from: bound(i), to });
  }
  return ranges;
}
