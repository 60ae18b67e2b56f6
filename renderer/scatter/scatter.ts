import { boundsOf, clampView, fit, pan, toData, toScreen, zoomAt } from './camera.ts';
import type { Bounds, SizeCss, View } from './camera.ts';
import { buildDrawList } from './draw-list.ts';
import type { DrawList, Emphasis } from './draw-list.ts';
import { createFrameClock } from './frame-clock.ts';
import { listenForGestures } from './gestures.ts';
import type { Tool } from './gestures.ts';
import { buildGridIndex, nearestPoint, pointsInRectangle } from './grid-index.ts';
import type { GridIndex } from './grid-index.ts';
import { mapImage } from './map-image.ts';
import { drawOverlay } from './overlay.ts';
import { createPointLayer, drawDensity, stretchedCanvas } from './point-layer.ts';
import type { RendererNotice } from './point-layer.ts';
import { buildColours, frameOf } from './point-renderer.ts';
import type { Frame, RendererKind, ScatterTheme } from './point-renderer.ts';
import { toHex } from './palette.ts';
import { pointsInPolygon } from './polygon.ts';
import type { Polygon } from './polygon.ts';
import { selectMode } from './selection.ts';
import type { Modifiers, SelectMode } from './selection.ts';
import { buildSprites } from './sprites.ts';
import type { SpriteSet } from './sprites.ts';

/** What the caller decides once. */
export interface ScatterOptions {
  readonly theme: ScatterTheme;
  /** Name of the map for assistive technology; see {@link Scatter.setLabel}. */
  readonly label: string;
  /** 'auto' (default) takes WebGL2 on a graphics card, else the raster. */
  readonly renderer?: 'auto' | RendererKind;
  /** The pointer came over another point, or over none (-1); the place is in CSS pixels of the map. */
  readonly onHover?: (index: number, xCss: number, yCss: number) => void;
  /** A click on a point, or beside all of them (-1). */
  readonly onClick?: (index: number, modifiers: Modifiers) => void;
  /** A lasso or rectangle was closed; ascending indices, hidden points left out. */
  readonly onSelect?: (indices: Uint32Array, mode: SelectMode) => void;
  /** The view changed; at most once a frame. */
  readonly onViewChange?: (view: View) => void;
  /** Which renderer draws: at the start and after every change. */
  readonly onRenderer?: (notice: RendererNotice) => void;
}

/** A point map in an element of the caller's. Arrays handed in are read until they are replaced. */
export interface Scatter {
  /**
   * Replaces the points; colours and emphasis of the old ones are dropped. Without a view everything is
   * fitted. Coordinates that are not finite mean 'not on this map'.
   */
  setPoints(points: { readonly x: Float32Array; readonly y: Float32Array }, view?: View): void;
  /** One palette index (0-255) a point, and up to 256 packed colours. */
  setColours(colourIndex: Uint8Array, palette: Uint32Array): void;
  /** Replaces all emphasis; what is left out counts as none. */
  setEmphasis(emphasis: Emphasis): void;
  /** Marks the point that the rest of the window is about (-1: none). */
  setCurrent(index: number): void;
  setTheme(theme: ScatterTheme): void;
  setLabel(label: string): void;
  /** What the left button does. An outline that is being drawn with another tool is dropped. */
  setTool(tool: Tool): void;
  /** Null until there are points and the map has a size. */
  getView(): View | null;
  setView(view: View): void;
  fit(): void;
  /** Moves the view just so far that the point is on the screen. */
  reveal(index: number): void;
  /** The current view as PNG at device resolution. */
  toImage(): Promise<Blob>;
  dispose(): void;
}

const HIT_SLACK_CSS = 5;
const REVEAL_MARGIN_CSS = 40;
const NO_EMPHASIS: Emphasis = {};

/**
 * Builds a point map inside `container`, which must be positioned (`position: relative`) and have a size of
 * its own; the map follows that size and the display's resolution by itself.
 */
