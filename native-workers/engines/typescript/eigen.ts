import { POWER_BLOCK, type EigenKernels } from '../eigen-kernels.ts';

// Entries are at most 1: a column whose squares sum to less is rounding.
const NEGLIGIBLE = 1e-290;

/** Sum of products of two stretches in eight parts. */
function dot(a: Float64Array, atA: number, b: Float64Array, atB: number, length: number): number {
  let s0 = 0,
    s1 = 0,
    s2 = 0,
    s3 = 0,
    s4 = 0,
    s5 = 0,
    s6 = 0,
    s7 = 0;
  const whole = length - (length % 8);
  for (let j = 0; j < whole; j += 8) {
    s0 += a[atA + j] * b[atB + j];
    s1 += a[atA + j + 1] * b[atB + j + 1];
    s2 += a[atA + j + 2] * b[atB + j + 2];
    s3 += a[atA + j + 3] * b[atB + j + 3];
    s4 += a[atA + j + 4] * b[atB + j + 4];
    s5 += a[atA + j + 5] * b[atB + j + 5];
    s6 += a[atA + j + 6] * b[atB + j + 6];
    s7 += a[atA + j + 7] * b[atB + j + 7];
  }
  const left = length - whole;
  if (left > 0) s0 += a[atA + whole] * b[atB + whole];
  if (left > 1) s1 += a[atA + whole + 1] * b[atB + whole + 1];
  if (left > 2) s2 += a[atA + whole + 2] * b[atB + whole + 2];
  if (left > 3) s3 += a[atA + whole + 3] * b[atB + whole + 3];
  if (left > 4) s4 += a[atA + whole + 4] * b[atB + whole + 4];
  if (left > 5) s5 += a[atA + whole + 5] * b[atB + whole + 5];
  if (left > 6) s6 += a[atA + whole + 6] * b[atB + whole + 6];
  return s0 + s4 + (s2 + s6) + (s1 + s5 + (s3 + s7));
}

const padded = (length: number): number => Math.ceil(length / 8) * 8;

function tridiagonalise(
  a: Float64Array,
  stride: number,
  place: Int32Array,
  diagonal: Float64Array,
  off: Float64Array,
  factors: Float64Array,
  work: Float64Array,
  budget: number,
): void {
  const v = work.subarray(0, stride);
  const w = work.subarray(stride, 2 * stride);
  const x = work.subarray(2 * stride, 3 * stride);
  const y = work.subarray(3 * stride, 4 * stride);
  let [column, row] = place;
  for (let used = 0; column > 0 && used < budget;) {
    if (row === 0) beginColumn(a, stride, column, diagonal, off, factors, v, w, x, y);
    for (; row < column && used < budget; row += 8) {
      updateRows(a, stride, row, v, w, x, y);
      used += 8 * (row + 8);
    }
    if (row < column) break;
    finishColumn(column, factors[column], v, w, x, y);
    column -= 1;
    row = 0;
  }
  if (column === 0) diagonal[0] = a[0];
  place[0] = column;
  place[1] = row;
}

/** Brings row i up to date and makes its reflection, in x and in the row. */
function beginColumn(
  a: Float64Array,
  stride: number,
  i: number,
  diagonal: Float64Array,
  off: Float64Array,
  factors: Float64Array,
  v: Float64Array,
  w: Float64Array,
  x: Float64Array,
  y: Float64Array,
): void {
  const base = i * stride;
  const vi = v[i];
  const wi = w[i];
  for (let j = 0; j <= i; j++) a[base + j] -= vi * w[j] + wi * v[j];
  v[i] = 0;
  w[i] = 0;
  diagonal[i] = a[base + i];
  const head = a[base + i - 1];
  for (let j = 0; j < stride; j++) x[j] = j < i - 1 ? a[base + j] : 0;
  y.fill(0);
  const tail = dot(x, 0, x, 0, padded(i - 1));
  if (tail < NEGLIGIBLE) {
    x.fill(0);
    off[i] = head;
    factors[i] = 0;
  } else {
    const norm = Math.sqrt(tail + head * head);
    off[i] = head > 0 ? -norm : norm;
    const first = head - off[i];
    x[i - 1] = first;
    factors[i] = 2 / (tail + first * first);
  }
  for (let j = 0; j < stride; j++) a[base + j] = x[j];
}

