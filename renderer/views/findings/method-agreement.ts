/** Samples that the same methods single out, and no other method. */
export interface Intersection {
  /** Bits of the methods, ascending. */
  readonly bits: readonly number[];
  readonly mask: number;
  readonly count: number;
  readonly flagged: number;
}

/**
 * The samples by the exact set of the chosen methods that single them out; the sets that most methods agree on first, then the
 * larger ones.
 *
 * @param methods shape (n,), bit i is set where method i singles the sample out
 * @param flagged shape (n,), 1 for samples put forward
 * @param chosen bits that are looked at
 */
export function intersections(
  methods: Uint32Array,
  flagged: Uint8Array | undefined,
  chosen: readonly number[],
): Intersection[] {
  const looked = chosen.reduce((mask, bit) => (mask | (1 << bit)) >>> 0, 0);
  const found = new Map<number, { count: number; flagged: number }>();
  for (let row = 0; row < methods.length; row++) {
    const mask = (methods[row] & looked) >>> 0;
    if (mask === 0) continue;
    const own = found.get(mask) ?? { count: 0, flagged: 0 };
    own.count += 1;
    own.flagged += flagged?.[row] ?? 0;
    found.set(mask, own);
  }
  return [...found]
    .map(([mask, own]) => ({ mask, bits: chosen.filter((bit) => ((mask >>> bit) & 1) === 1), ...own }))
    .sort((a, b) => b.bits.length - a.bits.length || b.count - a.count || a.mask - b.mask);
}

/** Rows whose chosen methods are exactly those of an intersection. */
export function rowsOfIntersection(
  methods: Uint32Array,
  chosen: readonly number[],
  { mask }: Pick<Intersection, 'mask'>,
): number[] {
  const looked = chosen.reduce((all, bit) => (all | (1 << bit)) >>> 0, 0);
  const rows: number[] = [];
  for (let row = 0; row < methods.length; row++) if ((methods[row] & looked) >>> 0 === mask) rows.push(row);
  return rows;
}

/** How many samples each method singles out, by bit. */
export function marksOf(methods: Uint32Array, count: number): number[] {
  const marks = new Array<number>(count).fill(0);
  for (const mask of methods) for (let bit = 0; bit < count; bit++) marks[bit] += (mask >>> bit) & 1;
  return marks;
}
