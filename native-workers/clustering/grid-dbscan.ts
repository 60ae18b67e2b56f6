import { kernels } from '../engine.ts';
import type { TaskContext } from '../task.ts';
import { overBlocks, type GridCells } from './grid-cells.ts';
import { UnionFind } from './union-find.ts';

/** Above every cluster's number. */
const NO_CLUSTER = 0x7fffffff;

/** Sorted points whose cells go to one call. */
const CALL_POINTS = 8192;

function overCalls(cells: GridCells, ctx: TaskContext, call: (from: number, to: number) => void): void {
  const { starts, count } = cells;
  for (let from = 0, to = 0; from < count; from = to) {
    ctx.check();
    while (to < count && starts[to] - starts[from] < CALL_POINTS) to++;
    call(from, to);
  }
}

/**
 * Clusters of points in a grid: a cell with minPoints points is core throughout, cells with core points within eps of one
 * another are one cluster, a border point joins the lowest-numbered cluster in reach.
 * Writes 1 into `core` for core rows, each row's cluster (-1 noise) into `clusters`; returns the number of clusters.
 */
export function clusterCells(
  cells: GridCells,
  eps: number,
  minPoints: number,
  core: Uint8Array,
  clusters: Int32Array,
  ctx: TaskContext,
): number {
  const limit = eps * eps;
  const check = () => {
    ctx.check();
  };
  const sorted = coreOf(cells, limit, minPoints, ctx);
  ctx.progress(0.6);
  const sets = joinedCells(cells, limit, sorted, ctx);
  ctx.progress(0.9);
  const { rows } = cells;
  const { clusterOf, count } = numberCells(cells, sorted, sets);
  const joined = clustersOf(cells, limit, sorted, clusterOf, ctx);
  overBlocks(rows.length, check, (from, to) => {
    for (let i = from; i < to; i++) {
      core[rows[i]] = sorted[i];
      clusters[rows[i]] = joined[i] === NO_CLUSTER ? -1 : joined[i];
    }
  });
  ctx.progress(1);
  return count;
}

/** Cluster of each cell's core points, -1 where it has none: numbered by the lowest core row of any of its cells. */
function numberCells(
  cells: GridCells,
  core: Uint8Array,
  sets: UnionFind,
): { clusterOf: Int32Array; count: number } {
  const { rows, starts } = cells;
  const lowest = new Int32Array(cells.count).fill(rows.length);
  const clusterOf = new Int32Array(cells.count).fill(-1);
  const roots: number[] = [];
  for (let cell = 0; cell < cells.count; cell++) {
    let i = starts[cell];
    while (i < starts[cell + 1] && core[i] === 0) i++;
    if (i === starts[cell + 1]) continue;
    const root = sets.find(cell);
    if (root === cell) roots.push(cell);
    clusterOf[cell] = root;
    // Rows ascend in a cell.
    if (rows[i] < lowest[root]) lowest[root] = rows[i];
  }
  roots.sort((a, b) => lowest[a] - lowest[b]);
  const numbers = new Int32Array(cells.count);
  roots.forEach((root, number) => {
    numbers[root] = number;
  });
  for (let cell = 0; cell < cells.count; cell++)
    if (clusterOf[cell] >= 0) clusterOf[cell] = numbers[clusterOf[cell]];
  return { clusterOf, count: roots.length };
}

/** 1 for each sorted point with minPoints points within eps, itself counted. */
function coreOf(cells: GridCells, limit: number, minPoints: number, ctx: TaskContext): Uint8Array {
  const { starts, first, lineStarts, around, reach } = cells;
  const [xs, ys, zs] = cells.points;
  const core = new Uint8Array(cells.rows.length);
  overCalls(cells, ctx, (from, to) => {
    kernels().markCores(
      xs,
      ys,
      zs,
      limit,
      minPoints,
      starts,
      first,
      lineStarts,
      around,
      reach,
      from,
      to,
      core,
    );
  });
  return core;
}

/** Joins the cells that have core points within eps of one another; cells without core points stay alone. */
function joinedCells(cells: GridCells, limit: number, core: Uint8Array, ctx: TaskContext): UnionFind {
  const { starts, first, lineStarts, around, reach } = cells;
  const [xs, ys, zs] = cells.points;
  const sets = new UnionFind(cells.count);
  const { parents } = sets;
  overCalls(cells, ctx, (from, to) => {
    kernels().joinCells(xs, ys, zs, limit, starts, first, lineStarts, around, reach, from, to, core, parents);
  });
  return sets;
}

/** Cluster of each sorted point: its cell's, or the lowest-numbered one with a core point within eps, or none. */
function clustersOf(
  cells: GridCells,
  limit: number,
  core: Uint8Array,
  clusterOf: Int32Array,
  ctx: TaskContext,
): Int32Array {
  const { starts, first, lineStarts, around, reach } = cells;
  const [xs, ys, zs] = cells.points;
  const held = new Int32Array(core.length);
  overCalls(cells, ctx, (from, to) => {
    for (let cell = from; cell < to; cell++)
      for (let i = starts[cell]; i < starts[cell + 1]; i++)
        held[i] = core[i] === 1 ? clusterOf[cell] : NO_CLUSTER;
  });
  const joined = held.slice();
  overCalls(cells, ctx, (from, to) => {
    kernels().joinBorders(
      xs,
      ys,
      zs,
      limit,
      starts,
      first,
      lineStarts,
      around,
      reach,
      from,
      to,
      held,
      joined,
    );
  });
  return joined;
}
