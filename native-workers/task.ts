/**
 * What every task of a worker is given: progress, cancellation, the run's seed.
 * A long loop calls {@link TaskContext.check} about every 10 ms; it throws {@link Cancelled} when the job was cancelled.
 */
export interface TaskContext {
  readonly seed: number;
  /** Reports the share done, 0 to 1; never falls. */
  progress(fraction: number): void;
  cancelled(): boolean;
  /** Throws {@link Cancelled} when the job was cancelled. */
  check(): void;
}

/** Thrown out of a task when its job was cancelled; nothing of the task's result is kept. */
export class Cancelled extends Error {
  constructor() {
    super('cancelled');
    this.name = 'Cancelled';
  }
}

/** A context that never cancels and drops progress: for tests and single calls. */
export function uncancelled(seed = 0): TaskContext {
  return { seed, progress: () => undefined, cancelled: () => false, check: () => undefined };
}
