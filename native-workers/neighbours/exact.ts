import { PANEL_POINTS } from '../engines/neighbours-kernels.ts';
import type { Matrix } from '../detectors/detector.ts';
import { sharedFloat32, sharedFloat64, sharedInt32 } from '../numeric/shared-arrays.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import type { Chosen } from './choose-nearest.ts';
import type { ScoreLists } from './exact-tasks.ts';
import { pointsPerBlock } from './panels.ts';
import { rowRanges } from './row-ranges.ts';
import { type Metric, prepareScreening, type Screening } from './screening.ts';

export interface NeighbourOptions {
  /** Other rows asked for; at most n - 1 are delivered. */
  readonly k: number;
  readonly metric: Metric;
  /** Rows whose neighbours are asked for; all when absent. Neighbours are sought among all rows in either case. */
  readonly rows?: Int32Array;
}

/** The k nearest other rows of every query, over SharedArrayBuffers. */
export interface NearestNeighbours {
  /** Rows, nearest first, ties by row, shape (queries, k). */
  readonly ids: Int32Array;
  /** In the metric's unit, float64, same shape. */
  readonly distances: Float64Array;
  readonly queries: number;
  /** Neighbours delivered: min(k asked, n - 1). */
  readonly k: number;
}

/** Exact neighbours and how they became certain. */
export interface ExactNeighbours extends NearestNeighbours {
  /** Queries whose float32 screening is proven to have kept every neighbour. */
  readonly certified: number;
  /** Queries searched again in float64. */
  readonly recomputed: number;
}

/** Candidates kept beside the k asked for: float32 screening errs by places, not by pages. */
export const SLACK = 8;
/** Up to so many rows both sides of a pair share one product; above, the lists of all threads take too much memory. */
const SYMMETRIC_ROWS = 200_000;
/** Queries a task takes at least: packing the points is then a few hundredths of the work. */
const QUERY_ROWS = 4096;
const EXACT_ROWS = 64;

/**
 * The k nearest other rows, exact: every pair is screened in float32, distances are computed in float64 from the original
 * rows, and a row whose screening cannot be proven right is searched again in float64. The same bytes for any number of
 * threads.
 *
 * @param matrix data over a SharedArrayBuffer, so that workers need no copies
 * @throws RangeError when lengths or k do not fit
 */
export async function nearestNeighbours(
  matrix: Matrix,
  options: NeighbourOptions,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<ExactNeighbours> {
  checkOptions(matrix, options);
  const screening = await prepareScreening(matrix, options.metric, true, runner, ctx);
  return nearestOfScreened(screening, options, runner, ctx);
}

/** @throws RangeError when k or a row does not fit the matrix */
export function checkOptions(matrix: Matrix, { k, rows }: NeighbourOptions): void {
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`${k} is not a number of neighbours.`);
  for (const row of rows ?? [])
    if (row < 0 || row >= matrix.rows)
      throw new RangeError(`Row ${row} is not among the ${matrix.rows} rows.`);
}

/** {@link nearestNeighbours} of a matrix that is prepared already. */
export async function nearestOfScreened(
  screening: Screening,
  options: NeighbourOptions,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<ExactNeighbours> {
  const { matrix, squares } = screening;
  const rows = options.rows ?? null;
  const queries = rows ? rows.length : matrix.rows;
  const k = Math.min(options.k, Math.max(0, matrix.rows - 1));
  const chosen = allocateChosen(queries, k);
  if (queries === 0 || k === 0) return { ...chosen, queries, k, certified: queries, recomputed: 0 };
  const search: Search = {
    screening,
    rows,
    queries,
    keep: k + SLACK,
    k,
    largest: squares.reduce((largest, square) => Math.max(largest, square), 0),
    chosen,
    certified: new Uint8Array(new SharedArrayBuffer(queries)),
  };
  const certified =
    rows === null && matrix.rows <= SYMMETRIC_ROWS
      ? await searchPairs(search, runner, ctx)
      : await searchQueries(search, runner);
  ctx.check();
  if (certified < queries) {
    const places = Int32Array.from(search.certified.keys()).filter((place) => search.certified[place] === 0);
    await Promise.all(
      rowRanges(places.length, EXACT_ROWS).map((range) =>
        runner.run('searchExactly', { ...search, places, ...range }),
      ),
    );
  }
  return { ...chosen, queries, k, certified, recomputed: queries - certified };
}

/** Output of shape (queries, k), nothing found yet. */
export function allocateChosen(queries: number, k: number): Chosen {
  return { ids: sharedInt32(queries * k).fill(-1), distances: sharedFloat64(queries * k).fill(Infinity) };
}

interface Search {
  readonly screening: Screening;
  readonly rows: Int32Array | null;
  readonly queries: number;
  readonly keep: number;
  readonly k: number;
  readonly largest: number;
  readonly chosen: Chosen;
  readonly certified: Uint8Array;
}

async function searchPairs(search: Search, runner: TaskRunner, ctx: TaskContext): Promise<number> {
  const { screening, keep } = search;
  const { matrix, cols } = screening;
  const n = matrix.rows;
  const blocks = Math.ceil(n / pointsPerBlock(cols));
  const next = sharedInt32(1);
  const lists = Array.from({ length: Math.min(runner.threads, blocks) }, (): ScoreLists => {
    const worst = sharedFloat32(Math.ceil(n / PANEL_POINTS) * PANEL_POINTS).fill(-Infinity);
    worst.fill(Infinity, 0, n);
    return { scores: sharedFloat32(n * keep).fill(Infinity), ids: sharedInt32(n * keep).fill(-1), worst };
  });
  await Promise.all(lists.map((own) => runner.run('screenPairs', { screening, lists: own, keep, next })));
  ctx.check();
  const counts = await Promise.all(
    rowRanges(n, QUERY_ROWS).map((range) => runner.run('settlePairs', { ...search, lists, ...range })),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function searchQueries(search: Search, runner: TaskRunner): Promise<number> {
  // A few queries are shared out too: then packing weighs more, but the wait is shorter.
  const least = Math.max(EXACT_ROWS, Math.min(QUERY_ROWS, Math.ceil(search.queries / 4)));
  const counts = await Promise.all(
    rowRanges(search.queries, least).map((range) => runner.run('screenQueries', { ...search, ...range })),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
