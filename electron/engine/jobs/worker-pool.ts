import { Worker } from 'node:worker_threads';
import { availableEngines } from '../../../native-workers/engine.ts';
import type { EngineName } from '../../../native-workers/engines/kernels.ts';
import type { TaskRunner } from '../../../native-workers/runner.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { TaskName, TaskResult } from '../../../native-workers/tasks.ts';
import {
  PROGRESS_UNITS,
  type WorkerReply,
  type WorkerRequest,
} from '../../../native-workers/worker-message.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { JobContext } from './job-queue.ts';

/** What the pool needs of a job: its cancel flag, and to be told when it is cancelled. */
export type CancellableJob = Pick<JobContext, 'cancelFlag' | 'cancelled' | 'onCancel'>;

/** Told about every 100 ms the share done of the tasks that were handed in so far; it may fall when more are handed in. */
type ReportProgress = (fraction: number) => void;

/** `threads` worker threads that run the tasks of native-workers; started once. */
export interface WorkerPool {
  readonly threads: number;
  /**
   * A runner bound to one job: its cancel flag, its progress. Without a job it is for the short answer to a call: its
   * tasks go before those of jobs.
   */
  runner(job: CancellableJob | null, seed: number, report?: ReportProgress): TaskRunner;
  /**
   * A runner in a worker of its own, ended on cancel and after a time limit (10 minutes) even in the middle of a call: for the
   * reference engines. Its tasks then fail with Cancelled or job/time-limit.
   */
  ownRunner(
    job: CancellableJob,
    seed: number,
    report?: ReportProgress,
    limitMs?: number,
  ): TaskRunner & { end(): Promise<void> };
  /** The engine of the runners that are made from now on. */
  engine(): EngineName;
  /** Forces an engine; null takes the best that this machine has. */
  useEngine(name: EngineName | null): void;
  close(): Promise<void>;
}

const OWN_LIMIT_MS = 10 * 60 * 1000;

function timeLimit(limitMs: number): BezoarError {
  const minutes = Math.max(1, Math.round(limitMs / 60_000));
  return new BezoarError(
    'job/time-limit',
    `The independent implementation was not done after ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} and was ended. Nothing was stored. Choose fewer samples, or use our own method.`,
  );
}

/** What stands for the job where there is none. */
function call(): CancellableJob {
  const cancelFlag = new Int32Array(new SharedArrayBuffer(4));
  return { cancelFlag, cancelled: () => false, onCancel: () => undefined };
}

const POLL_MS = 100;

interface Ticket {
  readonly task: TaskName;
  readonly args: unknown;
  readonly seed: number;
  readonly engine: EngineName;
  readonly job: CancellableJob;
  readonly urgent: boolean;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One worker thread; runs one ticket at a time. */
interface Seat {
  readonly slot: number;
  worker: Worker | null;
  ticket: Ticket | null;
}

/** A worker thread of native-workers. */
export function startWorker(): Worker {
  // Bundled, every entry lies flat beside this file; from source, Node strips the types. Not written as
  // `new URL('literal', import.meta.url)`: a bundler would take that for an asset.
  const here = import.meta.url;
  const path = here.endsWith('.ts') ? '../../../native-workers/worker.ts' : './worker.js';
  const strips = Boolean((process.features as { typescript?: unknown }).typescript);
  return new Worker(new URL(path, here), {
    execArgv: here.endsWith('.ts') && !strips ? ['--experimental-strip-types'] : [],
  });
}

function workerEnded(reason: string): BezoarError {
  return new BezoarError(
    'engine/lost',
    `A worker ended in the middle of the task (${reason}), most often because memory ran out. Nothing of this job was kept. Close other programs or take fewer rows, and run it again.`,
  );
}

class Seats {
  readonly #seats: Seat[];
  readonly #queue: Ticket[] = [];
  readonly #progress: Int32Array;
  readonly #start: () => Worker;
  #counter = 0;
  #closed = false;

  constructor(threads: number, start: () => Worker) {
    this.#start = start;
    this.#progress = new Int32Array(new SharedArrayBuffer(4 * threads));
    this.#seats = Array.from({ length: threads }, (_, slot) => ({ slot, worker: null, ticket: null }));
  }

  add(ticket: Ticket): void {
    if (this.#closed) {
      ticket.reject(new Cancelled());
      return;
    }
    if (ticket.urgent) this.#queue.unshift(ticket);
    else this.#queue.push(ticket);
    this.#dispatch();
  }

