import { radixSort } from '../numeric/two-sample/radix-sort.ts';

/**
 * A sample as ascending distinct values with how many rows each stands for. Exact where `rankError` is 0; else the number of rows
 * at or below any x, and below any x, is off by at most `rankError` rows.
 */
export interface QuantileSketch {
  /** Ascending, distinct; infinities are values, shape (points,). */
  readonly values: Float64Array;
  /** Rows that each value stands for, at least 1, shape (points,). */
  readonly counts: Float64Array;
  /** Sum of the counts: rows with a value. */
  readonly n: number;
  /** Rows without a value (NaN). */
  readonly missing: number;
  /** In rows, not as a share. */
  readonly rankError: number;
}

/** Points kept: a sketch of at most as many distinct values is exact, one of more is off by about n / 4,096 in rank. */
export const SKETCH_POINTS = 2048;

/** Sketches of strips of the rows, by the strips' indices: merging them in any order and grouping gives the same bytes. */
export type SketchParts = ReadonlyMap<number, QuantileSketch>;

/**
 * The sketch of one strip of the rows.
 *
 * @param strip the strip's place among all strips
 * @param points at least 2
 * @throws whatever `check` throws
 */
export function sketchStrip(
  values: Float64Array,
  strip: number,
  points: number,
  check: () => void,
): SketchParts {
  return new Map([[strip, compressSketch(countedSample(values, check), points)]]);
}

/** @throws RangeError when a strip is in both */
export function mergeSketchParts(first: SketchParts, second: SketchParts): SketchParts {
  const merged = new Map(first);
  for (const [strip, sketch] of second) {
    if (merged.has(strip)) throw new RangeError(`No sketches were merged: strip ${strip} is in both.`);
    merged.set(strip, sketch);
  }
  return merged;
}

/** All strips as one sketch of at most `points` points. */
export function finishSketch(parts: SketchParts, points: number): QuantileSketch {
  const inOrder = [...parts].sort(([a], [b]) => a - b).map(([, sketch]) => sketch);
  return compressSketch(joinSketches(inOrder), points);
}

/**
 * The values as an exact sketch, however many are distinct: what the column tests take. -0 counts as 0.
 *
 * @param values any order; NaN is missing
 * @throws whatever `check` throws
 */
export function countedSample(values: Float64Array, check: () => void): QuantileSketch {
  let known = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) known++;
  const ascending = radixSort(
    known === values.length ? values : values.filter((value) => !Number.isNaN(value)),
    check,
  );
  return countSorted(ascending, values.length - known);
}

/**
 * @param ascending as `radixSort` returns it; shorter arrays than it may share its memory
 * @param missing rows without a value beside them
 */
function countSorted(ascending: Float64Array, missing: number): QuantileSketch {
  const n = ascending.length;
  let distinct = n > 0 ? 1 : 0;
  for (let i = 1; i < n; i++) if (ascending[i] !== ascending[i - 1]) distinct++;
  if (distinct === n)
    return { values: ascending, counts: new Float64Array(n).fill(1), n, missing, rankError: 0 };
  const values = new Float64Array(distinct);
  const counts = new Float64Array(distinct);
  let point = -1;
  for (let i = 0; i < n; i++) {
    if (i === 0 || ascending[i] !== ascending[i - 1]) values[++point] = ascending[i];
    counts[point]++;
  }
  return { values, counts, n, missing, rankError: 0 };
}

/** The rows of several sketches together; their rank errors add up. */
export function joinSketches(sketches: readonly QuantileSketch[]): QuantileSketch {
  const total = (of: (sketch: QuantileSketch) => number): number =>
    sketches.reduce((sum, sketch) => sum + of(sketch), 0);
  const size = total(({ values }) => values.length);
  const all = new Float64Array(size);
  let at = 0;
  for (const { values } of sketches) {
    all.set(values, at);
    at += values.length;
  }
  const distinct = countSorted(all.sort(), 0).values;
  const counts = new Float64Array(distinct.length);
  for (const sketch of sketches) {
    let point = 0;
    for (let i = 0; i < sketch.values.length; i++) {
      while (distinct[point] !== sketch.values[i]) point++;
      counts[point] += sketch.counts[i];
    }
  }
  return {
    values: distinct,
    counts,
    n: total(({ n }) => n),
    missing: total(({ missing }) => missing),
    rankError: total(({ rankError }) => rankError),
  };
}

/**
 * At most `points` points for the same rows: neighbouring points become one, at the value in the middle of their rows. The smallest
 * and the largest value stay, and so does a value with more rows than a point's share. The error is what the new points leave
 * out at worst, added to the old one.
 */
export function compressSketch(sketch: QuantileSketch, points: number): QuantileSketch {
  if (!(points >= 2)) throw new RangeError(`A sketch of ${points} points was asked for: 2 are the least.`);
  const { values, counts, n } = sketch;
  if (values.length <= points) return sketch;
  // Blocks end where the rows pass a multiple of the share, so there are at most as many as there are shares; both ends are alone.
  const share = n / (points - 2);
  const kept: number[] = [];
  const weights: number[] = [];
  let worst = 0;
  const close = (from: number, to: number, weight: number): void => {
    let chosen = from;
    let before = 0;
    let after = weight - counts[from];
    // The larger of the two sides falls, then grows: its least is the middle.
    while (chosen < to - 1) {
      const nextBefore = before + counts[chosen];
      const nextAfter = after - counts[chosen + 1];
      if (Math.max(nextBefore, nextAfter) > Math.max(before, after)) break;
      before = nextBefore;
      after = nextAfter;
      chosen++;
    }
    kept.push(values[chosen]);
    weights.push(weight);
    worst = Math.max(worst, before, after);
  };
  let passed = counts[0];
  close(0, 1, counts[0]);
  let from = 1;
  let weight = 0;
  const last = values.length - 1;
  for (let i = 1; i < last; i++) {
    const before = Math.floor(passed / share);
    passed += counts[i];
    weight += counts[i];
    if (Math.floor(passed / share) === before && i < last - 1) continue;
    close(from, i + 1, weight);
    from = i + 1;
    weight = 0;
  }
  close(last, last + 1, counts[last]);
  return {
    values: Float64Array.from(kept),
    counts: Float64Array.from(weights),
    n,
    missing: sketch.missing,
    rankError: sketch.rankError + worst,
  };
}
