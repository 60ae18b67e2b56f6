import { packAxes, packedAxesLength, PANEL } from '../engines/moments-kernels.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import { moveToMean, PROVISIONAL_ROWS, provisionalCentre } from './provisional-centre.ts';
import { rangePairs } from './range-finder.ts';
import {
  bufferLength,
  colsOf,
  eachPiece,
  rowsOf,
  sumStrips,
  walk,
  type RowPiece,
  type RowSource,
} from './row-blocks.ts';
import { orthonormaliseRows } from './orthonormal.ts';
import { packed32, shared32, sharedFloat32, sharedFloat64 } from './shared-arrays.ts';
import { fixSigns } from './symmetric-eigen.ts';

/** Principal components of n rows. */
export interface Pca {
  readonly n: number;
  /** Components delivered, min(k, n - 1, d); `asked` is k. */
  readonly components: number;
  readonly asked: number;
  /** How they were found: from the d x d or the n x n products, or by randomised range finding. */
  readonly method: 'columns' | 'rows' | 'randomised';
  /** Shape (d,). */
  readonly mean: Float64Array;
  /** Unit vectors, shape (components, d); the largest entry of each is positive. */
  readonly directions: Float64Array;
  /** Variance along each component (divided by n), descending, shape (components,). */
  readonly variances: Float64Array;
  /** Sum of the variances of all columns. */
  readonly totalVariance: number;
}

/** Above this many columns their products are not kept: 4,096 columns hold 134 MB. */
const MOST_COLUMNS = 4096;
/** Most entries of a copy of the rows. */
const MOST_COPIED = 2 ** 26;

/**
 * The first k principal components (Pearson 1901). Up to 4,096 columns they are eigenvectors of the covariance, products in
 * float32 added in float64 every 64 rows; of few rows, eigenvectors of the products of rows; else by randomised range finding
 * (Halko, Martinsson, Tropp 2011). The same bytes for any number of threads and any length of blocks.
 *
 * @param source at least one row; in memory or in blocks
 * @throws RangeError for no rows, for k < 1 and for blocks that are no multiple of 256 rows; Cancelled
 */
export async function pca(
  source: RowSource,
  k: number,
  runner: TaskRunner,
  ctx: Pick<TaskContext, 'seed'>,
): Promise<Pca> {
  const n = rowsOf(source);
  const d = colsOf(source);
  if (n === 0) throw new RangeError('Principal components need at least one row.');
  if (!(k >= 1)) throw new RangeError(`${k} principal components were asked: one is the least.`);
  const components = Math.min(k, Math.max(0, n - 1), d);
  const method =
    n <= d / 2 && n <= MOST_COLUMNS && n * d <= MOST_COPIED
      ? 'rows'
      : d <= MOST_COLUMNS
        ? 'columns'
        : 'randomised';
  const found =
    method === 'columns'
      ? await fromColumns(source, components, runner)
      : method === 'rows'
        ? await fromRows(source, components, runner)
        : await fromRange(source, components, runner, ctx.seed);
  return {
    n,
    components,
    asked: k,
    method,
    mean: found.mean,
    directions: found.directions,
    variances: found.values.slice(0, components).map((value) => Math.max(0, value) / n),
    totalVariance: found.total / n,
  };
}

/** Column means in float64, strips merged in order, shape (d,), on shared memory; zeros for no rows. */
export async function columnMeansOf(source: RowSource, runner: TaskRunner): Promise<Float64Array> {
  const n = rowsOf(source);
  const mean = await sumStrips(source, colsOf(source), runner.threads, (piece, sums) =>
    runner.run('addColumnSums', { piece, sums }),
  );
  if (n > 0) for (let j = 0; j < mean.length; j++) mean[j] /= n;
  return mean;
}

/**
 * Column means, shape (d,), and upper triangle of the sum of centred products, shape (d, d), products in float32; on shared
 * memory, strips merged in order. One pass over the rows where the first ones are like the others, else two.
 *
 * @param source at least one row
 */
