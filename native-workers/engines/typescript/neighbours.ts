import { PANEL_POINTS, panelsLength, type NeighboursKernels } from '../neighbours-kernels.ts';

type Floats = Float32Array | Float64Array;

/** Puts a score into a sorted list that holds a higher one. */
function insert(
  scores: Floats,
  ids: Int32Array,
  keep: number,
  list: number,
  score: number,
  id: number,
): void {
  const first = list * keep;
  let at = first + keep - 1;
  for (; at > first && scores[at - 1] > score; at--) {
    scores[at] = scores[at - 1];
    ids[at] = ids[at - 1];
  }
  scores[at] = score;
  ids[at] = id;
}

/** Rows of a register tile. */
const SIDE = 4;

function needLength(held: number, needed: number, what: string): void {
  if (held < needed) throw new RangeError(`${what} hold ${held} elements, not ${needed}.`);
}

function needIndices(indices: Int32Array, end: number, what: string): void {
  for (const index of indices)
    if (index < 0 || index >= end) throw new RangeError(`${what} ${index} is not among ${end}.`);
}

function needQueries(
  x: Float32Array,
  cols: number,
  rows: Int32Array,
  lists: Int32Array,
  own: Int32Array,
  keep: number,
  held: number,
): void {
  if (cols < 1) throw new RangeError('There is no column.');
  if (keep < 1) throw new RangeError('No neighbour is asked for.');
  if (lists.length !== rows.length || own.length !== rows.length)
    throw new RangeError('Rows, lists and ids of the queries differ in number.');
  needIndices(rows, Math.floor(x.length / cols), 'Row');
  needIndices(lists, Math.floor(held / keep), 'List');
}

export function packPoints(x: Float32Array, cols: number, points: Int32Array, panels: Float32Array): void {
  if (cols < 1) throw new RangeError('There is no column.');
  needPanels(panels, cols, points.length);
  const held = Math.floor(x.length / cols);
  for (let p = 0; p < points.length; p++) {
    if (points[p] < -1 || points[p] >= held) throw new RangeError(`Point ${points[p]} is not among ${held}.`);
    const row = points[p] * cols;
    const base = panelAt(p, cols);
    if (row < 0) for (let j = 0; j < cols; j++) panels[base + j * PANEL_POINTS] = 0;
    else for (let j = 0; j < cols; j++) panels[base + j * PANEL_POINTS] = x[row + j];
  }
}

function knnTile(
  queries: Float32Array,
  cols: number,
  rows: Int32Array,
  lists: Int32Array,
  own: Int32Array,
  panels: Float32Array,
  norms: Float32Array,
  points: Int32Array,
  keep: number,
  scores: Float32Array,
  ids: Int32Array,
): void {
  needQueries(queries, cols, rows, lists, own, keep, Math.min(scores.length, ids.length));
  needPanels(panels, cols, points.length);
  needLength(norms.length, points.length, 'The norms');
  const tile = new Float64Array(SIDE * SIDE);
  for (let first = 0; first < rows.length; first += SIDE) {
    const height = Math.min(SIDE, rows.length - first);
    for (let p = 0; p < points.length; p += SIDE) {
      multiply(queries, rowsAt(rows, first, height, cols), panels, panelAt(p, cols), cols, tile);
      for (let q = 0; q < height; q++) {
        const list = lists[first + q];
        for (let l = 0; l < SIDE; l++) {
          const score = Math.fround(norms[p + l] - 2 * tile[q * SIDE + l]);
          const id = points[p + l];
          if (score < scores[list * keep + keep - 1] && id >= 0 && id !== own[first + q])
            insert(scores, ids, keep, list, score, id);
        }
      }
    }
  }
}

