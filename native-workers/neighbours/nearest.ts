import type { Matrix } from '../detectors/detector.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import { type ExactNeighbours, nearestNeighbours } from './exact.ts';
import { type InvertedNeighbours, invertedNeighbours } from './inverted.ts';
import type { Metric } from './screening.ts';

export interface NearestOptions {
  readonly k: number;
  readonly metric: Metric;
  /** As asked, or exact while the work is a matter of seconds. */
  readonly method: 'auto' | 'exact' | 'inverted';
  /** Share of the true neighbours asked of the inverted file; 0.97 when absent. */
  readonly recall?: number;
}

export type FoundNeighbours =
  (ExactNeighbours & { readonly method: 'exact' }) | (InvertedNeighbours & { readonly method: 'inverted' });

/** Products of an exact search: 3 s of one core with wide vectors, 10 s in WebAssembly. */
const EXACT_PRODUCTS = 5e11;
const RECALL = 0.97;

/** Whether all rows of a matrix are searched exactly when nothing else is asked. */
export function searchesExactly({ rows, cols }: Pick<Matrix, 'rows' | 'cols'>): boolean {
  return rows * rows * cols <= EXACT_PRODUCTS;
}

/**
 * The k nearest other rows of every row: exact up to 5e11 products, above by an inverted file whose measured recall is part of
 * the result, or as asked.
 *
 * @throws RangeError when lengths, k or the recall do not fit
 */
export async function findNeighbours(
  matrix: Matrix,
  options: NearestOptions,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<FoundNeighbours> {
  const { k, metric, method, recall = RECALL } = options;
  if (method === 'exact' || (method === 'auto' && searchesExactly(matrix)))
    return { ...(await nearestNeighbours(matrix, { k, metric }, runner, ctx)), method: 'exact' };
  return { ...(await invertedNeighbours(matrix, { k, metric, recall }, runner, ctx)), method: 'inverted' };
}
