import type { FoundNeighbours } from '../neighbours/nearest.ts';
import { findNeighbours } from '../neighbours/nearest.ts';
import { projectOnComponents } from '../numeric/pca.ts';
import { sharedInt32 } from '../numeric/shared-arrays.ts';
import { whiten } from '../numeric/whitening.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import { classSlices } from './class-slice.ts';
import type { Matrix, SampleSet, ScanInput } from './detector.ts';
import type { HeadSums } from './lda-head.ts';
import { addHeadSums } from './lda-head.ts';

const VARIANCE = 0.99;

/** All investigated rows in a space where the classes have, pooled, unit variance. Arrays stand on shared memory. */
export interface WhitenedRows {
  /** Shape (n, axes), float32: class after class, inside a class in key-hash order, so that file order decides nothing. */
  readonly points: Matrix;
  /** Row of the set of each point, shape (n,). */
  readonly rows: Int32Array;
  /** First point of each class, shape (classes + 1,). */
  readonly starts: Int32Array;
}

/** What one search found in them; ids and distances are of points. */
export interface WhitenedNeighbours extends WhitenedRows {
  readonly found: FoundNeighbours;
}

interface Kept {
  readonly of: Pick<SampleSet, 'label' | 'predicted' | 'keyHash'>;
  readonly whitened: WhitenedRows;
  readonly found: Map<number, FoundNeighbours>;
}

/** The last result for each matrix: several detectors of a scan ask for the same rows and neighbours. */
const kept = new WeakMap<Matrix, Kept>();

/**
 * The investigated rows, whitened by the pooled covariance within the classes of the rows predicted as labelled
 * (shrunk: Ledoit, Wolf 2004; axes that hold 99 % of the variance). Null where no class varies.
 */
export async function whitenedRows(
  input: ScanInput,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<WhitenedRows | null> {
  return (await keptRows(input, runner, ctx))?.whitened ?? null;
}

/**
 * The k nearest other rows of every row in that space, over all classes together: exact, or by an inverted file with measured recall
 * where exact would take too long. Null where no class varies or there are fewer than two rows.
 */
export async function whitenedNeighbours(
  input: ScanInput,
  k: number,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<WhitenedNeighbours | null> {
  const entry = await keptRows(input, runner, ctx);
  if (entry === null || entry.whitened.points.rows < 2) return null;
  let found = entry.found.get(k);
  if (found === undefined) {
    found = await findNeighbours(
      entry.whitened.points,
      { k, metric: 'euclidean', method: 'auto' },
      runner,
      ctx,
    );
    entry.found.set(k, found);
  }
  return { ...entry.whitened, found };
}

/** Share of the true neighbours found: 1 for an exact search, else as measured. */
export function recallOf(found: FoundNeighbours): number {
  return found.method === 'exact' ? 1 : found.recall;
}

async function keptRows(input: ScanInput, runner: TaskRunner, ctx: TaskContext): Promise<Kept | null> {
  const { activations, label, predicted, keyHash } = input.investigated;
  if (activations === null) throw new Error('Rows of a set without activations were asked for.');
  const before = kept.get(activations);
  if (before?.of.label === label && before.of.predicted === predicted && before.of.keyHash === keyHash)
    return before;
  const whitened = await whitenAll(input, activations, runner, ctx);
  if (whitened === null) return null;
  const entry: Kept = { of: { label, predicted, keyHash }, whitened, found: new Map() };
  kept.set(activations, entry);
  return entry;
}

async function whitenAll(
  input: ScanInput,
  matrix: Matrix,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<WhitenedRows | null> {
  const slices = classSlices(input);
  if (slices.length === 0) return null;
  const parts = await Promise.all(slices.map((slice) => runner.run('agreeingSums', { input, slice })));
  const sums = parts.slice(1).reduce(addHeadSums, parts[0]);
  const whitening = whiten({ ...sums, mean: pooledMean(sums) }, VARIANCE, () => {
    ctx.check();
  });
  if (whitening === null) return null;
  const rows = sharedInt32(matrix.rows);
  const starts = sharedInt32(slices.length + 1);
  slices.forEach((slice, c) => {
    rows.set(slice.rows, starts[c]);
    starts[c + 1] = starts[c] + slice.rows.length;
  });
  const { count, data } = whitening.axes;
  const data32 = await projectOnComponents(
    { matrix, rows },
    { mean: whitening.centre, directions: data, components: count },
    runner,
  );
  return { points: { data: data32, rows: matrix.rows, cols: count }, rows, starts };
}

function pooledMean({ n, cols, classes }: HeadSums): Float64Array {
  const mean = new Float64Array(cols);
  for (const part of classes) for (let j = 0; j < cols; j++) mean[j] += (part.mean[j] * part.n) / n;
  return mean;
}