function knnTileBoth(
  x: Float32Array,
  cols: number,
  queryRow: number,
  queryList: number,
  queryId: number,
  queries: number,
  panels: Float32Array,
  norms: Float32Array,
  pointList: number,
  pointId: number,
  points: number,
  keep: number,
  scores: Float32Array,
  ids: Int32Array,
  worst: Float32Array,
): void {
  const filled = Math.ceil(points / PANEL_POINTS) * PANEL_POINTS;
  if (cols < 1) throw new RangeError('There is no column.');
  if (keep < 1) throw new RangeError('No neighbour is asked for.');
  needLength(x.length, (queryRow + queries) * cols, 'The rows');
  needPanels(panels, cols, filled);
  const last = Math.max(queryList + queries, pointList + points);
  needLength(Math.min(scores.length, ids.length), last * keep, 'The lists');
  const limits = Math.max(queryList + queries, pointList + filled);
  needLength(Math.min(norms.length, worst.length), limits, 'Norms or limits');
  const tile = new Float64Array(SIDE * SIDE);
  const own = new Int32Array(queries);
  for (let q = 0; q < queries; q++) own[q] = queryRow + q;
  const take = (list: number, score: number, id: number) => {
    insert(scores, ids, keep, list, score, id);
    worst[list] = scores[list * keep + keep - 1];
  };
  for (let first = 0; first < queries; first += SIDE) {
    const height = Math.min(SIDE, queries - first);
    const starts = rowsAt(own, first, height, cols);
    for (let p = 0; p < points; p += SIDE) {
      if (pointId + p + SIDE <= queryId + first) continue;
      multiply(x, starts, panels, panelAt(p, cols), cols, tile);
      const width = Math.min(SIDE, points - p);
      // The points' side first: in every list ids then come in ascending order.
      for (let q = 0; q < height; q++) {
        for (let l = 0; l < width; l++) {
          if (pointId + p + l <= queryId + first + q) continue;
          const score = Math.fround(norms[queryList + first + q] - 2 * tile[q * SIDE + l]);
          if (score < worst[pointList + p + l]) take(pointList + p + l, score, queryId + first + q);
        }
      }
      for (let q = 0; q < height; q++) {
        for (let l = 0; l < width; l++) {
          if (pointId + p + l <= queryId + first + q) continue;
          const score = Math.fround(norms[pointList + p + l] - 2 * tile[q * SIDE + l]);
          if (score < worst[queryList + first + q]) take(queryList + first + q, score, pointId + p + l);
        }
      }
    }
  }
}

function knnTileExact(
  queries: Float32Array,
  cols: number,
  rows: Int32Array,
  lists: Int32Array,
  own: Int32Array,
  panels: Float32Array,
  scales: Float64Array | null,
  points: Int32Array,
  keep: number,
  scores: Float64Array,
  ids: Int32Array,
): void {
  needQueries(queries, cols, rows, lists, own, keep, Math.min(scores.length, ids.length));
  needPanels(panels, cols, points.length);
  if (scales) needLength(scales.length, points.length, 'The scales');
  const tile = new Float64Array(SIDE * SIDE);
  for (let first = 0; first < rows.length; first += SIDE) {
    const height = Math.min(SIDE, rows.length - first);
    for (let p = 0; p < points.length; p += SIDE) {
      const starts = rowsAt(rows, first, height, cols);
      (scales ? multiply : subtract)(queries, starts, panels, panelAt(p, cols), cols, tile);
      for (let q = 0; q < height; q++) {
        const list = lists[first + q];
        for (let l = 0; l < SIDE; l++) {
          const score = scales ? -tile[q * SIDE + l] * scales[p + l] : tile[q * SIDE + l];
          const id = points[p + l];
          if (score < scores[list * keep + keep - 1] && id >= 0 && id !== own[first + q])
            insert(scores, ids, keep, list, score, id);
        }
      }
    }
  }
}

