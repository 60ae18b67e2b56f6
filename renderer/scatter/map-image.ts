import { drawDensity } from './point-layer.ts';
import type { PointScene } from './point-layer.ts';
import type { Frame, ScatterTheme } from './point-renderer.ts';
import { createRasterRenderer } from './raster-renderer.ts';
import { toHex } from './palette.ts';

/**
 * The map as a PNG at device resolution: ground, density and points, without what floats above them.
 *
 * @throws Error when the picture cannot be encoded
 */
export async function mapImage(
  scene: PointScene,
  frame: Frame,
  devicePerCss: number,
  theme: ScatterTheme,
): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = frame.widthDevice;
  canvas.height = frame.heightDevice;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('The canvas gives no 2-d context.');
  context.fillStyle = toHex(theme.background);
  context.fillRect(0, 0, canvas.width, canvas.height);

  const density = document.createElement('canvas');
  const cellDevice = drawDensity(density, scene.list, frame, devicePerCss, theme);
  context.drawImage(density, 0, 0, density.width * cellDevice, density.height * cellDevice);

  const points = createRasterRenderer(document.createElement('canvas'));
  points.setSprites(scene.sprites);
  points.setColours(scene.colours);
  points.setList(scene.list);
  points.draw(frame);
  context.drawImage(points.canvas, 0, 0);
  points.dispose();

  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error('The picture of the map could not be encoded.'));
    }, 'image/png');
  });
}
