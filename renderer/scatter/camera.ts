/**
 * The map's view: which data point lies in the middle, and how large one data unit is.
 *
 * `scale` is in CSS pixels per data unit, the same for both axes, so shapes keep their aspect. Data y grows
 * upwards, screen y downwards. Coordinates named `...Css` are CSS pixels from the map's top left corner.
 */
export interface View {
  readonly centreX: number;
  readonly centreY: number;
  readonly scale: number;
}

/** Size of the map in CSS pixels. */
export interface SizeCss {
  readonly widthCss: number;
  readonly heightCss: number;
}

/** The data box that holds every point that is on the map. */
export interface Bounds {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** A view may be this much smaller than the fitted one. */
const MIN_ZOOM = 0.25;
/** A view may be this much larger than the fitted one; beyond it float32 coordinates would visibly step. */
const MAX_ZOOM = 2_000;

const FIT_PADDING_CSS = 24;

/** Data coordinates of a place on the screen. */
export function toData(view: View, size: SizeCss, xCss: number, yCss: number): { x: number; y: number } {
  return {
    x: view.centreX + (xCss - size.widthCss / 2) / view.scale,
    y: view.centreY - (yCss - size.heightCss / 2) / view.scale,
  };
}

/** Place on the screen, in CSS pixels, of data coordinates. */
export function toScreen(view: View, size: SizeCss, x: number, y: number): { xCss: number; yCss: number } {
  return {
    xCss: size.widthCss / 2 + (x - view.centreX) * view.scale,
    yCss: size.heightCss / 2 - (y - view.centreY) * view.scale,
  };
}

/** The box of all finite points, or null when no point is on the map. */
export function boundsOf(x: Float32Array, y: Float32Array): Bounds | null {
  let minX = Infinity;
  let minY = Infinity;
  let maxX = -Infinity;
  let maxY = -Infinity;
  for (let i = 0; i < x.length; i++) {
    const xi = x[i];
    const yi = y[i];
    // Infinity - Infinity and NaN - NaN are NaN: one comparison asks for two finite numbers.
    if (xi - xi + (yi - yi) !== 0) continue;
    if (xi < minX) minX = xi;
    if (xi > maxX) maxX = xi;
    if (yi < minY) minY = yi;
    if (yi > maxY) maxY = yi;
  }
  return minX <= maxX ? { minX, minY, maxX, maxY } : null;
}

/** The view that shows the whole box with a margin. A box without extent is shown at one unit. */
export function fit(bounds: Bounds, size: SizeCss): View {
  const width = bounds.maxX - bounds.minX;
  const height = bounds.maxY - bounds.minY;
  const roomX = Math.max(1, size.widthCss - 2 * FIT_PADDING_CSS);
  const roomY = Math.max(1, size.heightCss - 2 * FIT_PADDING_CSS);
  const scaleX = width > 0 ? roomX / width : Infinity;
  const scaleY = height > 0 ? roomY / height : Infinity;
  const scale = Math.min(scaleX, scaleY);
  return {
    centreX: (bounds.minX + bounds.maxX) / 2,
    centreY: (bounds.minY + bounds.maxY) / 2,
    scale: Number.isFinite(scale) ? scale : Math.min(roomX, roomY),
  };
}

/** Moves the picture by CSS pixels: positive to the right and downwards. */
export function pan(view: View, dxCss: number, dyCss: number): View {
  return {
    centreX: view.centreX - dxCss / view.scale,
    centreY: view.centreY + dyCss / view.scale,
    scale: view.scale,
  };
}

/** Zooms by `factor` so that the data under (xCss, yCss) stay where they are. */
export function zoomAt(
  view: View,
  size: SizeCss,
  factor: number,
  xCss: number,
  yCss: number,
  bounds: Bounds,
): View {
  const scale = clampScale(view.scale * factor, bounds, size);
  const anchor = toData(view, size, xCss, yCss);
  return {
    centreX: anchor.x - (xCss - size.widthCss / 2) / scale,
    centreY: anchor.y + (yCss - size.heightCss / 2) / scale,
    scale,
  };
}

/** Keeps the zoom within its limits and the middle of the screen inside the data's box. */
export function clampView(view: View, bounds: Bounds, size: SizeCss): View {
  return {
    centreX: clamp(view.centreX, bounds.minX, bounds.maxX),
    centreY: clamp(view.centreY, bounds.minY, bounds.maxY),
    scale: clampScale(view.scale, bounds, size),
  };
}

function clampScale(scale: number, bounds: Bounds, size: SizeCss): number {
  const fitted = fit(bounds, size).scale;
  return clamp(scale, fitted * MIN_ZOOM, fitted * MAX_ZOOM);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
