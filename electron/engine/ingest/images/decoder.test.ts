import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import type { ImageToDecode } from './decode-image.ts';
import { openDecoder, type Decoder } from './decoder.ts';
import { forkDecoder, type DecodeReply, type DecoderProcess } from './decoder-process.ts';
import { imageHeader } from './image-header.ts';

const FOLDER = join(import.meta.dirname, '../../../../test/fixtures/formats/images');

function imageOf(bytes: Uint8Array): ImageToDecode {
  const header = imageHeader(bytes);
  if (typeof header === 'string') throw new Error(header);
  return { bytes, ...header, to: { width: header.width, height: header.height, channels: 3 } };
}
const image = (name: string): ImageToDecode => imageOf(readFileSync(join(FOLDER, name)));

let decoder: Decoder | null = null;
afterEach(() => {
  decoder?.close();
});

/** A process that dies of every image whose first byte is 66 (a BMP), and never answers one whose first byte is 71 (a GIF). */
function fragile(): DecoderProcess & { started: number } {
  let reply: (reply: DecodeReply) => void = () => undefined;
  let exit: (how: string) => void = () => undefined;
  return {
    started: 0,
    send: ({ id, images }) => {
      setImmediate(() => {
        if (images.some(({ bytes }) => bytes[0] === 66)) exit('signal SIGSEGV');
        else if (images.every(({ bytes }) => bytes[0] !== 71))
          reply({ id, images: images.map(({ bytes }) => ({ pixels: Uint8Array.of(bytes[0]) })) });
      });
    },
    onReply: (listener) => {
      reply = listener;
    },
    onExit: (listener) => {
      exit = listener;
    },
    kill: () => undefined,
  };
}

describe('the decoder', () => {
  it('decodes in a process of its own, in the order that was asked', async () => {
    decoder = openDecoder(forkDecoder);
    const asked = ['rgb.png', 'palette.bmp', 'rgb.jpg', 'palette.gif', 'lossless.webp', 'lzw.tif'].map(image);
    const decoded = await decoder.decode(asked);
    decoded.forEach((one, at) => {
      if ('problem' in one) throw new Error(one.problem);
      expect(one.pixels).toHaveLength(asked[at].width * asked[at].height * 3);
    });
  });

  it('goes on after its process was killed in the middle of a request', async () => {
    const children: DecoderProcess[] = [];
    decoder = openDecoder(() => {
      const child = forkDecoder();
      children.push(child);
      return child;
    });
    await decoder.decode([image('rgb.png')]);
    const asked = decoder.decode([image('rgb.png'), image('rgb.jpg')]);
    children[0].kill();
    expect((await asked).every((one) => 'pixels' in one)).toBe(true);
    expect(children).toHaveLength(2);
  });

  it('names the image that ends it, and the one that takes too long; the others are decoded', async () => {
    decoder = openDecoder(fragile, 50);
    const names = ['rgb.png', 'rgb.bmp', 'rgb.jpg', 'palette.gif', 'rgb.tif'];
    expect(await decoder.decode(names.map(image))).toEqual([
      { pixels: Uint8Array.of(0x89) },
      { problem: 'ends the decoder (signal SIGSEGV)' },
      { pixels: Uint8Array.of(0xff) },
      { problem: 'is not decoded within 0.05 seconds' },
      { pixels: Uint8Array.of(0x49) },
    ]);
  });

  it('gives up when one file after another ends it', async () => {
    decoder = openDecoder(fragile);
    const bad = Array.from({ length: 21 }, () => image('rgb.bmp'));
    const failure = await failureLater(async () => decoder?.decode(bad));
    expect(failure.code).toBe('evidence/malformed');
    expect(failure.message).toContain('Nothing was imported.');
  });

  it.each(['rgb.png', 'rgb.jpg', 'lossless.webp', 'palette.gif', 'rgb.bmp', 'turned.tif'])(
    '%s cut off anywhere is a problem in words',
    async (name) => {
      decoder = openDecoder(forkDecoder);
      const whole = readFileSync(join(FOLDER, name));
      const cut: ImageToDecode[] = [];
      for (let length = 0; length < whole.length - 16; length += 7) {
        const header = imageHeader(whole.subarray(0, length));
        if (typeof header === 'string') expect(header).toMatch(/^(is |cannot be read: )/);
        else cut.push({ ...image(name), bytes: whole.subarray(0, length) });
      }
      // The directory of a TIFF file stands at its end here.
      expect(cut.length).toBeGreaterThan(name.endsWith('tif') ? -1 : 5);
      for (const one of await decoder.decode(cut)) expect(one).toHaveProperty('problem');
    },
  );
});
