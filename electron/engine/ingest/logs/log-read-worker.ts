import { parentPort, workerData } from 'node:worker_threads';
import type { LogMapping } from '../../../contract/logs.ts';
import type { LogFile } from './log-files.ts';
import type { ReadMessage } from './log-messages.ts';
import { readBlocks } from './read-blocks.ts';
import { workerFailure } from './worker-failure.ts';

export interface ReadOrder {
  readonly files: readonly LogFile[];
  readonly mapping: LogMapping;
  /** Blocks that may be on their way at once. */
  readonly inFlight: number;
}

/** Reads the files of a log, read-only, and posts their blocks; waits while too many of them are on their way. */
async function main({ files, mapping, inFlight }: ReadOrder): Promise<void> {
  const port = parentPort;
  if (port === null) return;
  let under = 0;
  let goOn: (() => void) | null = null;
  port.on('message', () => {
    under -= 1;
    goOn?.();
    goOn = null;
  });
  const post = async (message: ReadMessage): Promise<void> => {
    if (message.kind !== 'block') {
      port.postMessage(message);
      return;
    }
    while (under >= inFlight)
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    under += 1;
    port.postMessage(message, [message.bytes.buffer]);
  };
  try {
    await readBlocks(files, mapping, post);
  } catch (error) {
    port.postMessage(workerFailure(error));
  }
  port.close();
}

await main(workerData as ReadOrder);
