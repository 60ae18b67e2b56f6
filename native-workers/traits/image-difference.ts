import type { TaskContext } from '../task.ts';

/** Sums over the images of a group, of each value: on shared memory, shape (size,). */
export interface ImageSums {
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/** Adds images, `sums.length` bytes each, one after the other. */
export function addImages(args: { bytes: Uint8Array } & ImageSums, ctx: TaskContext): void {
  const { bytes, sums, squares } = args;
  const size = sums.length;
  for (let base = 0; base < bytes.length; base += size) {
    if ((base / size) % 64 === 0) ctx.check();
    for (let at = 0; at < size; at++) {
      const value = bytes[base + at];
      sums[at] += value;
      squares[at] += value * value;
    }
  }
}

/** A part of the picture that is the same in the group and something else outside. */
interface ConstantPatch {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: number;
  /** Mean level inside and outside, 0 to 255. */
  readonly insideLevel: number;
  readonly outsideLevel: number;
}

/** Grey pictures, shape (height, width), levels 0 to 255; the difference is inside less outside. */
export interface ImageDifference {
  readonly height: number;
  readonly width: number;
  readonly inside: Float64Array;
  readonly outside: Float64Array;
  readonly difference: Float64Array;
  /** Largest contrast times size first. */
  readonly patches: readonly ConstantPatch[];
}

/** Levels: a pixel that varies less inside, and is so far from the mean outside, is part of a constant patch. */
const MOST_DEVIATION = 8;
const LEAST_CONTRAST = 32;
const LEAST_PIXELS = 4;

interface Counted extends ImageSums {
  readonly count: number;
}

/**
 * Mean pictures of a group and of the images outside, and the patches that are constant in the group alone.
 *
 * @param shape (H, W) or (H, W, 3)
 */
export function imageDifference(
  shape: readonly number[],
  group: Counted,
  others: Counted,
  most: number,
): ImageDifference {
  const [height, width, channels = 1] = shape;
  const pixels = height * width;
  const inside = new Float64Array(pixels);
  const outside = new Float64Array(pixels);
  const constant = new Uint8Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    let contrast = 0;
    let deviation = 0;
    for (let channel = 0; channel < channels; channel++) {
      const at = pixel * channels + channel;
      const here = group.sums[at] / group.count;
      const there = others.sums[at] / others.count;
      inside[pixel] += here / channels;
      outside[pixel] += there / channels;
      contrast = Math.max(contrast, Math.abs(here - there));
      const variance = group.squares[at] / group.count - here * here;
      deviation = Math.max(deviation, Math.sqrt(Math.max(0, variance)));
    }
    if (deviation <= MOST_DEVIATION && contrast >= LEAST_CONTRAST) constant[pixel] = 1;
  }
  const difference = inside.map((level, pixel) => level - outside[pixel]);
  const patches = connected(constant, height, width)
    .filter((members) => members.length >= LEAST_PIXELS)
    .map((members) => patchOf(members, width, inside, outside))
    .sort((a, b) => weight(b) - weight(a) || a.top - b.top || a.left - b.left)
    .slice(0, most);
  return { height, width, inside, outside, difference, patches };
}

const weight = ({ pixels, insideLevel, outsideLevel }: ConstantPatch) =>
  pixels * Math.abs(insideLevel - outsideLevel);

/** Sets of neighbouring pixels, by side or by corner: a chequered trigger is one. */
function connected(marked: Uint8Array, height: number, width: number): number[][] {
  const left = marked.slice();
  const sets: number[][] = [];
  for (let start = 0; start < left.length; start++) {
    if (left[start] === 0) continue;
    left[start] = 0;
    const members = [start];
    for (const pixel of members) {
      const [y, x] = [Math.floor(pixel / width), pixel % width];
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const next = row * width + column;
          if (left[next] === 0) continue;
          left[next] = 0;
          members.push(next);
        }
    }
    sets.push(members);
  }
  return sets;
}

function patchOf(
  members: readonly number[],
  width: number,
  inside: Float64Array,
  outside: Float64Array,
): ConstantPatch {
  let [top, bottom, left, right] = [Infinity, 0, Infinity, 0];
  let [here, there] = [0, 0];
  for (const pixel of members) {
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    left = Math.min(left, x);
    right = Math.max(right, x);
    here += inside[pixel] / members.length;
    there += outside[pixel] / members.length;
  }
  return {
    top,
    left,
    height: bottom - top + 1,
    width: right - left + 1,
    pixels: members.length,
    insideLevel: here,
    outsideLevel: there,
  };
}