/** Eight rows of A -= v wᵀ + w vᵀ and of y += A x in one pass, on the lower triangle and the block on the diagonal. */
function updateRows(
  a: Float64Array,
  stride: number,
  row: number,
  v: Float64Array,
  w: Float64Array,
  x: Float64Array,
  y: Float64Array,
): void {
  for (let r = row; r < row + 8; r++) {
    const base = r * stride;
    const vr = v[r];
    const wr = w[r];
    const xr = x[r];
    for (let j = 0; j < row; j++) {
      const value = a[base + j] - (vr * w[j] + wr * v[j]);
      a[base + j] = value;
      y[j] += value * xr;
    }
    for (let j = row; j < row + 8; j++) a[base + j] -= vr * w[j] + wr * v[j];
    y[r] += dot(a, base, x, 0, row + 8);
  }
}

/** Leaves the next update in v and w. */
function finishColumn(
  i: number,
  factor: number,
  v: Float64Array,
  w: Float64Array,
  x: Float64Array,
  y: Float64Array,
): void {
  for (let j = 0; j < w.length; j++) w[j] = j < i ? factor * y[j] : 0;
  const half = (factor / 2) * dot(w, 0, x, 0, padded(i));
  for (let j = 0; j < w.length; j++) {
    w[j] -= half * x[j];
    v[j] = x[j];
  }
}

function applyReflections(
  a: Float64Array,
  stride: number,
  factors: Float64Array,
  from: number,
  to: number,
  vectors: Float64Array,
  count: number,
): void {
  for (let i = from; i < to; i++) {
    if (factors[i] === 0) continue;
    const length = padded(i);
    const base = i * stride;
    for (let k = 0; k < count; k++) {
      const at = k * stride;
      const scale = factors[i] * dot(vectors, at, a, base, length);
      for (let j = 0; j < length; j++) vectors[at + j] -= scale * a[base + j];
    }
  }
}

function rotateRows(
  vectors: Float64Array,
  stride: number,
  sweeps: Int32Array,
  rotations: Float64Array,
): void {
  let at = 0;
  for (let s = 0; s < sweeps.length; s += 2) {
    const first = sweeps[s];
    for (let i = first; i > first - sweeps[s + 1]; i--, at += 2) {
      const c = rotations[at];
      const sine = rotations[at + 1];
      const upper = i * stride;
      const lower = upper + stride;
      for (let j = 0; j < stride; j++) {
        const e = vectors[upper + j];
        const f = vectors[lower + j];
        vectors[lower + j] = sine * e + c * f;
        vectors[upper + j] = c * e - sine * f;
      }
    }
  }
}

function multiplyBlock(matrix: Float64Array, cols: number, block: Float64Array, product: Float64Array): void {
  for (let r = 0; r * POWER_BLOCK < product.length; r++) {
    const base = r * cols;
    let s0 = 0,
      s1 = 0,
      s2 = 0,
      s3 = 0,
      s4 = 0,
      s5 = 0,
      s6 = 0,
      s7 = 0;
    for (let j = 0, b = 0; j < cols; j++, b += POWER_BLOCK) {
      const value = matrix[base + j];
      s0 += value * block[b];
      s1 += value * block[b + 1];
      s2 += value * block[b + 2];
      s3 += value * block[b + 3];
      s4 += value * block[b + 4];
      s5 += value * block[b + 5];
      s6 += value * block[b + 6];
      s7 += value * block[b + 7];
    }
    product.set([s0, s1, s2, s3, s4, s5, s6, s7], r * POWER_BLOCK);
  }
}

function removeSpan(basis: Float64Array, cols: number, count: number, vector: Float64Array): void {
  for (let k = 0; k < count; k++) {
    const at = k * cols;
    const along = dot(vector, 0, basis, at, cols);
    for (let j = 0; j < cols; j++) vector[j] -= along * basis[at + j];
  }
}

export const eigenKernels: EigenKernels = {
  tridiagonalise,
  applyReflections,
  rotateRows,
  removeSpan,
  multiplyBlock,
};
