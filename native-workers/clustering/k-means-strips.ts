import type { Matrix } from '../detectors/detector.ts';
import { kernels } from '../engine.ts';
import { stripBounds } from '../numeric/strips.ts';
import type { TaskContext } from '../task.ts';
import type { StripBoard } from './strip-board.ts';

/** What the rounds of a k-means share: every array lies on shared memory. */
export interface KMeansState {
  readonly matrix: Matrix;
  readonly k: number;
  /** Shape (n,). */
  readonly clusters: Int32Array;
  /** At least each row's distance from its centre, shape (n,). */
  readonly upper: Float32Array;
  /** At most each row's distance from any other centre, shape (n,). */
  readonly lower: Float32Array;
  /** Sums of each strip's clusters, shape (strips, k, cols). */
  readonly sums: Float64Array;
  /** Rows of each strip's clusters, shape (strips, k). */
  readonly counts: Int32Array;
  /** Shape (k, cols). */
  readonly centres: Float64Array;
  /** The screening's point, shape (cols,). */
  readonly offset: Float32Array;
  readonly packed: Float32Array;
  readonly biases: Float32Array;
  /** How far each centre moved since the bounds were widened, a little more, shape (k,). */
  readonly moved: Float64Array;
  /** The farthest that any other centre moved, a little more, shape (k,). */
  readonly othersMoved: Float64Array;
  /** Half the distance of each centre from the nearest other, a little less, shape (k,). */
  readonly half: Float64Array;
  /** Largest norm of a centre less the offset, and the norm of the offset. */
  readonly norms: Float64Array;
  /** Of the round's strips: rows that changed cluster, shape (strips,). */
  readonly changed: Int32Array;
  /** Of the round's strips: sums of squares, shape (strips,). */
  readonly squares: Float64Array;
  /** Which strips of the round are to be done. */
  readonly board: StripBoard;
}

/**
 * 'first': every row's nearest centre, sums from nothing, squared distances from the offset;
 * 'round': the nearest centre of rows whose bounds allow another (Hamerly 2010), sums of those that changed;
 * 'sums': sums from nothing; 'squares': squared distances from the rows' own centres.
 */
export type Phase = 'first' | 'round' | 'sums' | 'squares';

const BLOCK_ROWS = 4096;
/** Multiplications in a block: below 20 ms in the slowest engine. */
const BLOCK_WORK = 1 << 24;
/** More than what storing a bound as float32 takes off. */
const STORED = 2 ** -22;

/** One phase over one strip: its changes and its sum of squares are left in the state. The function is one thread's own. */
export function createStripWork(state: KMeansState, ctx: TaskContext): (strip: number, phase: Phase) => void {
  const { matrix, k } = state;
  const bounds = stripBounds(matrix.rows);
  const rowsOf = (centres: number): number =>
    Math.max(1, Math.min(BLOCK_ROWS, Math.floor(BLOCK_WORK / (matrix.cols * centres))));
  const [most, few] = [rowsOf(k), rowsOf(k + 1)];
  const block = new Block(state, most);
  return (strip, phase) => {
    const size = phase === 'round' ? most : few;
    let changed = 0;
    let squares = 0;
    block.enterStrip(strip);
    if (phase === 'first' || phase === 'sums') block.clearSums();
    for (let from = bounds[strip]; from < bounds[strip + 1]; from += size) {
      ctx.check();
      const to = Math.min(bounds[strip + 1], from + size);
      if (phase === 'first') {
        squares += block.offsetSquares(from, to);
        changed += block.assignAll(from, to);
      } else if (phase === 'round') changed += block.assignDoubtful(from, to);
      else if (phase === 'sums') block.addAll(from, to);
      else squares += block.ownSquares(from, to);
    }
    state.changed[strip] = changed;
    state.squares[strip] = squares;
  };
}

class Block {
  private readonly state: KMeansState;
  private readonly offset: Float64Array;
  private readonly rows: Int32Array;
  private readonly before: Int32Array;
  private readonly after: Int32Array;
  private readonly upper: Float32Array;
  private readonly lower: Float32Array;
  private readonly squares: Float64Array;
  private sums: Float64Array;
  private counts: Int32Array;

