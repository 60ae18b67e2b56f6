import { BezoarError, type Failure } from '../../contract/errors.ts';
import type { Job } from '../../contract/jobs.ts';
import { Cancelled } from '../../../native-workers/task.ts';

/** What a running job reports with and asks. */
export interface JobContext {
  readonly id: string;
  phase(name: string): void;
  /** `itemsDone` and `itemsTotal` in `unit`; the fraction never falls. */
  progress(fraction: number, items?: { done: number; total: number; unit: string }): void;
  /** Set to 1 on cancel; workers look at it. */
  readonly cancelFlag: Int32Array;
  cancelled(): boolean;
  /** Called once when the job is cancelled, to end what does not look at the flag. */
  onCancel(end: () => void): void;
}

export interface JobRequest {
  readonly kind: Job['kind'];
  readonly title: string;
  /** Returns the row of what was made, or null. Throws Cancelled or BezoarError. A failed job leaves no row behind. */
  readonly run: (context: JobContext) => Promise<number | null>;
}

/** One queue per case: jobs run one after another; their kernels share the worker pool. */
export interface JobQueue {
  add(request: JobRequest): string;
  list(): Job[];
  cancel(id: string): void;
  retry(id: string): string;
  /** Resolves when the job has ended, with its final state. */
  ended(id: string): Promise<Job>;
  /** Resolves when nothing is queued or running. */
  idle(): Promise<void>;
}

/** At most this many milliseconds lie between two publications while a job reports progress. */
const PUBLISH_MS = 100;
/** So many ended jobs are remembered. */
const KEPT = 50;

interface Entry {
  job: Job;
  readonly request: JobRequest;
  readonly cancelFlag: Int32Array;
  readonly ends: (() => void)[];
  readonly waiting: ((job: Job) => void)[];
}

const hasEnded = (job: Job) => job.state !== 'queued' && job.state !== 'running';

/** Seconds that remain at the present pace; null before 5 % or one second. */
export function estimateSeconds(elapsedMs: number, fraction: number): number | null {
  if (fraction <= 0 || (fraction < 0.05 && elapsedMs < 1000)) return null;
  return (elapsedMs / 1000) * ((1 - fraction) / fraction);
}

function failureOf(error: unknown): Failure {
  if (error instanceof BezoarError) return error.toFailure();
  const said = error instanceof Error ? error.message : String(error);
  return {
    code: 'engine/bug',
    sentence: `Bezoar made a mistake (${said}). Nothing of this job was kept. Save the log, report it, and run the job again.`,
  };
}

/**
 * A queue that tells the whole list of jobs through `publish`: at each change of a state, and every 100 ms while a
 * job reports progress. `reportBug` is given what was thrown when it was not an expected failure.
 */
