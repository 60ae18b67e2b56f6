import { joinSets, rootOf } from '../../clustering/union-find.ts';
import type { ClusteringKernels } from '../clustering-kernels.ts';

const NO_CLUSTER = 0x7fffffff;

/** The sorted points of the cells at most two places away from one, line by line. */
class Window {
  /** Cells of each line around: the first and the one behind the last. */
  readonly firsts: Int32Array;
  readonly lasts: Int32Array;
  /** Their points. */
  readonly begins: Int32Array;
  readonly ends: Int32Array;
  private readonly starts: Int32Array;
  private readonly first: Int32Array;
  private readonly lineStarts: Int32Array;
  private readonly around: Int32Array;
  private readonly reach: number;
  private line = 0;

  constructor(
    starts: Int32Array,
    first: Int32Array,
    lineStarts: Int32Array,
    around: Int32Array,
    reach: number,
  ) {
    this.firsts = new Int32Array(reach);
    this.lasts = new Int32Array(reach);
    const lines = lineStarts.length - 1;
    if (starts.length !== first.length + 1 || lines < 0 || around.length < lines * reach)
      throw new RangeError('The starts, cells and lines of the grid do not fit one another.');
    this.begins = new Int32Array(reach);
    this.ends = new Int32Array(reach);
    this.starts = starts;
    this.first = first;
    this.lineStarts = lineStarts;
    this.around = around;
    this.reach = reach;
  }

  /** Moves on to a cell, no lower than the last; returns the number of points around it. */
  move(cell: number): number {
    const { begins, ends, starts, first, lineStarts, around, reach } = this;
    while (cell >= lineStarts[this.line + 1]) this.line++;
    let total = 0;
    for (let o = 0; o < reach; o++) {
      const other = around[this.line * reach + o];
      const low = other < 0 ? 0 : lineStarts[other];
      const high = other < 0 ? 0 : lineStarts[other + 1];
      const begin = lowerBound(first, first[cell] - 2, low, high);
      let end = begin;
      while (end < high && first[end] <= first[cell] + 2) end++;
      this.firsts[o] = begin;
      this.lasts[o] = end;
      begins[o] = starts[begin];
      ends[o] = starts[end];
      total += ends[o] - begins[o];
    }
    return total;
  }
}

function checkCells(
  first: Int32Array,
  from: number,
  to: number,
  points: Float64Array,
  outputs: { length: number }[],
): void {
  if (!(from >= 0 && from <= to && to <= first.length))
    throw new RangeError(`Cells ${from} to ${to} are not among ${first.length}.`);
  for (const output of outputs)
    if (output.length < points.length) throw new RangeError('An array is shorter than the points.');
}

/** The first of the ascending values from `low` to `high - 1` that is not below the wanted one, or `high`. */
function lowerBound(values: Int32Array, wanted: number, low: number, high: number): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (values[middle] < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}

export const markCores: ClusteringKernels['markCores'] = (
  xs,
  ys,
  zs,
  limit,
  wanted,
  starts,
  first,
  lineStarts,
  around,
  reach,
  from,
  to,
  core,
) => {
  checkCells(first, from, to, xs, [ys, zs, core]);
  const window = new Window(starts, first, lineStarts, around, reach);
  const { begins, ends } = window;
  for (let cell = from; cell < to; cell++) {
    if (starts[cell + 1] - starts[cell] >= wanted) {
      core.fill(1, starts[cell], starts[cell + 1]);
      continue;
    }
    if (window.move(cell) < wanted) continue;
    for (let i = starts[cell]; i < starts[cell + 1]; i++) {
      const x = xs[i];
      const y = ys[i];
      const z = zs[i];
      let found = 0;
      for (let o = 0; o < reach && found < wanted; o++) {
        for (let j = begins[o]; j < ends[o] && found < wanted; j++) {
          const dx = xs[j] - x;
          const dy = ys[j] - y;
          const dz = zs[j] - z;
          if (dx * dx + dy * dy + dz * dz <= limit) found++;
        }
      }
      if (found >= wanted) core[i] = 1;
    }
  }
};

