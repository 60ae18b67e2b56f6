import type { TaskRunner } from './runner.ts';
import type { TaskContext } from './task.ts';
import { tasks } from './tasks.ts';

/** Runs every task in the calling thread. */
export function inlineRunner(ctx: TaskContext): TaskRunner {
  return {
    threads: 1,
    run: (name, args) =>
      Promise.resolve().then(() => (tasks[name] as (a: unknown, c: TaskContext) => never)(args, ctx)),
  };
}
