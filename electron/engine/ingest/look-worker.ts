import { parentPort, workerData } from 'node:worker_threads';
import type { FilesToLookAt, LookMessage } from './look-at-files.ts';
import { look } from './look.ts';

/** Looks into the files, read-only, and posts what each is taken for. */
async function main({ files, hash }: FilesToLookAt): Promise<void> {
  const post = (message: LookMessage): void => {
    parentPort?.postMessage(message);
  };
  for (const { path, reading } of files) {
    try {
      post({ looked: await look(path, { hash, reading }) });
    } catch (error) {
      post({ bug: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      break;
    }
  }
  parentPort?.close();
}

await main(workerData as FilesToLookAt);
