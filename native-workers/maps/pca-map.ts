import type { Matrix } from '../detectors/detector.ts';
import { moments, type Rows } from '../numeric/moments.ts';
import { project } from '../numeric/projection.ts';
import { symmetricEigen } from '../numeric/symmetric-eigen.ts';
import type { TaskContext } from '../task.ts';

interface PrincipalComponents {
  /** Coordinates of the rows, shape (n, components), row-major, float64. */
  readonly coordinates: Float64Array;
  readonly components: number;
  /** Unit directions, shape (components, d); the largest entry of each is positive. */
  readonly directions: Float64Array;
  /** Variance along each component (divided by n), descending, shape (components,). */
  readonly variances: Float64Array;
  /** Sum of all variances. */
  readonly totalVariance: number;
}

/**
 * Exact principal components (Pearson 1901) of the rows: eigenvectors of the covariance in float64. The sign is fixed by the
 * largest entry of each direction, so that two runs draw the same picture.
 *
 * @param rows null for every row
 * @throws Error for no rows; Cancelled
 */
export function principalComponents(
  matrix: Matrix,
  rows: Rows,
  components: number,
  ctx: TaskContext,
): PrincipalComponents {
  const check = () => {
    ctx.check();
  };
  const { n, mean, scatter, cols } = moments(matrix, rows, check);
  if (n === 0) throw new Error('Principal components need at least one row.');
  ctx.progress(0.6);
  const { values, vectors } = symmetricEigen(scatter, cols, check);
  ctx.progress(0.7);
  const count = Math.min(components, cols);
  const directions = vectors.slice(0, count * cols);
  const coordinates = project(matrix, rows, mean, { count, cols, data: directions }, check);
  ctx.progress(1);
  const variances = values.map((value) => Math.max(0, value) / n);
  return {
    coordinates,
    components: count,
    directions,
    variances: variances.slice(0, count),
    totalVariance: variances.reduce((sum, value) => sum + value, 0),
  };
}

interface PcaMap {
  /** Float32, shape (n, 2). */
  readonly coordinates: Float32Array;
  /** 'PC 1 (34.2 %)', 'PC 2 (12.0 %)'. */
  readonly axes: [string, string];
}

function axisName(pca: PrincipalComponents, component: number): string {
  const share = pca.totalVariance > 0 ? (pca.variances[component] ?? 0) / pca.totalVariance : 0;
  return `PC ${component + 1} (${(100 * share).toFixed(1)} %)`;
}

/** The rows on their first two principal components; a single column lies on the line y = 0. */
export function pcaMap(args: { matrix: Matrix; rows: Int32Array | null }, ctx: TaskContext): PcaMap {
  const pca = principalComponents(args.matrix, args.rows, 2, ctx);
  const n = pca.coordinates.length / pca.components;
  const coordinates = new Float32Array(2 * n);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < pca.components; c++) coordinates[2 * i + c] = pca.coordinates[i * pca.components + c];
  return { coordinates, axes: [axisName(pca, 0), axisName(pca, 1)] };
}
