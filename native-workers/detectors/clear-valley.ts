import type { Valley } from '../numeric/valley.ts';
import { findValley } from '../numeric/valley.ts';

const DEEP = 0.9;
const LEAST_MASS = 0.005;

/**
 * A valley of depth 0.9 or more with at least 0.5 % of the values beyond it; null without one. A smooth tail has none, so
 * ordinary classes are not cut at all.
 *
 * @param side 1 looks above the bulk of the values alone, 'both' also below it
 */
export function clearValley(values: Float64Array, side: 1 | 'both'): Valley | null {
  const valley = findValley(values);
  if (valley === null || valley.depth < DEEP || valley.mass < LEAST_MASS) return null;
  return side === 'both' || valley.side === side ? valley : null;
}

/** Marks the values beyond a valley, shape (n,); none without a valley, and never NaN. */
export function beyond(values: Float64Array, valley: Valley | null): { marked: Uint8Array; count: number } {
  const marked = new Uint8Array(values.length);
  let count = 0;
  if (valley === null) return { marked, count };
  for (let i = 0; i < values.length; i++) {
    if (valley.side * (values[i] - valley.cut) > 0) {
      marked[i] = 1;
      count++;
    }
  }
  return { marked, count };
}

/**
 * Logarithms of values that are 0 or more, and their clear valley on either side. What was rounded to 0 takes the least
 * positive value; NaN stays NaN. No valley where a value is shared by 0.5 % of them: the gaps would be those of rounding.
 */
export function clearLogValley(values: Float64Array): { logs: Float64Array; valley: Valley | null } {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  const least = known.find((value) => value > 0) ?? 1;
  const logarithm = (value: number): number => Math.log(Math.max(value, least));
  const shared = Math.max(1, Math.ceil(LEAST_MASS * known.length));
  for (let i = shared; i < known.length; i++) {
    if (known[i] === known[i - shared]) return { logs: values.map(logarithm), valley: null };
  }
  return { logs: values.map(logarithm), valley: clearValley(known.map(logarithm), 'both') };
}
