import type { TaskArgs, TaskName, TaskResult } from './tasks.ts';

/**
 * Runs named tasks somewhere: a worker pool in the engine, or at once in this thread (`inlineRunner`).
 * Arguments and results cross by structured clone; big arrays sit on SharedArrayBuffers.
 */
export interface TaskRunner {
  readonly threads: number;
  /** Resolves with the task's result; rejects with Cancelled when the job was cancelled, else with the task's error. */
  run<N extends TaskName>(name: N, args: TaskArgs<N>): Promise<TaskResult<N>>;
}
