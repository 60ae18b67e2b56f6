import type { DrawList } from './draw-list.ts';
import type { Frame } from './point-renderer.ts';

/** Fewer points need no density beneath them. */
export const DENSITY_FROM = 50_000;

const SAMPLED_POINTS = 60_000;
const STRONGEST_ALPHA = 90;

/**
 * A coarse picture of where the points lie, to be stretched beneath them: counts per cell of an evenly taken
 * part of the list, smoothed, as opacity on a logarithmic scale.
 *
 * @param cellDevice side of a cell in device pixels
 * @returns `columns` x `rows` opacities 0..90, row-major from the top left of the map
 */
export function densityAlpha(
  list: DrawList,
  frame: Frame,
  columns: number,
  rows: number,
  cellDevice: number,
): Uint8Array {
  const stride = Math.max(1, Math.floor(list.count / SAMPLED_POINTS));
  let counts = new Float32Array(columns * rows);
  const scale = frame.scaleDevice / cellDevice;
  const left = frame.originXDevice / cellDevice;
  const top = frame.originYDevice / cellDevice;
  for (let i = 0; i < list.count; i += stride) {
    const column = list.x[i] * scale + left;
    const row = top - list.y[i] * scale;
    if (column >= 0 && column < columns && row >= 0 && row < rows) {
      counts[Math.floor(row) * columns + Math.floor(column)]++;
    }
  }
  counts = smooth(smooth(counts, columns, rows), columns, rows);
  let most = 0;
  for (let k = 0; k < counts.length; k++) if (counts[k] > most) most = counts[k];
  const alpha = new Uint8Array(counts.length);
  if (most === 0) return alpha;
  const full = Math.log1p(most);
  for (let k = 0; k < counts.length; k++) {
    alpha[k] = Math.round((STRONGEST_ALPHA * Math.log1p(counts[k])) / full);
  }
  return alpha;
}

/** Mean of each cell's 3 x 3 surroundings; beyond the edge lies nothing. */
function smooth(counts: Float32Array, columns: number, rows: number): Float32Array<ArrayBuffer> {
  const across = new Float32Array(counts.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      let sum = counts[at];
      if (column > 0) sum += counts[at - 1];
      if (column + 1 < columns) sum += counts[at + 1];
      across[at] = sum / 3;
    }
  }
  const smoothed = new Float32Array(counts.length);
  for (let at = 0; at < counts.length; at++) {
    let sum = across[at];
    if (at >= columns) sum += across[at - columns];
    if (at + columns < counts.length) sum += across[at + columns];
    smoothed[at] = sum / 3;
  }
  return smoothed;
}
