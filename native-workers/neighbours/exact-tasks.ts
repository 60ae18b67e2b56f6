import { kernels } from '../engine.ts';
import { panelsLength } from '../engines/neighbours-kernels.ts';
import type { TaskContext } from '../task.ts';
import { chooseNearest, type Chosen } from './choose-nearest.ts';
import { panelIds, pointsPerBlock, queriesPerCall } from './panels.ts';
import type { RowRange } from './row-ranges.ts';
import { type Filling, type Screening, scoreError } from './screening.ts';

/** Fills the rows of a screening and their norms. */
export function screenRows(
  args: { screening: Screening; filling: Filling } & RowRange,
  ctx: TaskContext,
): void {
  const { centre, unit, norms: inScores } = args.filling;
  const { matrix, cols, screened, norms, squares, scales } = args.screening;
  const { data } = matrix;
  for (let r = args.from; r < args.to; r++) {
    if (r % 256 === 0) ctx.check();
    const row = r * cols;
    if (centre) for (let j = 0; j < cols; j++) screened[row + j] = data[row + j] - centre[j];
    if (unit && scales) {
      let square = 0;
      for (let j = 0; j < cols; j++) square += data[row + j] * data[row + j];
      scales[r] = square > 0 ? 1 / Math.sqrt(square) : 0;
      for (let j = 0; j < cols; j++) screened[row + j] = data[row + j] * scales[r];
    }
    let square = 0;
    for (let j = 0; j < cols; j++) square += screened[row + j] * screened[row + j];
    squares[r] = square;
    norms[r] = inScores ? square : 0;
  }
}

/** Lists of the lowest scores of every row, shape (n, keep), as one task found them. */
export interface ScoreLists {
  readonly scores: Float32Array;
  readonly ids: Int32Array;
  /** Last score of each list, -Infinity up to the next whole panel. */
  readonly worst: Float32Array;
}

/**
 * Screens all pairs of rows once, for the lists of both. Tasks that share `next`, a counter, take the next block of points
 * each; ids come in ascending order in every list, and the order of scores and ids is total: the merged lists do not depend
 * on who took what.
 */
export function screenPairs(
  args: { screening: Screening; lists: ScoreLists; keep: number; next: Int32Array },
  ctx: TaskContext,
): void {
  const { screening, lists, keep, next } = args;
  const { rows } = screening.matrix;
  const { cols } = screening;
  const points = pointsPerBlock(cols);
  const step = queriesPerCall(points, cols);
  const panels = new Float32Array(panelsLength(points, cols));
  const table = kernels();
  for (;;) {
    const from = Atomics.add(next, 0, 1) * points;
    if (from >= rows) return;
    ctx.progress((from / rows) ** 2);
    const to = Math.min(rows, from + points);
    table.packPoints(screening.screened, cols, panelIds(from, to), panels);
    for (let query = 0; query < to; query += step) {
      ctx.check();
      table.knnTileBoth(
        screening.screened,
        cols,
        query,
        query,
        query,
        Math.min(step, to - query),
        panels,
        screening.norms,
        from,
        from,
        to - from,
        keep,
        lists.scores,
        lists.ids,
        lists.worst,
      );
    }
  }
}

/** Queries whose candidates are read at a time. */
const CHOICE_ROWS = 64;

/** Merges the lists of the pairs' tasks row by row and settles them. Gives how many rows are certified. */
export function settlePairs(
  args: {
    screening: Screening;
    lists: readonly ScoreLists[];
    keep: number;
    k: number;
    largest: number;
    chosen: Chosen;
    certified: Uint8Array;
  } & RowRange,
  ctx: TaskContext,
): number {
  const { screening, lists, keep, k, chosen } = args;
  const heads = new Int32Array(lists.length);
  let certified = 0;
  for (let from = args.from; from < args.to; from += CHOICE_ROWS) {
    ctx.check();
    const rows = rowsFrom(from, Math.min(args.to, from + CHOICE_ROWS));
    const candidates = new Int32Array(rows.length * keep).fill(-1);
    const worst = new Float32Array(rows.length);
    rows.forEach((row, q) => {
      worst[q] = mergeLists(lists, row, keep, heads, candidates, q * keep);
    });
    chooseNearest(screening, rows, candidates, k, chosen, from);
    certified += certify({ ...args, rows, worst, at: from });
  }
  return certified;
}

function rowsFrom(from: number, to: number): Int32Array {
  const rows = new Int32Array(to - from);
  for (let i = from; i < to; i++) rows[i - from] = i;
  return rows;
}

/** The lowest of several lists of one row by score and id; gives the last score kept. */
function mergeLists(
  lists: readonly ScoreLists[],
  row: number,
  keep: number,
  heads: Int32Array,
  merged: Int32Array,
  at: number,
): number {
  const base = row * keep;
  if (lists.length === 1) {
    merged.set(lists[0].ids.subarray(base, base + keep), at);
    return lists[0].scores[base + keep - 1];
  }
  heads.fill(0);
  let score = Infinity;
  for (let i = 0; i < keep; i++) {
    let best = -1;
    for (let l = 0; l < lists.length; l++) {
      if (heads[l] === keep || lists[l].ids[base + heads[l]] < 0) continue;
      const [own, id] = [lists[l].scores[base + heads[l]], lists[l].ids[base + heads[l]]];
      if (best >= 0) {
        const lowest = lists[best].scores[base + heads[best]];
        if (own > lowest || (own === lowest && id > lists[best].ids[base + heads[best]])) continue;
      }
      best = l;
    }
    if (best < 0) return Infinity;
    score = lists[best].scores[base + heads[best]];
    merged[at + i] = lists[best].ids[base + heads[best]];
    heads[best] += 1;
  }
  return score;
}

