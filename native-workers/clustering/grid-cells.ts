import { kernels } from '../engine.ts';
import { LINE_STEP, type SortedCells } from '../engines/clustering-kernels.ts';

/** A cell is this much narrower than eps / sqrt(dims), more than the rounding of a coordinate's cell among 2^26. */
const HAIR = 1e-6;
const DIGIT_BITS = 17;
const DIGITS = 2 ** DIGIT_BITS;

/** Points of 1 to 3 dimensions sorted by cell; two points of one cell are never farther apart than eps. */
export interface GridCells extends SortedCells {
  readonly count: number;
  /** Row of each sorted point, shape (n,); rows of one cell ascend. */
  readonly rows: Int32Array;
}

/** Points of a block: about a millisecond of work. */
const BLOCK_POINTS = 16_384;

/** Calls the work for blocks of 0 to n - 1, after looking at cancellation. */
export function overBlocks(n: number, check: () => void, work: (from: number, to: number) => void): void {
  for (let from = 0; from < n; from += BLOCK_POINTS) {
    check();
    work(from, Math.min(n, from + BLOCK_POINTS));
  }
}

/**
 * Sorts the points into a grid, or null where an axis would have more than 2^26 cells.
 *
 * @param points shape (n, dims), row-major, n > 0, 1 to 3 dims, finite
 */
export function gridCells(
  points: Float32Array | Float64Array,
  dims: number,
  eps: number,
  check: () => void,
): GridCells | null {
  const n = points.length / dims;
  const wide = points instanceof Float64Array ? points : Float64Array.from(points);
  const frame = frameOf(wide, dims, (eps / Math.sqrt(dims)) * (1 - HAIR), check);
  if (frame === null) return null;
  let rows: Int32Array = new Int32Array(n);
  for (let i = 0; i < n; i++) rows[i] = i;
  for (const { axes, width: cells } of joinedAxes(frame.cells)) {
    const keys = new Int32Array(n);
    overBlocks(n, check, (from, to) => {
      for (const { axis, width } of axes)
        kernels().addPlaces(wide, dims, axis, frame.low[axis], frame.perUnit, width, from, to, keys);
    });
    rows = sortedBy(keys, cells, rows, check);
  }
  return splitCells(wide, dims, rows, frame, check);
}

/** Where the grid begins, how many cells fit a unit, and the cells, along each axis. */
interface Frame {
  readonly low: Float64Array;
  readonly perUnit: number;
  readonly cells: readonly number[];
}

function frameOf(points: Float64Array, dims: number, side: number, check: () => void): Frame | null {
  const low = new Float64Array(dims);
  const cells: number[] = [];
  const perUnit = 1 / side;
  const span = new Float64Array(2);
  for (let axis = 0; axis < dims; axis++) {
    span[0] = Infinity;
    span[1] = -Infinity;
    overBlocks(points.length / dims, check, (from, to) => {
      widen(points, from * dims + axis, to * dims, dims, span);
    });
    low[axis] = span[0];
    cells.push(Math.floor((span[1] - span[0]) * perUnit) + 1);
    if (!(cells[axis] <= LINE_STEP)) return null;
  }
  return { low, perUnit, cells };
}

function widen(points: Float64Array, from: number, to: number, step: number, span: Float64Array): void {
  let least = span[0];
  let most = span[1];
  for (let at = from; at < to; at += step) {
    const value = points[at];
    if (value < least) least = value;
    if (value > most) most = value;
  }
  span[0] = least;
  span[1] = most;
}

interface JoinedAxes {
  readonly axes: { readonly axis: number; readonly width: number }[];
  width: number;
}

/** The axes by sort key, the least significant first: axes share a key while it stays below 2^31. */
function joinedAxes(cells: readonly number[]): JoinedAxes[] {
  const keys: JoinedAxes[] = [];
  cells.forEach((count, axis) => {
    let key = keys.at(-1);
    if (key === undefined || key.width * count > 2 ** 31) {
      key = { axes: [], width: 1 };
      keys.push(key);
    }
    key.axes.push({ axis, width: key.width });
    key.width *= count;
  });
  return keys;
}

/** The rows by key, below `width`: a stable radix sort. The array of rows may be written. */
function sortedBy(keys: Int32Array, width: number, rows: Int32Array, check: () => void): Int32Array {
  const n = keys.length;
  let from = rows;
  let to: Int32Array = new Int32Array(n);
  const ends = new Int32Array(DIGITS + 1);
  for (let shift = 0; shift === 0 || 2 ** shift < width; shift += DIGIT_BITS) {
    ends.fill(0);
    overBlocks(n, check, (first, end) => {
      kernels().countDigits(keys, shift, first, end, ends);
    });
    for (let digit = 0; digit < DIGITS; digit++) ends[digit + 1] += ends[digit];
    const [source, target] = [from, to];
    overBlocks(n, check, (first, end) => {
      kernels().scatterRows(keys, shift, source, first, end, ends, target);
    });
    [from, to] = [to, from];
  }
  return from;
}

function splitCells(
  points: Float64Array,
  dims: number,
  rows: Int32Array,
  { low, perUnit }: Frame,
  check: () => void,
): GridCells {
  const n = rows.length;
  const xs = new Float64Array(n);
  const ys = new Float64Array(n);
  const zs = new Float64Array(n);
  const starts = new Int32Array(n + 1);
  const first = new Int32Array(n);
  const lines = new Float64Array(n);
  const lineStarts = new Int32Array(n + 1);
  const state = new Float64Array(2);
  overBlocks(n, check, (from, to) => {
    kernels().splitCells(
      points,
      dims,
      rows,
      from,
      to,
      low,
      perUnit,
      xs,
      ys,
      zs,
      state,
      starts,
      first,
      lines,
      lineStarts,
    );
  });
  const [count, lineCount] = state;
  starts[count] = n;
  lineStarts[lineCount] = count;
  return {
    count,
    rows,
    points: [xs, ys, zs],
    starts: starts.subarray(0, count + 1),
    first: first.subarray(0, count),
    lineStarts: lineStarts.subarray(0, lineCount + 1),
    ...linesAround(lines.subarray(0, lineCount), dims),
  };
}

/** Offsets of the lines that a line's points can reach, nearer ones first. */
function lineOffsets(dims: number): number[] {
  const steps = [0, -1, 1, -2, 2];
  if (dims === 1) return [0];
  if (dims === 2) return steps;
  const pairs = steps.flatMap((z) => steps.map((y) => [z, y]));
  pairs.sort(([za, ya], [zb, yb]) => za * za + ya * ya - (zb * zb + yb * yb));
  return pairs.map(([z, y]) => z * LINE_STEP + y);
}

function linesAround(lines: Float64Array, dims: number): { around: Int32Array; reach: number } {
  const offsets = lineOffsets(dims);
  const reach = offsets.length;
  const around = new Int32Array(lines.length * reach).fill(-1);
  offsets.forEach((offset, o) => {
    for (let line = 0, at = 0; line < lines.length; line++) {
      const wanted = lines[line] + offset;
      while (at < lines.length && lines[at] < wanted) at++;
      if (at < lines.length && lines[at] === wanted) around[line * reach + o] = at;
    }
  });
  return { around, reach };
}
