import fc from 'fast-check';
import { expect, it } from 'vitest';
import { areaMean } from './area-mean.ts';

/** The definition: every pixel is split into target.height x target.width parts, which are dealt out. */
function byParts(
  pixels: Uint8Array,
  height: number,
  width: number,
  channels: number,
  to: { height: number; width: number },
): number[] {
  const sums = new Array<number>(to.height * to.width * channels).fill(0);
  for (let y = 0; y < height * to.height; y += 1)
    for (let x = 0; x < width * to.width; x += 1)
      for (let c = 0; c < channels; c += 1)
        sums[(Math.floor(y / height) * to.width + Math.floor(x / width)) * channels + c] +=
          pixels[(Math.floor(y / to.height) * width + Math.floor(x / to.width)) * channels + c];
  return sums.map((sum) => Math.round(sum / (height * width)));
}

it('is the mean of what lies under each new pixel, for any sizes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(1, 3),
      fc.record({ height: fc.integer({ min: 1, max: 14 }), width: fc.integer({ min: 1, max: 14 }) }),
      fc.nat(1000),
      (height, width, channels, to, seed) => {
        const pixels = Uint8Array.from(
          { length: height * width * channels },
          (_, i) => (i * 97 + seed * 31 + ((i * i) >> 2)) & 255,
        );
        expect([...areaMean(pixels, { height, width, channels }, to)]).toEqual(
          byParts(pixels, height, width, channels, to),
        );
      },
    ),
  );
});
