import type { Edges } from './spanning-tree.ts';
import { UnionFind } from './union-find.ts';

/**
 * The tree of merges: nodes 0 to n - 1 are rows, the others come after whatever they join, the last one is the root.
 * Everything that a distance joins is joined at once, so that ties leave one tree whichever spanning tree it came from.
 */
export interface Hierarchy {
  readonly n: number;
  readonly nodes: number;
  /** Shape (nodes,); -1 at the root. */
  readonly parents: Int32Array;
  /** Rows below each node, shape (nodes,). */
  readonly sizes: Int32Array;
  /** Distance at which each node was joined, shape (nodes,); 0 for rows. */
  readonly distances: Float64Array;
}

/** Single linkage along the edges of a spanning tree of n rows (Campello, Moulavi and Sander 2013: ties together). */
export function clusterHierarchy(n: number, edges: Edges, check: () => void): Hierarchy {
  const { a, b, weights } = edges;
  const order = ascending(weights, check);
  const sets = new UnionFind(n);
  const most = Math.max(1, 2 * n - 1);
  const parents = new Int32Array(most).fill(-1);
  const sizes = new Int32Array(most).fill(1);
  const distances = new Float64Array(most);
  /** Node of each set, by its root. */
  const nodeOf = new Int32Array(n);
  for (let row = 0; row < n; row++) nodeOf[row] = row;
  const roots = new Int32Array(2 * order.length);
  let nodes = n;
  for (let from = 0, to = 0; from < order.length; from = to) {
    const weight = weights[order[from]];
    let touched = 0;
    for (to = from; to < order.length && weights[order[to]] === weight; to++) {
      roots[touched++] = sets.find(a[order[to]]);
      roots[touched++] = sets.find(b[order[to]]);
      sets.union(a[order[to]], b[order[to]]);
    }
    const first = nodes;
    for (let t = 0; t < touched; t++) {
      const joined = sets.find(roots[t]);
      // A set's own node may have been replaced already: nodes of this distance are not joined again.
      const node = nodeOf[roots[t]];
      if (node >= first || parents[node] >= 0) continue;
      if (nodeOf[joined] < first) {
        const old = nodeOf[joined];
        sizes[nodes] = sizes[old];
        distances[nodes] = weight;
        parents[old] = nodes;
        nodeOf[joined] = nodes++;
      }
      if (parents[node] >= 0) continue;
      parents[node] = nodeOf[joined];
      sizes[nodeOf[joined]] += sizes[node];
    }
    check();
  }
  return { n, nodes, parents, sizes, distances };
}

/** Places of the values in ascending order, ties by place: a merge sort that looks at cancellation. */
function ascending(values: Float64Array, check: () => void): Int32Array {
  let from = new Int32Array(values.length);
  let to = new Int32Array(values.length);
  for (let i = 0; i < from.length; i++) from[i] = i;
  for (let width = 1; width < from.length; width *= 2) {
    check();
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(from.length, start + width);
      const end = Math.min(from.length, start + 2 * width);
      let left = start;
      let right = middle;
      for (let out = start; out < end; out++) {
        const takeLeft = left < middle && (right >= end || values[from[left]] <= values[from[right]]);
        to[out] = takeLeft ? from[left++] : from[right++];
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
