import type { Matrix } from '../detectors/detector.ts';
import type { Check, Rows } from './moments.ts';
import { countRows } from './moments.ts';

/** Directions in the space of the columns: k rows of d entries. */
export interface Axes {
  readonly count: number;
  readonly cols: number;
  /** Shape (k, d), row-major. */
  readonly data: Float64Array;
}

/**
 * Coordinates (x - centre) . axis of every row on every axis, shape (n, k), float64.
 * Four rows are packed and centred at a time, so the matrix is never copied; 4 x 4 tiles in registers.
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
  const n = countRows(matrix, rows);
  const out = new Float64Array(n * axes.count);
  forEachQuad(matrix, rows, centre, axes, check, (first, height, tile, width) => {
    for (let r = 0; r < height; r++) {
      const at = (first + r) * axes.count;
      for (let a = 0; a < axes.count; a++) out[at + a] = tile[r * width + a];
    }
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
  forEachQuad(matrix, rows, centre, axes, check, (first, height, tile, width) => {
    for (let r = 0; r < height; r++) {
      let sum = 0;
      for (let a = 0; a < width; a++) sum += tile[r * width + a] * tile[r * width + a];
      out[first + r] = sum;
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

type QuadSink = (first: number, height: number, tile: Float64Array, width: number) => void;

function forEachQuad(
  matrix: Matrix,
  rows: Rows,
  centre: Float64Array | null,
  axes: Axes,
  check: Check,
  sink: QuadSink,
): void {
  const { data, cols } = matrix;
  const n = countRows(matrix, rows);
  const groups = (axes.count + 3) >> 2;
  const width = groups * 4;
  const packedAxes = new Float64Array(groups * cols * 4);
  for (let a = 0; a < axes.count; a++) {
    for (let j = 0; j < cols; j++) packedAxes[((a >> 2) * cols + j) * 4 + (a & 3)] = axes.data[a * cols + j];
  }
  const packed = new Float64Array(cols * 4);
  const tile = new Float64Array(4 * width);
  const shift = centre ?? new Float64Array(cols);
  const every = Math.max(4, Math.ceil(1_000_000 / (1 + cols * width)) * 4);
  for (let first = 0; first < n; first += 4) {
    if (first % every === 0) check();
    const height = Math.min(4, n - first);
    for (let r = 0; r < height; r++) {
      const base = (rows === null ? first + r : rows[first + r]) * cols;
      for (let j = 0; j < cols; j++) packed[j * 4 + r] = data[base + j] - shift[j];
    }
    multiplyQuad(packed, packedAxes, tile, cols, groups);
    sink(first, height, tile, width);
  }
}

function multiplyQuad(
  packed: Float64Array,
  axes: Float64Array,
  tile: Float64Array,
  cols: number,
  groups: number,
): void {
  const width = groups * 4;
  const length = cols * 4;
  for (let g = 0; g < groups; g++) {
    const right = g * length;
    let s00 = 0,
      s01 = 0,
      s02 = 0,
      s03 = 0;
    let s10 = 0,
      s11 = 0,
      s12 = 0,
      s13 = 0;
    let s20 = 0,
      s21 = 0,
      s22 = 0,
      s23 = 0;
    let s30 = 0,
      s31 = 0,
      s32 = 0,
      s33 = 0;
    for (let j = 0; j < length; j += 4) {
      const y0 = axes[right + j];
      const y1 = axes[right + j + 1];
      const y2 = axes[right + j + 2];
      const y3 = axes[right + j + 3];
      let x = packed[j];
      s00 += x * y0;
      s01 += x * y1;
      s02 += x * y2;
      s03 += x * y3;
      x = packed[j + 1];
      s10 += x * y0;
      s11 += x * y1;
      s12 += x * y2;
      s13 += x * y3;
      x = packed[j + 2];
      s20 += x * y0;
      s21 += x * y1;
      s22 += x * y2;
      s23 += x * y3;
      x = packed[j + 3];
      s30 += x * y0;
      s31 += x * y1;
      s32 += x * y2;
      s33 += x * y3;
    }
    let at = g * 4;
    tile[at] = s00;
    tile[at + 1] = s01;
    tile[at + 2] = s02;
    tile[at + 3] = s03;
    at += width;
    tile[at] = s10;
    tile[at + 1] = s11;
    tile[at + 2] = s12;
    tile[at + 3] = s13;
    at += width;
    tile[at] = s20;
    tile[at + 1] = s21;
    tile[at + 2] = s22;
    tile[at + 3] = s23;
    at += width;
    tile[at] = s30;
    tile[at + 1] = s31;
    tile[at + 2] = s32;
    tile[at + 3] = s33;
  }
}
