import { BOUND_SLACK, type ClusteringKernels } from '../clustering-kernels.ts';
import { joinBorders, joinCells, markCores } from './cells.ts';
import { addPlaces, countDigits, scatterRows, splitCells } from './grid.ts';

function atLeast(what: string, array: { readonly length: number }, needed: number): void {
  if (array.length < needed) throw new RangeError(`${what} have ${array.length} elements, not ${needed}.`);
}

function checkRows(x: Float32Array, rows: Int32Array | null, from: number, to: number, cols: number): void {
  const held = cols > 0 ? Math.floor(x.length / cols) : 0;
  if (!(cols >= 1 && from >= 0 && from <= to) || to > (rows === null ? held : rows.length))
    throw new RangeError(`Rows ${from} to ${to} are not in a matrix of ${held} rows.`);
  if (rows === null) return;
  for (let r = from; r < to; r++)
    if (rows[r] < 0 || rows[r] >= held)
      throw new RangeError(`Row ${rows[r]} is not in a matrix of ${held} rows.`);
}

function checkClusters(clusters: Int32Array, count: number, k: number, lowest: number): void {
  atLeast('The clusters', clusters, count);
  for (let i = 0; i < count; i++)
    if (clusters[i] < lowest || clusters[i] >= k)
      throw new RangeError(`Cluster ${clusters[i]} is not among ${k} clusters.`);
}

/** Squared distance in float64: eight sums, joined in pairs. */
function exactSquare(x: Float32Array, at: number, centres: Float64Array, c: number, cols: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let s5 = 0;
  let s6 = 0;
  let s7 = 0;
  let j = 0;
  for (; j + 8 <= cols; j += 8) {
    const d0 = x[at + j] - centres[c + j];
    const d1 = x[at + j + 1] - centres[c + j + 1];
    const d2 = x[at + j + 2] - centres[c + j + 2];
    const d3 = x[at + j + 3] - centres[c + j + 3];
    const d4 = x[at + j + 4] - centres[c + j + 4];
    const d5 = x[at + j + 5] - centres[c + j + 5];
    const d6 = x[at + j + 6] - centres[c + j + 6];
    const d7 = x[at + j + 7] - centres[c + j + 7];
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
    s4 += d4 * d4;
    s5 += d5 * d5;
    s6 += d6 * d6;
    s7 += d7 * d7;
  }
  const square = (l: number): number => {
    if (j + l >= cols) return 0;
    const d = x[at + j + l] - centres[c + j + l];
    return d * d;
  };
  if (j < cols) {
    s0 += square(0);
    s1 += square(1);
    s2 += square(2);
    s3 += square(3);
    s4 += square(4);
    s5 += square(5);
    s6 += square(6);
  }
  return s0 + s4 + (s2 + s6) + (s1 + s5 + (s3 + s7));
}

/** The inner functions of k-means and DBSCAN, all in float64: there is nothing to screen. */
export const clusteringKernels: ClusteringKernels = {
  assign: (
    x,
    rows,
    from,
    to,
    cols,
    _offset,
    _packed,
    _biases,
    centres,
    k,
    _largest,
    _away,
    clusters,
    upper,
    lower,
  ) => {
    checkRows(x, rows, from, to, cols);
    if (!(k >= 1)) throw new RangeError('There is no centre.');
    atLeast('The centres', centres, k * cols);
    for (const out of [clusters, upper, lower]) atLeast('The outputs', out, to - from);
    for (let r = from; r < to; r++) {
      const at = (rows === null ? r : rows[r]) * cols;
      let best = 0;
      let least = Infinity;
      let next = Infinity;
      for (let c = 0; c < k; c++) {
        const square = exactSquare(x, at, centres, c * cols, cols);
        if (square < least) {
          next = least;
          least = square;
          best = c;
        } else if (square < next) next = square;
      }
      clusters[r - from] = best;
      upper[r - from] = Math.sqrt(least) * (1 + BOUND_SLACK);
      lower[r - from] = Math.sqrt(next) * (1 - BOUND_SLACK);
    }
  },
  centreSquares: (x, rows, from, to, cols, clusters, k, centres, squares) => {
    checkRows(x, rows, from, to, cols);
    checkClusters(clusters, to - from, k, 0);
    atLeast('The centres', centres, k * cols);
    atLeast('The squares', squares, to - from);
    for (let r = from; r < to; r++) {
      const at = (rows === null ? r : rows[r]) * cols;
      squares[r - from] = exactSquare(x, at, centres, clusters[r - from] * cols, cols);
    }
  },
  moveRows: (x, rows, from, to, cols, before, after, k, sums) => {
    checkRows(x, rows, from, to, cols);
    checkClusters(before, to - from, k, -1);
    checkClusters(after, to - from, k, -1);
    atLeast('The sums', sums, k * cols);
    for (let r = from; r < to; r++) {
      const at = (rows === null ? r : rows[r]) * cols;
      const out = before[r - from] * cols;
      const into = after[r - from] * cols;
      if (out >= 0) for (let j = 0; j < cols; j++) sums[out + j] -= x[at + j];
      if (into >= 0) for (let j = 0; j < cols; j++) sums[into + j] += x[at + j];
    }
  },
  addPlaces,
  countDigits,
  scatterRows,
  splitCells,
  markCores,
  joinCells,
  joinBorders,
};
