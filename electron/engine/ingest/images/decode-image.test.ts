import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, prepareDecoder } from './decode-image.ts';
import { imageHeader, type ImageHeader } from './image-header.ts';

const FOLDER = join(import.meta.dirname, '../../../../test/fixtures/formats/images');
const { images } = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as {
  images: Record<string, { mode: string; shape: number[]; pixels: string }>;
};

beforeAll(prepareDecoder);

const headerOf = (bytes: Uint8Array): ImageHeader => {
  const header = imageHeader(bytes);
  if (typeof header === 'string') throw new Error(header);
  return header;
};

async function decoded(bytes: Uint8Array, channels: 1 | 3, size?: { width: number; height: number }) {
  const header = headerOf(bytes);
  const { width, height } = size ?? header;
  const found = await decodeImage({ bytes, ...header, to: { width, height, channels } });
  if ('problem' in found) throw new Error(found.problem);
  return found.pixels;
}

describe('a decoded image', () => {
  it.each(Object.entries(images))('%s has the pixels that PIL reads', async (name, { shape, pixels }) => {
    const bytes = readFileSync(join(FOLDER, name));
    expect(await decoded(bytes, shape.length === 2 ? 1 : 3)).toEqual(
      new Uint8Array(Buffer.from(pixels, 'hex')),
    );
  });

  it.each(Object.entries(images))('%s says in its header what it is', (name, { shape }) => {
    const header = headerOf(readFileSync(join(FOLDER, name)));
    expect([header.height, header.width]).toEqual(shape.slice(0, 2));
    expect(header.turned).toBe(name.startsWith('turned'));
    expect(header.more).toBe(name.startsWith('moving'));
    // Colours of a GIF's palette that happen to be grey are not looked at.
    expect(header.grey).toBe(shape.length === 2 || name === 'grey.bmp');
  });

  it('has pixels behind its header: a BMP that places them within it is refused', async () => {
    const bytes = new Uint8Array(readFileSync(join(FOLDER, 'grey.bmp')));
    const header = headerOf(bytes);
    for (const offset of [0, 53, 54, 1077]) {
      new DataView(bytes.buffer).setUint32(10, offset, true);
      const found = await decodeImage({ bytes, ...header, to: { ...header, channels: 1 } });
      expect(found).toEqual({
        problem: `cannot be read: its pixels begin at byte ${offset}, within its header of 1078 bytes`,
      });
    }
  });
});
