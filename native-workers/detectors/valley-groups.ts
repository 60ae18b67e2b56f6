import { medianInPlace, skewness } from '../numeric/order-statistics.ts';
import { findValley } from '../numeric/valley.ts';

/** A sub-population of one class that a valley separates along one direction. Natural ones are common. */
export interface ValleyGroup {
  /** Which direction, from 1. */
  readonly axis: number;
  readonly depth: number;
  readonly size: number;
  /** Shape (n,), 1 for members. */
  readonly members: Uint8Array;
}

const LEAST_DEPTH = 0.5;
const MOST_SHARE = 0.5;

/** Smallest size of a candidate group in a class of n rows. */
export function leastGroupSize(n: number): number {
  return Math.max(16, Math.floor(0.005 * n));
}

/**
 * Candidate groups along the given coordinates.
 *
 * @param coordinates shape (n, axes), row-major
 * @param leastSize fewest members of a group
 */
export function valleyGroups(
  coordinates: Float64Array,
  n: number,
  axes: number,
  leastSize: number,
): ValleyGroup[] {
  const groups: ValleyGroup[] = [];
  for (let axis = 0; axis < axes; axis++) {
    const x = new Float64Array(n);
    for (let i = 0; i < n; i++) x[i] = coordinates[i * axes + axis];
    const middle = medianInPlace(x.slice());
    for (let i = 0; i < n; i++) x[i] -= middle;
    if (skewness(x) < 0) for (let i = 0; i < n; i++) x[i] = -x[i];
    const valley = findValley(x);
    if (valley === null || valley.depth < LEAST_DEPTH) continue;
    const { cut, side, depth } = valley;
    const members = Uint8Array.from(x, (value) => ((side === 1 ? value > cut : value < cut) ? 1 : 0));
    const size = members.reduce((sum, member) => sum + member, 0);
    if (size >= leastSize && size <= MOST_SHARE * n) groups.push({ axis: axis + 1, depth, size, members });
  }
  return groups;
}
