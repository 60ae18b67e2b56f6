import type { Check } from '../numeric/moments.ts';

/** A class seen as two identities under one shared variation. */
interface TwoGroups {
  /** Shape (n,): 1 in the smaller group. */
  readonly members: Uint8Array;
  readonly size: number;
  /** Distance of the two means in the whitened space. */
  readonly separation: number;
  /** π (1 - π) separation²: mean gain in log-likelihood of two means over one. */
  readonly gain: number;
  /** Shape (n,): coordinate along the line of the means from their midpoint; the smaller group lies above. */
  readonly along: Float64Array;
}

const START_AXES = 3;
const MOST_ROUNDS = 100;

/**
 * Splits rows of unit variation between two means by cuts at the midpoint (Tang, Wang, Tang, Zhang 2021), each round from the
 * means of the last, until no row changes sides. Random starts are replaced by six fixed ones: along each of the three leading
 * axes a cut at the mean, and one half way between the extremes, which finds small groups far out. The split with the largest
 * gain counts. Null where none has two groups of `leastSize`.
 *
 * @param coordinates centred rows in the whitened space, shape (n, k), row-major, axes by falling second moment
 */
export function twoGroups(
  coordinates: Float64Array,
  n: number,
  k: number,
  leastSize: number,
  check: Check,
): TwoGroups | null {
  let best: Split | null = null;
  for (let axis = 0; axis < Math.min(START_AXES, k); axis++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < n; i++) {
      const x = coordinates[i * k + axis];
      if (x < low) low = x;
      if (x > high) high = x;
    }
    for (const cut of [0, (low + high) / 2]) {
      const side = new Uint8Array(n);
      for (let i = 0; i < n; i++) side[i] = coordinates[i * k + axis] > cut ? 1 : 0;
      const split = untangle(coordinates, n, k, side, check);
      if (split === null || Math.min(split.size, n - split.size) < leastSize) continue;
      if (best === null || split.gain > best.gain) best = split;
    }
  }
  if (best === null) return null;
  const { side, size, difference, cut, gain } = best;
  const above = 2 * size <= n ? 1 : 0;
  const sign = above === 1 ? 1 : -1;
  const separation = Math.hypot(...difference);
  const along = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = -cut;
    for (let a = 0; a < k; a++) sum += coordinates[i * k + a] * difference[a];
    along[i] = (sign * sum) / separation;
  }
  return {
    members: side.map((one) => (one === above ? 1 : 0)),
    size: Math.min(size, n - size),
    separation,
    gain,
    along,
  };
}

interface Split {
  readonly side: Uint8Array;
  /** Rows of side 1. */
  readonly size: number;
  /** Mean of side 1 less that of side 0, shape (k,). */
  readonly difference: Float64Array;
  /** Midpoint of the two means along the difference. */
  readonly cut: number;
  readonly gain: number;
}

/** Changes `side` until it stands; null where a side becomes empty or the means are equal. */
function untangle(
  coordinates: Float64Array,
  n: number,
  k: number,
  side: Uint8Array,
  check: Check,
): Split | null {
  const sums = new Float64Array(2 * k);
  let size = 0;
  for (let i = 0; i < n; i++) {
    size += side[i];
    for (let a = 0; a < k; a++) sums[side[i] * k + a] += coordinates[i * k + a];
  }
  for (let round = 0; ; round++) {
    const split = describeSplit(sums, n, k, side, size);
    if (split === null || round === MOST_ROUNDS) return split;
    const { difference, cut } = split;
    let changed = 0;
    for (let i = 0; i < n; i++) {
      if ((i & 4095) === 0) check();
      let along = 0;
      for (let a = 0; a < k; a++) along += coordinates[i * k + a] * difference[a];
      const next = along > cut ? 1 : 0;
      if (next === side[i]) continue;
      changed++;
      size += 2 * next - 1;
      side[i] = next;
      for (let a = 0; a < k; a++) {
        sums[next * k + a] += coordinates[i * k + a];
        sums[(1 - next) * k + a] -= coordinates[i * k + a];
      }
    }
    if (changed === 0) return split;
  }
}

function describeSplit(
  sums: Float64Array,
  n: number,
  k: number,
  side: Uint8Array,
  size: number,
): Split | null {
  if (size === 0 || size === n) return null;
  const difference = new Float64Array(k);
  let cut = 0;
  let squares = 0;
  for (let a = 0; a < k; a++) {
    const outside = sums[a] / (n - size);
    const inside = sums[k + a] / size;
    difference[a] = inside - outside;
    cut += (difference[a] * (inside + outside)) / 2;
    squares += difference[a] ** 2;
  }
  const share = size / n;
  const gain = share * (1 - share) * squares;
  return gain > 0 ? { side, size, difference, cut, gain } : null;
}
