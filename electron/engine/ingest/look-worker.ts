import { parentPort, workerData } from 'node:worker_threads';
import type { FilesToLookAt, LookMessage } from './look-at-files.ts';
import { look } from './look.ts';

/** Looks into the files, read-only, and posts what each is taken for. */
async function main({ paths, hash }: FilesToLookAt): Promise<void> {
  const post = (message: LookMessage): void => {
    parentPort?.postMessage(message);
  };
  for (const path of paths) {
    try {
      post({ looked: await look(path, { hash }) });
    } catch (error) {
      post({ bug: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      break;
    }
  }
  parentPort?.close();
}

await main(workerData as FilesToLookAt);
