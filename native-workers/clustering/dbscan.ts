import type { TaskContext } from '../task.ts';
import { gridCells } from './grid-cells.ts';
import { clusterCells } from './grid-dbscan.ts';
import { kdTree } from './kd-tree.ts';
import { RadiusDbscan } from './radius-dbscan.ts';

/** Above this a grid has too many cells around each. */
const GRID_DIMS = 3;
const MOST_DIMS = 10;

export interface DbscanResult {
  /** Cluster of each row, numbered by lowest core row, -1 noise, shape (n,). */
  readonly clusters: Int32Array;
  /** 1 where a row has minPoints rows within eps, itself counted, shape (n,). */
  readonly core: Uint8Array;
  readonly count: number;
  readonly noise: number;
}

/**
 * DBSCAN (Ester, Kriegel, Sander and Xu 1996), exact: the labels of scikit-learn's. minPoints counts the row itself; a row
 * that is not core joins the lowest-numbered cluster in reach. Up to 3 dimensions on a grid, up to 10 on a k-d tree.
 *
 * @param args.points shape (n, dims), row-major, finite
 * @throws RangeError for more than 10 dimensions, an eps that is not above 0, or minPoints below 1
 * @throws Cancelled
 */
export function dbscan(
  args: {
    readonly points: Float32Array | Float64Array;
    readonly dims: number;
    readonly eps: number;
    readonly minPoints: number;
  },
  ctx: TaskContext,
): DbscanResult {
  const { points, dims, eps, minPoints } = args;
  if (!(Number.isInteger(dims) && dims >= 1 && dims <= MOST_DIMS))
    throw new RangeError(
      `DBSCAN takes 1 to ${MOST_DIMS} dimensions, not ${dims}: in more, all distances are alike and density means little. Reduce the dimensions first, or use HDBSCAN on a neighbour graph.`,
    );
  const n = points.length / dims;
  if (!Number.isInteger(n))
    throw new RangeError(`${points.length} values do not make rows of ${dims} dimensions.`);
  if (!(eps > 0 && Number.isFinite(eps)))
    throw new RangeError(`An eps of ${eps} reaches nothing. Give a number above 0.`);
  if (!(Number.isInteger(minPoints) && minPoints >= 1))
    throw new RangeError(`${minPoints} points cannot make a core point. Ask for 1 or more.`);
  const clusters = new Int32Array(n);
  const core = new Uint8Array(n);
  const check = () => {
    ctx.check();
  };
  const cells = dims <= GRID_DIMS && n > 0 ? gridCells(points, dims, eps, check) : null;
  const count = cells
    ? clusterCells(cells, eps, minPoints, core, clusters, ctx)
    : new RadiusDbscan(kdTree(points, dims, check), eps, minPoints, ctx).run(core, clusters);
  let noise = 0;
  for (let row = 0; row < n; row++) if (clusters[row] < 0) noise++;
  return { clusters, core, count, noise };
}
