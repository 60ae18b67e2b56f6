import { coreSquares } from '../clustering/core-distances.ts';
import { dbscan } from '../clustering/dbscan.ts';
import { hdbscan, hdbscanOnGraph } from '../clustering/hdbscan.ts';
import { kdTree } from '../clustering/kd-tree.ts';
import type { NearestNeighbours } from '../neighbours/exact.ts';
import { quantile } from '../numeric/order-statistics.ts';
import type { TaskContext } from '../task.ts';
import type { Reduced } from './reduce-class.ts';
import { leastGroupSize } from './valley-groups.ts';

const MOST_ROUNDS = 100;
const DBSCAN_DIMENSIONS = 10;
const HDBSCAN_DIMENSIONS = 15;
/** Share of the rows that have minPoints rows, themselves counted, within the automatic radius. */
const CORE_SHARE = 0.99;
/** Reach, in the spread of the class, that holds equal rows alone. */
const EQUAL = 1e-6;

/** Clusters of one class. */
export interface ClassClusters {
  /** Shape (n,): 0 is the largest, -1 noise. */
  readonly cluster: Int32Array;
  /** Rows of each cluster, largest first. */
  readonly sizes: readonly number[];
  /** Mean of each cluster, shape (clusters, d). */
  readonly centres: Float64Array;
  /** Radius DBSCAN worked with; null for the others. */
  readonly eps: number | null;
}

interface DensitySettings {
  readonly clustering: 'dbscan' | 'hdbscan';
  /** Radius of DBSCAN; null takes the one within which 99 % of the rows have minPoints rows. */
  readonly eps: number | null;
  readonly minPoints: number;
  /** Null takes 0.5 % of the class, 16 at least. */
  readonly minClusterSize: number | null;
}

/**
 * 2-means started at the two extremes of a coordinate; cluster 1 is the smaller. Null where a cluster runs empty.
 *
 * @param along the coordinate: that of row i is along[i * stride]
 */
export function twoMeans(
  { points, d, along, stride }: Reduced,
  n: number,
  ctx: TaskContext,
): ClassClusters | null {
  let lowest = 0;
  let highest = 0;
  for (let i = 1; i < n; i++) {
    if (along[i * stride] < along[lowest * stride]) lowest = i;
    if (along[i * stride] > along[highest * stride]) highest = i;
  }
  const centres = new Float64Array(2 * d);
  centres.set(points.subarray(lowest * d, (lowest + 1) * d), 0);
  centres.set(points.subarray(highest * d, (highest + 1) * d), d);
  const cluster = new Int32Array(n).fill(-1);
  const counts = new Int32Array(2);
  const sums = new Float64Array(2 * d);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    ctx.check();
    let changed = false;
    counts.fill(0);
    sums.fill(0);
    for (let i = 0; i < n; i++) {
      let difference = 0;
      for (let j = 0; j < d; j++) {
        const x = points[i * d + j];
        difference += (x - centres[j]) ** 2 - (x - centres[d + j]) ** 2;
      }
      const nearest = difference > 0 ? 1 : 0;
      if (cluster[i] !== nearest) changed = true;
      cluster[i] = nearest;
      counts[nearest]++;
      for (let j = 0; j < d; j++) sums[nearest * d + j] += points[i * d + j];
    }
    if (counts[0] === 0 || counts[1] === 0) return null;
    if (!changed) break;
    for (let c = 0; c < 2; c++) for (let j = 0; j < d; j++) centres[c * d + j] = sums[c * d + j] / counts[c];
  }
  if (counts[1] > counts[0]) {
    for (let i = 0; i < n; i++) cluster[i] = 1 - cluster[i];
    const first = centres.slice(0, d);
    centres.copyWithin(0, d, 2 * d);
    centres.set(first, d);
  }
  return {
    cluster,
    centres,
    sizes: [Math.max(counts[0], counts[1]), Math.min(counts[0], counts[1])],
    eps: null,
  };
}

/** Why a density method cannot work in so many dimensions, in a sentence; null when it can. */
export function whyNotClustered(settings: DensitySettings, d: number, hasGraph: boolean): string | null {
  const most = settings.clustering === 'dbscan' ? DBSCAN_DIMENSIONS : HDBSCAN_DIMENSIONS;
  if (d <= most || hasGraph) return null;
  const name = settings.clustering === 'dbscan' ? 'DBSCAN' : 'HDBSCAN';
  return `${name} was asked to work in ${d} dimensions and takes ${most} at most. Ask for fewer dimensions.`;
}

