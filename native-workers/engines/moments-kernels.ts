import type { Rows } from '../numeric/rows.ts';

/**
 * Inner functions behind means, Gram matrices and projections. Each works on the rows `from` to `to - 1` of `x` (float32,
 * row-major, `cols` columns), or of those that `rows` names, and is a bounded block: callers loop and look at cancellation.
 */
export interface MomentsKernels {
  /** Half precision bit patterns to float32, exactly. */
  halfToFloat(halves: Uint16Array, floats: Float32Array): void;
  /** Adds the rows to `sums`, shape (cols,). */
  addSums(x: Float32Array, rows: Rows, from: number, to: number, cols: number, sums: Float64Array): void;
  /** Squared distances of the rows from `centre`, written to `squares`, shape (to - from,); float64. */
  squaredDistances(
    x: Float32Array,
    rows: Rows,
    from: number,
    to: number,
    cols: number,
    centre: Float64Array,
    squares: Float64Array,
  ): void;
  /**
   * Adds the centred products of the columns to the upper triangle of `gram`, shape (cols, cols); the rest is left undefined.
   * Products in float32, added to float64 every 64 rows. The rows as they are go to `sums`, shape (cols,), as with `addSums`,
   * unless it is null. `scratch` has {@link gramScratch}(cols) elements.
   */
  addGram(
    x: Float32Array,
    rows: Rows,
    from: number,
    to: number,
    cols: number,
    centre: Float32Array,
    sums: Float64Array | null,
    gram: Float64Array,
    scratch: Float32Array,
  ): void;
  /** The products in float64 throughout: for whatever is inverted. */
  addGramExact(
    x: Float32Array,
    rows: Rows,
    from: number,
    to: number,
    cols: number,
    centre: Float64Array,
    gram: Float64Array,
    scratch: Float64Array,
  ): void;
  /**
   * (x - centre) . axis for every row and axis, shape (to - from, count), in float32. `axes` is packed by `packAxes`;
   * `scratch` has {@link projectScratch}(cols) elements.
   */
  project(
    x: Float32Array,
    rows: Rows,
    from: number,
    to: number,
    cols: number,
    centre: Float32Array,
    axes: Float32Array,
    count: number,
    out: Float32Array,
    scratch: Float32Array,
  ): void;
  /** The same in float64. */
  projectExact(
    x: Float32Array,
    rows: Rows,
    from: number,
    to: number,
    cols: number,
    centre: Float64Array,
    axes: Float64Array,
    count: number,
    out: Float64Array,
    scratch: Float64Array,
  ): void;
}

/** Rows whose products are summed in float32 before they go to float64. */
export const BLOCK_ROWS = 64;
/** Rows packed at a time. */
const GROUP_ROWS = 4 * BLOCK_ROWS;
/** Columns or axes packed side by side in float32; half as many in float64. */
export const PANEL = 32;

/** Elements that a kernel may leave unused to begin at a cache line. */
const ALIGNMENT_SLACK = 16;

/** Elements of scratch memory for a Gram matrix. */
export function gramScratch(cols: number): number {
  return GROUP_ROWS * PANEL * Math.ceil(cols / PANEL) + ALIGNMENT_SLACK;
}

/** Elements of scratch memory for a projection: the widest group of rows of any engine. */
export function projectScratch(cols: number): number {
  return 8 * cols;
}

/** Axes, shape (count, cols), in panels: panel p holds (column, axis in panel); missing axes are 0. */
export function packAxes<A extends Float32Array | Float64Array>(
  axes: Float64Array,
  count: number,
  cols: number,
  packed: A,
): A {
  const panel = packedPanel(packed);
  for (let a = 0; a < count; a++) {
    const base = Math.floor(a / panel) * cols * panel + (a % panel);
    for (let j = 0; j < cols; j++) packed[base + j * panel] = axes[a * cols + j];
  }
  return packed;
}

/** Elements of packed axes. */
export function packedAxesLength(count: number, cols: number, panel: number): number {
  return Math.ceil(count / panel) * panel * cols;
}

function packedPanel(packed: Float32Array | Float64Array): number {
  return packed instanceof Float32Array ? PANEL : PANEL / 2;
}
