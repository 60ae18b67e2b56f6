import type { TaskContext } from '../task.ts';
import { kMeansCentres } from './k-means-centres.ts';
import { createStripWork, type KMeansState, type Phase } from './k-means-strips.ts';
import { endRounds, joinRounds, leadRound } from './strip-board.ts';

const MOST_ROUNDS = 300;
const PHASES: readonly Phase[] = ['first', 'round', 'sums', 'squares'];

export interface KMeansOutcome {
  /** Sum of the squared distances from the centres, by differences in float64. */
  readonly inertia: number;
  readonly rounds: number;
  /** False when 300 rounds were not enough. */
  readonly converged: boolean;
}

/**
 * All rounds of a k-means: this thread moves the centres, and shares the strips with those that run {@link kMeansShare}. Sums
 * are a strip's own and are added in the order of the strips: who did which decides nothing.
 *
 * @throws Cancelled
 */
export function kMeansRounds(
  args: { state: KMeansState; tolerance: number },
  ctx: TaskContext,
): KMeansOutcome {
  const { state, tolerance } = args;
  const { rows, cols } = state.matrix;
  const work = stripWork(state, ctx);
  const overStrips = (phase: Phase): { changed: number; squares: number } => {
    ctx.check();
    leadRound(state.board, PHASES.indexOf(phase), work, ctx);
    if (phase === 'round') state.moved.fill(0);
    let changed = 0;
    let squares = 0;
    for (let strip = 0; strip < state.board.strips; strip++) {
      changed += state.changed[strip];
      squares += state.squares[strip];
    }
    return { changed, squares };
  };
  try {
    const first = overStrips('first');
    const limit = (tolerance * (first.squares - rows * meanSquare(state))) / (rows * cols);
    let rounds = 1;
    let settled = false;
    let moved = kMeansCentres({ state, fillEmpty: true }, ctx);
    while (moved.shift > limit && rounds < MOST_ROUNDS) {
      ctx.progress(rounds / (rounds + 20));
      const { changed } = overStrips('round');
      rounds++;
      moved = kMeansCentres({ state, fillEmpty: true }, ctx);
      settled = changed === 0 && moved.given === 0;
      if (settled) break;
    }
    const converged = settled || moved.shift <= limit;
    // Rows taken out and put in again leave rounding behind.
    overStrips('sums');
    kMeansCentres({ state, fillEmpty: false }, ctx);
    if (!settled) overStrips('round');
    const { squares: inertia } = overStrips('squares');
    return { inertia, rounds, converged };
  } finally {
    endRounds(state.board);
  }
}

/** Does strips of the rounds that another thread leads, until they have ended. @throws Cancelled */
export function kMeansShare(args: { state: KMeansState }, ctx: TaskContext): void {
  joinRounds(args.state.board, stripWork(args.state, ctx), ctx);
}

function stripWork(state: KMeansState, ctx: TaskContext): (strip: number, phase: number) => void {
  const strips = createStripWork(state, ctx);
  return (strip, phase) => {
    strips(strip, PHASES[phase]);
  };
}

/** Rows of each cluster over all strips, shape (k,). */
export function countsOf({ k, counts: byStrip }: KMeansState): Int32Array {
  const counts = new Int32Array(k);
  for (let at = 0; at < byStrip.length; at++) counts[at % k] += byStrip[at];
  return counts;
}

/** Squared distance of the mean of all rows from the offset. */
function meanSquare({ sums, offset, matrix }: KMeansState): number {
  const { rows, cols } = matrix;
  const totals = new Float64Array(cols);
  for (let at = 0; at < sums.length; at += cols) for (let j = 0; j < cols; j++) totals[j] += sums[at + j];
  let square = 0;
  for (let j = 0; j < cols; j++) square += (totals[j] / rows - offset[j]) ** 2;
  return square;
}