export const joinCells: ClusteringKernels['joinCells'] = (
  xs,
  ys,
  zs,
  limit,
  starts,
  first,
  lineStarts,
  around,
  reach,
  from,
  to,
  core,
  parents,
) => {
  checkCells(first, from, to, xs, [ys, zs, core]);
  if (parents.length < first.length) throw new RangeError('The sets are fewer than the cells.');
  const window = new Window(starts, first, lineStarts, around, reach);
  const pair = new CellPair([xs, ys, zs], starts, core, limit);
  for (let cell = from; cell < to; cell++) {
    if (!pair.hasCore(cell)) continue;
    window.move(cell);
    for (let o = 0; o < reach; o++) {
      for (let other = Math.max(cell + 1, window.firsts[o]); other < window.lasts[o]; other++) {
        if (rootOf(parents, cell) !== rootOf(parents, other) && pair.touches(cell, other))
          joinSets(parents, cell, other);
      }
    }
  }
};

class CellPair {
  private readonly points: readonly [Float64Array, Float64Array, Float64Array];
  private readonly starts: Int32Array;
  private readonly core: Uint8Array;
  private readonly limit: number;
  /** Lowest and highest x, y and z of the second cell's points. */
  private readonly box = new Float64Array(6);

  constructor(
    points: readonly [Float64Array, Float64Array, Float64Array],
    starts: Int32Array,
    core: Uint8Array,
    limit: number,
  ) {
    this.points = points;
    this.starts = starts;
    this.core = core;
    this.limit = limit;
  }

  hasCore(cell: number): boolean {
    const { core, starts } = this;
    for (let i = starts[cell]; i < starts[cell + 1]; i++) if (core[i] === 1) return true;
    return false;
  }

  /** Whether core points of two cells lie within the limit of one another. */
  touches(a: number, b: number): boolean {
    const { starts, core, limit, box } = this;
    const [xs, ys, zs] = this.points;
    this.measure(b);
    for (let i = starts[a]; i < starts[a + 1]; i++) {
      if (core[i] === 0) continue;
      const x = xs[i];
      const y = ys[i];
      const z = zs[i];
      const nearX = Math.max(box[0] - x, x - box[1], 0);
      const nearY = Math.max(box[2] - y, y - box[3], 0);
      const nearZ = Math.max(box[4] - z, z - box[5], 0);
      // The same sum as a distance's, of smaller differences: rounding can't put a point within reach out of the box's.
      if (nearX * nearX + nearY * nearY + nearZ * nearZ > limit) continue;
      for (let j = starts[b]; j < starts[b + 1]; j++) {
        if (core[j] === 0) continue;
        const dx = xs[j] - x;
        const dy = ys[j] - y;
        const dz = zs[j] - z;
        if (dx * dx + dy * dy + dz * dz <= limit) return true;
      }
    }
    return false;
  }

  private measure(cell: number): void {
    this.points.forEach((along, axis) => {
      let low = Infinity;
      let high = -Infinity;
      for (let i = this.starts[cell]; i < this.starts[cell + 1]; i++) {
        low = Math.min(low, along[i]);
        high = Math.max(high, along[i]);
      }
      this.box[2 * axis] = low;
      this.box[2 * axis + 1] = high;
    });
  }
}

export const joinBorders: ClusteringKernels['joinBorders'] = (
  xs,
  ys,
  zs,
  limit,
  starts,
  first,
  lineStarts,
  around,
  reach,
  from,
  to,
  held,
  joined,
) => {
  checkCells(first, from, to, xs, [ys, zs, held, joined]);
  const window = new Window(starts, first, lineStarts, around, reach);
  const { begins, ends } = window;
  for (let cell = from; cell < to; cell++) {
    let moved = false;
    for (let i = starts[cell]; i < starts[cell + 1]; i++) {
      if (held[i] !== NO_CLUSTER) continue;
      if (!moved) window.move(cell);
      moved = true;
      let least = NO_CLUSTER;
      for (let o = 0; o < reach; o++) {
        for (let j = begins[o]; j < ends[o]; j++) {
          if (held[j] >= least) continue;
          const dx = xs[j] - xs[i];
          const dy = ys[j] - ys[i];
          const dz = zs[j] - zs[i];
          if (dx * dx + dy * dy + dz * dz <= limit) least = held[j];
        }
      }
      joined[i] = least;
    }
  }
};
