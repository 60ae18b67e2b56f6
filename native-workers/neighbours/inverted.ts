import { panelsLength } from '../engines/neighbours-kernels.ts';
import type { Matrix } from '../detectors/detector.ts';
import { mixHash } from '../numeric/hash.ts';
import { sharedFloat32, sharedInt32 } from '../numeric/shared-arrays.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import {
  allocateChosen,
  checkOptions,
  type NearestNeighbours,
  nearestOfScreened,
  type NeighbourOptions,
  SLACK,
} from './exact.ts';
import { type PackedLists, panelPlaces } from './inverted-tasks.ts';
import { rowRanges } from './row-ranges.ts';
import { prepareScreening, projectScreening, type Screening } from './screening.ts';

export interface InvertedOptions extends Omit<NeighbourOptions, 'rows'> {
  /** Share of the true neighbours that must be found, 0 to 1. */
  readonly recall: number;
}

/** Approximate neighbours with what was measured about them. */
export interface InvertedNeighbours extends NearestNeighbours {
  /** Share of the true neighbours found, on `sampled` rows of these data that were also solved exactly. */
  readonly recall: number;
  readonly sampled: number;
  /** Lists the rows were shared out to, and how many of them each query looked through. */
  readonly lists: number;
  readonly probed: number;
  /** Principal components that candidates were found by; null where it was by all columns. */
  readonly projected: number | null;
}

const STRIP_ROWS = 4096;
const TRAINING_ROWS = 40;
const SAMPLED_ROWS = 500;
/** Rows of more columns are first seen by their components, and more candidates are kept. */
const PROJECTED_ABOVE = 100;
const COMPONENTS = 64;
const PROJECTED_SLACK = 16;
const TRAINING = 0x4c15;
const SAMPLING = 0x5a3b;

/**
 * The k nearest other rows, approximately (inverted file: Jegou, Douze, Schmid 2011): rows are shared out to the nearest of
 * some centres, and a query looks through the lists of its nearest centres. Recall is measured on rows that are solved exactly,
 * and the lists looked through are doubled until it is as asked. The same bytes for any number of threads.
 *
 * @param matrix data over a SharedArrayBuffer, so that workers need no copies
 * @throws RangeError when lengths, k or the recall do not fit
 */
