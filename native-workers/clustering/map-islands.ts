import type { TaskContext } from '../task.ts';
import { coreSquares } from './core-distances.ts';
import { dbscan } from './dbscan.ts';
import { hdbscan } from './hdbscan.ts';
import { elbow } from './k-distance.ts';
import { kdTree } from './kd-tree.ts';

interface Islands {
  /** Island of each point, 0 the largest (ties: lowest first point), -1 noise, shape (n,). */
  readonly clusters: Int32Array;
  /** Null where the method has none. */
  readonly eps: number | null;
  readonly count: number;
  readonly noise: number;
}

/**
 * The islands of a map by DBSCAN or by HDBSCAN (excess of mass), of all its points. Without an eps it is the elbow of the
 * distances to the `minPoints`-th other point, by which DBSCAN's parameter is usually read off.
 *
 * @param args.points shape (n, 2)
 * @param args.minPoints of DBSCAN, itself counted; for HDBSCAN the smallest island and the points of a core distance
 * @throws Cancelled
 */
export function mapIslands(
  args: {
    points: Float32Array;
    method: 'dbscan' | 'hdbscan';
    eps: number | null;
    minPoints: number;
  },
  ctx: TaskContext,
): Islands {
  const { points, method, minPoints } = args;
  if (method === 'hdbscan') {
    const sizes = { minClusterSize: minPoints, minSamples: minPoints, selection: 'eom' } as const;
    const { clusters, count, noise } = hdbscan({ points, dims: 2, ...sizes }, ctx);
    return { clusters: bySize(clusters, count), eps: null, count, noise };
  }
  const found = args.eps ?? elbowOf(points, minPoints, ctx);
  // Points that all lie on few places have an elbow of 0.
  const eps = found > 0 ? found : Number.MIN_VALUE;
  const { clusters, count, noise } = dbscan({ points, dims: 2, eps, minPoints }, ctx);
  return { clusters: bySize(clusters, count), eps, count, noise };
}

function elbowOf(points: Float32Array, minPoints: number, ctx: TaskContext): number {
  const tree = kdTree(points, 2, () => {
    ctx.check();
  });
  const count = Math.min(minPoints + 1, points.length / 2);
  return elbow(coreSquares(tree, count, ctx).map(Math.sqrt).sort());
}

/** Clusters renumbered, the largest first. */
function bySize(clusters: Int32Array, count: number): Int32Array {
  const sizes = new Int32Array(count);
  for (const cluster of clusters) if (cluster >= 0) sizes[cluster]++;
  const order = Array.from(sizes.keys()).sort((a, b) => sizes[b] - sizes[a] || a - b);
  const place = new Int32Array(count);
  order.forEach((cluster, at) => (place[cluster] = at));
  return clusters.map((cluster) => (cluster < 0 ? cluster : place[cluster]));
}
