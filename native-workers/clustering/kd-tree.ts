const LEAF_POINTS = 12;
/** Points partitioned between two looks at cancellation. */
const CHECK_EVERY = 1 << 19;

/** A k-d tree (Bentley 1975): node 0 is the root; a node's points lie side by side in tree order. */
export interface KdTree {
  readonly dims: number;
  /** Row of each point in tree order, shape (n,). */
  readonly rows: Int32Array;
  /** Points in tree order, shape (n, dims). */
  readonly points: Float64Array;
  /** First point of each node and the one behind its last. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** First child of each node, the other one follows it; -1 at a leaf. Children come after their node. */
  readonly children: Int32Array;
  /** Lowest and highest coordinates of each node's points, shape (nodes, dims). */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/**
 * Splits the points at the median of their widest axis, ties by row, down to leaves of at most 12.
 *
 * @param points shape (n, dims), row-major, finite
 */
export function kdTree(points: Float32Array | Float64Array, dims: number, check: () => void): KdTree {
  const n = points.length / dims;
  let nodes = 1;
  for (let leaves = 1; n / leaves > LEAF_POINTS; leaves *= 2) nodes += 2 * leaves;
  const rows = new Int32Array(n);
  for (let i = 0; i < n; i++) rows[i] = i;
  const starts = new Int32Array(nodes);
  const ends = new Int32Array(nodes);
  const children = new Int32Array(nodes).fill(-1);
  const low = new Float64Array(nodes * dims);
  const high = new Float64Array(nodes * dims);
  ends[0] = n;
  let made = 1;
  let work = 0;
  for (let node = 0; node < made; node++) {
    const from = starts[node];
    const to = ends[node];
    work += to - from;
    if (work > CHECK_EVERY) {
      work = 0;
      check();
    }
    const axis = measure(points, dims, rows, from, to, low, high, node * dims, check);
    if (to - from <= LEAF_POINTS) continue;
    const middle = (from + to) >> 1;
    selectMiddle(points, dims, axis, rows, from, to, middle);
    children[node] = made;
    starts[made] = from;
    ends[made++] = middle;
    starts[made] = middle;
    ends[made++] = to;
  }
  const sorted = new Float64Array(n * dims);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < dims; c++) sorted[i * dims + c] = points[rows[i] * dims + c];
  return {
    dims,
    rows,
    points: sorted,
    starts: starts.subarray(0, made),
    ends: ends.subarray(0, made),
    children: children.subarray(0, made),
    low,
    high,
  };
}

/** Writes the box of the points and returns its widest axis. */
function measure(
  points: Float32Array | Float64Array,
  dims: number,
  rows: Int32Array,
  from: number,
  to: number,
  low: Float64Array,
  high: Float64Array,
  box: number,
  check: () => void,
): number {
  let widest = 0;
  let width = -1;
  for (let c = 0; c < dims; c++) {
    if (to - from > CHECK_EVERY) check();
    let least = Infinity;
    let most = -Infinity;
    for (let i = from; i < to; i++) {
      const value = points[rows[i] * dims + c];
      if (value < least) least = value;
      if (value > most) most = value;
    }
    low[box + c] = least;
    high[box + c] = most;
    if (most - least > width) {
      width = most - least;
      widest = c;
    }
  }
  return widest;
}

/** Orders the rows so that those before `middle` lie below those after it along the axis, ties by row (Hoare 1961). */
function selectMiddle(
  points: Float32Array | Float64Array,
  dims: number,
  axis: number,
  rows: Int32Array,
  from: number,
  to: number,
  middle: number,
): void {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const pivotRow = rows[(low + high) >> 1];
    const pivot = points[pivotRow * dims + axis];
    let i = low;
    let j = high;
    while (i <= j) {
      for (; ; i++) {
        const value = points[rows[i] * dims + axis];
        if (!(value < pivot || (value === pivot && rows[i] < pivotRow))) break;
      }
      for (; ; j--) {
        const value = points[rows[j] * dims + axis];
        if (!(value > pivot || (value === pivot && rows[j] > pivotRow))) break;
      }
      if (i <= j) {
        const row = rows[i];
        rows[i++] = rows[j];
        rows[j--] = row;
      }
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}

/** Squared distance of a point from a node's box, 0 inside: the same sum as a distance's, of smaller differences. */
export function boxSquare(tree: KdTree, node: number, point: number): number {
  const { dims, points, low, high } = tree;
  const box = node * dims;
  const at = point * dims;
  let square = 0;
  for (let c = 0; c < dims; c++) {
    const value = points[at + c];
    const below = low[box + c] - value;
    const above = value - high[box + c];
    const outside = below > 0 ? below : above > 0 ? above : 0;
    square += outside * outside;
  }
  return square;
}

/** Squared distance of two points in tree order. */
export function pointSquare({ dims, points }: KdTree, a: number, b: number): number {
  let square = 0;
  for (let c = 0, i = a * dims, j = b * dims; c < dims; c++, i++, j++) {
    const difference = points[i] - points[j];
    square += difference * difference;
  }
  return square;
}