export function createJobQueue(
  publish: (jobs: Job[]) => void,
  reportBug: (error: unknown) => void = () => undefined,
): JobQueue {
  const entries = new Map<string, Entry>();
  const idlers: (() => void)[] = [];
  let counter = 0;
  let running: Entry | null = null;
  let timer: NodeJS.Timeout | null = null;

  const list = () => [...entries.values()].map((entry) => ({ ...entry.job }));

  function publishNow(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    publish(list());
  }

  function publishSoon(): void {
    timer ??= setTimeout(publishNow, PUBLISH_MS).unref();
  }

  function find(id: string): Entry {
    const entry = entries.get(id);
    if (!entry)
      throw new BezoarError(
        'job/not-found',
        'This job is no longer in the list. Start it again from its view.',
      );
    return entry;
  }

  function finish(entry: Entry, change: Partial<Job>): void {
    entry.job = { ...entry.job, ...change, endedAtMs: Date.now(), estimateSeconds: null };
    const ended = [...entries.values()].filter((other) => hasEnded(other.job));
    for (const old of ended.slice(0, Math.max(0, ended.length - KEPT))) entries.delete(old.job.id);
    publishNow();
    for (const resolve of entry.waiting) resolve({ ...entry.job });
  }

  function contextOf(entry: Entry): JobContext {
    const update = (change: Partial<Job>) => {
      const elapsed = Date.now() - (entry.job.startedAtMs ?? Date.now());
      const fraction = change.fraction ?? entry.job.fraction;
      entry.job = { ...entry.job, ...change, estimateSeconds: estimateSeconds(elapsed, fraction) };
    };
    return {
      id: entry.job.id,
      cancelFlag: entry.cancelFlag,
      cancelled: () => Atomics.load(entry.cancelFlag, 0) === 1,
      onCancel: (end) => {
        if (Atomics.load(entry.cancelFlag, 0) === 1) end();
        else entry.ends.push(end);
      },
      phase: (name) => {
        if (hasEnded(entry.job) || entry.job.phase === name) return;
        update({ phase: name });
        publishNow();
      },
      progress: (fraction, items) => {
        if (hasEnded(entry.job)) return;
        const bounded = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
        update({
          fraction: Math.max(entry.job.fraction, bounded),
          ...(items && { itemsDone: items.done, itemsTotal: items.total, unit: items.unit }),
        });
        publishSoon();
      },
    };
  }

  async function runNext(): Promise<void> {
    if (running) return;
    const entry = [...entries.values()].find((candidate) => candidate.job.state === 'queued');
    if (!entry) {
      for (const resolve of idlers.splice(0)) resolve();
      return;
    }
    running = entry;
    entry.job = { ...entry.job, state: 'running', startedAtMs: Date.now() };
    publishNow();
    const context = contextOf(entry);
    try {
      const result = await entry.request.run(context);
      finish(entry, { state: 'done', fraction: 1, result });
    } catch (error) {
      if (error instanceof Cancelled || (error instanceof BezoarError && error.code === 'job/cancelled')) {
        finish(entry, { state: 'cancelled' });
      } else {
        if (!(error instanceof BezoarError)) reportBug(error);
        finish(entry, { state: 'failed', failure: failureOf(error) });
      }
    }
    running = null;
    void runNext();
  }

  function add(request: JobRequest): string {
    counter += 1;
    const id = `job-${counter}`;
    entries.set(id, {
      job: {
        id,
        kind: request.kind,
        title: request.title,
        state: 'queued',
        phase: '',
        fraction: 0,
        itemsDone: null,
        itemsTotal: null,
        unit: '',
        startedAtMs: null,
        endedAtMs: null,
        estimateSeconds: null,
        failure: null,
        result: null,
      },
      request,
      cancelFlag: new Int32Array(new SharedArrayBuffer(4)),
      ends: [],
      waiting: [],
    });
    publishNow();
    // The call that asks for a job is answered, and put on record, before the job takes the thread.
    setImmediate(() => void runNext());
    return id;
  }

  return {
    add,
    list,
    cancel: (id) => {
      const entry = find(id);
      if (hasEnded(entry.job)) return;
      if (entry.job.state === 'queued') {
        finish(entry, { state: 'cancelled' });
        return;
      }
      if (Atomics.exchange(entry.cancelFlag, 0, 1) === 1) return;
      for (const end of entry.ends.splice(0)) end();
      entry.job = { ...entry.job, phase: 'cancelling' };
      publishNow();
    },
    retry: (id) => {
      const entry = find(id);
      if (!hasEnded(entry.job) || entry.job.state === 'done')
        throw new BezoarError(
          'engine/bad-request',
          'Only a job that failed, was cancelled or was interrupted can be run again. Nothing was started.',
        );
      return add(entry.request);
    },
    ended: (id) => {
      const entry = find(id);
      if (hasEnded(entry.job)) return Promise.resolve({ ...entry.job });
      return new Promise((resolve) => entry.waiting.push(resolve));
    },
    idle: () =>
      running || [...entries.values()].some((entry) => entry.job.state === 'queued')
        ? new Promise((resolve) => idlers.push(resolve))
        : Promise.resolve(),
  };
}