  constructor(state: KMeansState, size: number) {
    this.state = state;
    this.offset = Float64Array.from(state.offset);
    this.rows = new Int32Array(size);
    this.before = new Int32Array(size);
    this.after = new Int32Array(size);
    this.upper = new Float32Array(size);
    this.lower = new Float32Array(size);
    this.squares = new Float64Array(size);
    this.sums = state.sums;
    this.counts = state.counts;
  }

  enterStrip(strip: number): void {
    const { k, matrix, sums, counts } = this.state;
    this.sums = sums.subarray(strip * k * matrix.cols, (strip + 1) * k * matrix.cols);
    this.counts = counts.subarray(strip * k, (strip + 1) * k);
  }

  clearSums(): void {
    this.sums.fill(0);
    this.counts.fill(0);
  }

  offsetSquares(from: number, to: number): number {
    const { data, cols } = this.state.matrix;
    kernels().squaredDistances(data, null, from, to, cols, this.offset, this.squares);
    return this.total(to - from);
  }

  ownSquares(from: number, to: number): number {
    const { matrix, clusters, k, centres } = this.state;
    const own = clusters.subarray(from, to);
    kernels().centreSquares(matrix.data, null, from, to, matrix.cols, own, k, centres, this.squares);
    return this.total(to - from);
  }

  addAll(from: number, to: number): void {
    const { matrix, clusters, k } = this.state;
    const own = clusters.subarray(from, to);
    this.before.fill(-1, 0, to - from);
    kernels().moveRows(matrix.data, null, from, to, matrix.cols, this.before, own, k, this.sums);
    for (let i = 0; i < own.length; i++) this.counts[own[i]]++;
  }

  assignAll(from: number, to: number): number {
    const { clusters, upper, lower } = this.state;
    this.assign(
      null,
      from,
      to,
      clusters.subarray(from, to),
      upper.subarray(from, to),
      lower.subarray(from, to),
    );
    this.addAll(from, to);
    return to - from;
  }

  assignDoubtful(from: number, to: number): number {
    const { matrix, k, clusters, upper, lower } = this.state;
    const { rows, before } = this;
    const doubtful = this.widenBounds(from, to);
    if (doubtful === 0) return 0;
    this.assign(rows, 0, doubtful, this.after, this.upper, this.lower);
    let changed = 0;
    for (let i = 0; i < doubtful; i++) {
      const row = rows[i];
      upper[row] = this.upper[i];
      lower[row] = this.lower[i];
      const was = clusters[row];
      const is = this.after[i];
      if (was === is) continue;
      clusters[row] = is;
      this.counts[was]--;
      this.counts[is]++;
      rows[changed] = row;
      before[changed] = was;
      this.after[changed++] = is;
    }
    kernels().moveRows(matrix.data, rows, 0, changed, matrix.cols, before, this.after, k, this.sums);
    return changed;
  }

  /** Moves the bounds by what the centres moved; gathers the rows that may have another nearest centre, returns their number. */
  private widenBounds(from: number, to: number): number {
    const { clusters, upper, lower, moved, othersMoved, half } = this.state;
    const { rows } = this;
    let doubtful = 0;
    for (let row = from; row < to; row++) {
      const own = clusters[row];
      const high = (upper[row] + moved[own]) * (1 + STORED);
      const low = (lower[row] - othersMoved[own]) * (1 - STORED);
      upper[row] = high;
      lower[row] = low;
      if (!(high < Math.max(low, half[own]))) rows[doubtful++] = row;
    }
    return doubtful;
  }

  private assign(
    rows: Int32Array | null,
    from: number,
    to: number,
    clusters: Int32Array,
    upper: Float32Array,
    lower: Float32Array,
  ): void {
    const { matrix, offset, packed, biases, centres, k, norms } = this.state;
    const { data, cols } = matrix;
    const [largest, away] = norms;
    kernels().assign(
      data,
      rows,
      from,
      to,
      cols,
      offset,
      packed,
      biases,
      centres,
      k,
      largest,
      away,
      clusters,
      upper,
      lower,
    );
  }

  private total(count: number): number {
    let total = 0;
    for (let i = 0; i < count; i++) total += this.squares[i];
    return total;
  }
}
