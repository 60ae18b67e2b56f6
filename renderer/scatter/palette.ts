import { bytesOf, oklabOf } from './oklab.ts';
import type { Oklab } from './oklab.ts';

/**
 * A colour as the four bytes R, G, B, A in memory order, read as one little-endian number: what a
 * `Uint32Array` over an `ImageData` holds.
 */
export type PackedColour = number;

/** The colour scheme that points are drawn on. */
export type Scheme = 'dark' | 'light';

const MAX_CLASS_COLOURS = 20;
/** Palette index of 'other' in {@link categoricalPalette}: as many classes have a colour of their own. */
export const OTHER_COLOUR = MAX_CLASS_COLOURS;
/** Palette index of 'not judged' in the ramps. */
export const NOT_JUDGED_COLOUR = 0;

const PALETTE_SIZE = 256;

function packRgba(r: number, g: number, b: number, a = 255): PackedColour {
  return ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** `#rrggbb` of a packed colour, for legends; the alpha is left out. */
export function toHex(colour: PackedColour): string {
  const [r, g, b] = [colour & 255, (colour >>> 8) & 255, (colour >>> 16) & 255];
  return `#${[r, g, b].map((v) => v.toString(16).padStart(2, '0')).join('')}`;
}

/**
 * Packs a CSS token: `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(r, g, b)` or `rgba(r, g, b, a)`.
 *
 * @throws RangeError for any other notation
 */
export function packCss(css: string): PackedColour {
  const text = css.trim().toLowerCase();
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/.exec(text)?.[1];
  if (hex !== undefined) {
    const full = hex.length === 3 ? [...hex].map((c) => c + c).join('') : hex;
    const byte = (at: number): number => Number.parseInt(full.slice(at, at + 2), 16);
    return packRgba(byte(0), byte(2), byte(4), full.length === 8 ? byte(6) : 255);
  }
  const parts = /^rgba?\(([^)]*)\)$/
    .exec(text)?.[1]
    .split(/[\s,/]+/)
    .map(Number);
  if (parts && (parts.length === 3 || parts.length === 4) && parts.every(Number.isFinite)) {
    return packRgba(parts[0], parts[1], parts[2], Math.round((parts[3] ?? 1) * 255));
  }
  throw new RangeError(`'${css}' is not a colour that the map can read; write it as #rrggbb.`);
}

/** `share` of one colour and the rest of the other, mixed in OKLab; opaque. */
export function mix(colour: PackedColour, other: PackedColour, share: number): PackedColour {
  const a = unpackOklab(colour);
  const b = unpackOklab(other);
  return packOklab(blend(b, a, share));
}

// Okabe and Ito 2008, "Color Universal Design", without black, which a dark ground would swallow.
const OKABE_ITO: readonly PackedColour[] = [
  packRgba(230, 159, 0),
  packRgba(86, 180, 233),
  packRgba(0, 158, 115),
  packRgba(204, 121, 167),
  packRgba(213, 94, 0),
  packRgba(0, 114, 178),
  packRgba(240, 228, 66),
];

/**
 * Colours for up to 20 classes: Okabe-Ito with its lightness held inside what the ground bears, then hue
 * steps at one lightness of their own; index 20 and all above it are the grey of 'other'.
 *
 * @returns 256 packed colours
 */
export function categoricalPalette(scheme: Scheme): Uint32Array {
  const palette = new Uint32Array(PALETTE_SIZE).fill(greyOf(scheme));
  const [low, high] = scheme === 'dark' ? [0.62, 0.93] : [0.4, 0.74];
  OKABE_ITO.forEach((colour, k) => {
    const [lightness, a, b] = unpackOklab(colour);
    palette[k] = packOklab([Math.min(high, Math.max(low, lightness)), a, b]);
  });
  const steps = MAX_CLASS_COLOURS - OKABE_ITO.length;
  const lightness = scheme === 'dark' ? 0.84 : 0.46;
  const chroma = scheme === 'dark' ? 0.1 : 0.13;
  for (let k = 0; k < steps; k++) {
    // Five steps of thirteen at a time: neighbours in the list are far apart on the wheel.
    const hue = (((k * 5) % steps) / steps) * 2 * Math.PI;
    palette[OKABE_ITO.length + k] = packOklab([lightness, chroma * Math.cos(hue), chroma * Math.sin(hue)]);
  }
  return palette;
}

/**
 * The colour of every class: the 20 largest (ties by name) in the order of their names, the others
 * {@link OTHER_COLOUR}. Names are compared by code unit, so the answer depends on names and counts alone.
 */
export function classColours(counts: ReadonlyMap<string, number>): Map<string, number> {
  const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const largest = [...counts]
    .sort(([a, m], [b, n]) => n - m || byName(a, b))
    .slice(0, MAX_CLASS_COLOURS)
    .map(([name]) => name)
    .sort(byName);
  const colours = new Map<string, number>();
  for (const name of counts.keys()) colours.set(name, OTHER_COLOUR);
  largest.forEach((name, k) => colours.set(name, k));
  return colours;
}

// Control points with lightness rising evenly from violet through teal to yellow.
const SEQUENTIAL: readonly Oklab[] = [
  [0.3, 0.085, -0.115],
  [0.42, 0.0, -0.1],
  [0.54, -0.06, -0.05],
  [0.66, -0.105, 0.02],
  [0.78, -0.1, 0.115],
  [0.9, -0.03, 0.175],
];

/** Ramp for scores: index 0 is 'not judged' (grey), 1 the lowest, 255 the highest. 256 packed colours. */
export function sequentialRamp(scheme: Scheme): Uint32Array {
  // The ends are drawn in so that neither vanishes into the ground.
  const [from, to] = scheme === 'dark' ? [0.1, 1] : [0, 0.86];
  const ramp = new Uint32Array(PALETTE_SIZE);
  ramp[NOT_JUDGED_COLOUR] = greyOf(scheme);
  for (let i = 1; i < PALETTE_SIZE; i++) {
    const at = (from + ((to - from) * (i - 1)) / (PALETTE_SIZE - 2)) * (SEQUENTIAL.length - 1);
    const k = Math.min(SEQUENTIAL.length - 2, Math.floor(at));
    ramp[i] = packOklab(blend(SEQUENTIAL[k], SEQUENTIAL[k + 1], at - k));
  }
  return ramp;
}

/**
 * Ramp indices 1..255 of values from `low` to `high`, clamped; NaN becomes {@link NOT_JUDGED_COLOUR}.
 *
 * @param values one per point, any unit
 */
export function sequentialIndex(values: Float64Array, low: number, high: number): Uint8Array {
  const width = high - low;
  const indices = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    const share = width > 0 ? (values[i] - low) / width : 0.5;
    indices[i] = 1 + Math.round(254 * Math.min(1, Math.max(0, share)));
  }
  return indices;
}

function greyOf(scheme: Scheme): PackedColour {
  return scheme === 'dark' ? packRgba(118, 122, 128) : packRgba(150, 154, 160);
}

function blend(a: Oklab, b: Oklab, share: number): Oklab {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

function unpackOklab(colour: PackedColour): Oklab {
  return oklabOf(colour & 255, (colour >>> 8) & 255, (colour >>> 16) & 255);
}

function packOklab(lab: Oklab): PackedColour {
  const [r, g, b] = bytesOf(lab);
  return packRgba(r, g, b);
}
