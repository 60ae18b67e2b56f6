import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodePng } from './png.ts';

/** Width, height, colour type and pixel lines of a PNG without interlacing or filters. */
function decode(png: Buffer): { width: number; height: number; type: number; lines: number[][] } {
  const data: Buffer[] = [];
  let head: Buffer | null = null;
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') head = body;
    if (type === 'IDAT') data.push(body);
    at += length + 12;
  }
  if (head === null) throw new Error('no head');
  const [width, height, type] = [head.readUInt32BE(0), head.readUInt32BE(4), head[9] ?? 0];
  const bytes = inflateSync(Buffer.concat(data));
  const stride = bytes.length / height;
  return {
    width,
    height,
    type,
    lines: Array.from({ length: height }, (_, y) => [...bytes.subarray(y * stride, (y + 1) * stride)]),
  };
}

describe('encodePng', () => {
  it('writes grey and colour pixels that read back', () => {
    expect(decode(encodePng(2, 2, 1, Uint8Array.of(1, 2, 3, 4)))).toEqual({
      width: 2,
      height: 2,
      type: 0,
      lines: [
        [0, 1, 2],
        [0, 3, 4],
      ],
    });
    expect(decode(encodePng(1, 2, 3, Uint8Array.of(1, 2, 3, 4, 5, 6)))).toEqual({
      width: 1,
      height: 2,
      type: 2,
      lines: [
        [0, 1, 2, 3],
        [0, 4, 5, 6],
      ],
    });
  });

  it('carries the checksums of the standard', () => {
    // The last chunk of every PNG is these twelve bytes.
    expect(encodePng(1, 1, 1, Uint8Array.of(9)).subarray(-12).toString('hex')).toBe(
      '0000000049454e44ae426082',
    );
  });
});
