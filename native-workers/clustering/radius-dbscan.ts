import type { TaskContext } from '../task.ts';
import { boxSquare, pointSquare, type KdTree } from './kd-tree.ts';

/** Points looked at between two looks at cancellation. */
const CHECK_EVERY = 1 << 16;

/**
 * DBSCAN on a k-d tree: clusters grow one after the other from their lowest core row, as Ester and others wrote it. A point
 * that has its cluster is taken out of the tree, so that every point is found once.
 */
export class RadiusDbscan {
  private readonly tree: KdTree;
  private readonly limit: number;
  private readonly minPoints: number;
  private readonly ctx: TaskContext;
  private readonly stack = new Int32Array(128);
  private looked = 0;

  constructor(tree: KdTree, eps: number, minPoints: number, ctx: TaskContext) {
    this.tree = tree;
    this.limit = eps * eps;
    this.minPoints = minPoints;
    this.ctx = ctx;
  }

  /** Writes 1 into `core` for core rows and each row's cluster, -1 noise, into `clusters`; returns the number of clusters. */
  run(core: Uint8Array, clusters: Int32Array): number {
    const { rows } = this.tree;
    const n = rows.length;
    for (let point = 0; point < n; point++) {
      if (this.isCore(point)) core[rows[point]] = 1;
      if ((point & 1023) === 0) this.ctx.progress((0.5 * point) / n);
    }
    const placeOf = new Int32Array(n);
    for (let point = 0; point < n; point++) placeOf[rows[point]] = point;
    const unclaimed = new Unclaimed(this.tree);
    const queue = new Int32Array(n);
    let count = 0;
    let claimed = 0;
    clusters.fill(-1);
    for (let row = 0; row < n; row++) {
      if (core[row] === 0 || clusters[row] >= 0) continue;
      queue[0] = placeOf[row];
      clusters[row] = count;
      unclaimed.take(placeOf[row]);
      let length = 1;
      for (let next = 0; next < length; next++) {
        if (core[rows[queue[next]]] === 0) continue;
        const end = this.claimAround(queue[next], unclaimed, queue, length);
        for (; length < end; length++) clusters[rows[queue[length]]] = count;
      }
      claimed += length;
      this.ctx.progress(0.5 + (0.5 * claimed) / n);
      count++;
    }
    this.ctx.progress(1);
    return count;
  }

  private look(points: number): void {
    this.looked += points;
    if (this.looked < CHECK_EVERY) return;
    this.looked = 0;
    this.ctx.check();
  }

  private isCore(point: number): boolean {
    const { tree, stack, limit, minPoints } = this;
    const { starts, ends, children } = tree;
    let reached = 0;
    let height = 1;
    stack[0] = 0;
    while (height > 0 && reached < minPoints) {
      const node = stack[--height];
      this.look(1);
      if (boxSquare(tree, node, point) > limit) continue;
      const child = children[node];
      if (child >= 0) {
        stack[height++] = child;
        stack[height++] = child + 1;
        continue;
      }
      this.look(ends[node] - starts[node]);
      for (let other = starts[node]; other < ends[node]; other++)
        if (pointSquare(tree, point, other) <= limit) reached++;
    }
    return reached >= minPoints;
  }

  /** Takes the unclaimed points within eps of one and puts them behind the queue; returns its length then. */
  private claimAround(point: number, unclaimed: Unclaimed, queue: Int32Array, length: number): number {
    const { tree, stack, limit } = this;
    const { starts, ends, children } = tree;
    let end = length;
    let height = 1;
    stack[0] = 0;
    while (height > 0) {
      const node = stack[--height];
      this.look(1);
      if (unclaimed.left[node] === 0 || boxSquare(tree, node, point) > limit) continue;
      const child = children[node];
      if (child >= 0) {
        stack[height++] = child;
        stack[height++] = child + 1;
        continue;
      }
      this.look(ends[node] - starts[node]);
      for (let other = starts[node]; other < ends[node]; other++)
        if (unclaimed.has(other) && pointSquare(tree, point, other) <= limit) {
          unclaimed.take(other);
          queue[end++] = other;
        }
    }
    return end;
  }
}

/** How many points without a cluster each node has. */
class Unclaimed {
  readonly left: Int32Array;
  private readonly taken: Uint8Array;
  private readonly parents: Int32Array;
  private readonly leafOf: Int32Array;

  constructor({ starts, ends, children, rows }: KdTree) {
    this.left = new Int32Array(starts.length);
    this.parents = new Int32Array(starts.length).fill(-1);
    this.taken = new Uint8Array(rows.length);
    this.leafOf = new Int32Array(rows.length);
    for (let node = 0; node < starts.length; node++) {
      this.left[node] = ends[node] - starts[node];
      if (children[node] < 0) this.leafOf.fill(node, starts[node], ends[node]);
      else this.parents[children[node]] = this.parents[children[node] + 1] = node;
    }
  }

  has(point: number): boolean {
    return this.taken[point] === 0;
  }

  take(point: number): void {
    this.taken[point] = 1;
    for (let node = this.leafOf[point]; node >= 0; node = this.parents[node]) this.left[node]--;
  }
}
