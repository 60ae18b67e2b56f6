import type { Rows } from '../numeric/rows.ts';

/** Points sorted into the cells of a grid, as `gridCells` makes them. */
export interface SortedCells {
  /** Coordinates of the sorted points, each shape (n,); missing axes are 0. */
  readonly points: readonly [Float64Array, Float64Array, Float64Array];
  /** First sorted point of each cell and n, shape (count + 1,). */
  readonly starts: Int32Array;
  /** Place of each cell along the first axis, shape (count,). */
  readonly first: Int32Array;
  /** First cell of each line of cells along the first axis, and count, shape (lines + 1,). */
  readonly lineStarts: Int32Array;
  /** Lines at most two places away from each line, itself first, nearer ones before, -1 where none; shape (lines, reach). */
  readonly around: Int32Array;
  /** 1, 5 or 25 in 1, 2 or 3 dimensions. */
  readonly reach: number;
}

/**
 * Inner functions of k-means and DBSCAN. Those of k-means work on the rows `from` to `to - 1` of `x` (float32, row-major, `cols` columns), or of those that
 * `rows` names. Outputs have one entry a row, shape (to - from,).
 */
export interface ClusteringKernels {
  /**
   * The nearest centre of each row (ties: the lowest), at least its distance in `upper`, and at most the distance of every
   * other centre in `lower`. The nearest is that of the float64 squared differences in every engine: float32 products only
   * say which rows need them.
   */
  assign(
    x: Float32Array,
    rows: Rows,
    from: number,
    to: number,
    cols: number,
    offset: Float32Array,
    packed: Float32Array,
    biases: Float32Array,
    centres: Float64Array,
    k: number,
    largest: number,
    away: number,
    clusters: Int32Array,
    upper: Float32Array,
    lower: Float32Array,
  ): void;
  /** Squared distance of each row from the centre of its cluster; float64, eight sums joined in pairs. */
  centreSquares(
    x: Float32Array,
    rows: Rows,
    from: number,
    to: number,
    cols: number,
    clusters: Int32Array,
    k: number,
    centres: Float64Array,
    squares: Float64Array,
  ): void;
  /** Takes each row from the sums of the cluster `before` and adds it to those of `after`; -1 is none. */
  moveRows(
    x: Float32Array,
    rows: Rows,
    from: number,
    to: number,
    cols: number,
    before: Int32Array,
    after: Int32Array,
    k: number,
    sums: Float64Array,
  ): void;
  /** Adds to the keys of the points `from` to `to - 1` their places along an axis times `width`; shape (n, dims). */
  addPlaces(
    points: Float64Array,
    dims: number,
    axis: number,
    low: number,
    perUnit: number,
    width: number,
    from: number,
    to: number,
    keys: Int32Array,
  ): void;
  /** Counts the digit at `shift` of the keys `from` to `to - 1`, one place on; `ends` has a power of two and one elements. */
  countDigits(keys: Int32Array, shift: number, from: number, to: number, ends: Int32Array): void;
  /** Puts the rows `from` to `to - 1` of `rows` at the ends of their keys' digits in `sorted`. */
  scatterRows(
    keys: Int32Array,
    shift: number,
    rows: Int32Array,
    from: number,
    to: number,
    ends: Int32Array,
    sorted: Int32Array,
  ): void;
  /**
   * Gathers the points of the sorted rows `from` to `to - 1` and goes on splitting them into cells and lines: places of
   * width 1 / perUnit from `low`, lines numbered y + z * {@link LINE_STEP}. `state` is the number of cells and of lines so far.
   */
  splitCells(
    points: Float64Array,
    dims: number,
    rows: Int32Array,
    from: number,
    to: number,
    low: Float64Array,
    perUnit: number,
    xs: Float64Array,
    ys: Float64Array,
    zs: Float64Array,
    state: Float64Array,
    starts: Int32Array,
    first: Int32Array,
    lines: Float64Array,
    lineStarts: Int32Array,
  ): void;
  /**
   * Writes 1 into `core`, shape (n,), for each sorted point of the cells `from` to `to - 1` that has `wanted` points, itself
   * counted, at a squared distance of at most `limit`; float64. A cell of `wanted` points is taken to be core throughout.
   */
  markCores(
    xs: Float64Array,
    ys: Float64Array,
    zs: Float64Array,
    limit: number,
    wanted: number,
    starts: Int32Array,
    first: Int32Array,
    lineStarts: Int32Array,
    around: Int32Array,
    reach: number,
    from: number,
    to: number,
    core: Uint8Array,
  ): void;
  /**
   * Joins each of the cells `from` to `to - 1` with the later ones that have a core point at a squared distance of at most
   * `limit` from one of its own. `parents`, shape (count,), is a forest whose roots are their sets' lowest cells.
   */
  joinCells(
    xs: Float64Array,
    ys: Float64Array,
    zs: Float64Array,
    limit: number,
    starts: Int32Array,
    first: Int32Array,
    lineStarts: Int32Array,
    around: Int32Array,
    reach: number,
    from: number,
    to: number,
    core: Uint8Array,
    parents: Int32Array,
  ): void;
  /**
   * For each sorted point of the cells `from` to `to - 1` whose entry in `held` is 2^31 - 1: writes the least entry of any
   * point at a squared distance of at most `limit` into `joined`. Both have shape (n,).
   */
  joinBorders(
    xs: Float64Array,
    ys: Float64Array,
    zs: Float64Array,
    limit: number,
    starts: Int32Array,
    first: Int32Array,
    lineStarts: Int32Array,
    around: Int32Array,
    reach: number,
    from: number,
    to: number,
    held: Int32Array,
    joined: Int32Array,
  ): void;
}

