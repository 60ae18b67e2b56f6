import { parentPort, workerData } from 'node:worker_threads';
import type { LogLook, LogLooked } from './look-at-log.ts';
import { openMappingMemory } from './mapping-memory.ts';
import { proposeLog } from './propose-log.ts';
import { workerFailure } from './worker-failure.ts';

/** Looks into the files of a log, read-only, and posts the proposal. */
async function main({ dropped, mapping, reading, userData, said }: LogLook): Promise<void> {
  let looked: LogLooked;
  try {
    const proposal = await proposeLog(dropped, mapping, openMappingMemory(userData), said, reading);
    looked = { kind: 'looked', proposal };
  } catch (error) {
    looked = workerFailure(error);
  }
  parentPort?.postMessage(looked);
  parentPort?.close();
}

await main(workerData as LogLook);
