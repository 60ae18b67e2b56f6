import { parentPort, workerData } from 'node:worker_threads';
import type { TextReading } from '../../contract/evidence.ts';
import { lookIntoFile, type FileLook } from './look-into-file.ts';

export interface FileToLookInto {
  readonly path: string;
  readonly reading: TextReading | undefined;
}

export type LookPosted = { readonly look: FileLook } | { readonly bug: string };

/** Looks into files one after another and posts what each is taken for. */
async function main(files: readonly FileToLookInto[]): Promise<void> {
  for (const { path, reading } of files) {
    let posted: LookPosted;
    try {
      posted = { look: await lookIntoFile(path, reading) };
    } catch (error) {
      posted = { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    parentPort?.postMessage(posted);
  }
  parentPort?.close();
}

await main(workerData as readonly FileToLookInto[]);
