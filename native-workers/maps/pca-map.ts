import type { Matrix } from '../detectors/detector.ts';
import { moments } from '../numeric/moments.ts';
import type { Rows } from '../numeric/rows.ts';
import { pca, projectOnComponents } from '../numeric/pca.ts';
import { project } from '../numeric/projection.ts';
import { rowsOf, type RowSource } from '../numeric/row-blocks.ts';
import { sharedFloat32 } from '../numeric/shared-arrays.ts';
import { eigTop } from '../numeric/symmetric-eigen.ts';
import type { TaskRunner } from '../runner.ts';
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
  const count = Math.min(components, cols);
  const { values, vectors } = eigTop(scatter, cols, count, check);
  ctx.progress(0.7);
  const coordinates = project(matrix, rows, mean, { count, cols, data: vectors }, check);
  ctx.progress(1);
  const variances = values.map((value) => Math.max(0, value) / n);
  return {
    coordinates,
    components: count,
    directions: vectors,
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

function axisName(
  found: Pick<PrincipalComponents, 'variances' | 'totalVariance'>,
  component: number,
): string {
  const share = found.totalVariance > 0 ? (found.variances[component] ?? 0) / found.totalVariance : 0;
  return `PC ${component + 1} (${(100 * share).toFixed(1)} %)`;
}

/**
 * The rows on their first two principal components, on all threads of a runner; a single column lies on the line y = 0.
 *
 * @param source rows in memory or in blocks
 * @throws RangeError for no rows; Cancelled
 */
export async function pcaMap(
  source: RowSource,
  runner: TaskRunner,
  ctx: Pick<TaskContext, 'seed'>,
): Promise<PcaMap> {
  const found = await pca(source, 2, runner, ctx);
  const coordinates = await projectOnComponents(source, found, runner);
  return {
    coordinates:
      found.components === 2 ? coordinates : inThePlane(coordinates, found.components, rowsOf(source)),
    axes: [axisName(found, 0), axisName(found, 1)],
  };
}

function inThePlane(coordinates: Float32Array, components: number, n: number): Float32Array {
  const plane = sharedFloat32(2 * n);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < components; c++) plane[2 * i + c] = coordinates[i * components + c];
  return plane;
}
