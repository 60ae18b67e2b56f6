import type { Rows } from '../numeric/rows.ts';

/** Inner functions behind randomised range finding and spectral scores, on rows as in `MomentsKernels`. */
export interface SpectralKernels {
  /**
   * Adds, over the rows `from` to `to - 1` of `x` (float32, row-major, `cols` columns; or those that `rows` names), the
   * products of the centred row with that row's `weights`, shape (to - from, count), to `products`, shape (count, cols).
   * Products in float32, added to float64 every 64 rows.
   */
  addProducts(
    x: Float32Array,
    rows: Rows,
    from: number,
    to: number,
    cols: number,
    centre: Float32Array,
    weights: Float32Array,
    count: number,
    products: Float64Array,
  ): void;
  /**
   * (x - centre) . direction for the rows, written to `out`, shape (to - from,): float64, eight interleaved sums that are joined
   * in pairs, nothing fused, so that all engines give the same bytes.
   */
  projectOnto(
    x: Float32Array,
    rows: Rows,
    from: number,
    to: number,
    cols: number,
    centre: Float64Array,
    direction: Float64Array,
    out: Float64Array,
  ): void;
}
