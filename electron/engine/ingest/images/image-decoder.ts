import { decodeImage, prepareDecoder } from './decode-image.ts';
import type { DecodeReply, DecodeRequest } from './decoder-process.ts';

/** What of Electron's ports the decoder uses. */
interface Port {
  on(event: 'message', listener: (event: { data: unknown; ports: Port[] }) => void): void;
  start(): void;
  postMessage(message: unknown): void;
}

/** Images that are decoded side by side. */
const SIDE_BY_SIDE = 4;

async function answer({ id, images }: DecodeRequest): Promise<DecodeReply> {
  const decoded = new Array<DecodeReply['images'][number]>(images.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < images.length; at = next++) decoded[at] = await decodeImage(images[at]);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
  return { id, images: decoded };
}

prepareDecoder();
const { parentPort } = process as unknown as { parentPort?: Port };
if (parentPort !== undefined) {
  // In Electron the app hands over a port to the engine.
  parentPort.on('message', ({ ports: [port] }) => {
    port.on('message', ({ data }) => {
      void answer(data as DecodeRequest).then((reply) => {
        port.postMessage(reply);
      });
    });
    port.start();
  });
} else {
  process.on('message', (request: DecodeRequest) => {
    void answer(request).then((reply) => process.send?.(reply));
  });
  // The engine is gone.
  process.on('disconnect', () => {
    process.exit();
  });
}
