import { Shape } from './sprites.ts';

/** What sets single points apart. Every array is one byte a point; null means none. */
export interface Emphasis {
  /** 1 = put forward by a detector: ringed. */
  readonly flagged?: Uint8Array | null;
  /** 0 none, 1 poison, 2 clean, 3 unsure: decided points are dimmed, poison a cross, unsure hollow. */
  readonly verdict?: Uint8Array | null;
  /** 1 = selected: ringed in the selection's colour and painted last. */
  readonly selected?: Uint8Array | null;
  /** 1 = neither drawn nor found. */
  readonly hidden?: Uint8Array | null;
}

/**
 * The visible points in painting order: decided, open, flagged and decided, flagged, selected.
 *
 * `x` and `y` are relative to the origin, so that float32 keeps its digits on a deep zoom. `style` holds the
 * colour index (bits 0-7), dimmed (bit 8), flagged ring (bit 9), selection ring (bit 10), shape (bits 11-12).
 */
export interface DrawList {
  readonly count: number;
  readonly originX: number;
  readonly originY: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly style: Uint16Array;
}

/** Bits of {@link DrawList.style} that look up a colour. */
export const COLOUR_BITS = 0x1ff;
/** Bit of {@link DrawList.style} of dimmed points. */
export const DIM_BIT = 0x100;
/** {@link DrawList.style} shifted right by this is the sprite: ring bits, then shape bits. */
export const SPRITE_SHIFT = 9;

const FLAGGED_BIT = 0x200;
const SELECTED_BIT = 0x400;
const SHAPE_SHIFT = 11;
const SHAPE_OF_VERDICT = [Shape.dot, Shape.cross, Shape.dot, Shape.hollow];
const LAYERS = 5;
const NOT_DRAWN = 255;

/**
 * Puts the points into painting order. Hidden points and those without finite coordinates are left out.
 *
 * @param x, y data coordinates
 * @param colourIndex one palette index a point, or null for index 0 throughout
 */
export function buildDrawList(
  x: Float32Array,
  y: Float32Array,
  originX: number,
  originY: number,
  colourIndex: Uint8Array | null,
  emphasis: Emphasis,
): DrawList {
  const n = x.length;
  const { flagged, verdict, selected, hidden } = emphasis;
  const layerOf = new Uint8Array(n);
  const next = new Uint32Array(LAYERS + 1);
  for (let i = 0; i < n; i++) {
    if (hidden?.[i] || x[i] - x[i] + (y[i] - y[i]) !== 0) {
      layerOf[i] = NOT_DRAWN;
      continue;
    }
    const decided = verdict?.[i] ? 1 : 0;
    const layer = selected?.[i] ? 4 : flagged?.[i] ? 3 - decided : 1 - decided;
    layerOf[i] = layer;
    next[layer + 1]++;
  }
  for (let layer = 0; layer < LAYERS; layer++) next[layer + 1] += next[layer];
  const count = next[LAYERS];
  const list = {
    count,
    originX,
    originY,
    x: new Float32Array(count),
    y: new Float32Array(count),
    style: new Uint16Array(count),
  };
  for (let i = 0; i < n; i++) {
    const layer = layerOf[i];
    if (layer === NOT_DRAWN) continue;
    const at = next[layer]++;
    list.x[at] = x[i] - originX;
    list.y[at] = y[i] - originY;
    const decision = verdict?.[i] ?? 0;
    let style = colourIndex ? colourIndex[i] : 0;
    if (decision) style |= DIM_BIT | (SHAPE_OF_VERDICT[decision] << SHAPE_SHIFT);
    if (flagged?.[i]) style |= FLAGGED_BIT;
    if (selected?.[i]) style |= SELECTED_BIT;
    list.style[at] = style;
  }
  return list;
}
