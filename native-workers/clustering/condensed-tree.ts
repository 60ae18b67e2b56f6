import type { Hierarchy } from './cluster-hierarchy.ts';

/** How clusters are chosen from the condensed tree: by excess of mass, or its leaves. */
export type Selection = 'eom' | 'leaf';

/**
 * The condensed tree (Campello, Moulavi, Zimek and Sander 2015): what is left of the hierarchy when a split counts only if
 * two or more parts have minClusterSize rows. Lambda is 1 / distance. Cluster 0 is the root; clusters come after their parents.
 */
export interface CondensedTree {
  /** Shape (clusters,); -1 at the root. */
  readonly parents: Int32Array;
  /** Lambda at which each cluster splits off, 0 at the root, shape (clusters,). */
  readonly births: Float64Array;
  readonly sizes: Int32Array;
  /** Excess of mass: lambda since birth, summed over the rows until each leaves, shape (clusters,). */
  readonly stabilities: Float64Array;
  /** The cluster that each row leaves last, and the lambda at which it leaves, shape (n,). */
  readonly rowClusters: Int32Array;
  readonly rowLambdas: Float64Array;
}

export function condensedTree(
  hierarchy: Hierarchy,
  minClusterSize: number,
  check: () => void,
): CondensedTree {
  const { n, nodes, parents, sizes, distances } = hierarchy;
  const largeParts = new Int32Array(nodes);
  for (let node = 0; node < nodes - 1; node++) if (sizes[node] >= minClusterSize) largeParts[parents[node]]++;
  check();
  const clusterOf = new Int32Array(nodes);
  // Lambda at which a node's rows left its cluster; -1 while they are part of it.
  const left = new Float64Array(nodes).fill(-1);
  const found = { parents: [-1], births: [0], sizes: [n] };
  for (let node = nodes - 2; node >= 0; node--) {
    if ((node & 0xffff) === 0) check();
    const parent = parents[node];
    clusterOf[node] = clusterOf[parent];
    left[node] = left[parent];
    if (left[node] >= 0) continue;
    const lambda = 1 / distances[parent];
    if (sizes[node] < minClusterSize) left[node] = lambda;
    else if (largeParts[parent] >= 2) {
      clusterOf[node] = found.parents.length;
      found.parents.push(clusterOf[parent]);
      found.births.push(lambda);
      found.sizes.push(sizes[node]);
    }
  }
  const births = Float64Array.from(found.births);
  const stabilities = new Float64Array(births.length);
  for (let row = 0; row < n; row++) stabilities[clusterOf[row]] += left[row] - births[clusterOf[row]];
  for (let cluster = 1; cluster < births.length; cluster++) {
    const parent = found.parents[cluster];
    stabilities[parent] += found.sizes[cluster] * (births[cluster] - births[parent]);
  }
  return {
    parents: Int32Array.from(found.parents),
    births,
    sizes: Int32Array.from(found.sizes),
    stabilities,
    rowClusters: clusterOf.slice(0, n),
    rowLambdas: left.slice(0, n),
  };
}

/**
 * 1 for each chosen cluster, shape (clusters,). 'eom': the clusters of the largest summed stability none of which holds
 * another, a parent on ties; 'leaf': those without parts. The root is never chosen: everything in one cluster says nothing.
 */
export function chooseClusters({ parents, stabilities }: CondensedTree, selection: Selection): Uint8Array {
  const count = parents.length;
  const chosen = new Uint8Array(count);
  const parts = new Float64Array(count);
  const hasParts = new Uint8Array(count);
  for (let cluster = count - 1; cluster > 0; cluster--) {
    const better = hasParts[cluster] === 1 && (selection === 'leaf' || parts[cluster] > stabilities[cluster]);
    chosen[cluster] = better ? 0 : 1;
    parts[parents[cluster]] += better ? parts[cluster] : stabilities[cluster];
    hasParts[parents[cluster]] = 1;
  }
  const inside = new Uint8Array(count);
  for (let cluster = 1; cluster < count; cluster++) {
    inside[cluster] = inside[parents[cluster]] | chosen[parents[cluster]];
    if (inside[cluster] === 1) chosen[cluster] = 0;
  }
  return chosen;
}

/**
 * Clusters numbered by their lowest row, -1 noise, and how firmly each row belongs to its own: the lambda at which it leaves
 * over the largest at which anything leaves or splits the cluster, at most 1; 0 for noise.
 */
export function labelRows(
  tree: CondensedTree,
  chosen: Uint8Array,
): { clusters: Int32Array; probabilities: Float64Array; numbers: Int32Array; count: number } {
  const { parents, births, rowClusters, rowLambdas } = tree;
  const holder = new Int32Array(parents.length).fill(-1);
  const deaths = new Float64Array(parents.length);
  for (let cluster = 1; cluster < parents.length; cluster++) {
    holder[cluster] = chosen[cluster] === 1 ? cluster : holder[parents[cluster]];
    deaths[parents[cluster]] = Math.max(deaths[parents[cluster]], births[cluster]);
  }
  const n = rowClusters.length;
  for (let row = 0; row < n; row++)
    deaths[rowClusters[row]] = Math.max(deaths[rowClusters[row]], rowLambdas[row]);
  const numbers = new Int32Array(parents.length).fill(-1);
  const clusters = new Int32Array(n).fill(-1);
  const probabilities = new Float64Array(n);
  let count = 0;
  for (let row = 0; row < n; row++) {
    const cluster = holder[rowClusters[row]];
    if (cluster < 0) continue;
    if (numbers[cluster] < 0) numbers[cluster] = count++;
    clusters[row] = numbers[cluster];
    // Rows that lie on one another leave at an infinite lambda.
    probabilities[row] = rowLambdas[row] >= deaths[cluster] ? 1 : rowLambdas[row] / deaths[cluster];
  }
  return { clusters, probabilities, numbers, count };
}
