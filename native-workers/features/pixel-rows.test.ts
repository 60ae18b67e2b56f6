import { describe, expect, it } from 'vitest';
import { sharedFloat32 } from '../numeric/shared-arrays.ts';
import { uncancelled } from '../task.ts';
import { pixelRows, pixelSize } from './pixel-rows.ts';

describe('rows of pixels', () => {
  it.each([
    [
      { height: 28, width: 28, channels: 1 },
      { height: 28, width: 28 },
    ],
    [
      { height: 32, width: 32, channels: 3 },
      { height: 32, width: 32 },
    ],
    [
      { height: 224, width: 224, channels: 3 },
      { height: 32, width: 32 },
    ],
    [
      { height: 100, width: 400, channels: 1 },
      { height: 27, width: 111 },
    ],
    [
      { height: 1, width: 100_000, channels: 3 },
      { height: 1, width: 1024 },
    ],
    [
      { height: 100_000, width: 1, channels: 1 },
      { height: 3072, width: 1 },
    ],
  ])('of %j are taken at %j, never more than 3,072 values', (size, expected) => {
    const taken = pixelSize(size);
    expect(taken).toEqual({ ...expected, channels: size.channels });
    expect(taken.height * taken.width * taken.channels).toBeLessThanOrEqual(3072);
  });

  it('are the pixels as shares of white', () => {
    const size = { height: 2, width: 2, channels: 1 };
    const bytes = Uint8Array.of(0, 255, 51, 102, 1, 2, 3, 4);
    const out = sharedFloat32(8);
    pixelRows({ bytes, size, to: size, out }, uncancelled());
    expect(out).toEqual(Float32Array.from(bytes, (value) => value / 255));
    const small = sharedFloat32(2);
    pixelRows({ bytes, size, to: { height: 1, width: 1, channels: 1 }, out: small }, uncancelled());
    expect(small).toEqual(Float32Array.of(102 / 255, 3 / 255));
  });
});