  /** Rejects what the job has waiting; what runs sees the flag itself. */
  dropQueued(job: CancellableJob): void {
    for (let i = this.#queue.length - 1; i >= 0; i--)
      if (this.#queue[i]?.job === job) this.#queue.splice(i, 1)[0]?.reject(new Cancelled());
  }

  /** Sum of the shares done of a job's running tasks. */
  runningShare(job: CancellableJob): number {
    return this.#seats
      .filter((seat) => seat.ticket?.job === job)
      .reduce((sum, seat) => sum + Atomics.load(this.#progress, seat.slot) / PROGRESS_UNITS, 0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const ticket of this.#queue.splice(0)) ticket.reject(new Cancelled());
    await Promise.all(
      this.#seats.map(async (seat) => {
        const { worker, ticket } = seat;
        seat.worker = null;
        seat.ticket = null;
        ticket?.reject(new Cancelled());
        await worker?.terminate();
      }),
    );
  }

  #dispatch(): void {
    for (const seat of this.#seats) {
      if (seat.ticket) continue;
      const ticket = this.#queue.shift();
      if (!ticket) return;
      this.#hand(seat, ticket);
    }
  }

  #hand(seat: Seat, ticket: Ticket): void {
    this.#counter += 1;
    seat.ticket = ticket;
    seat.worker ??= this.#hire(seat);
    // A worker that is at work keeps the process alive; one that waits does not.
    seat.worker.ref();
    Atomics.store(this.#progress, seat.slot, 0);
    const request: WorkerRequest = {
      id: this.#counter,
      task: ticket.task,
      args: ticket.args,
      seed: ticket.seed,
      engine: ticket.engine,
      cancel: ticket.job.cancelFlag,
      progress: this.#progress,
      slot: seat.slot,
    };
    try {
      seat.worker.postMessage(request);
    } catch (error) {
      seat.ticket = null;
      ticket.reject(error instanceof Error ? error : new Error(String(error)));
      this.#dispatch();
    }
  }

  #hire(seat: Seat): Worker {
    const worker = this.#start();
    let reason = '';
    worker.on('message', (reply: WorkerReply) => {
      if (seat.worker === worker) this.#settle(seat, reply);
    });
    worker.on('error', (error: Error) => {
      reason = error.message;
    });
    worker.on('exit', (code) => {
      if (seat.worker !== worker) return;
      seat.worker = null;
      const { ticket } = seat;
      seat.ticket = null;
      ticket?.reject(workerEnded(reason || `exit code ${code}`));
      this.#dispatch();
    });
    return worker;
  }

  #settle(seat: Seat, reply: WorkerReply): void {
    const { ticket } = seat;
    seat.ticket = null;
    seat.worker?.unref();
    if (reply.ok) ticket?.resolve(reply.result);
    else if (reply.cancelled) ticket?.reject(new Cancelled());
    else {
      const error = new Error(reply.message);
      error.stack = reply.stack;
      ticket?.reject(error);
    }
    this.#dispatch();
  }
}

function runnerOn(
  seats: Seats,
  threads: number,
  engine: EngineName,
  owner: CancellableJob | null,
  seed: number,
  report?: ReportProgress,
): TaskRunner {
  const job = owner ?? call();
  let handedIn = 0;
  let done = 0;
  let timer: NodeJS.Timeout | null = null;
  const tell = () => report?.((done + seats.runningShare(job)) / handedIn);

  job.onCancel(() => {
    seats.dropQueued(job);
  });

  async function runTask(task: TaskName, args: unknown): Promise<unknown> {
    if (job.cancelled()) throw new Cancelled();
    handedIn += 1;
    if (report) timer ??= setInterval(tell, POLL_MS);
    try {
      return await new Promise<unknown>((resolve, reject) => {
        seats.add({ task, args, seed, engine, job, urgent: owner === null, resolve, reject });
      });
    } finally {
      done += 1;
      if (timer && done === handedIn) {
        clearInterval(timer);
        timer = null;
      }
      tell();
    }
  }

  return {
    threads,
    run: <N extends TaskName>(name: N, args: unknown) => {
      const outcome = runTask(name, args) as Promise<TaskResult<N>>;
      // Who hands in several tasks takes the results in order: a rejection that is not looked at yet is no crash.
      outcome.catch(() => undefined);
      return outcome;
    },
  };
}

/** A pool of `threads` workers; each starts with the first task that finds no free one. */
export function createWorkerPool(threads: number, start: () => Worker = startWorker): WorkerPool {
  const seats = new Seats(threads, start);
  const own = new Set<Seats>();
  let engine = availableEngines()[0];
  return {
    threads,
    runner: (job, seed, report) => runnerOn(seats, threads, engine, job, seed, report),
    ownRunner: (job, seed, report, limitMs = OWN_LIMIT_MS) => {
      const alone = new Seats(1, start);
      own.add(alone);
      let late = false;
      const end = async () => {
        clearTimeout(timer);
        own.delete(alone);
        await alone.close();
      };
      const timer = setTimeout(() => {
        late = true;
        void end();
      }, limitMs);
      job.onCancel(() => void end());
      const runner = runnerOn(alone, 1, engine, job, seed, report);
      return {
        ...runner,
        run: async (name, args) => {
          try {
            return await runner.run(name, args);
          } catch (error) {
            throw late ? timeLimit(limitMs) : error;
          }
        },
        end,
      };
    },
    engine: () => engine,
    useEngine: (name) => {
      engine = name ?? availableEngines()[0];
    },
    close: async () => {
      await Promise.all([seats, ...own].map((each) => each.close()));
      own.clear();
    },
  };
}
