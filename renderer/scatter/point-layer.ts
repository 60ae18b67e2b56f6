import { chooseRenderer } from './choose-renderer.ts';
import type { RendererReason } from './choose-renderer.ts';
import { DENSITY_FROM, densityAlpha } from './density.ts';
import type { DrawList } from './draw-list.ts';
import type { Frame, PointRenderer, RendererKind, ScatterTheme } from './point-renderer.ts';
import { createRasterRenderer } from './raster-renderer.ts';
import type { SpriteSet } from './sprites.ts';
import { createWebgl2Renderer, webgl2DeviceName } from './webgl2-renderer.ts';

/** Which renderer draws now, and why it was taken. */
export interface RendererNotice {
  readonly kind: RendererKind;
  readonly reason: RendererReason;
}

/** What the points look like, complete enough to hand to another renderer. */
export interface PointScene {
  readonly list: DrawList;
  readonly sprites: SpriteSet;
  readonly colours: Uint32Array;
}

/** The canvas with the points, whoever draws it; a lost WebGL2 context is replaced by the raster at once. */
export interface PointLayer {
  setScene(changed: Partial<PointScene>): void;
  draw(frame: Frame): void;
  dispose(): void;
}

/**
 * Puts the points' canvas into `parent`.
 *
 * @param wanted 'auto' takes WebGL2 on a graphics card, else the raster
 * @param onRenderer called with the first renderer and after every change
 */
export function createPointLayer(
  parent: HTMLElement,
  wanted: 'auto' | RendererKind,
  onRenderer: (notice: RendererNotice) => void,
): PointLayer {
  const scene: { -readonly [K in keyof PointScene]?: PointScene[K] } = {};
  let lastFrame: Frame | null = null;
  let disposed = false;
  let renderer = start();

  function start(): PointRenderer {
    const { kind, reason } =
      wanted === 'auto' ? chooseRenderer(webgl2DeviceName()) : { kind: wanted, reason: 'forced' as const };
    if (kind === 'raster') return raster(reason);
    const canvas = stretchedCanvas(parent);
    const created = createWebgl2Renderer(canvas);
    if (!created) {
      canvas.remove();
      return raster('webgl2-failed');
    }
    canvas.addEventListener('webglcontextlost', () => {
      if (!disposed) replaceLost();
    });
    onRenderer({ kind, reason });
    return created;
  }

  function raster(reason: RendererReason): PointRenderer {
    // A canvas that has had a WebGL2 context never gives a 2-d one.
    const created = createRasterRenderer(stretchedCanvas(parent));
    onRenderer({ kind: 'raster', reason });
    return created;
  }

  function replaceLost(): void {
    const lost = renderer.canvas;
    const next = raster('context-lost');
    lost.replaceWith(next.canvas);
    renderer = next;
    hand(scene);
    if (lastFrame) renderer.draw(lastFrame);
  }

  function hand(changed: Partial<PointScene>): void {
    if (changed.sprites) renderer.setSprites(changed.sprites);
    if (changed.colours) renderer.setColours(changed.colours);
    if (changed.list) renderer.setList(changed.list);
  }

  return {
    setScene(changed) {
      Object.assign(scene, changed);
      hand(changed);
    },
    draw(frame) {
      lastFrame = frame;
      renderer.draw(frame);
    },
    dispose() {
      disposed = true;
      renderer.dispose();
      renderer.canvas.remove();
    },
  };
}

const DENSITY_CELL_CSS = 8;

/**
 * Paints the density of a long list into a small canvas that is stretched beneath the points.
 *
 * @returns side of one of its pixels on the map, in device pixels
 */
export function drawDensity(
  canvas: HTMLCanvasElement,
  list: DrawList,
  frame: Frame,
  devicePerCss: number,
  theme: ScatterTheme,
): number {
  const cellDevice = DENSITY_CELL_CSS * devicePerCss;
  const columns = Math.ceil(frame.widthDevice / cellDevice);
  const rows = Math.ceil(frame.heightDevice / cellDevice);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return cellDevice;
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
    canvas.style.width = `${columns * DENSITY_CELL_CSS}px`;
    canvas.style.height = `${rows * DENSITY_CELL_CSS}px`;
  }
  if (list.count <= DENSITY_FROM) {
    context.clearRect(0, 0, columns, rows);
    return cellDevice;
  }
  const alpha = densityAlpha(list, frame, columns, rows, cellDevice);
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let k = 0; k < alpha.length; k++) pixels[k] = (theme.ink & 0xffffff) | (alpha[k] << 24);
  context.putImageData(image, 0, 0);
  return cellDevice;
}

/** A canvas that fills `parent`, above what it holds already. */
export function stretchedCanvas(parent: HTMLElement): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.style.position = 'absolute';
  canvas.style.left = '0';
  canvas.style.top = '0';
  canvas.style.width = '100%';
  canvas.style.height = '100%';
  parent.append(canvas);
  return canvas;
}