/** A step along the third axis in a line's number: no axis of a grid has more cells. */
export const LINE_STEP = 2 ** 26;
/** Up to this many centres the screening multiplies along the columns. */
const FEW_CENTRES = 4;
/** Centres packed side by side. */
const CENTRE_PANEL = 32;
/** More than what rounding a bound and its square root to float32 takes off. */
export const BOUND_SLACK = 1e-6;

/** Elements of the packed centres and of their biases. */
export function packedCentres(k: number, cols: number): { packed: number; biases: number } {
  const lanes = k <= FEW_CENTRES ? k : Math.ceil(k / CENTRE_PANEL) * CENTRE_PANEL;
  return { packed: lanes * cols, biases: lanes };
}

/**
 * Packs the centres, shape (k, cols), into arrays of {@link packedCentres} elements; returns the largest norm of a centre
 * less the offset and the norm of the offset.
 */
export function packCentres(
  centres: Float64Array,
  k: number,
  offset: Float32Array,
  packed: Float32Array,
  biases: Float32Array,
): { largest: number; away: number } {
  const cols = offset.length;
  const few = k <= FEW_CENTRES;
  packed.fill(0);
  biases.fill(Infinity);
  let largest = 0;
  let away = 0;
  for (let j = 0; j < cols; j++) away += offset[j] * offset[j];
  for (let c = 0; c < k; c++) {
    const panel = Math.floor(c / CENTRE_PANEL);
    const base = few ? c * cols : panel * CENTRE_PANEL * cols + (c % CENTRE_PANEL);
    const step = few ? 1 : CENTRE_PANEL;
    let squares = 0;
    let cross = 0;
    for (let j = 0; j < cols; j++) {
      const value = centres[c * cols + j] - offset[j];
      packed[base + j * step] = value;
      squares += value * value;
      cross += value * offset[j];
    }
    biases[c] = squares + 2 * cross;
    largest = Math.max(largest, squares);
  }
  // A little more than the root: the packed values were rounded.
  return { largest: Math.sqrt(largest) * (1 + BOUND_SLACK), away: Math.sqrt(away) * (1 + BOUND_SLACK) };
}
