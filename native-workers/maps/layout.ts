import { kernels } from '../engine.ts';
import { SCRATCH_EXTRA } from '../engines/layout-kernels.ts';
import { sharedFloat32 } from '../numeric/shared-arrays.ts';
import { mixHash } from '../numeric/hash.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';

/** The edges of a layout and when each of them is used; arrays over SharedArrayBuffers. */
export interface EdgeSchedule {
  /** Shape (vertices + 1,). */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Share of the epochs in 1/65,536 less one in the upper half, phase in the lower. */
  readonly schedule: Uint32Array;
}

/** A layout under way: everything that its tasks share. */
interface SharedLayout extends EdgeSchedule {
  /** See {@link forceTable}. */
  readonly table: Float32Array;
  /** Two buffers of shape (vertices, 2): epoch e reads buffer e mod 2 and writes the other. */
  readonly coordinates: readonly [Float32Array, Float32Array];
  /** Points that do not move, shape (points, 2); null when the vertices attract and repel each other. */
  readonly fixed: Float32Array | null;
  readonly epochs: number;
  readonly rate: number;
  readonly seed: number;
}

export interface LayoutOptions {
  readonly epochs: number;
  /** Length of the first step; it falls to 0 along a line. */
  readonly rate: number;
  readonly seed: number;
}

/** Told at the end of some epochs; the coordinates are good until the call returns. */
export type LayoutListener = (epoch: number, coordinates: Float32Array) => void;

const PURPOSE_PHASE = 0x5048;
const PURPOSE_EPOCH = 0x4550;
/** Vertices that one kernel call moves at most. */
const MOST_BLOCK = 4096;
/** A listener is told after about so many vertices have moved, at the latest after this many epochs. */
const SPAN_VERTICES = 500_000;
const MOST_SPAN = 10;

/**
 * When every edge of a graph is used: the strongest in every epoch, others in proportion; those too weak for one use in all
 * epochs are dropped. Both directions of an edge have one phase, a hash of the pair, so that they are used together.
 *
 * @param graph rows by starts; `weights` above 0
 * @param symmetric whether `ends` are vertices of the same graph
 */
export function edgeSchedule(
  graph: { readonly starts: Int32Array; readonly ends: Int32Array; readonly weights: Float64Array },
  epochs: number,
  seed: number,
  symmetric: boolean,
): EdgeSchedule {
  const { starts, ends, weights } = graph;
  const n = starts.length - 1;
  let largest = 0;
  let kept = 0;
  for (const weight of weights) largest = Math.max(largest, weight);
  const least = largest / epochs;
  for (const weight of weights) kept += weight >= least && weight > 0 ? 1 : 0;
  const words = (length: number) => new SharedArrayBuffer(4 * length);
  const keptStarts = new Int32Array(words(n + 1));
  const keptEnds = new Int32Array(words(kept));
  const schedule = new Uint32Array(words(kept));
  const stream = mixHash(seed, PURPOSE_PHASE);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let e = starts[i]; e < starts[i + 1]; e++) {
      const weight = weights[e];
      if (!(weight >= least && weight > 0)) continue;
      const share = Math.max(1, Math.round((weight / largest) * 65_536));
      const [low, high] = symmetric && ends[e] < i ? [ends[e], i] : [i, ends[e]];
      const phase = mixHash(mixHash(low, stream), high) & 0xffff;
      keptEnds[at] = ends[e];
      schedule[at++] = (share - 1) * 65_536 + phase;
    }
    keptStarts[i + 1] = at;
  }
  return { starts: keptStarts, ends: keptEnds, schedule };
}

/** Scratch memory that is enough for the kernel on every block. */
function scratchLength(starts: Int32Array, block: number): number {
  const n = starts.length - 1;
  let most = 0;
  for (let first = 0; first < n; first += block)
    most = Math.max(most, starts[Math.min(n, first + block)] - starts[first]);
  return most + block + SCRATCH_EXTRA;
}

/** What the tasks of a span share: the next block, the blocks done, and whether one of them failed. */
const NEXT = 0;
const DONE = 1;
const FAILED = 2;
const WAIT_MS = 10;

/**
 * Takes blocks of a span of epochs until none is left. A block of the next epoch starts when every block of the one before is
 * done; blocks are handed out in order, so a task waits only for blocks that another task is working on.
 *
 * @throws Cancelled
 */
