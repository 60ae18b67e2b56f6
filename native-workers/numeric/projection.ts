import type { Matrix } from '../detectors/detector.ts';
import { kernels } from '../engine.ts';
import { packAxes, packedAxesLength, PANEL, projectScratch } from '../engines/moments-kernels.ts';
import type { Check } from './moments.ts';
import type { Rows } from './rows.ts';
import { forEachStep } from './moments.ts';
import { countRows } from './rows.ts';

/** Directions in the space of the columns: k rows of d entries. */
export interface Axes {
  readonly count: number;
  readonly cols: number;
  /** Shape (k, d), row-major. */
  readonly data: Float64Array;
}

/**
 * Coordinates (x - centre) . axis of every row on every axis, shape (n, k), float64.
 *
 * @param centre shape (d,), or null for no centring
 */
export function project(
  matrix: Matrix,
  rows: Rows,
  centre: Float64Array | null,
  axes: Axes,
  check: Check,
): Float64Array {
  const out = new Float64Array(countRows(matrix, rows) * axes.count);
  forEachProjection(matrix, rows, centre, axes, check, (from, coordinates) => {
    out.set(coordinates, from * axes.count);
  });
  return out;
}

/** Squared length of (x - centre) in the space of the axes, shape (n,): a squared Mahalanobis distance for whitening axes. */
export function squaredLengths(
  matrix: Matrix,
  rows: Rows,
  centre: Float64Array,
  axes: Axes,
  check: Check,
): Float64Array {
  const out = new Float64Array(countRows(matrix, rows));
  const { count } = axes;
  forEachProjection(matrix, rows, centre, axes, check, (from, coordinates) => {
    for (let at = 0, r = from; at < coordinates.length; r++) {
      let sum = 0;
      for (let a = 0; a < count; a++, at++) sum += coordinates[at] * coordinates[at];
      out[r] = sum;
    }
  });
  return out;
}

/** (x - centre) . direction for every row, shape (n,). */
export function projectOnto(
  matrix: Matrix,
  rows: Rows,
  centre: Float64Array,
  direction: Float64Array,
  check: Check,
): Float64Array {
  const { data, cols } = matrix;
  const out = new Float64Array(countRows(matrix, rows));
  for (let r = 0; r < out.length; r++) {
    if ((r & 4095) === 0) check();
    const base = (rows === null ? r : rows[r]) * cols;
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += (data[base + j] - centre[j]) * direction[j];
    out[r] = sum;
  }
  return out;
}

/** Projects some rows at a time; `use` sees their coordinates, shape (rows of the step, k), until the next step. */
function forEachProjection(
  matrix: Matrix,
  rows: Rows,
  centre: Float64Array | null,
  axes: Axes,
  check: Check,
  use: (from: number, coordinates: Float64Array) => void,
): void {
  const { data, cols } = matrix;
  const { count } = axes;
  const n = countRows(matrix, rows);
  if (n === 0 || count === 0) return;
  const packed = packAxes(axes.data, count, cols, new Float64Array(packedAxesLength(count, cols, PANEL / 2)));
  const shift = centre ?? new Float64Array(cols);
  const scratch = new Float64Array(projectScratch(cols));
  let out = new Float64Array(0);
  const inner = kernels();
  forEachStep(n, cols * count, check, (from, to) => {
    const length = (to - from) * count;
    if (out.length < length) out = new Float64Array(length);
    const coordinates = out.subarray(0, length);
    inner.projectExact(data, rows, from, to, cols, shift, packed, count, coordinates, scratch);
    use(from, coordinates);
  });
}
