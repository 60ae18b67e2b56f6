import type { QuantileSketch } from '../quantile-sketch.ts';

/** A sample that tests can look values up in: made once for a baseline's column, used by every window. */
export interface PreparedSample extends QuantileSketch {
  /** Rows at or below each value, shape (points,). */
  readonly cumulative: Float64Array;
}

export function prepareSample(sample: QuantileSketch): PreparedSample {
  const cumulative = new Float64Array(sample.counts.length);
  let rows = 0;
  for (let i = 0; i < cumulative.length; i++) cumulative[i] = rows += sample.counts[i];
  return { ...sample, cumulative };
}

/** The first point at or after `from` whose value is at least `value`; the number of points where there is none. Gallops. */
export function firstPointAtLeast(values: Float64Array, value: number, from: number): number {
  const end = values.length;
  if (from >= end || values[from] >= value) return from;
  let step = 1;
  let low = from;
  while (low + step < end && values[low + step] < value) {
    low += step;
    step *= 2;
  }
  let high = Math.min(end, low + step);
  low++;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows strictly below a value, and at or below it. */
export function rowsUpTo(sample: PreparedSample, value: number): { below: number; upTo: number } {
  const point = firstPointAtLeast(sample.values, value, 0);
  const below = point === 0 ? 0 : sample.cumulative[point - 1];
  const upTo = sample.values[point] === value ? sample.cumulative[point] : below;
  return { below, upTo };
}

/**
 * A quantile of the rows with linear interpolation between order statistics (Hyndman, Fan 1996, type 7); NaN without rows.
 *
 * @param share 0 to 1
 */
export function sampleQuantile({ values, cumulative, n }: PreparedSample, share: number): number {
  if (n === 0) return NaN;
  const position = share * (n - 1);
  const row = Math.floor(position);
  const point = firstPointAtLeast(cumulative, row + 1, 0);
  const low = values[point];
  const part = position - row;
  if (part === 0 || row + 1 < cumulative[point] || point === values.length - 1) return low;
  const high = values[point + 1];
  return part >= 0.5 ? high - (high - low) * (1 - part) : low + (high - low) * part;
}

/** Calls `visit` for each distinct value of either sample, ascending, with the rows of each at it. */
export function walkTogether(
  first: QuantileSketch,
  second: QuantileSketch,
  visit: (value: number, ofFirst: number, ofSecond: number) => void,
): void {
  const [a, b] = [first.values, second.values];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const value = j === b.length || a[i] <= b[j] ? a[i] : b[j];
    const ofFirst = i < a.length && a[i] === value ? first.counts[i++] : 0;
    const ofSecond = j < b.length && b[j] === value ? second.counts[j++] : 0;
    visit(value, ofFirst, ofSecond);
  }
}
