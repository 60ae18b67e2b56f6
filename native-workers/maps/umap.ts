import type { NearestNeighbours } from '../neighbours/exact.ts';
import { mixHash } from '../numeric/hash.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import { fitCurve, forceTable } from './attraction-table.ts';
import { fuzzySet, intersectLabels, membershipStrengths } from './fuzzy-set.ts';
import { type EdgeSchedule, edgeSchedule, type LayoutListener, optimizeLayout } from './layout.ts';
import { sharedFloat32 } from '../numeric/shared-arrays.ts';

/** Neighbours of a row that UMAP looks at, the row itself counted. */
export const UMAP_NEIGHBOURS = 15;

export interface UmapOptions {
  /** Distance that near points keep on the map. */
  readonly minDist: number;
  readonly spread: number;
  /** Null for {@link defaultEpochs}. */
  readonly epochs: number | null;
  readonly seed: number;
  /** Class of every row, -1 unknown, shape (n,): edges between classes are weakened; null to leave labels out. */
  readonly labels: Int32Array | null;
  /** From 0 to 1: how far the labels are obeyed. */
  readonly labelWeight: number;
}

export const UMAP_OPTIONS: Omit<UmapOptions, 'seed'> = {
  minDist: 0.1,
  spread: 1,
  epochs: null,
  labels: null,
  labelWeight: 0.5,
};

/** 500, and 400 above 10,000 rows, where umap-learn takes 200: a synchronous epoch does less for the map and costs a sixth. */
export function defaultEpochs(rows: number): number {
  return rows > 10_000 ? 400 : 500;
}

const PURPOSE_NOISE = 0x4e4f;
const START_REACH = 10;
const START_NOISE = 1e-4;

/**
 * Where the layout starts: the first two principal components, their largest coordinate at 10, with seeded noise of up to 1e-4
 * that parts equal rows.
 *
 * @param components shape (n, 2)
 * @returns shape (n, 2)
 */
export function layoutStart(components: Float32Array, seed: number): Float32Array {
  let largest = 0;
  for (const value of components) largest = Math.max(largest, Math.abs(value));
  const scale = largest > 0 ? START_REACH / largest : 0;
  const stream = mixHash(seed, PURPOSE_NOISE);
  return components.map((value, i) => value * scale + START_NOISE * (mixHash(i, stream) / 2 ** 31 - 1));
}

/** The edges of a map and when they are used: a task of its own, as it takes a while. */
export function umapEdges(
  args: {
    neighbours: NearestNeighbours;
    labels: Int32Array | null;
    labelWeight: number;
    epochs: number;
    seed: number;
  },
  ctx: TaskContext,
): EdgeSchedule {
  const check = () => {
    ctx.check();
  };
  const set = fuzzySet(args.neighbours, check);
  check();
  const graph = args.labels === null ? set : intersectLabels(set, args.labels, args.labelWeight);
  return edgeSchedule(graph, args.epochs, args.seed, true);
}

/**
 * UMAP (McInnes, Healy, Melville 2018) in two dimensions from nearest neighbours and principal components: the fuzzy set, then the
 * synchronous semi-implicit layout. The same seed gives the same bytes for any number of threads and for every engine.
 *
 * @param neighbours k = neighbours - 1 others of each row
 * @param components first two principal components, shape (n, 2)
 * @param tell is given the coordinates, shape (n, 2), at the start and at the end of every few epochs
 * @returns shape (n, 2)
 * @throws RangeError for options or lengths that do not fit; Cancelled
 */
export async function umap(
  neighbours: NearestNeighbours,
  components: Float32Array,
  options: UmapOptions,
  runner: TaskRunner,
  tell: LayoutListener = () => undefined,
): Promise<Float32Array> {
  const { seed, labels, labelWeight } = options;
  const epochs = options.epochs ?? defaultEpochs(neighbours.queries);
  const table = forceTable(fitCurve(options.minDist, options.spread), 2);
  const start = layoutStart(components, seed);
  tell(0, start);
  const edges = await runner.run('umapEdges', { neighbours, labels, labelWeight, epochs, seed });
  return optimizeLayout(start, null, edges, table, { epochs, rate: 1, seed }, runner, tell);
}

/** Epochs for new rows, as in umap-learn. */
function transformEpochs(rows: number): number {
  return rows > 10_000 ? 30 : 100;
}

/** New rows are moved by a quarter of the first step of a fit. */
const TRANSFORM_RATE = 0.25;

/** Where new rows start, shape (rows, 2), and their edges to the fitted points. */
export function transformEdges(
  args: { neighbours: NearestNeighbours; fitted: Float32Array; epochs: number; seed: number },
  ctx: TaskContext,
): { start: Float32Array; edges: EdgeSchedule } {
  const { neighbours, fitted } = args;
  const { queries: rows, k, ids, distances } = neighbours;
  const points = fitted.length / 2;
  const strengths = membershipStrengths(neighbours, true, () => {
    ctx.check();
  });
  const start = new Float32Array(2 * rows);
  const starts = new Int32Array(rows + 1);
  const ends = new Int32Array(rows * k);
  const weights = new Float64Array(rows * k);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    let [x, y, sum] = [0, 0, 0];
    for (let e = row * k; e < (row + 1) * k && ids[e] >= 0; e++) {
      if (ids[e] >= points)
        throw new RangeError(`New row ${row} has neighbour ${ids[e]} among ${points} fitted rows.`);
      ends[at] = ids[e];
      weights[at++] = strengths[e];
      x += strengths[e] * fitted[2 * ids[e]];
      y += strengths[e] * fitted[2 * ids[e] + 1];
      sum += strengths[e];
    }
    const same = distances[row * k] === 0 && ids[row * k] >= 0 ? ids[row * k] : -1;
    start[2 * row] = same >= 0 ? fitted[2 * same] : x / sum;
    start[2 * row + 1] = same >= 0 ? fitted[2 * same + 1] : y / sum;
    starts[row + 1] = at;
  }
  const graph = { starts, ends: ends.subarray(0, at), weights: weights.subarray(0, at) };
  return { start, edges: edgeSchedule(graph, args.epochs, args.seed, false) };
}

/**
 * Places new rows on a map without moving it: from the weighted mean of their neighbours among the fitted rows, or the place of a
 * fitted row that is equal, by a short layout in which the fitted points attract and repel.
 *
 * @param neighbours the nearest fitted rows of every new row, k = {@link UMAP_NEIGHBOURS}; each has one at least
 * @param fitted the map, shape (points, 2)
 * @returns shape (rows, 2)
 * @throws RangeError for neighbours that are not on the map; Cancelled
 */
export async function transform(
  neighbours: NearestNeighbours,
  fitted: Float32Array,
  options: Pick<UmapOptions, 'minDist' | 'spread' | 'seed'>,
  runner: TaskRunner,
): Promise<Float32Array> {
  const epochs = transformEpochs(neighbours.queries);
  const shared = sharedFloat32(fitted.length);
  shared.set(fitted);
  const { seed } = options;
  const { start, edges } = await runner.run('transformEdges', { neighbours, fitted: shared, epochs, seed });
  const table = forceTable(fitCurve(options.minDist, options.spread), 1);
  return optimizeLayout(start, shared, edges, table, { epochs, rate: TRANSFORM_RATE, seed }, runner);
}