function candidateValues(
  x: Float32Array,
  cols: number,
  rows: Int32Array,
  candidates: Int32Array,
  products: 0 | 1,
  values: Float64Array,
): void {
  if (cols < 1) throw new RangeError('There is no column.');
  const each = rows.length === 0 ? 0 : candidates.length / rows.length;
  if (!Number.isInteger(each) || (rows.length === 0 && candidates.length > 0))
    throw new RangeError('The candidates are not as many for every row.');
  needLength(values.length, candidates.length, 'The values');
  const held = Math.floor(x.length / cols);
  needIndices(rows, held, 'Row');
  const sums = new Float64Array(8);
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i];
    if (candidate < -1 || candidate >= held)
      throw new RangeError(`Candidate ${candidate} is not among ${held}.`);
    if (candidate === -1) {
      values[i] = Infinity;
      continue;
    }
    const left = rows[Math.floor(i / each)] * cols;
    const right = candidate * cols;
    sums.fill(0);
    for (let j = 0; j < cols; j++) {
      const u = x[left + j];
      const v = x[right + j];
      sums[j & 7] += products === 1 ? u * v : (u - v) * (u - v);
    }
    values[i] = sums[0] + sums[4] + (sums[2] + sums[6]) + (sums[1] + sums[5] + (sums[3] + sums[7]));
  }
}

function needPanels(panels: Float32Array, cols: number, points: number): void {
  if (points % PANEL_POINTS !== 0) throw new RangeError('The points do not fill panels.');
  needLength(panels.length, panelsLength(points, cols), 'The panels');
}

/** First elements of a tile's rows; a missing row repeats the first. */
function rowsAt(
  rows: Int32Array,
  first: number,
  height: number,
  cols: number,
): [number, number, number, number] {
  const at = (q: number) => rows[first + (q < height ? q : 0)] * cols;
  return [at(0), at(1), at(2), at(3)];
}

/** First element of a tile's points in the panels. */
function panelAt(point: number, cols: number): number {
  return Math.floor(point / PANEL_POINTS) * PANEL_POINTS * cols + (point % PANEL_POINTS);
}

type Tile = (
  x: Float32Array,
  rows: [number, number, number, number],
  panels: Float32Array,
  at: number,
  cols: number,
  tile: Float64Array,
) => void;

/** Products of four rows with four points of a panel. */
const multiply: Tile = (x, [r0, r1, r2, r3], panels, at, cols, tile) => {
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
  for (let j = 0, p = at; j < cols; j++, p += PANEL_POINTS) {
    const y0 = panels[p];
    const y1 = panels[p + 1];
    const y2 = panels[p + 2];
    const y3 = panels[p + 3];
    let value = x[r0 + j];
    s00 += value * y0;
    s01 += value * y1;
    s02 += value * y2;
    s03 += value * y3;
    value = x[r1 + j];
    s10 += value * y0;
    s11 += value * y1;
    s12 += value * y2;
    s13 += value * y3;
    value = x[r2 + j];
    s20 += value * y0;
    s21 += value * y1;
    s22 += value * y2;
    s23 += value * y3;
    value = x[r3 + j];
    s30 += value * y0;
    s31 += value * y1;
    s32 += value * y2;
    s33 += value * y3;
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
};

/** Squared differences of four rows and four points of a panel, a row at a time. */
const subtract: Tile = (x, rows, panels, at, cols, tile) => {
  for (let q = 0; q < SIDE; q++) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0, p = at; j < cols; j++, p += PANEL_POINTS) {
      const value = x[rows[q] + j];
      const d0 = value - panels[p];
      const d1 = value - panels[p + 1];
      const d2 = value - panels[p + 2];
      const d3 = value - panels[p + 3];
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    tile[q * SIDE] = s0;
    tile[q * SIDE + 1] = s1;
    tile[q * SIDE + 2] = s2;
    tile[q * SIDE + 3] = s3;
  }
};

export const neighboursKernels: NeighboursKernels = {
  packPoints,
  knnTile,
  knnTileBoth,
  knnTileExact,
  candidateValues,
};
