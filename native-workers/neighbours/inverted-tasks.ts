import { kernels } from '../engine.ts';
import { PANEL_POINTS, panelsLength } from '../engines/neighbours-kernels.ts';
import type { TaskContext } from '../task.ts';
import { chooseNearest, type Chosen } from './choose-nearest.ts';
import { panelIds, pointsPerBlock, queriesPerCall } from './panels.ts';
import type { RowRange } from './row-ranges.ts';
import type { Metric, Screening } from './screening.ts';

/** Centres of the lists, packed; over a SharedArrayBuffer when workers share them. */
interface ListCentres {
  readonly panels: Float32Array;
  /** Squared norms (0 for the inner product), Infinity where there is no centre. */
  readonly norms: Float32Array;
  readonly ids: Int32Array;
}

/** The points of every list in panels of their own; list l has the places `starts[l]` to `starts[l + 1] - 1`. */
export interface PackedLists {
  readonly starts: Int32Array;
  readonly panels: Float32Array;
  readonly norms: Float32Array;
  /** Rows, ascending within a list, -1 up to the next whole panel. */
  readonly ids: Int32Array;
}

const ROUNDS = 4;

/**
 * Centres of the lists: Lloyd's rounds over a sample, from every so many-th of its rows. A centre without rows stays.
 * Gives them row by row, shape (lists, d).
 */
export function trainCentres(
  args: { screening: Screening; sample: Int32Array; lists: number },
  ctx: TaskContext,
): Float32Array {
  const { screening, sample, lists } = args;
  const { screened, cols } = screening;
  const centres = new Float32Array(new SharedArrayBuffer(4 * lists * cols));
  for (let l = 0; l < lists; l++) {
    const row = sample[Math.floor((l * sample.length) / lists)];
    centres.set(screened.subarray(row * cols, (row + 1) * cols), l * cols);
  }
  const sums = new Float64Array(lists * cols);
  const counts = new Int32Array(lists);
  for (let round = 0; round < ROUNDS; round++) {
    ctx.progress(round / ROUNDS);
    const packed = packListCentres(centres, lists, cols, 'euclidean');
    const nearest = nearestCentres(screening, packed, sample, 1, ctx);
    sums.fill(0);
    counts.fill(0);
    sample.forEach((row, i) => {
      const list = nearest[i];
      if (list < 0) return;
      counts[list] += 1;
      for (let j = 0; j < cols; j++) sums[list * cols + j] += screened[row * cols + j];
    });
    for (let i = 0; i < centres.length; i++) {
      const count = counts[Math.floor(i / cols)];
      if (count > 0) centres[i] = sums[i] / count;
    }
  }
  return centres;
}

/** Packs the centres for the tile. */
function packListCentres(centres: Float32Array, lists: number, cols: number, metric: Metric): ListCentres {
  const ids = panelIds(0, lists);
  const norms = new Float32Array(ids.length).fill(Infinity);
  for (let l = 0; l < lists; l++) {
    let square = 0;
    for (let j = 0; j < cols; j++) square += centres[l * cols + j] * centres[l * cols + j];
    norms[l] = metric === 'dot' ? 0 : square;
  }
  const panels = new Float32Array(panelsLength(ids.length, cols));
  kernels().packPoints(centres, cols, ids, panels);
  return { panels, norms, ids };
}

/** The nearest centres of some rows, nearest first, shape (rows, count). */
function nearestCentres(
  screening: Screening,
  centres: ListCentres,
  rows: Int32Array,
  count: number,
  ctx: TaskContext,
): Int32Array {
  const scores = new Float32Array(rows.length * count).fill(Infinity);
  const nearest = new Int32Array(rows.length * count).fill(-1);
  const tile: Tile = { ...centres, cols: screening.cols, keep: count, scores, ids: nearest };
  // No centre is a row: nothing is left out.
  const own = new Int32Array(rows.length).fill(-2);
  screenInBlocks(screening, tile, centres, rows, own, null, ctx);
  return nearest;
}

interface Tile {
  readonly cols: number;
  readonly keep: number;
  readonly scores: Float32Array;
  readonly ids: Int32Array;
}

/** Screens packed points for some rows, a bounded block a call. `lists` are the places of the rows' lists, null for 0, 1, ... */
function screenInBlocks(
  screening: Screening,
  tile: Tile,
  points: ListCentres,
  rows: Int32Array,
  own: Int32Array,
  lists: Int32Array | null,
  ctx: TaskContext,
): void {
  const { cols, keep, scores, ids } = tile;
  const table = kernels();
  const block = Math.min(pointsPerBlock(cols), points.ids.length);
  const step = queriesPerCall(block, cols);
  for (let p = 0; p < points.ids.length; p += block) {
    const end = Math.min(points.ids.length, p + block);
    const panels = points.panels.subarray(p * cols, panelsLength(end, cols));
    const norms = points.norms.subarray(p, end);
    const pointIds = points.ids.subarray(p, end);
    for (let q = 0; q < rows.length; q += step) {
      ctx.check();
      const last = Math.min(rows.length, q + step);
      const some = rows.subarray(q, last);
      const places = lists ? lists.subarray(q, last) : countedFrom(q, last);
      const ownIds = own.subarray(q, last);
      table.knnTile(
        screening.screened,
        cols,
        some,
        places,
        ownIds,
        panels,
        norms,
        pointIds,
        keep,
        scores,
        ids,
      );
    }
  }
}

function countedFrom(from: number, to: number): Int32Array {
  const places = new Int32Array(to - from);
  for (let i = from; i < to; i++) places[i - from] = i;
  return places;
}