export function layoutSpan(
  args: {
    layout: SharedLayout;
    from: number;
    to: number;
    block: number;
    state: Int32Array<SharedArrayBuffer>;
  },
  ctx: TaskContext,
): void {
  const { layout, from, to, block, state } = args;
  const { starts, ends, schedule, table, coordinates, fixed, epochs, rate, seed } = layout;
  const n = starts.length - 1;
  const blocks = Math.ceil(n / block);
  const engine = kernels();
  const stream = mixHash(seed, PURPOSE_EPOCH);
  const scratch = new Int32Array(scratchLength(starts, block));
  const waitFor = (done: number) => {
    for (let now = Atomics.load(state, DONE); now < done; now = Atomics.load(state, DONE)) {
      ctx.check();
      if (Atomics.load(state, FAILED) === 1) return false;
      Atomics.wait(state, DONE, now, WAIT_MS);
    }
    return true;
  };
  try {
    for (;;) {
      const ticket = Atomics.add(state, NEXT, 1);
      const epoch = from + Math.floor(ticket / blocks);
      if (epoch >= to) return;
      if (!waitFor((epoch - from) * blocks)) return;
      ctx.check();
      const first = (ticket % blocks) * block;
      const last = Math.min(n, first + block);
      const old = coordinates[epoch % 2];
      const next = coordinates[1 - (epoch % 2)];
      engine.layoutEpoch(
        starts.subarray(first, last + 1),
        ends.subarray(starts[first], starts[last]),
        schedule.subarray(starts[first], starts[last]),
        table,
        old.subarray(2 * first, 2 * last),
        fixed ?? old,
        next.subarray(2 * first, 2 * last),
        first,
        epoch,
        rate * (1 - epoch / epochs),
        mixHash(epoch, stream),
        scratch,
      );
      if ((Atomics.add(state, DONE, 1) + 1) % blocks === 0) Atomics.notify(state, DONE);
    }
  } catch (error) {
    Atomics.store(state, FAILED, 1);
    Atomics.notify(state, DONE);
    throw error;
  }
}

/**
 * The synchronous semi-implicit layout: every vertex moves by the coordinates of the epoch before, so any number of threads
 * and any cut into blocks give the same bytes.
 *
 * @param start shape (vertices, 2)
 * @param fixed points that attract and repel but do not move, shape (points, 2); null: the vertices themselves
 * @returns shape (vertices, 2)
 * @throws Cancelled
 */
export async function optimizeLayout(
  start: Float32Array,
  fixed: Float32Array | null,
  edges: EdgeSchedule,
  table: Float32Array,
  options: LayoutOptions,
  runner: TaskRunner,
  tell: LayoutListener = () => undefined,
): Promise<Float32Array> {
  const n = edges.starts.length - 1;
  if (start.length !== 2 * n)
    throw new RangeError(`A start of ${start.length / 2} points does not fit ${n} vertices.`);
  const { epochs } = options;
  const coordinates = [sharedFloat32(2 * n), sharedFloat32(2 * n)] as const;
  coordinates[0].set(start);
  const layout: SharedLayout = { ...edges, ...options, table, coordinates, fixed };
  // At least four blocks a thread in an epoch, so that none waits long for the others.
  const share = Math.ceil(n / (4 * runner.threads) / 64) * 64;
  const block = runner.threads === 1 ? MOST_BLOCK : Math.min(MOST_BLOCK, Math.max(256, share));
  const span = Math.min(MOST_SPAN, Math.max(1, Math.round(SPAN_VERTICES / Math.max(1, n))));
  for (let from = 0; from < epochs && n > 0; from += span) {
    const to = Math.min(epochs, from + span);
    const state = new Int32Array(new SharedArrayBuffer(12));
    const helpers = Math.min(runner.threads, Math.ceil(n / block));
    const work = Array.from({ length: helpers }, async () => {
      try {
        await runner.run('layoutSpan', { layout, from, to, block, state });
      } catch (error) {
        // A worker that died could not say so itself, and the others would wait for its block.
        Atomics.store(state, FAILED, 1);
        throw error;
      }
    });
    await Promise.allSettled(work);
    await Promise.all(work);
    tell(to, coordinates[to % 2]);
  }
  return coordinates[epochs % 2].slice();
}
