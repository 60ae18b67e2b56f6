import { describe, expect, it } from 'vitest';
import { buildDrawList } from './draw-list.ts';
import type { Emphasis } from './draw-list.ts';
import { packCss } from './palette.ts';
import { buildColours, FLAGGED_COLOUR, SELECTED_COLOUR } from './point-renderer.ts';
import type { Frame } from './point-renderer.ts';
import { marginFor, paintPoints, rasterPicture } from './raster.ts';
import { buildSprites } from './sprites.ts';

const RED = packCss('#c80000');
const GREEN = packCss('#00c800');
const theme = {
  background: packCss('#000000'),
  flagged: packCss('#fa0a0a'),
  selected: packCss('#0a0afa'),
  ink: packCss('#ffffff'),
};
const colours = buildColours(new Uint32Array([RED, GREEN]), theme);
const SIDE = 40;
/** One data unit is one device pixel, the origin in the middle, y upwards. */
const frame: Frame = {
  widthDevice: SIDE,
  heightDevice: SIDE,
  scaleDevice: 1,
  originXDevice: 20,
  originYDevice: 20,
};

function paint(
  points: readonly (readonly [number, number])[],
  colourIndex: readonly number[],
  emphasis: Emphasis = {},
  diameter = 2,
) {
  const x = Float32Array.from(points, ([px]) => px);
  const y = Float32Array.from(points, ([, py]) => py);
  const list = buildDrawList(x, y, 0, 0, Uint8Array.from(colourIndex), emphasis);
  const sprites = buildSprites(diameter, 1);
  const margin = marginFor(sprites);
  const stride = SIDE + 2 * margin;
  const picture = rasterPicture(new Uint32Array(stride * stride), SIDE, SIDE, sprites);
  paintPoints(picture, list, frame, colours);
  return {
    at: (px: number, py: number) => picture.pixels[(py + margin) * stride + px + margin],
    painted: () => picture.pixels.reduce((n, pixel) => n + (pixel === 0 ? 0 : 1), 0),
    has: (colour: number) => picture.pixels.includes(colour),
  };
}

describe('the raster', () => {
  it('paints a dot of two pixels around its place, y upwards', () => {
    const picture = paint([[5, 3]], [0]);
    for (const [px, py] of [
      [24, 16],
      [25, 16],
      [24, 17],
      [25, 17],
    ])
      expect(picture.at(px, py)).toBe(RED);
    expect(picture.painted()).toBe(4);
  });

  it('takes negative coordinates', () => {
    expect(paint([[-12, -7]], [1]).at(8, 27)).toBe(GREEN);
  });

  it('leaves out what is not finite, hidden or off the picture', () => {
    expect(paint([[NaN, 0]], [0]).painted()).toBe(0);
    expect(paint([[0, Infinity]], [0]).painted()).toBe(0);
    expect(paint([[0, 0]], [0], { hidden: Uint8Array.of(1) }).painted()).toBe(0);
    for (const far of [-1e9, -1000, 1000, 1e9]) {
      expect(paint([[far, 0]], [0]).painted()).toBe(0);
      expect(paint([[0, far]], [0]).painted()).toBe(0);
    }
  });

  it('paints later points over earlier ones', () => {
    const both = [
      [0, 0],
      [0, 0],
    ] as const;
    expect(paint(both, [0, 1]).at(20, 20)).toBe(GREEN);
  });

  it('paints flagged points over open ones and selected ones over all', () => {
    const both = [
      [0, 0],
      [0, 0],
    ] as const;
    expect(paint(both, [0, 1], { flagged: Uint8Array.of(1, 0) }).at(20, 20)).toBe(RED);
    const selectedBelow = { flagged: Uint8Array.of(0, 1), selected: Uint8Array.of(1, 0) };
    expect(paint(both, [0, 1], selectedBelow).at(20, 20)).toBe(RED);
  });

  it('rings what is flagged and what is selected', () => {
    expect(paint([[0, 0]], [0], { flagged: Uint8Array.of(1) }, 5).has(colours[FLAGGED_COLOUR])).toBe(true);
    expect(paint([[0, 0]], [0], { selected: Uint8Array.of(1) }, 5).has(colours[SELECTED_COLOUR])).toBe(true);
    expect(paint([[0, 0]], [0], {}, 5).has(colours[FLAGGED_COLOUR])).toBe(false);
  });

  it('dims what is decided, the flagged ring too', () => {
    const decided = { verdict: Uint8Array.of(2), flagged: Uint8Array.of(1) };
    const picture = paint([[0, 0]], [0], decided, 5);
    expect(picture.at(20, 20)).toBe(colours[256]);
    expect(picture.has(colours[FLAGGED_COLOUR])).toBe(false);
    expect(picture.has(colours[FLAGGED_COLOUR + 1])).toBe(true);
  });

  it('refuses pixels of another size', () => {
    expect(() => rasterPicture(new Uint32Array(10), SIDE, SIDE, buildSprites(2, 1))).toThrow(RangeError);
  });
});
