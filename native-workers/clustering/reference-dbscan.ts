// @ts-expect-error density-clustering ships no types; what is used of it is declared below.
import densityClustering from 'density-clustering';
import type { TaskContext } from '../task.ts';
import { elbow, sortedKDistances } from './k-distance.ts';

type Distance = (a: readonly number[], b: readonly number[]) => number;
interface DensityClustering {
  readonly DBSCAN: new () => {
    run(points: number[][], epsilon: number, minPoints: number, distance: Distance): number[][];
    _mergeArrays(all: number[], more: readonly number[]): number[];
  };
}
const { DBSCAN } = densityClustering as unknown as DensityClustering;

/** Appends what is not there yet: the same as density-clustering's own, which searches the whole list for each entry. */
function fastMerge(): (all: number[], more: readonly number[]) => number[] {
  let list: number[] | null = null;
  let known = new Set<number>();
  return (all, more) => {
    if (all !== list) {
      list = all;
      known = new Set(all);
    }
    for (const point of more) {
      if (known.has(point)) continue;
      known.add(point);
      all.push(point);
    }
    return all;
  };
}

interface DbscanResult {
  /** Cluster of each point, -1 noise, shape (n,); cluster 0 is the largest (ties: lowest first point). */
  readonly clusters: Int32Array;
  readonly eps: number;
  readonly count: number;
  readonly noise: number;
}

/**
 * DBSCAN (Ester, Kriegel, Sander, Xu 1996) of n points by density-clustering. Without `eps` it is the elbow of the
 * distances to the `minPoints`-th neighbour. Time grows with n squared: at most 8,000 points.
 *
 * @param args.points shape (n, dims), row-major
 * @throws Cancelled
 */
export function referenceDbscan(
  args: { points: Float64Array; dims: number; eps: number | null; minPoints: number },
  ctx: TaskContext,
): DbscanResult {
  const { points, dims, minPoints } = args;
  const n = points.length / dims;
  const check = () => {
    ctx.check();
  };
  const found = args.eps ?? elbow(sortedKDistances(points, dims, minPoints, check));
  // density-clustering counts distances below eps and takes 0 for its own default of 1.
  const eps = found > 0 ? found : Number.MIN_VALUE;
  const nested = Array.from({ length: n }, (_, i) => Array.from(points.subarray(i * dims, (i + 1) * dims)));
  let calls = 0;
  const distance: Distance = (a, b) => {
    calls += 1;
    if ((calls & 0xfffff) === 0) {
      check();
      ctx.progress(calls / (n * n));
    }
    let squares = 0;
    for (let c = 0; c < dims; c++) squares += (a[c] - b[c]) ** 2;
    return Math.sqrt(squares);
  };
  const dbscan = new DBSCAN();
  dbscan._mergeArrays = fastMerge();
  const islands = dbscan.run(nested, eps, minPoints, distance);
  islands.sort((a, b) => b.length - a.length || a[0] - b[0]);
  const clusters = new Int32Array(n).fill(-1);
  islands.forEach((island, cluster) => {
    for (const point of island) clusters[point] = cluster;
  });
  ctx.progress(1);
  const noise = clusters.reduce((sum, cluster) => sum + (cluster < 0 ? 1 : 0), 0);
  return { clusters, eps, count: islands.length, noise };
}
