import { parentPort, workerData } from 'node:worker_threads';
import { BezoarError } from '../../contract/errors.ts';
import { askForDecoders } from './images/relayed-decoder.ts';
import {
  MOST_IN_FLIGHT,
  type ImportMessage,
  type ImportOrder,
  type Posted,
  type Written,
} from './import-messages.ts';
import { openEvidence } from './open-evidence.ts';
import { readSet } from './read-set.ts';
import { giveBack } from './spare-bytes.ts';

/** Reads the evidence files, read-only, and posts what they hold; waits while the engine has not written enough of it. */
async function main({ sets, models, decoders }: ImportOrder): Promise<void> {
  const port = parentPort;
  if (port === null) return;
  let inFlight = 0;
  let goOn: (() => void) | null = null;
  port.on('message', ({ spare }: Written) => {
    if (spare !== null) giveBack(spare);
    inFlight -= 1;
    goOn?.();
    goOn = null;
  });
  const startDecoder = askForDecoders(decoders);
  const send = async (
    message: ImportMessage,
    bytes: number,
    images: Posted['images'] = null,
  ): Promise<void> => {
    // What only tells how far it is weighs nothing.
    while (inFlight >= MOST_IN_FLIGHT && message.kind !== 'checked')
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    inFlight += 1;
    port.postMessage(
      { message, bytes, images } satisfies Posted,
      message.kind === 'chunk' ? [message.bytes.buffer] : [],
    );
  };
  let before = 0;
  try {
    for (const [index, set] of sets.entries()) {
      let read = 0;
      await readSet(index, set, startDecoder, async (message, bytes, images) => {
        read = bytes;
        await send(message, before + bytes, images);
      });
      before += read;
    }
    for (const path of models) {
      const message = await readModel(path);
      before += message.size;
      await send(message, before);
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

/** @throws BezoarError evidence/... */
async function readModel(path: string): Promise<ImportMessage & { kind: 'model' }> {
  const file = await openEvidence(path);
  try {
    const { name, size, format, content } = file;
    if (content.model === undefined)
      throw new BezoarError(
        'evidence/unknown-format',
        `${name} is not a model. Nothing was imported. Models are .onnx files.`,
      );
    return { kind: 'model', name, size, format, sha256: file.sha256(), model: content.model };
  } finally {
    file.close();
  }
}

await main(workerData as ImportOrder);
