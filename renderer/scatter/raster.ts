import { COLOUR_BITS, DIM_BIT, SPRITE_SHIFT } from './draw-list.ts';
import type { DrawList } from './draw-list.ts';
import { FLAGGED_COLOUR, GROUND_COLOUR, SELECTED_COLOUR } from './point-renderer.ts';
import type { Frame } from './point-renderer.ts';
import { Role } from './sprites.ts';
import type { Sprite, SpriteSet } from './sprites.ts';

/** One sprite as offsets into the picture from the pixel of its top left corner. */
interface Stamp {
  /** From the corner of a plain dot to the corner of this sprite. */
  readonly cornerOffset: number;
  readonly full: Int32Array;
  readonly half: Int32Array;
  /** Pixels that are not the point's own colour: offset, colour-table index, 1 for half. */
  readonly others: Int32Array;
}

/**
 * A picture with a margin all around in which a mark may hang over the edge, so that no mark needs clipping.
 * Pixel (x, y) of the map is `pixels[(y + margin) * stride + x + margin]`; 0 is transparent.
 */
export interface RasterPicture {
  readonly widthDevice: number;
  readonly heightDevice: number;
  readonly margin: number;
  readonly stride: number;
  readonly pixels: Uint32Array;
  readonly diameterDevice: number;
  readonly stamps: readonly Stamp[];
}

/** Margin that a set of sprites needs, in device pixels. */
export function marginFor(sprites: SpriteSet): number {
  return sprites.largestSide;
}

/**
 * Lays a picture over pixels of the caller's.
 *
 * @param pixels (widthDevice + 2 margin) * (heightDevice + 2 margin) packed colours
 * @throws RangeError when the pixels are of another size
 */
export function rasterPicture(
  pixels: Uint32Array,
  widthDevice: number,
  heightDevice: number,
  sprites: SpriteSet,
): RasterPicture {
  const margin = marginFor(sprites);
  const stride = widthDevice + 2 * margin;
  if (pixels.length !== stride * (heightDevice + 2 * margin)) {
    throw new RangeError(
      `${pixels.length} pixels do not make ${widthDevice} x ${heightDevice} with a margin of ${margin}.`,
    );
  }
  const stamps = sprites.sprites.map((sprite) => stampOf(sprite, sprites.diameterDevice, stride));
  return {
    widthDevice,
    heightDevice,
    margin,
    stride,
    pixels,
    diameterDevice: sprites.diameterDevice,
    stamps,
  };
}

/**
 * Clears the picture and paints the list in its order, later points over earlier ones.
 *
 * @param colours the table of `buildColours`
 */
export function paintPoints(
  picture: RasterPicture,
  list: DrawList,
  frame: Frame,
  colours: Uint32Array,
): void {
  const { pixels, stride, margin, stamps, diameterDevice } = picture;
  pixels.fill(0);
  const { x, y, style, count } = list;
  const scale = frame.scaleDevice;
  // floor(centre - diameter / 2 + 1/2) is the top left pixel; the margin makes it positive, so `| 0` floors.
  const shift = margin - diameterDevice / 2 + 0.5;
  const left = frame.originXDevice + shift;
  const top = frame.originYDevice + shift;
  // Half the largest ring hangs over the corner of the dot on the one side, the dot itself on the other.
  const overhang = (margin - diameterDevice) / 2;
  const lowest = Math.ceil(overhang);
  const rightmost = picture.widthDevice + 2 * margin - diameterDevice - lowest;
  const bottommost = picture.heightDevice + 2 * margin - diameterDevice - lowest;
  const { full, half } = stamps[0];
  for (let i = 0; i < count; i++) {
    const fx = x[i] * scale + left;
    const fy = top - y[i] * scale;
    // Written so that NaN is refused as well.
    if (!(fx >= lowest && fx < rightmost && fy >= lowest && fy < bottommost)) continue;
    const corner = (fy | 0) * stride + (fx | 0);
    const marks = style[i];
    const colour = colours[marks & COLOUR_BITS];
    if (marks >>> SPRITE_SHIFT !== 0) {
      paintMark(pixels, corner, stamps[marks >>> SPRITE_SHIFT], colour, colours, marks & DIM_BIT ? 1 : 0);
    } else if (diameterDevice === 2) {
      // Spelt out: long lists are drawn at this size, and a loop would double their time.
      pixels[corner] = colour;
      pixels[corner + 1] = colour;
      pixels[corner + stride] = colour;
      pixels[corner + stride + 1] = colour;
    } else paintBody(pixels, corner, full, half, colour);
  }
}

function paintBody(
  pixels: Uint32Array,
  corner: number,
  full: Int32Array,
  half: Int32Array,
  colour: number,
): void {
  for (let k = 0; k < full.length; k++) pixels[corner + full[k]] = colour;
  for (let k = 0; k < half.length; k++) {
    const at = corner + half[k];
    pixels[at] = halfOver(colour, pixels[at]);
  }
}

function paintMark(
  pixels: Uint32Array,
  dotCorner: number,
  stamp: Stamp,
  colour: number,
  colours: Uint32Array,
  dimmed: number,
): void {
  const corner = dotCorner + stamp.cornerOffset;
  const { others } = stamp;
  for (let k = 0; k < others.length; k += 3) {
    const at = corner + others[k];
    const other = colours[others[k + 1] + dimmed];
    pixels[at] = others[k + 2] ? halfOver(other, pixels[at]) : other;
  }
  paintBody(pixels, corner, stamp.full, stamp.half, colour);
}

/** Half of an opaque colour over what is there; over nothing it stays half transparent. */
function halfOver(colour: number, beneath: number): number {
  if (beneath >>> 24 !== 255) return (colour & 0xffffff) | 0x80000000;
  return (((colour & 0xfefefefe) >>> 1) + ((beneath & 0xfefefefe) >>> 1)) | 0xff000000;
}

const OTHER_ROLES: Readonly<Record<number, readonly [colour: number, half: number]>> = {
  [Role.flagged]: [FLAGGED_COLOUR, 0],
  [Role.flaggedHalf]: [FLAGGED_COLOUR, 1],
  [Role.selected]: [SELECTED_COLOUR, 0],
  [Role.selectedHalf]: [SELECTED_COLOUR, 1],
  [Role.ground]: [GROUND_COLOUR, 0],
};

function stampOf(sprite: Sprite, diameter: number, stride: number): Stamp {
  const full: number[] = [];
  const half: number[] = [];
  const others: number[] = [];
  sprite.roles.forEach((role, k) => {
    const offset = Math.floor(k / sprite.side) * stride + (k % sprite.side);
    if (role === Role.fill) full.push(offset);
    else if (role === Role.fillHalf) half.push(offset);
    else if (role !== Role.none) others.push(offset, ...OTHER_ROLES[role]);
  });
  const overhang = (sprite.side - diameter) / 2;
  return {
    cornerOffset: -overhang * (stride + 1),
    full: Int32Array.from(full),
    half: Int32Array.from(half),
    others: Int32Array.from(others),
  };
}