/**
 * Marks the rows whose neighbours are proven: every row that was not kept has a score of at least the worst kept one, hence,
 * less twice the rounding error, lies behind the k-th neighbour. Rows at distance 0 have equal scores and are kept by id, so
 * they need no margin.
 */
function certify(args: {
  screening: Screening;
  rows: Int32Array;
  /** Last score kept of each of the rows, Infinity where all others are kept. */
  worst: Float32Array;
  k: number;
  largest: number;
  chosen: Chosen;
  certified: Uint8Array;
  /** Place of the first row in `chosen` and `certified`. */
  at: number;
}): number {
  const { cols, metric, squares } = args.screening;
  let count = 0;
  args.rows.forEach((row, q) => {
    const last = args.chosen.distances[(args.at + q) * args.k + args.k - 1];
    const margin = 2 * scoreError(metric, cols, squares[row], args.largest);
    let score = 2 * last;
    if (metric === 'euclidean') score = last * last - squares[row];
    if (metric === 'cosine') score = 2 * last - 2;
    const proven = (metric === 'euclidean' && last === 0) || args.worst[q] - score > margin;
    args.certified[args.at + q] = proven ? 1 : 0;
    if (proven) count += 1;
  });
  return count;
}

/** Screens some queries against all rows, one side only, and settles them. Gives how many are certified. */
export function screenQueries(
  args: {
    screening: Screening;
    /** Rows that are queries; null for all. */
    rows: Int32Array | null;
    keep: number;
    k: number;
    largest: number;
    chosen: Chosen;
    certified: Uint8Array;
  } & RowRange,
  ctx: TaskContext,
): number {
  const { screening, keep, k, chosen, from, to } = args;
  const { screened, norms, cols } = screening;
  const queries = args.rows ? args.rows.slice(from, to) : rowsFrom(from, to);
  const scores = new Float32Array(queries.length * keep).fill(Infinity);
  const ids = new Int32Array(queries.length * keep).fill(-1);
  const table = kernels();
  againstAllPoints(
    screened,
    cols,
    screening.matrix.rows,
    queries.length,
    ctx,
    (panels, points, start, end, first) => {
      const some = queries.subarray(start, end);
      const tileNorms = norms.subarray(first, first + points.length);
      const lists = rowsFrom(start, end);
      table.knnTile(screened, cols, some, lists, some, panels, tileNorms, points, keep, scores, ids);
    },
  );
  let certified = 0;
  for (let start = 0; start < queries.length; start += CHOICE_ROWS) {
    ctx.check();
    const end = Math.min(queries.length, start + CHOICE_ROWS);
    const rows = queries.subarray(start, end);
    chooseNearest(screening, rows, ids.subarray(start * keep, end * keep), k, chosen, from + start);
    const worst = Float32Array.from(rows, (_, q) => scores[(start + q + 1) * keep - 1]);
    certified += certify({ ...args, rows, worst, at: from + start });
  }
  return certified;
}

/** The neighbours of some queries by float64 distances to every row. */
export function searchExactly(
  args: {
    screening: Screening;
    /** Places of the queries in `chosen`, and their rows; null where the two are the same. */
    places: Int32Array;
    rows: Int32Array | null;
    keep: number;
    k: number;
    chosen: Chosen;
  } & RowRange,
  ctx: TaskContext,
): void {
  const { screening, rows, keep, k, chosen } = args;
  const { matrix, scales, metric } = screening;
  const places = args.places.slice(args.from, args.to);
  const queries = rows ? places.map((place) => rows[place]) : places;
  const scores = new Float64Array(queries.length * keep).fill(Infinity);
  const ids = new Int32Array(queries.length * keep).fill(-1);
  const table = kernels();
  againstAllPoints(
    matrix.data,
    matrix.cols,
    matrix.rows,
    queries.length,
    ctx,
    (panels, points, start, end) => {
      const some = queries.subarray(start, end);
      const lists = rowsFrom(start, end);
      const tileScales =
        metric === 'euclidean'
          ? null
          : Float64Array.from(points, (id) => (scales && id >= 0 ? scales[id] : 1));
      table.knnTileExact(
        matrix.data,
        matrix.cols,
        some,
        lists,
        some,
        panels,
        tileScales,
        points,
        keep,
        scores,
        ids,
      );
    },
  );
  for (let q = 0; q < queries.length; q++) {
    const row = queries.subarray(q, q + 1);
    chooseNearest(screening, row, ids.subarray(q * keep, (q + 1) * keep), k, chosen, places[q]);
  }
}

/** Packs all points block by block and hands each block to `visit` with ranges of the queries. */
function againstAllPoints(
  source: Float32Array,
  cols: number,
  rows: number,
  queries: number,
  ctx: TaskContext,
  visit: (panels: Float32Array, points: Int32Array, start: number, end: number, first: number) => void,
): void {
  const block = pointsPerBlock(cols);
  const step = queriesPerCall(block, cols);
  const panels = new Float32Array(panelsLength(block, cols));
  for (let first = 0; first < rows; first += block) {
    ctx.progress(first / rows);
    const points = panelIds(first, Math.min(rows, first + block));
    kernels().packPoints(source, cols, points, panels);
    for (let start = 0; start < queries; start += step) {
      ctx.check();
      visit(panels, points, start, Math.min(queries, start + step), first);
    }
  }
}
