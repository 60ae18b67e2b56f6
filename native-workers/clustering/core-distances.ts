import type { TaskContext } from '../task.ts';
import { boxSquare, pointSquare, type KdTree } from './kd-tree.ts';

/**
 * Squared distance of each point, in tree order, from its count-th nearest, the point itself counted; shape (n,).
 * Count is at least 1 and at most n.
 */
export function coreSquares(tree: KdTree, count: number, ctx: TaskContext): Float64Array {
  const n = tree.rows.length;
  const { starts, ends, children } = tree;
  const squares = new Float64Array(n);
  const nearest = new Float64Array(count);
  const stack = new Int32Array(128);
  const bounds = new Float64Array(128);
  let work = 0;
  for (let point = 0; point < n; point++) {
    nearest.fill(Infinity);
    stack[0] = 0;
    bounds[0] = 0;
    let height = 1;
    while (height > 0) {
      height -= 1;
      if (bounds[height] >= nearest[count - 1]) continue;
      const node = stack[height];
      const child = children[node];
      if (child >= 0) {
        const first = boxSquare(tree, child, point);
        const second = boxSquare(tree, child + 1, point);
        const nearFirst = first <= second ? 1 : 0;
        stack[height] = child + nearFirst;
        bounds[height++] = nearFirst === 1 ? second : first;
        stack[height] = child + 1 - nearFirst;
        bounds[height++] = nearFirst === 1 ? first : second;
        continue;
      }
      work += ends[node] - starts[node];
      for (let other = starts[node]; other < ends[node]; other++) {
        const square = pointSquare(tree, point, other);
        if (square >= nearest[count - 1]) continue;
        let at = count - 1;
        for (; at > 0 && nearest[at - 1] > square; at--) nearest[at] = nearest[at - 1];
        nearest[at] = square;
      }
    }
    squares[point] = nearest[count - 1];
    if (work > 1 << 16) {
      work = 0;
      ctx.check();
      ctx.progress((0.3 * point) / n);
    }
  }
  return squares;
}
