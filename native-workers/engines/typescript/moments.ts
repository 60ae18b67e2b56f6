import { BLOCK_ROWS, PANEL, type MomentsKernels } from '../moments-kernels.ts';

type Rows = Int32Array | null;

function halfToFloat(halves: Uint16Array, floats: Float32Array): void {
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i];
    const sign = half >= 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 31) floats[i] = fraction === 0 ? sign * Infinity : NaN;
    else if (exponent === 0) floats[i] = sign * fraction * 2 ** -24;
    else floats[i] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
}

function addSums(
  x: Float32Array,
  rows: Rows,
  from: number,
  to: number,
  cols: number,
  sums: Float64Array,
): void {
  for (let r = from; r < to; r++) {
    const base = (rows === null ? r : rows[r]) * cols;
    for (let j = 0; j < cols; j++) sums[j] += x[base + j];
  }
}

function squaredDistances(
  x: Float32Array,
  rows: Rows,
  from: number,
  to: number,
  cols: number,
  centre: Float64Array,
  squares: Float64Array,
): void {
  const sums = new Float64Array(8);
  for (let r = from; r < to; r++) {
    const base = (rows === null ? r : rows[r]) * cols;
    sums.fill(0);
    for (let j = 0; j < cols; j++) {
      const value = x[base + j] - centre[j];
      sums[j & 7] += value * value;
    }
    squares[r - from] = sums[0] + sums[4] + (sums[2] + sums[6]) + (sums[1] + sums[5] + (sums[3] + sums[7]));
  }
}

type Floats = Float32Array | Float64Array;

/** Packs 64 rows at a time into panels of four columns; each 4 x 4 tile is summed over the block in registers, in float64. */
function addGram(
  x: Float32Array,
  rows: Rows,
  from: number,
  to: number,
  cols: number,
  centre: Floats,
  gram: Float64Array,
  scratch: Floats,
): void {
  const groups = Math.ceil(cols / 4);
  for (let start = from; start < to; start += BLOCK_ROWS) {
    const height = Math.min(BLOCK_ROWS, to - start);
    for (let r = 0; r < height; r++) {
      const base = (rows === null ? start + r : rows[start + r]) * cols;
      for (let j = 0; j < groups * 4; j++) {
        const at = ((j >> 2) * BLOCK_ROWS + r) * 4 + (j & 3);
        scratch[at] = j < cols ? x[base + j] - centre[j] : 0;
      }
    }
    addTiles(scratch, gram, cols, groups, height);
  }
}

/** Adds one packed block's products to the upper tiles of `gram`. */
function addTiles(panel: Floats, gram: Float64Array, cols: number, groups: number, height: number): void {
  const length = height * 4;
  for (let gi = 0; gi < groups; gi++) {
    const left = gi * BLOCK_ROWS * 4;
    for (let gj = gi; gj < groups; gj++) {
      const right = gj * BLOCK_ROWS * 4;
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
      const tile = [s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23, s30, s31, s32, s33];
      for (let i = 0; i < 4 && gi * 4 + i < cols; i++) {
        const at = (gi * 4 + i) * cols + gj * 4;
        for (let j = 0; j < 4 && gj * 4 + j < cols; j++) gram[at + j] += tile[i * 4 + j];
      }
    }
  }
}

/** Four rows at a time, centred while they are packed, times a panel of axes at a time. */
function project(
  x: Float32Array,
  rows: Rows,
  from: number,
  to: number,
  cols: number,
  centre: Floats,
  axes: Floats,
  count: number,
  out: Floats,
  scratch: Floats,
): void {
  const panel = axes instanceof Float32Array ? PANEL : PANEL / 2;
  const tile = new Float64Array(16);
  for (let first = from; first < to; first += 4) {
    const height = Math.min(4, to - first);
    for (let r = 0; r < height; r++) {
      const base = (rows === null ? first + r : rows[first + r]) * cols;
      for (let j = 0; j < cols; j++) scratch[j * 4 + r] = x[base + j] - centre[j];
    }
    for (let a = 0; a < count; a += 4) {
      multiplyQuad(scratch, axes, Math.floor(a / panel) * cols * panel + (a % panel), panel, cols, tile);
      const width = Math.min(4, count - a);
      for (let r = 0; r < height; r++)
        for (let k = 0; k < width; k++) out[(first - from + r) * count + a + k] = tile[r * 4 + k];
    }
  }
}

function multiplyQuad(
  packed: Floats,
  axes: Floats,
  offset: number,
  panel: number,
  cols: number,
  tile: Float64Array,
): void {
  let at = offset;
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
  for (let j = 0; j < cols; j++) {
    const y0 = axes[at];
    const y1 = axes[at + 1];
    const y2 = axes[at + 2];
    const y3 = axes[at + 3];
    let x = packed[4 * j];
    s00 += x * y0;
    s01 += x * y1;
    s02 += x * y2;
    s03 += x * y3;
    x = packed[4 * j + 1];
    s10 += x * y0;
    s11 += x * y1;
    s12 += x * y2;
    s13 += x * y3;
    x = packed[4 * j + 2];
    s20 += x * y0;
    s21 += x * y1;
    s22 += x * y2;
    s23 += x * y3;
    x = packed[4 * j + 3];
    s30 += x * y0;
    s31 += x * y1;
    s32 += x * y2;
    s33 += x * y3;
    at += panel;
  }
  tile[0] = s00;
  tile[1] = s01;
  tile[2] = s02;
  tile[3] = s03;
  tile[4] = s10;
  tile[5] = s11;
  tile[6] = s12;
  tile[7] = s13;
  tile[8] = s20;
  tile[9] = s21;
  tile[10] = s22;
  tile[11] = s23;
  tile[12] = s30;
  tile[13] = s31;
  tile[14] = s32;
  tile[15] = s33;
}

export const momentsKernels: MomentsKernels = {
  halfToFloat,
  addSums,
  squaredDistances,
  addGram: (x, rows, from, to, cols, centre, sums, gram, scratch) => {
    if (sums !== null) addSums(x, rows, from, to, cols, sums);
    addGram(x, rows, from, to, cols, centre, gram, scratch);
  },
  addGramExact: addGram,
  project,
  projectExact: project,
};
