import type { EngineName } from './engines/kernels.ts';
import type { TaskName } from './tasks.ts';

/** Progress in shared memory: a task's share done in whole units, 0 to this. */
export const PROGRESS_UNITS = 1_000_000;

/** What a worker is asked. `cancel[0]` is 1 when the job was cancelled; `progress[slot]` is the task's to write. */
export interface WorkerRequest {
  readonly id: number;
  readonly task: TaskName;
  readonly args: unknown;
  readonly seed: number;
  /** The engine whose inner functions do the work. */
  readonly engine: EngineName;
  readonly cancel: Int32Array;
  readonly progress: Int32Array;
  readonly slot: number;
}

export type WorkerReply =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly cancelled: true }
  | {
      readonly id: number;
      readonly ok: false;
      readonly cancelled: false;
      readonly message: string;
      readonly stack: string;
    };
