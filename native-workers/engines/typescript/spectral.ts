import { BLOCK_ROWS } from '../moments-kernels.ts';
import type { SpectralKernels } from '../spectral-kernels.ts';

type Rows = Int32Array | null;

function addProducts(
  x: Float32Array,
  rows: Rows,
  from: number,
  to: number,
  cols: number,
  centre: Float32Array,
  weights: Float32Array,
  count: number,
  products: Float64Array,
): void {
  const centred = new Float64Array(cols);
  const groups = Math.ceil(count / 4);
  for (let start = from; start < to; start += BLOCK_ROWS) {
    for (let r = start; r < Math.min(to, start + BLOCK_ROWS); r++) {
      const base = (rows === null ? r : rows[r]) * cols;
      for (let j = 0; j < cols; j++) centred[j] = Math.fround(x[base + j] - centre[j]);
      const at = (r - from) * count;
      for (let g = 0; g < groups; g++)
        addFour(centred, weights, at + 4 * g, count - 4 * g, products, 4 * g * cols);
    }
  }
}

/** Up to four rows of the products at once: the centred row is read once for all. */
function addFour(
  centred: Float64Array,
  weights: Float32Array,
  at: number,
  left: number,
  products: Float64Array,
  first: number,
): void {
  const cols = centred.length;
  if (left >= 4) {
    const w0 = weights[at];
    const w1 = weights[at + 1];
    const w2 = weights[at + 2];
    const w3 = weights[at + 3];
    for (let j = 0; j < cols; j++) {
      const value = centred[j];
      products[first + j] += w0 * value;
      products[first + cols + j] += w1 * value;
      products[first + 2 * cols + j] += w2 * value;
      products[first + 3 * cols + j] += w3 * value;
    }
    return;
  }
  for (let c = 0; c < left; c++)
    for (let j = 0; j < cols; j++) products[first + c * cols + j] += weights[at + c] * centred[j];
}

function projectOnto(
  x: Float32Array,
  rows: Rows,
  from: number,
  to: number,
  cols: number,
  centre: Float64Array,
  direction: Float64Array,
  out: Float64Array,
): void {
  const whole = cols - (cols % 8);
  for (let r = from; r < to; r++) {
    const base = (rows === null ? r : rows[r]) * cols;
    let s0 = 0,
      s1 = 0,
      s2 = 0,
      s3 = 0,
      s4 = 0,
      s5 = 0,
      s6 = 0,
      s7 = 0;
    for (let j = 0; j < whole; j += 8) {
      s0 += (x[base + j] - centre[j]) * direction[j];
      s1 += (x[base + j + 1] - centre[j + 1]) * direction[j + 1];
      s2 += (x[base + j + 2] - centre[j + 2]) * direction[j + 2];
      s3 += (x[base + j + 3] - centre[j + 3]) * direction[j + 3];
      s4 += (x[base + j + 4] - centre[j + 4]) * direction[j + 4];
      s5 += (x[base + j + 5] - centre[j + 5]) * direction[j + 5];
      s6 += (x[base + j + 6] - centre[j + 6]) * direction[j + 6];
      s7 += (x[base + j + 7] - centre[j + 7]) * direction[j + 7];
    }
    const sums = [s0, s1, s2, s3, s4, s5, s6, s7];
    for (let j = whole; j < cols; j++) sums[j - whole] += (x[base + j] - centre[j]) * direction[j];
    out[r - from] = sums[0] + sums[4] + (sums[2] + sums[6]) + (sums[1] + sums[5] + (sums[3] + sums[7]));
  }
}

export const spectralKernels: SpectralKernels = { addProducts, projectOnto };
