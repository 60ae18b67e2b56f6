import { BezoarError } from '../../../contract/errors.ts';
import type { DecodedImage, ImageToDecode } from './decode-image.ts';
import type { DecodeReply, DecoderProcess, StartDecoder } from './decoder-process.ts';

/** Decodes images in a process of its own, which is started again when one of them ends it. */
export interface Decoder {
  /** In the order in which they were given. @throws BezoarError evidence/malformed when the process dies again and again */
  decode(images: readonly ImageToDecode[]): Promise<readonly DecodedImage[]>;
  close(): void;
}

const LIMIT_MS = 10_000;
const MOST_DEATHS = 20;

/** How a request ended that was not answered. */
class Unanswered extends Error {}

export function openDecoder(start: StartDecoder, limitMs = LIMIT_MS): Decoder {
  let process: DecoderProcess | null = null;
  let counter = 0;
  let deaths = 0;
  let waiting: { id: number; resolve: (reply: DecodeReply) => void; reject: (why: Error) => void } | null =
    null;

  const running = (): DecoderProcess => {
    if (process !== null) return process;
    const started = start();
    process = started;
    started.onReply((reply) => {
      if (reply.id === waiting?.id) waiting.resolve(reply);
    });
    started.onExit((how) => {
      if (process !== started) return;
      process = null;
      waiting?.reject(new Unanswered(`ends the decoder (${how})`));
    });
    return started;
  };

  const ask = async (images: readonly ImageToDecode[]): Promise<readonly DecodedImage[]> => {
    const id = (counter += 1);
    const child = running();
    let timer: NodeJS.Timeout | undefined;
    try {
      const reply = await new Promise<DecodeReply>((resolve, reject) => {
        waiting = { id, resolve, reject };
        timer = setTimeout(() => {
          process = null;
          child.kill();
          reject(new Unanswered(`is not decoded within ${limitMs / 1000} seconds`));
        }, limitMs);
        child.send({ id, images });
      });
      return reply.images;
    } finally {
      waiting = null;
      clearTimeout(timer);
    }
  };

  /** An image by itself: what is not answered now is its own doing. */
  const askAlone = async (image: ImageToDecode): Promise<DecodedImage> => {
    try {
      const [decoded] = await ask([image]);
      if (decoded === undefined) throw new Error('the decoder left an image out');
      return decoded;
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      deaths += 1;
      if (deaths > MOST_DEATHS)
        throw new BezoarError(
          'evidence/malformed',
          `The image decoder was ended by ${deaths} of these files. Nothing was imported. Files that do this are broken or ` +
            'made to do harm: find out where they come from.',
        );
      return { problem: error.message };
    }
  };

  return {
    decode: async (images) => {
      if (images.length > 1) {
        try {
          return await ask(images);
        } catch (error) {
          if (!(error instanceof Unanswered)) throw error;
        }
      }
      const decoded: DecodedImage[] = [];
      for (const image of images) decoded.push(await askAlone(image));
      return decoded;
    },
    close: () => {
      const child = process;
      process = null;
      child?.kill();
      waiting?.reject(new Unanswered('is no longer wanted'));
    },
  };
}
