import type { TaskContext } from '../task.ts';
import { clusterHierarchy } from './cluster-hierarchy.ts';
import {
  chooseClusters,
  condensedTree,
  labelRows,
  type CondensedTree,
  type Selection,
} from './condensed-tree.ts';
import { coreSquares } from './core-distances.ts';
import { kdTree } from './kd-tree.ts';
import { graphReachabilityTree, reachabilityTree, type Edges } from './spanning-tree.ts';

/** Above this a k-d tree looks at nearly every point. */
const MOST_DIMS = 15;

export interface HdbscanResult {
  /** Cluster of each row, numbered by lowest row, -1 noise, shape (n,). */
  readonly clusters: Int32Array;
  /** How firmly each row belongs to its cluster, 0 (noise) to 1, shape (n,). */
  readonly probabilities: Float64Array;
  readonly count: number;
  readonly noise: number;
  /** The condensed tree; null when there were too few rows for a cluster. */
  readonly tree: CondensedTree | null;
  /** Number of each of the tree's clusters in the result, -1 where it was not chosen. */
  readonly numbers: Int32Array;
}

interface Sizes {
  /** Rows that a cluster has at least, 2 or more. */
  readonly minClusterSize: number;
  /**
   * A row's core distance is that to its minSamples-th nearest row, itself counted: as minPoints of DBSCAN, as in Campello's
   * papers and scikit-learn; the hdbscan package does not count the row.
   */
  readonly minSamples: number;
  readonly selection: Selection;
}

/**
 * HDBSCAN* (Campello, Moulavi and Sander 2013; Campello, Moulavi, Zimek and Sander 2015; McInnes and Healy 2017) of points of
 * up to 15 dimensions, exact. What is joined at one distance is joined at once, so that no tie is broken by chance.
 *
 * @param args.points shape (n, dims), row-major, finite
 * @throws RangeError for more dimensions, points that do not fill rows, or sizes below their least
 * @throws Cancelled
 */
export function hdbscan(
  args: Sizes & { readonly points: Float32Array | Float64Array; readonly dims: number },
  ctx: TaskContext,
): HdbscanResult {
  const { points, dims } = args;
  if (!(Number.isInteger(dims) && dims >= 1 && dims <= MOST_DIMS))
    throw new RangeError(
      `HDBSCAN of points takes 1 to ${MOST_DIMS} dimensions, not ${dims}. Use it on a neighbour graph, or reduce the dimensions first.`,
    );
  const n = points.length / dims;
  if (!Number.isInteger(n))
    throw new RangeError(`${points.length} values do not make rows of ${dims} dimensions.`);
  checkSizes(args);
  if (n < Math.max(args.minClusterSize, args.minSamples)) return tooFew(n);
  const tree = kdTree(points, dims, () => {
    ctx.check();
  });
  return fromTree(n, reachabilityTree(tree, coreSquares(tree, args.minSamples, ctx), ctx), args, ctx);
}

/**
 * The same on a graph of near neighbours, for any number of dimensions. Only the graph's edges are looked at; components that
 * no edge joins are joined at the longest mutual reachability distance of any edge.
 *
 * @param args.neighbours rows, nearest first, the row itself left out, shape (n, k); -1 where there is none
 * @param args.distances shape (n, k)
 * @param args.k neighbours of a row; at least minSamples - 1, which decide the core distance
 * @throws RangeError for arrays that do not fit each other, neighbours that are no rows, or sizes below their least
 * @throws Cancelled
 */
export function hdbscanOnGraph(
  args: Sizes & {
    readonly neighbours: Int32Array;
    readonly distances: Float32Array | Float64Array;
    readonly k: number;
  },
  ctx: TaskContext,
): HdbscanResult {
  const { neighbours, distances, k, minSamples } = args;
  checkSizes(args);
  if (!(Number.isInteger(k) && k >= 1))
    throw new RangeError(`A neighbour graph of ${k} neighbours a row is none.`);
  const n = neighbours.length / k;
  if (!Number.isInteger(n) || distances.length !== neighbours.length)
    throw new RangeError(
      `${neighbours.length} neighbours and ${distances.length} distances do not make rows of ${k} each.`,
    );
  if (k < minSamples - 1)
    throw new RangeError(
      `Core distances of ${minSamples} rows need ${minSamples - 1} neighbours a row; the graph has ${k}.`,
    );
  for (let at = 0; at < neighbours.length; at++)
    if (neighbours[at] < -1 || neighbours[at] >= n)
      throw new RangeError(
        `Row ${Math.floor(at / k)} has the neighbour ${neighbours[at]}, which is none of the ${n} rows.`,
      );
  for (let at = 0; at < distances.length; at++)
    if (neighbours[at] >= 0 && !(distances[at] >= 0 && distances[at] < Infinity))
      throw new RangeError(`Row ${Math.floor(at / k)} has a neighbour at the distance ${distances[at]}.`);
  if (n < Math.max(args.minClusterSize, minSamples)) return tooFew(n);
  const core = new Float64Array(n);
  if (minSamples > 1)
    for (let row = 0; row < n; row++) {
      const at = row * k + minSamples - 2;
      core[row] = neighbours[at] < 0 ? Infinity : distances[at];
    }
  return fromTree(n, graphReachabilityTree(neighbours, distances, k, core, ctx), args, ctx);
}

function checkSizes({ minClusterSize, minSamples }: Sizes): void {
  if (!(Number.isInteger(minClusterSize) && minClusterSize >= 2))
    throw new RangeError(`A cluster of ${minClusterSize} rows cannot be asked for. Ask for 2 or more.`);
  if (!(Number.isInteger(minSamples) && minSamples >= 1))
    throw new RangeError(`Core distances of ${minSamples} rows cannot be asked for. Ask for 1 or more.`);
}

function tooFew(n: number): HdbscanResult {
  return {
    clusters: new Int32Array(n).fill(-1),
    probabilities: new Float64Array(n),
    count: 0,
    noise: n,
    tree: null,
    numbers: new Int32Array(),
  };
}

function fromTree(
  n: number,
  edges: Edges,
  { minClusterSize, selection }: Sizes,
  ctx: TaskContext,
): HdbscanResult {
  const check = () => {
    ctx.check();
  };
  const tree = condensedTree(clusterHierarchy(n, edges, check), minClusterSize, check);
  const { clusters, probabilities, numbers, count } = labelRows(tree, chooseClusters(tree, selection));
  let noise = 0;
  for (let row = 0; row < n; row++) if (clusters[row] < 0) noise++;
  ctx.progress(1);
  return { clusters, probabilities, count, noise, tree, numbers };
}
