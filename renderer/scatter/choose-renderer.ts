import type { RendererKind } from './point-renderer.ts';

/** Why the present renderer draws. */
export type RendererReason =
  'graphics-card' | 'forced' | 'no-webgl2' | 'software-webgl' | 'webgl2-failed' | 'context-lost';

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/**
 * WebGL2 on a graphics card, else the raster.
 *
 * @param deviceName name of the device behind WebGL2; null when there is none
 */
export function chooseRenderer(deviceName: string | null): { kind: RendererKind; reason: RendererReason } {
  if (deviceName === null) return { kind: 'raster', reason: 'no-webgl2' };
  if (SOFTWARE.test(deviceName)) return { kind: 'raster', reason: 'software-webgl' };
  return { kind: 'webgl2', reason: 'graphics-card' };
}
