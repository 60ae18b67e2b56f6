import { parentPort, workerData } from 'node:worker_threads';
import { BezoarError } from '../../contract/errors.ts';
import { MOST_IN_FLIGHT, type ImportMessage, type Posted, type SetToRead } from './import-messages.ts';
import { readSet } from './read-set.ts';

/** Reads the evidence files, read-only, and posts what they hold; waits while the engine has not written enough of it. */
async function main(sets: readonly SetToRead[]): Promise<void> {
  const port = parentPort;
  if (port === null) return;
  let inFlight = 0;
  let goOn: (() => void) | null = null;
  port.on('message', () => {
    inFlight -= 1;
    goOn?.();
    goOn = null;
  });
  const send = async (message: ImportMessage, bytes: number): Promise<void> => {
    while (inFlight >= MOST_IN_FLIGHT)
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    inFlight += 1;
    port.postMessage(
      { message, bytes } satisfies Posted,
      message.kind === 'chunk' ? [message.bytes.buffer] : [],
    );
  };
  let before = 0;
  try {
    for (const [index, set] of sets.entries()) {
      let read = 0;
      await readSet(index, set, async (message, bytes) => {
        read = bytes;
        await send(message, before + bytes);
      });
      before += read;
    }
    await send({ kind: 'done' }, before);
  } catch (error) {
    if (error instanceof BezoarError) await send({ kind: 'failure', failure: error.toFailure() }, before);
    else
      await send(
        { kind: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) },
        before,
      );
  }
  port.close();
}

await main(workerData as readonly SetToRead[]);
