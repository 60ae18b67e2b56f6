import type { Matrix } from '../detectors/detector.ts';
import { findNeighbours, type FoundNeighbours } from '../neighbours/nearest.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';

/** Up to so many products (rows times rows times columns) neighbours are exact: about a second on one core. */
const EXACT_PRODUCTS = 1e11;
/** Share of the true neighbours that approximate ones must hold. */
const RECALL = 0.97;

/**
 * The k nearest other rows of every row, as a map is drawn from them: a map is waited for, and looks the same from nearly all of
 * the true neighbours; so they are exact for fewer rows than a detector's are.
 *
 * @throws RangeError when k does not fit; Cancelled
 */
export function mapNeighbours(
  matrix: Matrix,
  k: number,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<FoundNeighbours> {
  const method = matrix.rows ** 2 * matrix.cols <= EXACT_PRODUCTS ? 'exact' : 'inverted';
  return findNeighbours(matrix, { k, metric: 'euclidean', method, recall: RECALL }, runner, ctx);
}
