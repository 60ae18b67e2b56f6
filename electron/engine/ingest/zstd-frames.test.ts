import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { mixHash } from '../../../native-workers/numeric/hash.ts';
import { bytesAsSource } from './byte-source.ts';
import { unpacked } from './unpacked-source.ts';
import { zstdFrames } from './zstd-frames.ts';

const noise = (length: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => mixHash(i, seed) % (seed % 2 === 0 ? 256 : 3)));
const skippable = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), noise(5, 1)]);

/** Frames of many kinds: empty, of one repeated byte, not compressible, of several blocks, passed over. */
const contents = [
  Buffer.alloc(0),
  Buffer.from('a'),
  Buffer.alloc(100_000, 7),
  noise(300, 2),
  noise(400_000, 4),
  noise(700_000, 3),
];
const frames = [
  ...contents.slice(0, 3).map((bytes) => zstdCompressSync(bytes)),
  skippable,
  ...contents.slice(3).map((bytes) => zstdCompressSync(bytes)),
];
const packed = Buffer.concat(frames);

async function unpackedOf(bytes: Buffer): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of unpacked(bytesAsSource('a.zst', bytes), 'zstd', 1e9)) parts.push(part);
  return Buffer.concat(parts);
}

describe('zstdFrames', () => {
  it.each([1, 7, 4096, 1 << 20])('cuts at the ends of frames, handed %d bytes at a time', (step) => {
    const split = zstdFrames();
    const ends = new Set<number>();
    let at = 0;
    let empty = 0;
    for (let from = 0; from < packed.length; from += step)
      for (const piece of split(packed.subarray(from, from + step))) {
        empty += piece.length === 0 ? 1 : 0;
        at += piece.length;
        ends.add(at);
      }
    expect([at, empty]).toEqual([packed.length, 0]);
    let end = 0;
    for (const frame of frames) expect(ends.has((end += frame.length))).toBe(true);
    if (step > packed.length) expect(ends.size).toBe(frames.length);
  });

  it('hands on what is no frame', () => {
    const split = zstdFrames();
    expect(
      split(Buffer.concat([frames[1] ?? skippable, Buffer.from('rest of it')])).map(String),
    ).toHaveLength(2);
    expect(split(Buffer.from('more'))).toEqual([Buffer.from('more')]);
  });
});

describe('a file of several zstd frames', () => {
  it('is unpacked to its end', async () => {
    expect((await unpackedOf(packed)).equals(Buffer.concat(contents))).toBe(true);
    expect((await unpackedOf(Buffer.concat([skippable, packed]))).equals(Buffer.concat(contents))).toBe(true);
  });

  it('is refused where it breaks off or goes on with something else', async () => {
    for (const cut of [3, 60, 5000])
      await expect(unpackedOf(packed.subarray(0, packed.length - cut))).rejects.toThrow(
        'damaged or breaks off',
      );
    await expect(unpackedOf(Buffer.concat([packed, Buffer.from('something else')]))).rejects.toThrow(
      'damaged or breaks off',
    );
  });

  it('of very many small frames is unpacked to its end', async () => {
    const frame = zstdCompressSync(Buffer.from('x'));
    expect(await unpackedOf(Buffer.concat(Array.from({ length: 10_000 }, () => frame)))).toHaveLength(10_000);
  });
});
