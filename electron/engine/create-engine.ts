import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallName } from '../contract/calls.ts';
import { FileToken } from '../contract/case.ts';
import { BezoarError } from '../contract/errors.ts';
import type { EventOf, Topic } from '../contract/events.ts';
import type { CaseFile } from './case/case-file.ts';
import type { Engine } from './engine.ts';
import { createFileGrants } from './file-grants.ts';
import { caseState } from './handlers/case-handlers.ts';
import { forkDecoder, type StartDecoder } from './ingest/images/decoder-process.ts';
import type { JobJournal, JournalGrant } from './jobs/interrupted.ts';
import { openJobJournal } from './jobs/interrupted.ts';
import type { JobQueue } from './jobs/job-queue.ts';
import { createJobQueue } from './jobs/job-queue.ts';
import { engineNamed, storedEngine } from './kernel-engines.ts';
import { createWorkerPool } from './jobs/worker-pool.ts';
import { createMovingMaps } from './maps/moving-maps.ts';
import { createFollowings } from './monitor/follow/followings.ts';

export interface EngineOptions {
  /** Recent cases and the journal of jobs live here. */
  readonly userData: string;
  readonly threads: number;
  /** The engine of the kernels; null: as the settings say. */
  readonly kernels: string | null;
  /** Forked, unless said. */
  readonly startDecoder?: StartDecoder;
  readonly publish: <T extends Topic>(topic: T, payload: EventOf<T>) => void;
  /** Another case is open, or none. */
  readonly onCase: (path: string | null, name: string | null) => void;
  readonly log: (line: string) => void;
}

/** The engine with what only its hosts use. */
export interface EngineInstance extends Engine {
  readonly journal: JobJournal;
  log(line: string): void;
  /** Stops following logs, cancels every job and waits until none runs and what was to be finished first is. */
  settleJobs(): Promise<void>;
  /** The open case stays open until this has ended, well or not. */
  finishFirst(work: Promise<unknown>): void;
  /** Keeps a started job's call, so that it can be run again should this process die. */
  keepInJournal(call: CallName, params: unknown, result: unknown): void;
  close(): Promise<void>;
}

/** Version of the product, from package.json two folders up: of the sources and of the build alike. */
export function productVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

export function createEngine(options: EngineOptions): EngineInstance {
  const { publish, log, userData } = options;
  const journal = openJobJournal(userData);
  const queue = createJobQueue(
    (list) => {
      publish('jobs', [...journal.interrupted(), ...list]);
    },
    (error) => {
      log(`bug in a job: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    },
  );
  const jobs: JobQueue = { ...queue, list: () => [...journal.interrupted(), ...queue.list()] };
  const pool = createWorkerPool(options.threads);
  pool.useEngine(options.kernels === null ? storedEngine(userData) : engineNamed(options.kernels));
  /** By which call a job came to be, for a job that is run again. */
  const origins = new Map<string, { call: string; params: unknown }>();
  const unfinished = new Set<Promise<unknown>>();
  let open: CaseFile | null = null;

  const engine: EngineInstance = {
    userData,
    version: productVersion(),
    grants: createFileGrants(),
    pool,
    jobs,
    startDecoder: options.startDecoder ?? forkDecoder,
    moving: createMovingMaps((moved) => {
      publish('moving', moved);
    }),
    followings: createFollowings(
      () => engine,
      (error) => {
        log(`bug in following: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      },
    ),
    journal,
    log,
    caseFile: () => {
      if (open === null)
        throw new BezoarError('case/not-open', 'No case is open. Create a case or open one, then try again.');
      return open;
    },
    caseOrNull: () => open,
    replaceCase: (next) => {
      open?.close();
      journal.forget();
      open = next;
      if (next !== null) journal.adopt(next.path);
      options.onCase(next?.path ?? null, next?.name ?? null);
      publish('case', next === null ? null : caseState(next));
      publish('jobs', jobs.list());
    },
    publish,
    settleJobs: async () => {
      await engine.followings.stopAll();
      for (const job of queue.list())
        if (job.state === 'queued' || job.state === 'running') queue.cancel(job.id);
      await queue.idle();
      await Promise.allSettled(unfinished);
    },
    finishFirst: (work) => {
      unfinished.add(work);
      const forget = (): void => {
        unfinished.delete(work);
      };
      work.then(forget, forget);
    },
    keepInJournal: (call, params, result) => {
      const id = startedJob(result);
      const job = id === null ? undefined : queue.list().find((one) => one.id === id);
      if (id === null || job === undefined || open === null) return;
      const origin =
        call === 'job/retry'
          ? origins.get((params as { job: string }).job)
          : { call: call as string, params };
      if (origin === undefined) return;
      origins.set(id, origin);
      journal.started(open.path, origin.call, origin.params, grantsIn(engine, origin.params), job);
      void queue.ended(id).then(() => {
        journal.ended(id);
      });
    },
    close: async () => {
      await engine.settleJobs();
      open?.close();
      open = null;
      journal.close();
      await engine.followings.close();
      await pool.close();
    },
  };
  return engine;
}

/** The files that parameters name by token: a later engine must be let touch them again. */
function grantsIn(engine: Engine, params: unknown): JournalGrant[] {
  if (typeof params === 'string') {
    const token = FileToken.safeParse(params);
    if (!token.success) return [];
    for (const mode of ['read', 'write'] as const) {
      try {
        return [{ token: token.data, path: engine.grants.path(token.data, mode), mode }];
      } catch {
        continue;
      }
    }
    return [];
  }
  if (typeof params !== 'object' || params === null) return [];
  return Object.values(params).flatMap((value) => grantsIn(engine, value));
}

function startedJob(result: unknown): string | null {
  if (typeof result !== 'object' || result === null || !('job' in result)) return null;
  return typeof result.job === 'string' ? result.job : null;
}