/**
 * Clusters by density; what belongs to none is noise.
 *
 * @param graph neighbours of the class's rows, for HDBSCAN without the points' dimensions mattering; null without
 */
export function densityClusters(
  points: Float64Array,
  n: number,
  d: number,
  graph: NearestNeighbours | null,
  settings: DensitySettings,
  ctx: TaskContext,
): ClassClusters {
  // A small class has fewer rows than may be asked for.
  const minPoints = Math.min(n, settings.minPoints);
  if (settings.clustering === 'hdbscan') {
    const sizes = {
      minClusterSize: settings.minClusterSize ?? leastGroupSize(n),
      minSamples: minPoints,
      selection: 'eom',
    } as const;
    const { clusters } =
      graph === null
        ? hdbscan({ points, dims: d, ...sizes }, ctx)
        : hdbscanOnGraph({ neighbours: graph.ids, distances: graph.distances, k: graph.k, ...sizes }, ctx);
    return ordered(clusters, points, d, null);
  }
  const tree = kdTree(points, d, () => {
    ctx.check();
  });
  const eps = settings.eps ?? Math.sqrt(quantile(coreSquares(tree, minPoints, ctx), CORE_SHARE));
  // Where nearly all rows have minPoints copies it is 0: then only equal rows are near one another.
  const reach = eps > 0 ? eps : EQUAL * rootMeanSquare(points, d);
  return ordered(dbscan({ points, dims: d, eps: reach, minPoints }, ctx).clusters, points, d, eps);
}

/** Numbers the clusters by size, largest first, ties by their lowest row. */
function ordered(found: Int32Array, points: Float64Array, d: number, eps: number | null): ClassClusters {
  const counts: number[] = [];
  for (const c of found) if (c >= 0) counts[c] = (counts.at(c) ?? 0) + 1;
  const order = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
  const number = new Int32Array(counts.length);
  order.forEach((from, to) => {
    number[from] = to;
  });
  const cluster = found.map((c) => (c < 0 ? -1 : number[c]));
  const sizes = order.map((c) => counts[c]);
  const centres = new Float64Array(sizes.length * d);
  cluster.forEach((c, i) => {
    if (c >= 0) for (let j = 0; j < d; j++) centres[c * d + j] += points[i * d + j] / sizes[c];
  });
  return { cluster, sizes, centres, eps };
}

/** Where a row lies on the way from the larger cluster's centre (0) to the smaller one's (1). */
export function towardsSmaller(
  points: Float64Array,
  centres: Float64Array,
  n: number,
  d: number,
): Float64Array {
  const score = new Float64Array(n);
  let length = 0;
  for (let j = 0; j < d; j++) length += (centres[d + j] - centres[j]) ** 2;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += (points[i * d + j] - centres[j]) * (centres[d + j] - centres[j]);
    score[i] = sum / length;
  }
  return score;
}

/**
 * Distance of each row from the largest cluster's centre, in root mean square distances of that cluster's rows; from the class's
 * mean where all is noise.
 */
export function awayFromLargest(
  points: Float64Array,
  { cluster, centres, sizes }: ClassClusters,
  d: number,
): Float64Array {
  const main = sizes.length > 0 ? 0 : -1;
  const centre = main === 0 ? centres.subarray(0, d) : meanOf(points, d);
  let squares = 0;
  let rows = 0;
  const away = new Float64Array(cluster.length);
  for (let i = 0; i < away.length; i++) {
    let square = 0;
    for (let j = 0; j < d; j++) square += (points[i * d + j] - centre[j]) ** 2;
    away[i] = Math.sqrt(square);
    if (cluster[i] !== main) continue;
    squares += square;
    rows++;
  }
  const unit = squares > 0 ? Math.sqrt(squares / rows) : 1;
  return away.map((distance) => distance / unit);
}

function rootMeanSquare(points: Float64Array, d: number): number {
  const mean = meanOf(points, d);
  let squares = 0;
  for (let at = 0; at < points.length; at++) squares += (points[at] - mean[at % d]) ** 2;
  return Math.sqrt(squares / points.length);
}

function meanOf(points: Float64Array, d: number): Float64Array {
  const mean = new Float64Array(d);
  for (let at = 0; at < points.length; at++) mean[at % d] += (points[at] * d) / points.length;
  return mean;
}
