import type { View } from './camera.ts';
import type { DrawList } from './draw-list.ts';
import { mix } from './palette.ts';
import type { PackedColour } from './palette.ts';
import type { SpriteSet } from './sprites.ts';

/** Who draws the points. */
export type RendererKind = 'webgl2' | 'raster';

/** The colours that are not a point's own, from the theme's tokens. */
export interface ScatterTheme {
  readonly background: PackedColour;
  /** Ring of flagged points. */
  readonly flagged: PackedColour;
  /** Ring of selected points and the lasso. */
  readonly selected: PackedColour;
  /** Ring under the pointer and the density beneath the points. */
  readonly ink: PackedColour;
}

/** A view in device pixels: where the list's origin lies and how long a data unit is. */
export interface Frame {
  readonly widthDevice: number;
  readonly heightDevice: number;
  readonly scaleDevice: number;
  readonly originXDevice: number;
  readonly originYDevice: number;
}

/** Draws a list of points into a canvas of its own; the two kinds give the same picture. */
export interface PointRenderer {
  readonly kind: RendererKind;
  readonly canvas: HTMLCanvasElement;
  setList(list: DrawList): void;
  setSprites(sprites: SpriteSet): void;
  setColours(colours: Uint32Array): void;
  draw(frame: Frame): void;
  dispose(): void;
}

/** Place of the ring colours in the table of {@link buildColours}; the ring's dimmed colour is one further. */
export const FLAGGED_COLOUR = 512;
/** See {@link FLAGGED_COLOUR}. */
export const SELECTED_COLOUR = 514;
/** See {@link FLAGGED_COLOUR}. */
export const GROUND_COLOUR = 516;

const DIMMED_SHARE = 0.4;

/**
 * The colours a frame needs: the palette (0-255), the same dimmed (256-511), flagged and flagged dimmed,
 * selected twice (never dimmed), background twice; 768 entries, three rows of 256.
 */
export function buildColours(palette: Uint32Array, theme: ScatterTheme): Uint32Array {
  const colours = new Uint32Array(768);
  for (let k = 0; k < 256; k++) {
    const colour = palette[Math.min(k, palette.length - 1)];
    colours[k] = colour;
    colours[256 + k] = mix(colour, theme.background, DIMMED_SHARE);
  }
  colours[FLAGGED_COLOUR] = theme.flagged;
  colours[FLAGGED_COLOUR + 1] = mix(theme.flagged, theme.background, DIMMED_SHARE);
  colours.fill(theme.selected, SELECTED_COLOUR, SELECTED_COLOUR + 2);
  colours.fill(theme.background, GROUND_COLOUR, GROUND_COLOUR + 2);
  return colours;
}

/** The frame of a view for a list with this origin. */
export function frameOf(
  view: View,
  widthDevice: number,
  heightDevice: number,
  devicePerCss: number,
  list: DrawList,
): Frame {
  const scaleDevice = view.scale * devicePerCss;
  return {
    widthDevice,
    heightDevice,
    scaleDevice,
    originXDevice: widthDevice / 2 + (list.originX - view.centreX) * scaleDevice,
    originYDevice: heightDevice / 2 - (list.originY - view.centreY) * scaleDevice,
  };
}
