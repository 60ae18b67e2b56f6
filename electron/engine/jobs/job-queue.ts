import type { Job } from '../../contract/jobs.ts';

/** What a running job reports with and asks. */
export interface JobContext {
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
