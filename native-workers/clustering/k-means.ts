import type { Matrix } from '../detectors/detector.ts';
import { packedCentres } from '../engines/clustering-kernels.ts';
import { stripBounds } from '../numeric/strips.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import { packState } from './k-means-centres.ts';
import { countsOf, type KMeansOutcome } from './k-means-rounds.ts';
import type { KMeansState } from './k-means-strips.ts';
import { endRounds, stripBoard } from './strip-board.ts';

export interface KMeansResult extends KMeansOutcome {
  /** Shape (n,). */
  readonly clusters: Int32Array;
  /** Shape (k, cols). */
  readonly centres: Float64Array;
  /** Rows of each cluster, shape (k,). */
  readonly counts: Int32Array;
}

/**
 * k-means by Lloyd's rounds with Hamerly's bounds (Hamerly 2010): what Lloyd's give, at a fraction of the distances.
 * Each row's nearest centre is decided in float64 and sums are merged in a fixed order: the same bytes in every engine and
 * for any number of threads.
 *
 * Ends when no row changes cluster, when the centres moved less than `tolerance` (1e-4) times the mean variance of the
 * columns (squared distances summed over the centres, as scikit-learn's `tol`), or after 300 rounds. A cluster that loses its
 * last row is given the row farthest from its own centre.
 *
 * @param args.matrix over shared memory, so that workers can read it
 * @param args.start first centres, shape (k, cols); null draws them by greedy k-means++
 * @throws RangeError for no cluster, more clusters than rows, or a start of another shape
 * @throws Cancelled
 */
export async function kMeans(
  args: {
    matrix: Matrix;
    k: number;
    seed: number;
    start?: Float64Array | null;
    tolerance?: number;
  },
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<KMeansResult> {
  const { matrix, k, seed, start = null, tolerance = 1e-4 } = args;
  checkArguments(matrix, k, start);
  const drawn = await runner.run('kMeansStart', { matrix, k: start ? 1 : k, seed });
  const strips = stripBounds(matrix.rows).length - 1;
  const state = newState(matrix, k, strips);
  state.centres.set(start ?? drawn.centres);
  state.offset.set(drawn.mean);
  packState(state);

  const crew = Math.min(strips, runner.threads);
  const led = runner.run('kMeansRounds', { state, tolerance });
  const joined = Array.from({ length: crew - 1 }, () => runner.run('kMeansShare', { state }));
  // A thread that is lost in the middle of a strip must not be waited for.
  const lost = (error: unknown): never => {
    endRounds(state.board);
    throw error;
  };
  const [outcome] = await Promise.all([led.catch(lost), ...joined.map((part) => part.catch(lost))]);
  ctx.progress(1);
  return {
    clusters: state.clusters,
    centres: state.centres,
    counts: countsOf(state),
    ...outcome,
  };
}

function checkArguments(matrix: Matrix, k: number, start: Float64Array | null): void {
  const { data, rows, cols } = matrix;
  if (!(Number.isInteger(k) && k >= 1))
    throw new RangeError(`${k} clusters cannot be made. Ask for 1 or more.`);
  if (cols < 1) throw new RangeError('The matrix has no columns: there is nothing to cluster by.');
  if (data.length < rows * cols) throw new RangeError(`The matrix holds fewer than its ${rows} rows.`);
  if (k > rows)
    throw new RangeError(
      `${k} clusters cannot be made of ${rows} rows. Ask for at most as many as there are rows.`,
    );
  if (start && start.length !== k * cols)
    throw new RangeError(
      `The first centres have ${start.length} values; ${k} centres of ${cols} columns have ${k * cols}.`,
    );
  if (start && !start.every(Number.isFinite))
    throw new RangeError('A first centre has a value that is not finite.');
}

function newState(matrix: Matrix, k: number, strips: number): KMeansState {
  const { rows, cols } = matrix;
  const { packed, biases } = packedCentres(k, cols);
  const floats = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));
  const doubles = (length: number) => new Float64Array(new SharedArrayBuffer(8 * length));
  const integers = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
  return {
    matrix,
    k,
    clusters: integers(rows),
    upper: floats(rows),
    lower: floats(rows),
    sums: doubles(strips * k * cols),
    counts: integers(strips * k),
    centres: doubles(k * cols),
    offset: floats(cols),
    packed: floats(packed),
    biases: floats(biases),
    moved: doubles(k),
    othersMoved: doubles(k),
    half: doubles(k),
    norms: doubles(2),
    changed: integers(strips),
    squares: doubles(strips),
    board: stripBoard(strips),
  };
}
