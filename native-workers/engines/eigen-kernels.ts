/**
 * Inner functions behind symmetric eigenproblems, float64. Every sum is taken in eight interleaved parts that are joined in
 * pairs, and no product is fused with a sum: all engines give the same bytes. A `stride` is a multiple of 8, and what lies
 * beyond the columns of a matrix is 0.
 */
export interface EigenKernels {
  /**
   * Continues a Householder reduction to tridiagonal form, column after column from the last one down, until about `budget`
   * entries were updated or nothing is left (`place[0]` is 0). Row i of `matrix` is left with the reflection that cleared it.
   *
   * @param matrix shape (stride, stride), symmetric at the start; the lower triangle and the 8 x 8 blocks on the diagonal are used
   * @param place column and row reached; [d - 1, 0] at the start
   * @param diagonal shape (d,), written
   * @param off shape (d,), written; off[i] joins i - 1 and i
   * @param factors shape (d,), written: the reflection of row i is I - factors[i] v vᵀ; 0 for none
   * @param work shape (4 * stride,), zeros at the start, kept between the calls
   */
  tridiagonalise(
    matrix: Float64Array,
    stride: number,
    place: Int32Array,
    diagonal: Float64Array,
    off: Float64Array,
    factors: Float64Array,
    work: Float64Array,
    budget: number,
  ): void;
  /** Applies the reflections of the rows `from` to `to - 1` of a reduced matrix, in this order, to the first `count` rows of `vectors`, shape (count, stride). */
  applyReflections(
    matrix: Float64Array,
    stride: number,
    factors: Float64Array,
    from: number,
    to: number,
    vectors: Float64Array,
    count: number,
  ): void;
  /**
   * Applies sweeps of plane rotations to neighbouring rows of `vectors`, shape (rows, stride). Sweep s turns the rows
   * (i, i + 1) for i = sweeps[2 s] downwards, sweeps[2 s + 1] of them; `rotations` holds cosine and sine of each, in order.
   */
  rotateRows(vectors: Float64Array, stride: number, sweeps: Int32Array, rotations: Float64Array): void;
  /** Removes from `vector`, shape (cols,), its parts along the first `count` rows of an orthonormal `basis`, one after the other. */
  removeSpan(basis: Float64Array, cols: number, count: number, vector: Float64Array): void;
  /** Rows of a matrix, shape (rows, cols), times a block of 8 columns, shape (cols, 8); `product`, shape (rows, 8), says how many rows. */
  multiplyBlock(matrix: Float64Array, cols: number, block: Float64Array, product: Float64Array): void;
}

/** Columns of a block in {@link EigenKernels.multiplyBlock}. */
export const POWER_BLOCK = 8;

/** The stride of a matrix of d columns: never a multiple of 64, so that its rows do not fall on one another in a cache. */
export function paddedStride(d: number): number {
  const stride = Math.ceil(d / 8) * 8;
  return stride % 64 === 0 ? stride + 8 : stride;
}