export function createScatter(container: HTMLElement, options: ScatterOptions): Scatter {
  let theme = options.theme;
  let tool: Tool = 'lasso';

  let x = new Float32Array(0);
  let y = new Float32Array(0);
  let bounds: Bounds | null = null;
  let grid: GridIndex | null = null;
  let colourIndex: Uint8Array | null = null;
  let palette = new Uint32Array([theme.ink]);
  let emphasis = NO_EMPHASIS;

  let size: SizeCss = { widthCss: 0, heightCss: 0 };
  let devicePerCss = 1;
  let view: View | null = null;
  let followsFit = true;

  let list: DrawList = buildDrawList(x, y, 0, 0, null, NO_EMPHASIS);
  let sprites: SpriteSet = buildSprites(1, 1);
  let colours = buildColours(palette, theme);
  const stale = { list: true, sprites: true, colours: true, points: true, view: false };

  let hovered = -1;
  let current = -1;
  let pointer: { xCss: number; yCss: number } | null = null;
  let outline: number[] | null = null;
  let outlineMode: SelectMode = 'replace';

  const root = document.createElement('div');
  root.style.position = 'absolute';
  root.style.inset = '0';
  root.style.overflow = 'hidden';
  root.style.touchAction = 'none';
  root.style.userSelect = 'none';
  root.style.background = toHex(theme.background);
  root.tabIndex = 0;
  root.setAttribute('role', 'application');
  root.setAttribute('aria-label', options.label);
  container.append(root);
  const densityCanvas = stretchedCanvas(root);
  const pointsHolder = document.createElement('div');
  root.append(pointsHolder);
  const layer = createPointLayer(pointsHolder, options.renderer ?? 'auto', (notice) =>
    options.onRenderer?.(notice),
  );
  const overlay = stretchedCanvas(root);
  // A canvas kept in memory: software compositing otherwise now and then leaves an old outline on the screen.
  const overlayContext = overlay.getContext('2d', { willReadFrequently: true });

  const clock = createFrameClock(draw);

  function pointSizeCss(): number {
    return x.length <= 5_000 ? 5 : x.length <= 25_000 ? 4 : x.length <= 150_000 ? 3 : 2;
  }

  function deviceFrame(shown: View): Frame {
    const widthDevice = Math.max(1, Math.round(size.widthCss * devicePerCss));
    const heightDevice = Math.max(1, Math.round(size.heightCss * devicePerCss));
    return frameOf(shown, widthDevice, heightDevice, devicePerCss, list);
  }

  function refreshScene(): void {
    if (stale.list) {
      const originX = bounds ? (bounds.minX + bounds.maxX) / 2 : 0;
      const originY = bounds ? (bounds.minY + bounds.maxY) / 2 : 0;
      list = buildDrawList(x, y, originX, originY, colourIndex, emphasis);
      layer.setScene({ list });
    }
    if (stale.sprites) {
      const diameterDevice = Math.max(1, Math.round(pointSizeCss() * devicePerCss));
      sprites = buildSprites(diameterDevice, Math.max(1, Math.round(devicePerCss)));
      layer.setScene({ sprites });
    }
    if (stale.colours) {
      colours = buildColours(palette, theme);
      layer.setScene({ colours });
    }
    stale.list = stale.sprites = stale.colours = false;
  }

  function draw(): void {
    if (size.widthCss === 0 || size.heightCss === 0) return;
    if (view && stale.points) {
      refreshScene();
      const frame = deviceFrame(view);
      drawDensity(densityCanvas, list, frame, devicePerCss, theme);
      layer.draw(frame);
      stale.points = false;
    }
    if (pointer) hover(hitTest(pointer.xCss, pointer.yCss), pointer.xCss, pointer.yCss);
    if (view && overlayContext) {
      const scene = { outline, mode: outlineMode, hovered: pointAt(hovered), current: pointAt(current) };
      drawOverlay(overlayContext, scene, view, size, devicePerCss, pointSizeCss(), theme);
    }
    if (view && stale.view) {
      stale.view = false;
      options.onViewChange?.(view);
    }
  }

  function drawPointsSoon(): void {
    stale.points = true;
    clock.request();
  }

  function show(next: View, isFit = false): void {
    if (!bounds || size.widthCss === 0) {
      view = next;
      followsFit = false;
      return;
    }
    view = isFit ? next : clampView(next, bounds, size);
    followsFit = isFit;
    stale.view = true;
    drawPointsSoon();
  }

  function fitNow(): void {
    if (bounds && size.widthCss > 0) show(fit(bounds, size), true);
    else followsFit = true;
  }

  function pointAt(index: number): { x: number; y: number } | null {
    if (index < 0 || index >= x.length || emphasis.hidden?.[index]) return null;
    return Number.isFinite(x[index]) && Number.isFinite(y[index]) ? { x: x[index], y: y[index] } : null;
  }

  function hitTest(xCss: number, yCss: number): number {
    if (!view || !grid) return -1;
    const at = toData(view, size, xCss, yCss);
    const radius = (pointSizeCss() / 2 + HIT_SLACK_CSS) / view.scale;
    return nearestPoint(grid, at.x, at.y, radius, emphasis.hidden ?? null);
  }

  function locate(index: number): { xCss: number; yCss: number } | null {
    const point = pointAt(index);
    return view && point ? toScreen(view, size, point.x, point.y) : null;
  }

  function hover(index: number, xCss: number, yCss: number): void {
    if (index === hovered) return;
    hovered = index;
    options.onHover?.(index, xCss, yCss);
  }

  function enclosed(drawn: Polygon): Uint32Array {
    if (!grid) return new Uint32Array(0);
    const hidden = emphasis.hidden ?? null;
    return tool === 'rectangle'
      ? pointsInRectangle(grid, drawn[0], drawn[1], drawn[4], drawn[5], hidden)
      : pointsInPolygon(grid, drawn, hidden);
  }

  const stopListening = listenForGestures(root, {
    tool: () => tool,
    onPan(dxCss, dyCss) {
      if (view) show(pan(view, dxCss, dyCss));
    },
    onZoom(factor, xCss = size.widthCss / 2, yCss = size.heightCss / 2) {
      if (view && bounds) show(zoomAt(view, size, factor, xCss, yCss, bounds));
    },
    onFit: fitNow,
    onPointer(xCss, yCss) {
      pointer = { xCss, yCss };
      clock.request();
    },
    onPointerGone() {
      pointer = null;
      hover(-1, 0, 0);
      clock.request();
    },
    onClick(xCss, yCss, modifiers) {
      options.onClick?.(hitTest(xCss, yCss), modifiers);
    },
    onOutlineStart(xCss, yCss, modifiers) {
      if (!view) return;
      const at = toData(view, size, xCss, yCss);
      outline = tool === 'rectangle' ? [at.x, at.y, at.x, at.y, at.x, at.y, at.x, at.y] : [at.x, at.y];
      outlineMode = selectMode(modifiers, 'replace');
      clock.request();
    },
    onOutlineMove(xCss, yCss, modifiers) {
      if (!view || !outline) return;
      const at = toData(view, size, xCss, yCss);
      if (tool === 'rectangle') {
        outline = [outline[0], outline[1], at.x, outline[1], at.x, at.y, outline[0], at.y];
      } else outline.push(at.x, at.y);
      outlineMode = selectMode(modifiers, 'replace');
      clock.request();
    },
    onOutlineEnd(modifiers) {
      if (!outline) return;
      const indices = enclosed(outline);
      outline = null;
      clock.request();
      options.onSelect?.(indices, selectMode(modifiers, 'replace'));
    },
    onOutlineCancel() {
      outline = null;
      clock.request();
    },
  });

  function measure(): void {
    const { clientWidth, clientHeight } = container;
    if (
      clientWidth === size.widthCss &&
      clientHeight === size.heightCss &&
      devicePerCss === window.devicePixelRatio
    ) {
      return;
    }
    stale.sprites ||= devicePerCss !== window.devicePixelRatio;
    devicePerCss = window.devicePixelRatio;
    size = { widthCss: clientWidth, heightCss: clientHeight };
    overlay.width = Math.max(1, Math.round(clientWidth * devicePerCss));
    overlay.height = Math.max(1, Math.round(clientHeight * devicePerCss));
    if (followsFit) fitNow();
    stale.points = true;
    // A resized canvas is empty until it is drawn: waiting for the next frame would flash.
    clock.drawNow();
  }

  const resizes = new ResizeObserver(measure);
  resizes.observe(container);
  const stopWatching = new AbortController();
  watchResolution();

  function watchResolution(): void {
    matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`).addEventListener(
      'change',
      () => {
        measure();
        watchResolution();
      },
      { once: true, signal: stopWatching.signal },
    );
  }

  return {
    setPoints(points, nextView) {
      if (points.x.length !== points.y.length) {
        throw new RangeError(`${points.x.length} x and ${points.y.length} y do not make points.`);
      }
      ({ x, y } = { x: new Float32Array(points.x), y: new Float32Array(points.y) });
      bounds = boundsOf(x, y);
      grid = buildGridIndex(x, y);
      colourIndex = null;
      emphasis = NO_EMPHASIS;
      current = -1;
      outline = null;
      hover(-1, 0, 0);
      stale.list = stale.sprites = true;
      if (nextView) show(nextView);
      else fitNow();
      drawPointsSoon();
    },
    setColours(nextIndex, nextPalette) {
      sameLength('colour indices', nextIndex.length, x.length);
      colourIndex = nextIndex;
      palette = new Uint32Array(nextPalette);
      stale.list = stale.colours = true;
      drawPointsSoon();
    },
    setEmphasis(next) {
      for (const [name, mask] of Object.entries(next) as [string, Uint8Array | null | undefined][]) {
        if (mask) sameLength(name, mask.length, x.length);
      }
      emphasis = next;
      stale.list = true;
      drawPointsSoon();
    },
    setCurrent(index) {
      current = index;
      clock.request();
    },
    setTheme(next) {
      theme = next;
      root.style.background = toHex(theme.background);
      stale.colours = true;
      drawPointsSoon();
    },
    setLabel(next) {
      root.setAttribute('aria-label', next);
    },
    setTool(next) {
      if (next !== tool) {
        outline = null;
        clock.request();
      }
      tool = next;
      root.style.cursor = tool === 'pan' ? 'grab' : 'crosshair';
    },
    getView: () => view,
    setView: (next) => show(next),
    fit: fitNow,
    reveal(index) {
      const at = locate(index);
      if (!at || !view || size.widthCss === 0) return;
      const right = Math.min(0, size.widthCss - REVEAL_MARGIN_CSS - at.xCss);
      const left = Math.max(0, REVEAL_MARGIN_CSS - at.xCss);
      const bottom = Math.min(0, size.heightCss - REVEAL_MARGIN_CSS - at.yCss);
      const top = Math.max(0, REVEAL_MARGIN_CSS - at.yCss);
      if (left || right || top || bottom) show(pan(view, left + right, top + bottom));
    },
    async toImage() {
      if (!view || size.widthCss === 0) throw new Error('The map has no size yet.');
      refreshScene();
      return mapImage({ list, sprites, colours }, deviceFrame(view), devicePerCss, theme);
    },
    dispose() {
      stopListening();
      stopWatching.abort();
      resizes.disconnect();
      clock.dispose();
      layer.dispose();
      root.remove();
    },
  };
}

function sameLength(what: string, given: number, points: number): void {
  if (given !== points) throw new RangeError(`${given} ${what} for ${points} points.`);
}
