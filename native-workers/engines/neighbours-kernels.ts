/**
 * Inner functions behind nearest neighbours. Points are packed into panels of {@link PANEL_POINTS} by the same
 * engine's `packPoints`; what stands where in `panels` is its affair. A list holds the `keep` lowest scores of one query, ascending, with
 * their ids; equal scores stay in the order of coming, so points come in ascending id. Unfilled places are Infinity and -1.
 * A call is a bounded block: callers loop and look at cancellation.
 */
export interface NeighboursKernels {
  /**
   * Packs points: panel p holds (column, point in panel), float32.
   *
   * @param points rows of `x`, -1 for a missing point of zeros, shape (a whole number of panels,)
   * @param panels {@link panelsLength} elements
   */
  packPoints(x: Float32Array, cols: number, points: Int32Array, panels: Float32Array): void;
  /**
   * Screens points for queries: score = norm of the point - 2 (query . point), in float32, one sum in column order.
   *
   * @param queries rows of `cols` columns; `rows` names the queries among them
   * @param lists index of each query's list in `scores` and `ids`, each shape (lists, keep)
   * @param own id of each query: that point is left out
   * @param panels,norms,points the packed points, their norms and their ids (-1 and Infinity where missing)
   */
  knnTile(
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
  ): void;
  /**
   * The same for both sides of every pair of a query and a point of higher id. Queries are `queries` rows of `x` from
   * `queryRow` on with lists from `queryList` and ids from `queryId` on; points have lists from `pointList` and ids from
   * `pointId` on. `norms` and `worst` (the last score of each list) are by list, with Infinity and -Infinity up to the next
   * whole panel.
   */
  knnTileBoth(
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
  ): void;
  /**
   * As {@link knnTile} in float64: squared distances by differences, or with `scales` (one a packed point) minus the product
   * of query and point times the point's scale.
   */
  knnTileExact(
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
  ): void;
  /**
   * For each row and each of its candidates, shape (rows, candidates a row): the squared distance by differences, or where
   * `products` is 1 the product, float64 in eight sums joined in pairs: the same bytes in every engine. Candidate -1 is
   * Infinity.
   */
  candidateValues(
    x: Float32Array,
    cols: number,
    rows: Int32Array,
    candidates: Int32Array,
    products: 0 | 1,
    values: Float64Array,
  ): void;
}

/** Points packed side by side. */
export const PANEL_POINTS = 32;

/** Elements beside the points, so that the panels can begin at a whole cache line. */
const SLACK = 16;

/** Elements of the panels of so many points (a whole number of panels). */
export function panelsLength(points: number, cols: number): number {
  return points * cols + SLACK;
}
