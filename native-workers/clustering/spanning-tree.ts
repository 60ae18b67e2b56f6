import type { TaskContext } from '../task.ts';
import { boxSquare, pointSquare, type KdTree } from './kd-tree.ts';
import { UnionFind } from './union-find.ts';

/** Edges between rows. */
export interface Edges {
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly weights: Float64Array;
}

/** The lightest edge out of each component, by the component's root. */
class Lightest {
  readonly weights: Float64Array;
  readonly from: Int32Array;
  readonly to: Int32Array;

  constructor(n: number) {
    this.weights = new Float64Array(n);
    this.from = new Int32Array(n);
    this.to = new Int32Array(n);
  }

  clear(): void {
    this.weights.fill(Infinity);
    this.from.fill(-1);
  }

  offer(component: number, from: number, to: number, weight: number): void {
    if (weight >= this.weights[component]) return;
    this.weights[component] = weight;
    this.from[component] = from;
    this.to[component] = to;
  }

  /** Adds the edges that join two sets; returns how many there are then. Edges of equal weight never close a circle. */
  join(sets: UnionFind, edges: Edges, count: number): number {
    let joined = count;
    for (let component = 0; component < this.from.length; component++) {
      if (this.from[component] < 0 || !sets.union(this.from[component], this.to[component])) continue;
      edges.a[joined] = this.from[component];
      edges.b[joined] = this.to[component];
      edges.weights[joined++] = this.weights[component];
    }
    return joined;
  }
}

function newEdges(n: number): Edges {
  const count = Math.max(0, n - 1);
  return { a: new Int32Array(count), b: new Int32Array(count), weights: new Float64Array(count) };
}

/**
 * Minimum spanning tree of the mutual reachability distances max(core a, core b, |a - b|), by Borůvka's rounds on a k-d tree
 * (March, Ram and Gray 2010), exact. A point keeps the nearest foreign point it found until both are of one component.
 *
 * @param core squared core distances in tree order, shape (n,)
 * @returns n - 1 edges between rows, weights are distances
 */
export function reachabilityTree(tree: KdTree, core: Float64Array, ctx: TaskContext): Edges {
  const n = core.length;
  const sets = new UnionFind(n);
  const edges = newEdges(n);
  const lightest = new Lightest(n);
  const search = new ForeignSearch(tree, core);
  const found = new Int32Array(n).fill(-1);
  // Nothing foreign lies nearer than this.
  const atLeast = Float64Array.from(core);
  let count = 0;
  let work = 0;
  while (count < n - 1) {
    lightest.clear();
    const { component } = search;
    for (let point = 0; point < n; point++) component[point] = sets.find(point);
    search.markNodes();
    for (let point = 0; point < n; point++) {
      const own = component[point];
      const bound = lightest.weights[own];
      if (atLeast[point] >= bound) continue;
      if (found[point] < 0 || component[found[point]] === own) {
        found[point] = search.nearest(point, bound);
        atLeast[point] = search.square;
        work += search.looked;
        if (work > 1 << 16) {
          work = 0;
          ctx.check();
        }
      }
      if (found[point] >= 0) lightest.offer(own, point, found[point], atLeast[point]);
    }
    ctx.check();
    count = lightest.join(sets, edges, count);
    ctx.progress(0.3 + (0.6 * count) / n);
  }
  for (let e = 0; e < count; e++) {
    edges.a[e] = tree.rows[edges.a[e]];
    edges.b[e] = tree.rows[edges.b[e]];
    edges.weights[e] = Math.sqrt(edges.weights[e]);
  }
  return edges;
}

/** Finds the nearest point of another component by mutual reachability. */
class ForeignSearch {
  /** Component of each point, by its root. */
  readonly component: Int32Array;
  /** Of the last search: the squared distance of what was found, or the bound; and the points looked at. */
  square = 0;
  looked = 0;
  private readonly tree: KdTree;
  private readonly core: Float64Array;
  /** The component of all of a node's points, -1 where there are several. */
  private readonly nodeComponent: Int32Array;
  /** Least core square of a node's points. */
  private readonly nodeCore: Float64Array;
  private readonly stack = new Int32Array(128);
  private readonly bounds = new Float64Array(128);

