import { boundsOf } from './camera.ts';
import type { Bounds } from './camera.ts';

/**
 * A uniform grid over the points of a map: cell `c` (row-major, row 0 at the smallest y) holds
 * `items[cellStart[c] .. cellStart[c + 1])`, indices in ascending order.
 */
export interface GridIndex {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly bounds: Bounds;
  readonly columns: number;
  readonly rows: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly cellStart: Uint32Array;
  readonly items: Uint32Array;
}

const POINTS_PER_CELL = 4;
const MAX_SIDE = 1024;

/**
 * Builds the grid in two passes (count, place). Points with a coordinate that is not finite are left out.
 *
 * @returns null when no point is on the map
 */
export function buildGridIndex(x: Float32Array, y: Float32Array): GridIndex | null {
  const bounds = boundsOf(x, y);
  if (!bounds) return null;
  const side = Math.min(MAX_SIDE, Math.max(1, Math.ceil(Math.sqrt(x.length / POINTS_PER_CELL))));
  const columns = bounds.maxX > bounds.minX ? side : 1;
  const rows = bounds.maxY > bounds.minY ? side : 1;
  // Points without extent still lie in a cell of some size.
  const cellWidth = (bounds.maxX - bounds.minX) / columns || 1;
  const cellHeight = (bounds.maxY - bounds.minY) / rows || 1;

  const cellOf = new Int32Array(x.length);
  const cellStart = new Uint32Array(columns * rows + 1);
  let count = 0;
  for (let i = 0; i < x.length; i++) {
    const xi = x[i];
    const yi = y[i];
    if (xi - xi + (yi - yi) !== 0) {
      cellOf[i] = -1;
      continue;
    }
    const column = Math.min(columns - 1, Math.floor((xi - bounds.minX) / cellWidth));
    const row = Math.min(rows - 1, Math.floor((yi - bounds.minY) / cellHeight));
    const cell = row * columns + column;
    cellOf[i] = cell;
    cellStart[cell + 1]++;
    count++;
  }
  for (let c = 0; c < columns * rows; c++) cellStart[c + 1] += cellStart[c];
  const next = cellStart.slice(0, columns * rows);
  const items = new Uint32Array(count);
  for (let i = 0; i < x.length; i++) {
    const cell = cellOf[i];
    if (cell >= 0) items[next[cell]++] = i;
  }
  return { x, y, bounds, columns, rows, cellWidth, cellHeight, cellStart, items };
}

/** Column of a data x, clamped to the grid. */
export function columnAt(grid: GridIndex, x: number): number {
  return Math.min(grid.columns - 1, Math.max(0, Math.floor((x - grid.bounds.minX) / grid.cellWidth)));
}

/** Row of a data y, clamped to the grid. */
export function rowAt(grid: GridIndex, y: number): number {
  return Math.min(grid.rows - 1, Math.max(0, Math.floor((y - grid.bounds.minY) / grid.cellHeight)));
}

/**
 * The point nearest to data (x, y) within `radius` data units, or -1. Among equals the lowest index.
 *
 * @param hidden 1 = not to be found; null when nothing is hidden
 */
export function nearestPoint(
  grid: GridIndex,
  x: number,
  y: number,
  radius: number,
  hidden: Uint8Array | null,
): number {
  const { bounds } = grid;
  if (x < bounds.minX - radius || x > bounds.maxX + radius) return -1;
  if (y < bounds.minY - radius || y > bounds.maxY + radius) return -1;
  let best = -1;
  let bestSquared = radius * radius;
  const lastColumn = columnAt(grid, x + radius);
  const lastRow = rowAt(grid, y + radius);
  for (let row = rowAt(grid, y - radius); row <= lastRow; row++) {
    for (let column = columnAt(grid, x - radius); column <= lastColumn; column++) {
      const cell = row * grid.columns + column;
      for (let k = grid.cellStart[cell]; k < grid.cellStart[cell + 1]; k++) {
        const i = grid.items[k];
        if (hidden?.[i]) continue;
        const dx = grid.x[i] - x;
        const dy = grid.y[i] - y;
        const squared = dx * dx + dy * dy;
        if (squared < bestSquared || (squared === bestSquared && (best < 0 || i < best))) {
          best = i;
          bestSquared = squared;
        }
      }
    }
  }
  return best;
}

/** Ascending indices of the points inside the box with these two opposite data corners, edges included. */
export function pointsInRectangle(
  grid: GridIndex,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  hidden: Uint8Array | null,
): Uint32Array {
  const minX = Math.min(x0, x1);
  const maxX = Math.max(x0, x1);
  const minY = Math.min(y0, y1);
  const maxY = Math.max(y0, y1);
  const { bounds } = grid;
  if (minX > bounds.maxX || maxX < bounds.minX || minY > bounds.maxY || maxY < bounds.minY) {
    return new Uint32Array(0);
  }
  const found = new Uint32Array(grid.items.length);
  let count = 0;
  const firstColumn = columnAt(grid, minX);
  const lastColumn = columnAt(grid, maxX);
  const lastRow = rowAt(grid, maxY);
  for (let row = rowAt(grid, minY); row <= lastRow; row++) {
    const from = grid.cellStart[row * grid.columns + firstColumn];
    const to = grid.cellStart[row * grid.columns + lastColumn + 1];
    for (let k = from; k < to; k++) {
      const i = grid.items[k];
      if (hidden?.[i]) continue;
      if (grid.x[i] >= minX && grid.x[i] <= maxX && grid.y[i] >= minY && grid.y[i] <= maxY) {
        found[count++] = i;
      }
    }
  }
  return found.slice(0, count).sort();
}
