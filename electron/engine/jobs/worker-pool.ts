import type { TaskRunner } from '../../../native-workers/runner.ts';
import type { JobContext } from './job-queue.ts';

/** `threads` worker threads that run the tasks of native-workers; started once. */
export interface WorkerPool {
  readonly threads: number;
  /** A runner bound to one job: its cancel flag, its progress. */
  runner(job: JobContext, seed: number): TaskRunner;
  /** A runner in a worker of its own, ended on cancel even in the middle of a call: for the reference engines. */
  ownRunner(job: JobContext, seed: number): TaskRunner & { end(): Promise<void> };
  close(): Promise<void>;
}
