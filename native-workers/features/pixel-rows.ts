import type { TaskContext } from '../task.ts';
import { areaMean } from './area-mean.ts';

/** Values of an image that components are taken of; larger ones are made smaller first. */
const MOST_VALUES = 3072;

export interface PixelSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The size that pixels are taken at: the image's own up to 3,072 values (32 x 32 in colour), else as many at its proportions. */
export function pixelSize({ height, width, channels }: PixelSize): PixelSize {
  const scale = Math.sqrt(MOST_VALUES / (height * width * channels));
  if (scale >= 1) return { height, width, channels };
  const rows = Math.max(1, Math.min(Math.floor(height * scale), Math.floor(MOST_VALUES / channels)));
  const columns = Math.max(
    1,
    Math.min(width, Math.floor(MOST_VALUES / channels / rows), Math.ceil(width * scale)),
  );
  return { height: rows, width: columns, channels };
}

/**
 * Images as rows of numbers from 0 to 1, each pixel the mean of what lies under it.
 *
 * @param args.bytes uint8, images one after the other, each of shape `size`
 * @param args.out float32 on shared memory, shape (images, height * width * channels of `to`)
 * @throws Cancelled
 */
export function pixelRows(
  args: { bytes: Uint8Array; size: PixelSize; to: PixelSize; out: Float32Array },
  ctx: TaskContext,
): void {
  const { bytes, size, to, out } = args;
  const stored = size.height * size.width * size.channels;
  const taken = to.height * to.width * to.channels;
  for (let image = 0; image * stored < bytes.length; image++) {
    if ((image & 63) === 0) ctx.check();
    const pixels = areaMean(bytes.subarray(image * stored, (image + 1) * stored), size, to);
    for (let i = 0; i < taken; i++) out[image * taken + i] = pixels[i] / 255;
  }
}
