import { PANEL_POINTS } from '../engines/neighbours-kernels.ts';
import type { Matrix } from '../detectors/detector.ts';
import { columnMeansOf, pca, projectOnComponents } from '../numeric/pca.ts';
import { sharedFloat32, sharedFloat64 } from '../numeric/shared-arrays.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import { rowRanges } from './row-ranges.ts';

/** Euclidean distance; 1 - cosine of the angle (a row of zeros has cosine 0); minus the inner product. */
export type Metric = 'euclidean' | 'cosine' | 'dot';

/** What float32 screening reads: scores are `norms` - 2 (query . point) of the screened rows. Arrays are shared. */
export interface Screening {
  /** The rows that distances are computed from in the end. */
  readonly matrix: Matrix;
  readonly metric: Metric;
  /** Columns of the screened rows. */
  readonly cols: number;
  /** Rows less a centre (Euclidean), of length 1 (cosine) or as they are, float32, shape (n, cols). */
  readonly screened: Float32Array;
  /** Squared norms of the screened rows (Euclidean) or 0, Infinity up to the next whole panel. */
  readonly norms: Float32Array;
  /** Squared norms of the screened rows in float64, shape (n,). */
  readonly squares: Float64Array;
  /** Reciprocal norms of the rows, 0 for a row of zeros, shape (n,); cosine only. */
  readonly scales: Float64Array | null;
}

/** Rows a task takes at least where every row costs a few operations a column. */
const STRIP_ROWS = 4096;

/**
 * Prepares a matrix for screening: a copy, centred (Euclidean: |x|^2 - 2 q.x cancels far from the origin) or of rows of
 * length 1 (cosine).
 *
 * @param centred false screens Euclidean distances on the rows as they are, without a copy
 * @throws RangeError when the data do not hold the rows
 */
export async function prepareScreening(
  matrix: Matrix,
  metric: Metric,
  centred: boolean,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<Screening> {
  const { data, rows, cols } = matrix;
  if (cols < 1) throw new RangeError('A matrix without columns has no neighbours.');
  if (data.length < rows * cols)
    throw new RangeError(`The matrix holds ${data.length} numbers, fewer than ${rows} rows of ${cols}.`);
  const centres = metric === 'euclidean' && centred;
  const centre = centres ? Float32Array.from(await columnMeansOf({ matrix, rows: null }, runner)) : null;
  ctx.check();
  const screened = centres || metric === 'cosine' ? sharedFloat32(rows * cols) : data;
  const scales = metric === 'cosine' ? sharedFloat64(rows) : null;
  const filling: Filling = { centre, unit: metric === 'cosine', norms: metric === 'euclidean' };
  return fillScreening({ matrix, metric, cols, screened, scales }, filling, runner, ctx);
}

/**
 * The same rows on the first components of their own, which keep as much of their distances as so many columns can; distances
 * are still computed from the full rows.
 */
export async function projectScreening(
  screening: Screening,
  components: number,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<Screening> {
  const { screened, cols, matrix } = screening;
  const source = { matrix: { data: screened, rows: matrix.rows, cols }, rows: null };
  const axes = await pca(source, components, runner, ctx);
  ctx.check();
  const projected = await projectOnComponents(source, axes, runner);
  const started = { ...screening, cols: axes.components, screened: projected };
  return fillScreening(started, { centre: null, unit: false, norms: true }, runner, ctx);
}

/** How the rows of a screening are filled. */
export interface Filling {
  /** Taken off every row; null leaves the rows as they are. */
  readonly centre: Float32Array | null;
  /** Scales rows to length 1. */
  readonly unit: boolean;
  /** Squared norms stand in the scores. */
  readonly norms: boolean;
}

async function fillScreening(
  started: Omit<Screening, 'norms' | 'squares'>,
  filling: Filling,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<Screening> {
  const { rows } = started.matrix;
  const screening: Screening = {
    ...started,
    norms: sharedFloat32(Math.ceil(rows / PANEL_POINTS) * PANEL_POINTS).fill(Infinity, rows),
    squares: sharedFloat64(rows),
  };
  await Promise.all(
    rowRanges(rows, STRIP_ROWS).map((range) => runner.run('screenRows', { screening, filling, ...range })),
  );
  ctx.check();
  return screening;
}

/**
 * How far a float32 score can lie from its true value: rounding of `cols` products, of the norm, of the centring.
 *
 * @param square squared norm of the query
 * @param largest squared norm of the longest row
 */
export function scoreError(metric: Metric, cols: number, square: number, largest: number): number {
  // Beyond, float32 itself may overflow.
  if (!(largest < 1e36)) return Infinity;
  const products = 2 * Math.sqrt(square * largest) + (metric === 'euclidean' ? largest : 0);
  // The last term is underflow.
  return (cols + 8) * (2 ** -24 * products + 2 ** -148);
}
