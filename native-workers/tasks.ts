import type { TaskContext } from './task.ts';

/**
 * Everything a worker can be asked to do, by name: one line a task. A task is a pure function of its arguments
 * and the context; it is given typed arrays over SharedArrayBuffers and returns typed arrays.
 */
export const tasks = {};

type Tasks = typeof tasks;
export type TaskName = keyof Tasks & string;
export type TaskArgs<N extends TaskName> = Tasks[N] extends (args: infer A, ctx: TaskContext) => unknown ? A : never;
export type TaskResult<N extends TaskName> = Tasks[N] extends (args: never, ctx: TaskContext) => infer R ? R : never;
