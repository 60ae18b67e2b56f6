/** Squares of distances from 2^-20 to below 2^17 in 64 steps an octave. */
export const TABLE_OCTAVES = 37;
export const TABLE_STEPS = 64;
export const TABLE_LOWEST = 2 ** -20;
/** Two tables of (value, slope). */
export const TABLE_LENGTH = 2 * 2 * TABLE_OCTAVES * TABLE_STEPS;
/** Points drawn to repel for each edge that attracts. */
export const NEGATIVE_SAMPLES = 5;

/** Elements of scratch memory beside those for edges and vertices. */
export const SCRATCH_EXTRA = 16;

export interface LayoutKernels {
  /**
   * Moves a block of vertices by one epoch of the synchronous semi-implicit layout: the edges due in this epoch attract, and
   * for each of them five points drawn by a hash repel. All forces F are taken from the coordinates before the epoch; with S the
   * sum of the attraction's factors the step is rate F / (1 + rate S). Every engine gives the same bytes: sums in sixteen lanes,
   * no fused rounding.
   *
   * @param starts where each vertex's edges begin, and their end, shape (count + 1,); edge e stands at e - starts[0]
   * @param ends each edge's other end, a point of `tails`, shape (edges,)
   * @param schedule share of the epochs that an edge is used in, in 1/65,536 less one, in the upper half; its phase in the lower
   * @param table attraction and repulsion by the square of the distance, see {@link forceTable}
   * @param heads coordinates of the block's vertices before the epoch, shape (count, 2)
   * @param tails coordinates of all points that attract and repel, before the epoch, shape (points, 2)
   * @param next coordinates of the block's vertices after the epoch, shape (count, 2); written
   * @param first number of the block's first vertex: its draws depend on it
   * @param rate length of a step, above 0
   * @param key 32 bits that the draws of this epoch come from
   * @param scratch memory of at least edges + count + {@link SCRATCH_EXTRA} elements, shared with no other thread
   * @throws RangeError for lengths that do not fit
   */
  layoutEpoch(
    starts: Int32Array,
    ends: Int32Array,
    schedule: Uint32Array,
    table: Float32Array,
    heads: Float32Array,
    tails: Float32Array,
    next: Float32Array,
    first: number,
    epoch: number,
    rate: number,
    key: number,
    scratch: Int32Array,
  ): void;
}
