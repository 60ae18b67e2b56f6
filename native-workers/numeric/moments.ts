import type { Matrix } from '../detectors/detector.ts';

/** Rows to read, in the order they are summed; null reads the whole matrix. */
export type Rows = Int32Array | null;

/** Called between blocks of work; throws when the job was cancelled. */
export type Check = () => void;

/** First, second and fourth moments of n rows. */
export interface Moments {
  readonly n: number;
  readonly cols: number;
  /** Shape (d,). */
  readonly mean: Float64Array;
  /** Sum of centred products, not divided by n, shape (d, d), row-major, symmetric. */
  readonly scatter: Float64Array;
  /** Sum over the rows of the fourth power of the centred norm: what Ledoit-Wolf shrinkage needs. */
  readonly fourth: number;
}

const BLOCK = 64;

/** Number of rows that `rows` selects from the matrix. */
export function countRows(matrix: Matrix, rows: Rows): number {
  return rows === null ? matrix.rows : rows.length;
}

/** Copies the rows (float32, in the given order) into matrices of their own, one below the other. */
export function gatherRows(parts: readonly { matrix: Matrix; rows: Rows }[]): Matrix {
  const cols = parts[0].matrix.cols;
  let total = 0;
  for (const part of parts) total += countRows(part.matrix, part.rows);
  const data = new Float32Array(total * cols);
  let at = 0;
  for (const { matrix, rows } of parts) {
    const n = countRows(matrix, rows);
    for (let r = 0; r < n; r++) {
      const base = (rows === null ? r : rows[r]) * cols;
      data.set(matrix.data.subarray(base, base + cols), at);
      at += cols;
    }
  }
  return { data, rows: total, cols };
}

/** Column means in float64, shape (d,); zeros for no rows. */
export function columnMeans(matrix: Matrix, rows: Rows, check: Check): Float64Array {
  const { data, cols } = matrix;
  const n = countRows(matrix, rows);
  const mean = new Float64Array(cols);
  for (let r = 0; r < n; r++) {
    if ((r & 4095) === 0) check();
    const base = (rows === null ? r : rows[r]) * cols;
    for (let j = 0; j < cols; j++) mean[j] += data[base + j];
  }
  if (n > 0) for (let j = 0; j < cols; j++) mean[j] /= n;
  return mean;
}

/**
 * Mean, scatter and fourth moment of the rows in float64.
 * Rows are centred while they are packed, 64 at a time, into panels of four columns; each 4 x 4 tile of the scatter is
 * summed over a block in registers. The order of the sums depends on the rows alone, never on threads.
 */
export function moments(matrix: Matrix, rows: Rows, check: Check): Moments {
  const mean = columnMeans(matrix, rows, check);
  return momentsAbout(matrix, rows, mean, check);
}

function momentsAbout(matrix: Matrix, rows: Rows, mean: Float64Array, check: Check): Moments {
  const { data, cols } = matrix;
  const n = countRows(matrix, rows);
  const groups = (cols + 3) >> 2;
  const width = groups * 4;
  const panel = new Float64Array(groups * BLOCK * 4);
  const sums = new Float64Array(width * width);
  let fourth = 0;
  for (let start = 0; start < n; start += BLOCK) {
    check();
    const height = Math.min(BLOCK, n - start);
    for (let r = 0; r < height; r++) {
      const base = (rows === null ? start + r : rows[start + r]) * cols;
      let squares = 0;
      for (let j = 0; j < cols; j++) {
        const value = data[base + j] - mean[j];
        panel[((j >> 2) * BLOCK + r) * 4 + (j & 3)] = value;
        squares += value * value;
      }
      fourth += squares * squares;
    }
    addTiles(panel, sums, groups, height);
  }
  const scatter = new Float64Array(cols * cols);
  for (let i = 0; i < cols; i++) {
    for (let j = i; j < cols; j++) {
      const value = sums[i * width + j];
      scatter[i * cols + j] = value;
      scatter[j * cols + i] = value;
    }
  }
  return { n, cols, mean, scatter, fourth };
}

/** Adds one packed block's products to the upper tiles of `sums`. */
function addTiles(panel: Float64Array, sums: Float64Array, groups: number, height: number): void {
  const width = groups * 4;
  const length = height * 4;
  for (let gi = 0; gi < groups; gi++) {
    const left = gi * BLOCK * 4;
    for (let gj = gi; gj < groups; gj++) {
      const right = gj * BLOCK * 4;
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
      for (let r = 0; r < length; r += 4) {
        const y0 = panel[right + r];
        const y1 = panel[right + r + 1];
        const y2 = panel[right + r + 2];
        const y3 = panel[right + r + 3];
        let x = panel[left + r];
        s00 += x * y0;
        s01 += x * y1;
        s02 += x * y2;
        s03 += x * y3;
        x = panel[left + r + 1];
        s10 += x * y0;
        s11 += x * y1;
        s12 += x * y2;
        s13 += x * y3;
        x = panel[left + r + 2];
        s20 += x * y0;
        s21 += x * y1;
        s22 += x * y2;
        s23 += x * y3;
        x = panel[left + r + 3];
        s30 += x * y0;
        s31 += x * y1;
        s32 += x * y2;
        s33 += x * y3;
      }
      let at = gi * 4 * width + gj * 4;
      sums[at] += s00;
      sums[at + 1] += s01;
      sums[at + 2] += s02;
      sums[at + 3] += s03;
      at += width;
      sums[at] += s10;
      sums[at + 1] += s11;
      sums[at + 2] += s12;
      sums[at + 3] += s13;
      at += width;
      sums[at] += s20;
      sums[at + 1] += s21;
      sums[at + 2] += s22;
      sums[at + 3] += s23;
      at += width;
      sums[at] += s30;
      sums[at + 1] += s31;
      sums[at + 2] += s32;
      sums[at + 3] += s33;
    }
  }
}

/** Sum of the fourth powers of the rows' distances from `centre`. */
export function fourthMoment(matrix: Matrix, rows: Rows, centre: Float64Array, check: Check): number {
  const { data, cols } = matrix;
  const n = countRows(matrix, rows);
  let fourth = 0;
  for (let r = 0; r < n; r++) {
    if ((r & 4095) === 0) check();
    const base = (rows === null ? r : rows[r]) * cols;
    let squares = 0;
    for (let j = 0; j < cols; j++) {
      const value = data[base + j] - centre[j];
      squares += value * value;
    }
    fourth += squares * squares;
  }
  return fourth;
}

/**
 * Mean and scatter of disjoint groups of rows together (Chan, Golub, LeVeque 1979); groups are merged in the given order.
 * The fourth moment about the joint mean is not a function of the parts: it is passed in.
 */
export function mergeMoments(parts: readonly Moments[], cols: number): Omit<Moments, 'fourth'> {
  const mean = new Float64Array(cols);
  const scatter = new Float64Array(cols * cols);
  const delta = new Float64Array(cols);
  let n = 0;
  for (const part of parts) {
    if (part.n === 0) continue;
    const total = n + part.n;
    const weight = (n * part.n) / total;
    for (let j = 0; j < cols; j++) delta[j] = part.mean[j] - mean[j];
    for (let i = 0; i < cols; i++) {
      const scaled = weight * delta[i];
      for (let j = 0; j < cols; j++) scatter[i * cols + j] += part.scatter[i * cols + j] + scaled * delta[j];
    }
    for (let j = 0; j < cols; j++) mean[j] += (delta[j] * part.n) / total;
    n = total;
  }
  return { n, cols, mean, scatter };
}