export async function invertedNeighbours(
  matrix: Matrix,
  options: InvertedOptions,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<InvertedNeighbours> {
  checkOptions(matrix, options);
  if (!(options.recall >= 0 && options.recall <= 1))
    throw new RangeError(`${options.recall} is not a share of neighbours between 0 and 1.`);
  const n = matrix.rows;
  const k = Math.min(options.k, Math.max(0, n - 1));
  const chosen = allocateChosen(n, k);
  if (k === 0)
    return { ...chosen, queries: n, k, recall: 1, sampled: 0, lists: 0, probed: 0, projected: null };
  const projects = matrix.cols > PROJECTED_ABOVE && options.metric !== 'dot';
  const full = await prepareScreening(matrix, options.metric, !projects, runner, ctx);
  const rows = sampleRows(n, SAMPLED_ROWS, ctx.seed, SAMPLING);
  const exact = await nearestOfScreened(full, { k, metric: options.metric, rows }, runner, ctx);
  const sample: Sample = { rows, exact, asked: options.recall };
  const index =
    (projects ? await projectedIndex(full, sample, runner, ctx) : null) ??
    (await buildIndex(projects ? await centredAgain(full, runner, ctx) : full, k + SLACK, runner, ctx));
  const { probe, recall } = await raiseRecall(index, sample, runner, ctx);
  // In the order of the lists: the queries of a strip look through the same lists.
  const places = index.packed.ids.filter((id) => id >= 0);
  const short = await Promise.all(
    rowRanges(n, STRIP_ROWS).map((range) =>
      runner.run('searchLists', { ...index, rows: places, places, probe, k, chosen, ...range }),
    ),
  );
  ctx.check();
  await complete(full, options, chosen, short, runner, ctx);
  const lists = index.packed.starts.length - 1;
  const projected = index.screening.cols < matrix.cols ? index.screening.cols : null;
  return { ...chosen, queries: n, k, recall, sampled: rows.length, lists, probed: probe, projected };
}

/** Rows solved exactly, and the share of their neighbours that must be found. */
interface Sample {
  readonly rows: Int32Array;
  readonly exact: NearestNeighbours;
  readonly asked: number;
}

interface Index {
  readonly screening: Screening;
  readonly centres: Float32Array;
  readonly packed: PackedLists;
  readonly keep: number;
}

/** Euclidean rows were screened where they lie for the sample; the lists need them centred. */
async function centredAgain(full: Screening, runner: TaskRunner, ctx: TaskContext): Promise<Screening> {
  return full.metric === 'euclidean' ? prepareScreening(full.matrix, full.metric, true, runner, ctx) : full;
}

/** An index of the rows on their first components; null where even all of it would not give the recall with room to spare. */
async function projectedIndex(
  full: Screening,
  sample: Sample,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<Index | null> {
  const screening = await projectScreening(full, COMPONENTS, runner, ctx);
  const index = await buildIndex(screening, sample.exact.k + PROJECTED_SLACK, runner, ctx);
  const most = await recallOf(index, sample, index.packed.starts.length - 1, runner, ctx);
  return most >= (1 + sample.asked) / 2 ? index : null;
}

async function buildIndex(
  screening: Screening,
  keep: number,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<Index> {
  const n = screening.matrix.rows;
  const lists = listsFor(n);
  const sample = sampleRows(n, lists * TRAINING_ROWS, ctx.seed, TRAINING);
  const centres = await runner.run('trainCentres', { screening, sample, lists });
  return { screening, centres, packed: await shareOut(screening, centres, lists, runner, ctx), keep };
}

/** About the square root of the rows, 256 at least where there are 32 rows a list. */
function listsFor(n: number): number {
  const lists = Math.max(256, Math.ceil(Math.sqrt(n) / 32) * 32);
  return Math.max(1, Math.min(lists, Math.floor(n / 32)));
}

/** At most `count` rows, one at a seeded place of every so many, ascending. */
function sampleRows(n: number, count: number, seed: number, purpose: number): Int32Array {
  const size = Math.min(n, count);
  const key = mixHash(seed, purpose);
  return Int32Array.from({ length: size }, (_, i) =>
    Math.min(n - 1, Math.floor(((i + mixHash(key, i) / 2 ** 32) * n) / size)),
  );
}

/** Assigns every row to a list and packs the lists. */
async function shareOut(
  screening: Screening,
  centres: Float32Array,
  lists: number,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<PackedLists> {
  const { matrix, cols } = screening;
  const n = matrix.rows;
  const list = sharedInt32(n);
  await Promise.all(
    rowRanges(n, STRIP_ROWS).map((range) =>
      runner.run('assignLists', { screening, centres, lists, list, ...range }),
    ),
  );
  ctx.check();
  const counts = new Int32Array(lists);
  for (const own of list) counts[own] += 1;
  const starts = new Int32Array(lists + 1);
  for (let l = 0; l < lists; l++) starts[l + 1] = starts[l] + panelPlaces(counts[l]);
  const places = starts[lists];
  const packed: PackedLists = {
    starts,
    panels: sharedFloat32(panelsLength(places, cols)),
    norms: sharedFloat32(places),
    ids: sharedInt32(places).fill(-1),
  };
  const next = starts.slice();
  list.forEach((own, row) => {
    packed.ids[next[own]++] = row;
  });
  await Promise.all(
    rowRanges(lists, 16).map((range) => runner.run('packLists', { screening, packed, ...range })),
  );
  ctx.check();
  return packed;
}

/** Doubles the lists looked through until the sampled rows find the asked share of their true neighbours. */
async function raiseRecall(
  index: Index,
  sample: Sample,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<{ probe: number; recall: number }> {
  const lists = index.packed.starts.length - 1;
  for (let probe = Math.ceil(lists / 64); ; probe = Math.min(lists, 2 * probe)) {
    const recall = await recallOf(index, sample, probe, runner, ctx);
    if (recall >= sample.asked || probe === lists) return { probe, recall };
  }
}

/** Share of the true neighbours that the sampled rows find in so many lists; one as near as the last true one counts. */
async function recallOf(
  index: Index,
  { rows, exact }: Sample,
  probe: number,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<number> {
  const { k } = exact;
  const places = Int32Array.from(rows.keys());
  const chosen = allocateChosen(rows.length, k);
  await Promise.all(
    rowRanges(rows.length, 128).map((range) =>
      runner.run('searchLists', { ...index, rows, places, probe, k, chosen, ...range }),
    ),
  );
  ctx.check();
  let found = 0;
  chosen.distances.forEach((distance, i) => {
    if (distance <= exact.distances[Math.floor(i / k) * k + k - 1]) found += 1;
  });
  return found / chosen.distances.length;
}

/** Searches exactly for the rows whose lists held fewer than k others. */
async function complete(
  screening: Screening,
  options: InvertedOptions,
  chosen: { ids: Int32Array; distances: Float64Array },
  short: readonly Int32Array[],
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<void> {
  const rows = Int32Array.from(short.flatMap((some) => [...some])).sort();
  if (rows.length === 0) return;
  const { k, ids, distances } = await nearestOfScreened(
    screening,
    { k: options.k, metric: options.metric, rows },
    runner,
    ctx,
  );
  rows.forEach((row, i) => {
    chosen.ids.set(ids.subarray(i * k, (i + 1) * k), row * k);
    chosen.distances.set(distances.subarray(i * k, (i + 1) * k), row * k);
  });
}
