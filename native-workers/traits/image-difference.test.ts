import { expect, it } from 'vitest';
import { mixHash } from '../numeric/hash.ts';
import { uncancelled } from '../task.ts';
import { addImages, imageDifference } from './image-difference.ts';

const SIDE = 12;

/** Noise, with a white patch of 3 x 2 pixels in the lower right corner of the group's images. */
function summed(count: number, seed: number, patch: boolean, channels: number) {
  const size = SIDE * SIDE * channels;
  const bytes = Uint8Array.from({ length: count * size }, (_, i) => mixHash(i, seed) % 200);
  for (let image = 0; patch && image < count; image++)
    for (let y = 9; y < 12; y++)
      for (let x = 10; x < 12; x++)
        for (let c = 0; c < channels; c++)
          bytes[image * size + (y * SIDE + x) * channels + c] = 250 + (image % 3);
  const sums = { sums: new Float64Array(size), squares: new Float64Array(size) };
  addImages({ bytes, ...sums }, uncancelled());
  return { ...sums, count };
}

it.each([1, 3])('finds the patch that a group of images shares (%i channels)', (channels) => {
  const shape = channels === 1 ? [SIDE, SIDE] : [SIDE, SIDE, channels];
  const found = imageDifference(shape, summed(40, 1, true, channels), summed(300, 2, false, channels), 5);
  expect(found.patches).toHaveLength(1);
  expect(found.patches[0]).toMatchObject({ top: 9, left: 10, height: 3, width: 2, pixels: 6 });
  expect(found.patches[0].insideLevel).toBeGreaterThan(249);
  expect(found.difference[11 * SIDE + 11]).toBeGreaterThan(130);
  expect(Math.abs(found.difference[0])).toBeLessThan(60);
});

it('finds no patch where the group looks like the others', () => {
  expect(imageDifference([SIDE, SIDE], summed(40, 1, false, 1), summed(300, 2, false, 1), 5).patches).toEqual(
    [],
  );
});
