import { describe, expect, it } from 'vitest';
import { chooseRenderer } from './choose-renderer.ts';

describe('chooseRenderer', () => {
  it.each([
    'ANGLE (NVIDIA, NVIDIA GeForce RTX 3060/PCIe/SSE2, OpenGL 4.5.0)',
    'ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL ES 3.2)',
    'ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)',
    'ANGLE (AMD, AMD Radeon RX 6600 Direct3D11 vs_5_0 ps_5_0, D3D11)',
  ])('takes WebGL2 on a graphics card: %s', (device) => {
    expect(chooseRenderer(device)).toEqual({ kind: 'webgl2', reason: 'graphics-card' });
  });

  it.each([
    'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)',
    'Google SwiftShader',
    'ANGLE (Mesa, llvmpipe (LLVM 19.1.7, 256 bits), OpenGL ES 3.2)',
    'softpipe',
    'Microsoft Basic Render Driver',
    'Apple Software Renderer',
  ])('rasters where WebGL2 is computed by the processor: %s', (device) => {
    expect(chooseRenderer(device)).toEqual({ kind: 'raster', reason: 'software-webgl' });
  });

  it('rasters without WebGL2', () => {
    expect(chooseRenderer(null)).toEqual({ kind: 'raster', reason: 'no-webgl2' });
  });
});