export async function scatterOf(
  source: RowSource,
  runner: TaskRunner,
): Promise<{ mean: Float64Array; upper: Float64Array }> {
  const n = rowsOf(source);
  const d = colsOf(source);
  const centre = await centreOfFirst(source, runner);
  const sums = await sumStrips(
    source,
    d * d + d,
    runner.threads,
    (piece, into) => {
      const parts = { columnSums: into.subarray(d * d), sums: into.subarray(0, d * d) };
      return runner.run('addGramRows', { piece, centre, ...parts });
    },
    d,
  );
  const upper = sums.subarray(0, d * d);
  const mean = sums.subarray(d * d);
  for (let j = 0; j < d; j++) mean[j] /= n;
  if (moveToMean(upper, n, mean, centre)) return { mean, upper };
  const about = shared32(mean);
  const again = await sumStrips(
    source,
    d * d,
    runner.threads,
    (piece, into) => runner.run('addGramRows', { piece, centre: about, columnSums: null, sums: into }),
    d,
  );
  return { mean, upper: again };
}

async function centreOfFirst(source: RowSource, runner: TaskRunner): Promise<Float32Array> {
  const rows = Math.min(rowsOf(source), PROVISIONAL_ROWS);
  const sums = sharedFloat64(colsOf(source));
  await walk(source, 0, rows, sharedFloat32(bufferLength(source)), (piece) =>
    runner.run('addColumnSums', { piece, sums }),
  );
  return provisionalCentre(sums, rows, sharedFloat32(colsOf(source)));
}

/** Coordinates of the rows on the components, float32, shape (n, components), on shared memory. */
export async function projectOnComponents(
  source: RowSource,
  { mean, directions, components }: Pick<Pca, 'mean' | 'directions' | 'components'>,
  runner: TaskRunner,
): Promise<Float32Array> {
  const out = sharedFloat32(rowsOf(source) * components);
  if (components === 0) return out;
  const centre = shared32(mean);
  const axes = packed32(directions, components, mean.length);
  await eachPiece(source, runner.threads, (piece) =>
    runner.run('projectRows', { piece, centre, axes, count: components, out }),
  );
  return out;
}

interface Found {
  readonly mean: Float64Array;
  readonly values: Float64Array;
  readonly directions: Float64Array;
  readonly total: number;
}

async function fromColumns(source: RowSource, k: number, runner: TaskRunner): Promise<Found> {
  const { mean, upper } = await scatterOf(source, runner);
  const d = mean.length;
  const total = trace(upper, d);
  const { values, vectors } = await runner.run('leadingEigen', { upper, d, k });
  return { mean, values, directions: vectors, total };
}

/** v = Xᵀ u / |Xᵀ u| for the eigenvectors u of X Xᵀ. */
async function fromRows(source: RowSource, k: number, runner: TaskRunner): Promise<Found> {
  const mean = await columnMeansOf(source, runner);
  const n = rowsOf(source);
  const d = mean.length;
  const centre = shared32(mean);
  const transposed = sharedFloat32(d * n);
  await eachPiece(source, runner.threads, (piece) =>
    runner.run('transposeCentred', { piece, centre, out: transposed, n }),
  );
  const columns = { matrix: { data: transposed, rows: d, cols: n }, rows: null };
  const nothing = sharedFloat64(n);
  const upper = await sumStrips(columns, n * n, runner.threads, (piece, sums) =>
    runner.run('addGramRowsExact', { piece, centre: nothing, sums }),
  );
  const { values, vectors } = await runner.run('leadingEigen', { upper, d: n, k });
  const axes = packAxes(vectors, k, n, sharedFloat64(packedAxesLength(k, n, PANEL / 2)));
  const out = sharedFloat64(d * k);
  if (k > 0)
    await eachPiece(columns, runner.threads, (piece: RowPiece) =>
      runner.run('projectRowsExact', { piece, centre: nothing, axes, count: k, out }),
    );
  const directions = new Float64Array(k * d);
  for (let a = 0; a < k; a++) for (let j = 0; j < d; j++) directions[a * d + j] = out[j * k + a];
  orthonormaliseRows(directions, k, d, () => undefined);
  fixSigns(directions, d);
  return { mean, values, directions, total: trace(upper, n) };
}

async function fromRange(source: RowSource, k: number, runner: TaskRunner, seed: number): Promise<Found> {
  const mean = await columnMeansOf(source, runner);
  const centre = sharedFloat64(mean.length);
  centre.set(mean);
  const total = await sumStrips(source, 1, runner.threads, (piece, sums) =>
    runner.run('addSquaredDistances', { piece, centre, sums }),
  );
  return { mean, ...(await rangePairs(source, mean, k, runner, seed)), total: total[0] };
}

function trace(matrix: Float64Array, d: number): number {
  let sum = 0;
  for (let i = 0; i < d; i++) sum += matrix[i * d + i];
  return sum;
}
