/** Which rows of the set are listed; every array has one entry a row, missing ones leave their filter out. */
export interface RowFilter {
  readonly n: number;
  readonly rows: 'suspects' | 'selection' | 'all';
  readonly flagged: Uint8Array | undefined;
  readonly selection: Int32Array;
  /** Class index of the label. */
  readonly classIndex: number | null;
  readonly labels: Int32Array | undefined;
  /** Verdict byte. */
  readonly verdict: number | null;
  readonly verdicts: Uint8Array | undefined;
  /** Bit of the method in `methods`. */
  readonly methodBit: number | null;
  readonly methods: Uint32Array | undefined;
  /** What a search found; null without one. */
  readonly found: readonly number[] | null;
}

/** The rows that pass every filter, ascending. */
export function filterRows(filter: RowFilter): Int32Array {
  const { n, flagged, labels, verdicts, methods, classIndex, verdict, methodBit } = filter;
  const inSearch = filter.found === null ? null : new Uint8Array(n);
  for (const row of filter.found ?? []) if (inSearch) inSearch[row] = 1;
  const out = new Int32Array(n);
  let count = 0;
  const consider = (row: number): void => {
    if (inSearch?.[row] === 0) return;
    if (classIndex !== null && labels && labels[row] !== classIndex) return;
    if (verdict !== null && (verdicts?.[row] ?? 0) !== verdict) return;
    if (methodBit !== null && methods && ((methods[row] >>> methodBit) & 1) === 0) return;
    out[count++] = row;
  };
  if (filter.rows === 'selection') for (const row of filter.selection) consider(row);
  else
    for (let row = 0; row < n; row++) {
      if (filter.rows === 'all' || flagged?.[row] === 1) consider(row);
    }
  return out.slice(0, count);
}

/**
 * Rows by a value, ties and rows without one (NaN, at the end in either direction) by `tie`.
 *
 * @param rows sorted in place
 */
export function sortRows(
  rows: Int32Array,
  valueOf: (row: number) => number,
  descending: boolean,
  tie: (row: number) => number,
): Int32Array {
  const sign = descending ? -1 : 1;
  return rows.sort((a, b) => {
    const va = valueOf(a);
    const vb = valueOf(b);
    const missing = Number(Number.isNaN(va)) - Number(Number.isNaN(vb));
    if (missing !== 0) return missing;
    return (va === vb || Number.isNaN(va) ? 0 : sign * (va - vb)) || tie(a) - tie(b) || a - b;
  });
}

/**
 * How many rows each combination of methods put forward, the largest first.
 *
 * @param among the methods that count, as a mask
 */
export function methodOverlap(
  rows: Int32Array,
  methods: Uint32Array,
  among: number,
): { readonly mask: number; readonly count: number }[] {
  const counts = new Map<number, number>();
  for (const row of rows) {
    const mask = methods[row] & among;
    counts.set(mask, (counts.get(mask) ?? 0) + 1);
  }
  return [...counts]
    .map(([mask, count]) => ({ mask, count }))
    .sort((a, b) => b.count - a.count || a.mask - b.mask);
}

/** The methods of a mask, by their bits. */
export function methodsOfMask(mask: number, ids: readonly string[]): string[] {
  return ids.filter((_, bit) => ((mask >>> bit) & 1) === 1);
}

/**
 * Up to `count` ordinary rows of a class, spread evenly over the set: neither suspects nor rows that someone
 * called poison.
 */
export function ordinaryRows(
  classIndex: number,
  labels: Int32Array,
  flagged: Uint8Array | undefined,
  verdicts: Uint8Array | undefined,
  count: number,
): number[] {
  const candidates: number[] = [];
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === classIndex && flagged?.[row] !== 1 && verdicts?.[row] !== 1) candidates.push(row);
  }
  const shown = Math.min(count, candidates.length);
  return Array.from({ length: shown }, (_, i) => candidates[Math.floor((i * candidates.length) / shown)]);
}