/** Nearest list of each row of a range, written to `list`. */
export function assignLists(
  args: { screening: Screening; centres: Float32Array; lists: number; list: Int32Array } & RowRange,
  ctx: TaskContext,
): void {
  const { screening, from, to } = args;
  const { cols } = screening;
  const packed = packListCentres(args.centres, args.lists, cols, 'euclidean');
  args.list.set(nearestCentres(screening, packed, countedFrom(from, to), 1, ctx), from);
}

/** Packs the points of a range of lists into the shared panels. */
export function packLists(
  args: { screening: Screening; packed: PackedLists } & RowRange,
  ctx: TaskContext,
): void {
  const { screening, packed } = args;
  const { cols } = screening;
  for (let l = args.from; l < args.to; l++) {
    ctx.check();
    const [from, to] = [packed.starts[l], packed.starts[l + 1]];
    if (from === to) continue;
    const ids = packed.ids.subarray(from, to);
    // Through an array of this list alone: panels begin on a cache line, which may lie in the neighbouring list's room.
    kernels().packPoints(
      screening.screened,
      cols,
      ids,
      packed.panels.subarray(from * cols, panelsLength(to, cols)),
    );
    ids.forEach((id, i) => {
      packed.norms[from + i] = id >= 0 ? screening.norms[id] : Infinity;
    });
  }
}

/** Queries whose candidates are read at a time. */
const CHOICE_ROWS = 64;

/**
 * The nearest neighbours of some queries among the rows of their `probe` nearest lists, written to `chosen` at each query's
 * place. Gives the places whose lists held fewer than k other rows.
 */
export function searchLists(
  args: {
    screening: Screening;
    centres: Float32Array;
    packed: PackedLists;
    /** Queries, and their places in `chosen`; from and to are a range of these. */
    rows: Int32Array;
    places: Int32Array;
    probe: number;
    keep: number;
    k: number;
    chosen: Chosen;
  } & RowRange,
  ctx: TaskContext,
): Int32Array {
  const { screening, packed, probe, keep, k, chosen } = args;
  const { cols } = screening;
  const lists = packed.starts.length - 1;
  const rows = args.rows.slice(args.from, args.to);
  const places = args.places.slice(args.from, args.to);
  const centres = packListCentres(args.centres, lists, cols, screening.metric);
  const probed = nearestCentres(screening, centres, rows, probe, ctx);
  const scores = new Float32Array(rows.length * keep).fill(Infinity);
  const ids = new Int32Array(rows.length * keep).fill(-1);
  const tile: Tile = { cols, keep, scores, ids };
  // Each query's own list first: the limit is near its end then, and few later points enter.
  for (const ranks of [
    { from: 0, to: 1 },
    { from: 1, to: probe },
  ]) {
    const { starts, queries } = queriesByList(probed, probe, ranks, lists);
    for (let l = 0; l < lists; l++) {
      if (starts[l] === starts[l + 1] || packed.starts[l] === packed.starts[l + 1]) continue;
      ctx.progress(ranks.from === 0 ? (0.1 * l) / lists : 0.1 + (0.9 * l) / lists);
      const some = queries.subarray(starts[l], starts[l + 1]);
      const ownRows = some.map((query) => rows[query]);
      const [from, to] = [packed.starts[l], packed.starts[l + 1]];
      const points = {
        panels: packed.panels.subarray(from * cols, panelsLength(to, cols)),
        norms: packed.norms.subarray(from, to),
        ids: packed.ids.subarray(from, to),
      };
      screenInBlocks(screening, tile, points, ownRows, ownRows, some, ctx);
    }
  }
  const found: Chosen = {
    ids: new Int32Array(CHOICE_ROWS * k),
    distances: new Float64Array(CHOICE_ROWS * k),
  };
  const short: number[] = [];
  for (let start = 0; start < rows.length; start += CHOICE_ROWS) {
    ctx.check();
    const end = Math.min(rows.length, start + CHOICE_ROWS);
    chooseNearest(screening, rows.subarray(start, end), ids.subarray(start * keep, end * keep), k, found, 0);
    for (let q = start; q < end; q++) {
      const first = (q - start) * k;
      chosen.ids.set(found.ids.subarray(first, first + k), places[q] * k);
      chosen.distances.set(found.distances.subarray(first, first + k), places[q] * k);
      if (found.ids[first + k - 1] < 0) short.push(places[q]);
    }
  }
  return Int32Array.from(short);
}

/** Counting sort of the queries by the lists they probe at some ranks; queries ascend within a list. */
function queriesByList(
  probed: Int32Array,
  probe: number,
  ranks: RowRange,
  lists: number,
): { starts: Int32Array; queries: Int32Array } {
  const starts = new Int32Array(lists + 1);
  const count = probed.length / probe;
  for (let q = 0; q < count; q++)
    for (let r = ranks.from; r < ranks.to; r++) {
      const list = probed[q * probe + r];
      if (list >= 0) starts[list + 1] += 1;
    }
  for (let l = 0; l < lists; l++) starts[l + 1] += starts[l];
  const queries = new Int32Array(starts[lists]);
  const next = starts.slice();
  for (let q = 0; q < count; q++)
    for (let r = ranks.from; r < ranks.to; r++) {
      const list = probed[q * probe + r];
      if (list >= 0) queries[next[list]++] = q;
    }
  return { starts, queries };
}

/** Places that panels of so many rows take. */
export function panelPlaces(rows: number): number {
  return Math.ceil(rows / PANEL_POINTS) * PANEL_POINTS;
}
