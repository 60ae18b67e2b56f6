import { toScreen } from './camera.ts';
import type { SizeCss, View } from './camera.ts';
import { toHex } from './palette.ts';
import type { ScatterTheme } from './point-renderer.ts';
import type { Polygon } from './polygon.ts';
import type { SelectMode } from './selection.ts';

/** What floats above the points. Data coordinates throughout. */
export interface OverlayScene {
  readonly outline: Polygon | null;
  readonly mode: SelectMode;
  readonly hovered: { readonly x: number; readonly y: number } | null;
  readonly current: { readonly x: number; readonly y: number } | null;
}

const HOVER_GAP_CSS = 4;
const CURRENT_GAP_CSS = 7;
const CURRENT_TICK_CSS = 5;

/** Draws the selection outline, the ring under the pointer and the mark of the current point. */
export function drawOverlay(
  context: CanvasRenderingContext2D,
  scene: OverlayScene,
  view: View,
  size: SizeCss,
  devicePerCss: number,
  pointSizeCss: number,
  theme: ScatterTheme,
): void {
  context.setTransform(devicePerCss, 0, 0, devicePerCss, 0, 0);
  context.clearRect(0, 0, size.widthCss, size.heightCss);
  if (scene.current) {
    const { xCss, yCss } = toScreen(view, size, scene.current.x, scene.current.y);
    const radius = pointSizeCss / 2 + CURRENT_GAP_CSS;
    context.beginPath();
    context.arc(xCss, yCss, radius, 0, 2 * Math.PI);
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      context.moveTo(xCss + dx * radius, yCss + dy * radius);
      context.lineTo(xCss + dx * (radius + CURRENT_TICK_CSS), yCss + dy * (radius + CURRENT_TICK_CSS));
    }
    strokeTwice(context, theme.ink, theme.background, 2);
  }
  if (scene.hovered) {
    const { xCss, yCss } = toScreen(view, size, scene.hovered.x, scene.hovered.y);
    context.beginPath();
    context.arc(xCss, yCss, pointSizeCss / 2 + HOVER_GAP_CSS, 0, 2 * Math.PI);
    strokeTwice(context, theme.ink, theme.background, 1.5);
  }
  if (scene.outline && scene.outline.length >= 4) drawOutline(context, scene, view, size, theme);
}

function drawOutline(
  context: CanvasRenderingContext2D,
  { outline, mode }: OverlayScene,
  view: View,
  size: SizeCss,
  theme: ScatterTheme,
): void {
  if (!outline) return;
  context.beginPath();
  for (let i = 0; i < outline.length; i += 2) {
    const { xCss, yCss } = toScreen(view, size, outline[i], outline[i + 1]);
    if (i === 0) context.moveTo(xCss, yCss);
    else context.lineTo(xCss, yCss);
  }
  context.closePath();
  context.fillStyle = toHex(theme.selected);
  context.globalAlpha = 0.12;
  context.fill('nonzero');
  context.globalAlpha = 1;
  // The dash says which way the selection changes, not the colour alone.
  context.setLineDash(mode === 'subtract' ? [2, 4] : mode === 'intersect' ? [8, 3, 2, 3] : []);
  strokeTwice(context, theme.selected, theme.background, 1.5);
  context.setLineDash([]);
}

/** A line with a ground-coloured edge, legible on dense points. */
function strokeTwice(
  context: CanvasRenderingContext2D,
  colour: number,
  ground: number,
  widthCss: number,
): void {
  context.lineWidth = widthCss + 2;
  context.strokeStyle = toHex(ground);
  context.stroke();
  context.lineWidth = widthCss;
  context.strokeStyle = toHex(colour);
  context.stroke();
}
