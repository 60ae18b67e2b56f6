import { PANEL_POINTS } from '../engines/neighbours-kernels.ts';

/** Points packed for one call, so that panels and queries stay in a core's second cache; from the columns alone. */
export function pointsPerBlock(cols: number): number {
  const points = Math.floor(131_072 / cols / PANEL_POINTS) * PANEL_POINTS;
  return Math.min(512, Math.max(PANEL_POINTS, points));
}

/** Queries for one call against so many points: about 8 million products, 10 ms in the slowest engine. */
export function queriesPerCall(points: number, cols: number): number {
  return Math.min(4096, Math.max(1, Math.floor(8e6 / (points * (cols + 16)) / 12)) * 12);
}

/** Ids `from` to `to - 1`, filled up with -1 to whole panels. */
export function panelIds(from: number, to: number): Int32Array {
  const ids = new Int32Array(Math.ceil((to - from) / PANEL_POINTS) * PANEL_POINTS).fill(-1);
  for (let i = from; i < to; i++) ids[i - from] = i;
  return ids;
}
