import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

export interface CheckpointOrder {
  readonly path: string;
  /** One int32 that becomes 1 at the end. */
  readonly ended: SharedArrayBuffer;
}

/** A log up to this is moved within a turn of the event loop, by the connection that wrote it. */
const LEAST_FOR_THREAD = 16 * 1024 * 1024;
const ENTRY = import.meta.url.endsWith('.ts') ? './checkpoint-worker.ts' : './checkpoint-worker.js';

/** Bytes of a case's write-ahead log. */
const logBytes = (path: string): number => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;

/** Whether what an import left in the write-ahead log is worth a thread of its own. */
export const needsThread = (path: string): boolean => logBytes(path) > LEAST_FOR_THREAD;

/**
 * Starts to move the write-ahead log into the case file. It is durable where it is: only the next commits would have to
 * move it, seconds for a large import.
 *
 * @returns waits for the end, for before the case is closed: the thread must hold no lock then
 */
export function checkpointInBackground(path: string): () => void {
  const ended = new SharedArrayBuffer(4);
  const worker = new Worker(new URL(ENTRY, import.meta.url), {
    workerData: { path, ended } satisfies CheckpointOrder,
  });
  worker.unref();
  return () => {
    Atomics.wait(new Int32Array(ended), 0, 0);
  };
}
