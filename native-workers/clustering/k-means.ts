import type { Matrix } from '../detectors/detector.ts';
import { packedCentres } from '../engines/clustering-kernels.ts';
import { stripBounds } from '../numeric/strips.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import { kMeansCentres, packState } from './k-means-centres.ts';
import type { KMeansState } from './k-means-strips.ts';

const MOST_ROUNDS = 300;
/** Up to so many additions, below a millisecond, centres are moved in the calling thread. */
const CENTRES_HERE = 500_000;

export interface KMeansResult {
  /** Shape (n,). */
  readonly clusters: Int32Array;
  /** Shape (k, cols). */
  readonly centres: Float64Array;
  /** Rows of each cluster, shape (k,). */
  readonly counts: Int32Array;
  /** Sum of the squared distances from the centres, by differences in float64. */
  readonly inertia: number;
  readonly rounds: number;
  /** False when 300 rounds were not enough. */
  readonly converged: boolean;
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
  const { rows, cols } = matrix;
  const drawn = await runner.run('kMeansStart', { matrix, k: start ? 1 : k, seed });
  const strips = stripBounds(rows).length - 1;
  const state = newState(matrix, k, strips);
  state.centres.set(start ?? drawn.centres);
  state.offset.set(drawn.mean);
  packState(state);

  const groups = Math.min(strips, runner.threads);
  const overStrips = async (phase: 'first' | 'round' | 'sums' | 'squares') => {
    ctx.check();
    const parts = await Promise.all(
      Array.from({ length: groups }, (_, group) =>
        runner.run('kMeansStrips', {
          state,
          phase,
          firstStrip: Math.floor((group * strips) / groups),
          endStrip: Math.floor(((group + 1) * strips) / groups),
        }),
      ),
    );
    if (phase === 'round') state.moved.fill(0);
    let changed = 0;
    let squares = 0;
    for (const part of parts) {
      changed += part.changed;
      for (const square of part.squares) squares += square;
    }
    return { changed, squares };
  };

  // Few small centres are moved here: a message to a worker and back takes longer than the work.
  const moveCentres = (fillEmpty: boolean) =>
    (strips + k) * k * cols <= CENTRES_HERE && !countsOf(state, strips).includes(0)
      ? kMeansCentres({ state, fillEmpty }, ctx)
      : runner.run('kMeansCentres', { state, fillEmpty });

  const first = await overStrips('first');
  const limit = (tolerance * (first.squares - rows * meanSquare(state, strips))) / (rows * cols);
  let changed = first.changed;
  let rounds = 1;
  let settled = false;
  let moved = await moveCentres(true);
  while (moved.shift > limit && rounds < MOST_ROUNDS) {
    ctx.progress(rounds / (rounds + 20));
    ({ changed } = await overStrips('round'));
    rounds++;
    moved = await moveCentres(true);
    settled = changed === 0 && moved.given === 0;
    if (settled) break;
  }
  const converged = settled || moved.shift <= limit;
  // Rows taken out and put in again leave rounding behind.
  await overStrips('sums');
  await moveCentres(false);
  if (!settled) await overStrips('round');
  const { squares: inertia } = await overStrips('squares');
  ctx.progress(1);
  const counts = countsOf(state, strips);
  return { clusters: state.clusters, centres: state.centres, counts, inertia, rounds, converged };
}

/** Rows of each cluster over all strips, shape (k,). */
function countsOf({ k, counts: byStrip }: KMeansState, strips: number): Int32Array {
  const counts = new Int32Array(k);
  for (let at = 0; at < strips * k; at++) counts[at % k] += byStrip[at];
  return counts;
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
  };
}

/** Squared distance of the mean of all rows from the offset. */
function meanSquare({ sums, offset, k, matrix }: KMeansState, strips: number): number {
  const { rows, cols } = matrix;
  const totals = new Float64Array(cols);
  for (let at = 0; at < strips * k; at++) for (let j = 0; j < cols; j++) totals[j] += sums[at * cols + j];
  let square = 0;
  for (let j = 0; j < cols; j++) square += (totals[j] / rows - offset[j]) ** 2;
  return square;
}
