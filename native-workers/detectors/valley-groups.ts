import { medianInPlace, skewness } from '../numeric/order-statistics.ts';
import { findValley } from '../numeric/valley.ts';

/** A sub-population of one class that a valley separates along one direction. Natural ones are common. */
export interface ValleyGroup {
  /** Which direction, from 1. */
  readonly axis: number;
  readonly depth: number;
  readonly size: number;
  /** Where it lies along its direction: sign * (coordinate - middle) is above the cut (side 1) or below it (side -1). */
  readonly border: {
    readonly middle: number;
    readonly sign: number;
    readonly cut: number;
    readonly side: number;
  };
  /** Shape (n,), 1 for members. */
  readonly members: Uint8Array;
}

const LEAST_DEPTH = 0.5;
const MOST_SHARE = 0.5;

/** Smallest size of a candidate group in a class of n rows. */
export function leastGroupSize(n: number): number {
  return Math.max(16, Math.floor(0.005 * n));
}

function beyond(x: number, cut: number, side: number): boolean {
  return side === 1 ? x > cut : x < cut;
}

/**
 * How many other rows lie where a group's members lie.
 *
 * @param coordinates of the other rows along the same directions, shape (m, axes), row-major
 */
export function countInside({ axis, border }: ValleyGroup, coordinates: Float64Array, axes: number): number {
  const { middle, sign, cut, side } = border;
  let count = 0;
  for (let at = axis - 1; at < coordinates.length; at += axes)
    if (beyond(sign * (coordinates[at] - middle), cut, side)) count++;
  return count;
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
    const sign = skewness(x) < 0 ? -1 : 1;
    for (let i = 0; i < n; i++) x[i] *= sign;
    const valley = findValley(x);
    if (valley === null || valley.depth < LEAST_DEPTH) continue;
    const { cut, side, depth } = valley;
    const members = Uint8Array.from(x, (value) => (beyond(value, cut, side) ? 1 : 0));
    const size = members.reduce((sum, member) => sum + member, 0);
    if (size >= leastSize && size <= MOST_SHARE * n)
      groups.push({ axis: axis + 1, depth, size, members, border: { middle, sign, cut, side } });
  }
  return groups;
}
