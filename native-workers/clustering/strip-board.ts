import type { TaskContext } from '../task.ts';

/** More strips than any round has. */
const MOST_STRIPS = 64;
/** So long a thread waits before it looks at cancellation again. */
const PATIENCE_MS = 20;

const TICKET = 0;
const DONE = 1;
const PHASE = 2;
const ENDED = 3;

/**
 * Strips of one round after another, each done by the thread that comes first. One thread leads: it opens the rounds and does
 * strips itself, so that it gets on alone where no other thread is free; it waits for strips that others have begun, and for
 * nothing else. A round costs some microseconds where a message to a worker and back costs a tenth of a millisecond.
 */
export interface StripBoard {
  /** On shared memory: round and next strip in one number, strips done, phase of the round, whether the rounds have ended. */
  readonly words: Int32Array;
  readonly strips: number;
}

export function stripBoard(strips: number): StripBoard {
  if (strips >= MOST_STRIPS) throw new RangeError(`A round of ${strips} strips is too long for a board.`);
  const words = new Int32Array(new SharedArrayBuffer(4 * 4));
  words[TICKET] = strips;
  return { words, strips };
}

/** Takes the next strip of the open round; -1 when there is none left. */
function take({ words, strips }: StripBoard): number {
  for (;;) {
    const ticket = Atomics.load(words, TICKET);
    const strip = ticket % MOST_STRIPS;
    if (strip >= strips) return -1;
    if (Atomics.compareExchange(words, TICKET, ticket, ticket + 1) === ticket) return strip;
  }
}

function finish({ words, strips }: StripBoard): void {
  if (Atomics.add(words, DONE, 1) + 1 === strips) Atomics.notify(words, DONE);
}

/**
 * Opens a round and returns when all of its strips are done.
 *
 * @throws Cancelled; Error when another thread gave up in the middle of a strip
 */
export function leadRound(
  board: StripBoard,
  phase: number,
  work: (strip: number, phase: number) => void,
  ctx: TaskContext,
): void {
  const { words, strips } = board;
  Atomics.store(words, DONE, 0);
  Atomics.store(words, PHASE, phase);
  const round = Math.floor(Atomics.load(words, TICKET) / MOST_STRIPS) + 1;
  Atomics.store(words, TICKET, round * MOST_STRIPS);
  Atomics.notify(words, TICKET);
  for (let strip = take(board); strip >= 0; strip = take(board)) {
    work(strip, phase);
    finish(board);
  }
  for (let done = Atomics.load(words, DONE); done < strips; done = Atomics.load(words, DONE)) {
    ctx.check();
    if (Atomics.load(words, ENDED) === 1) throw new Error('A thread that shared the work has ended.');
    Atomics.wait(words, DONE, done, PATIENCE_MS);
  }
}

/** Does strips of every round until the rounds have ended. @throws Cancelled */
export function joinRounds(
  board: StripBoard,
  work: (strip: number, phase: number) => void,
  ctx: TaskContext,
): void {
  const { words, strips } = board;
  while (Atomics.load(words, ENDED) === 0) {
    ctx.check();
    const strip = take(board);
    if (strip >= 0) {
      work(strip, Atomics.load(words, PHASE));
      finish(board);
      continue;
    }
    const ticket = Atomics.load(words, TICKET);
    if (ticket % MOST_STRIPS >= strips) Atomics.wait(words, TICKET, ticket, PATIENCE_MS);
  }
}

/** Ends the rounds: threads that have joined return, a leader that waits for one of them gives up. */
export function endRounds({ words }: StripBoard): void {
  Atomics.store(words, ENDED, 1);
  Atomics.notify(words, TICKET);
  Atomics.notify(words, DONE);
}