  constructor(tree: KdTree, core: Float64Array) {
    this.tree = tree;
    this.core = core;
    this.component = new Int32Array(core.length);
    const nodes = tree.starts.length;
    this.nodeComponent = new Int32Array(nodes);
    this.nodeCore = new Float64Array(nodes).fill(Infinity);
    const { starts, ends, children } = tree;
    for (let node = nodes - 1; node >= 0; node--) {
      const child = children[node];
      if (child >= 0) this.nodeCore[node] = Math.min(this.nodeCore[child], this.nodeCore[child + 1]);
      else
        for (let p = starts[node]; p < ends[node]; p++)
          this.nodeCore[node] = Math.min(this.nodeCore[node], core[p]);
    }
  }

  markNodes(): void {
    const { starts, ends, children } = this.tree;
    const { component, nodeComponent } = this;
    for (let node = starts.length - 1; node >= 0; node--) {
      const child = children[node];
      if (child >= 0) {
        const first = nodeComponent[child];
        nodeComponent[node] = first === nodeComponent[child + 1] ? first : -1;
        continue;
      }
      let common = component[starts[node]];
      for (let p = starts[node] + 1; p < ends[node]; p++) if (component[p] !== common) common = -1;
      nodeComponent[node] = common;
    }
  }

  /** The nearest foreign point below the bound, -1 when there is none. */
  nearest(point: number, bound: number): number {
    const { tree, core, component, stack, bounds } = this;
    const { starts, ends, children } = tree;
    const own = component[point];
    const least = core[point];
    let best = -1;
    let square = bound;
    let looked = 0;
    stack[0] = 0;
    bounds[0] = 0;
    let height = 1;
    // Nothing is nearer than the point's own core distance.
    while (height > 0 && square > least) {
      height -= 1;
      const node = stack[height];
      if (bounds[height] >= square) continue;
      const child = children[node];
      looked += 2;
      if (child >= 0) {
        const first = this.nodeBound(child, point, own);
        const second = this.nodeBound(child + 1, point, own);
        const nearFirst = first <= second ? 1 : 0;
        stack[height] = child + nearFirst;
        bounds[height++] = nearFirst === 1 ? second : first;
        stack[height] = child + 1 - nearFirst;
        bounds[height++] = nearFirst === 1 ? first : second;
        continue;
      }
      looked += ends[node] - starts[node];
      for (let other = starts[node]; other < ends[node]; other++) {
        if (component[other] === own || core[other] >= square) continue;
        const reach = Math.max(pointSquare(tree, point, other), core[other], least);
        if (reach >= square) continue;
        square = reach;
        best = other;
      }
    }
    this.square = square;
    this.looked = looked;
    return best;
  }

  private nodeBound(node: number, point: number, own: number): number {
    if (this.nodeComponent[node] === own) return Infinity;
    return Math.max(boxSquare(this.tree, node, point), this.nodeCore[node]);
  }
}

/**
 * Minimum spanning tree of the mutual reachability distances on a neighbour graph, an edge serving both of its ends.
 * Components that no edge joins are joined at the longest mutual reachability distance of any edge: the graph only shows that
 * they are no nearer than their own neighbours. Without any edge they are joined at infinity.
 *
 * @param neighbours rows, shape (n, k); -1 where there is none
 * @param distances shape (n, k)
 * @param core core distances, shape (n,)
 */
export function graphReachabilityTree(
  neighbours: Int32Array,
  distances: Float32Array | Float64Array,
  k: number,
  core: Float64Array,
  ctx: TaskContext,
): Edges {
  const n = core.length;
  const sets = new UnionFind(n);
  const edges = newEdges(n);
  const lightest = new Lightest(n);
  const component = new Int32Array(n);
  let longest = -1;
  let count = 0;
  while (count < n - 1) {
    lightest.clear();
    for (let row = 0; row < n; row++) component[row] = sets.find(row);
    for (let row = 0; row < n; row++) {
      if ((row & 4095) === 0) ctx.check();
      const own = component[row];
      for (let at = row * k; at < (row + 1) * k; at++) {
        const other = neighbours[at];
        if (other < 0) continue;
        const weight = Math.max(distances[at], core[row], core[other]);
        if (weight > longest && weight < Infinity) longest = weight;
        if (component[other] === own) continue;
        lightest.offer(own, row, other, weight);
        lightest.offer(component[other], row, other, weight);
      }
    }
    const joined = lightest.join(sets, edges, count);
    if (joined === count) break;
    count = joined;
    ctx.progress((0.9 * count) / n);
  }
  for (let row = 1; row < n; row++) {
    if (!sets.union(0, row)) continue;
    edges.a[count] = 0;
    edges.b[count] = row;
    edges.weights[count++] = longest < 0 ? Infinity : longest;
  }
  return edges;
}
