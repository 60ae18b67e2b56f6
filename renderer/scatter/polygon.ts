import { columnAt, rowAt } from './grid-index.ts';
import type { GridIndex } from './grid-index.ts';

/** A closed outline in data coordinates: x0, y0, x1, y1, ...; the last corner joins the first. */
export type Polygon = readonly number[];

/**
 * How often the outline winds around a point; 0 is outside. A lasso that crosses itself keeps what it
 * encloses, which the even-odd rule would not.
 *
 * Source: Sunday, "Inclusion of a Point in a Polygon" (winding number by signed crossings).
 */
function windingNumber(polygon: Polygon, x: number, y: number): number {
  let winding = 0;
  const n = polygon.length;
  for (let i = 0; i < n; i += 2) {
    const ax = polygon[i];
    const ay = polygon[i + 1];
    const j = i + 2 === n ? 0 : i + 2;
    const bx = polygon[j];
    const by = polygon[j + 1];
    if (ay <= y === by <= y) continue;
    const left = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
    if (ay <= y) {
      if (left > 0) winding++;
    } else if (left < 0) winding--;
  }
  return winding;
}

/**
 * Ascending indices of the points inside a lasso. Only cells that the outline crosses test their points one
 * by one; every other cell is inside or outside as a whole.
 *
 * @param hidden 1 = not to be found; null when nothing is hidden
 */
export function pointsInPolygon(grid: GridIndex, polygon: Polygon, hidden: Uint8Array | null): Uint32Array {
  if (polygon.length < 6) return new Uint32Array(0);
  const onOutline = cellsOnOutline(grid, polygon);
  let minY = Infinity;
  let maxY = -Infinity;
  let minX = Infinity;
  let maxX = -Infinity;
  for (let i = 0; i < polygon.length; i += 2) {
    minX = Math.min(minX, polygon[i]);
    maxX = Math.max(maxX, polygon[i]);
    minY = Math.min(minY, polygon[i + 1]);
    maxY = Math.max(maxY, polygon[i + 1]);
  }
  const { bounds, columns, cellStart, items } = grid;
  if (minX > bounds.maxX || maxX < bounds.minX || minY > bounds.maxY || maxY < bounds.minY) {
    return new Uint32Array(0);
  }
  const found = new Uint32Array(items.length);
  let count = 0;
  const firstColumn = columnAt(grid, minX);
  const lastColumn = columnAt(grid, maxX);
  const lastRow = rowAt(grid, maxY);
  for (let row = rowAt(grid, minY); row <= lastRow; row++) {
    // Between two outline cells of a row nothing changes: one winding number serves the whole run.
    let runInside: boolean | null = null;
    for (let column = firstColumn; column <= lastColumn; column++) {
      const cell = row * columns + column;
      const crossed = onOutline[cell] === 1;
      if (crossed) {
        runInside = null;
      } else {
        runInside ??=
          windingNumber(
            polygon,
            bounds.minX + (column + 0.5) * grid.cellWidth,
            bounds.minY + (row + 0.5) * grid.cellHeight,
          ) !== 0;
        if (!runInside) continue;
      }
      for (let k = cellStart[cell]; k < cellStart[cell + 1]; k++) {
        const i = items[k];
        if (hidden?.[i]) continue;
        if (!crossed || windingNumber(polygon, grid.x[i], grid.y[i]) !== 0) found[count++] = i;
      }
    }
  }
  return found.slice(0, count).sort();
}

/** Marks every cell that an edge passes through, one neighbour wider so that rounding cannot miss one. */
function cellsOnOutline(grid: GridIndex, polygon: Polygon): Uint8Array {
  const { columns, rows, cellWidth, cellHeight, bounds } = grid;
  const marks = new Uint8Array(columns * rows);
  const n = polygon.length;
  for (let i = 0; i < n; i += 2) {
    const j = i + 2 === n ? 0 : i + 2;
    const upwards = polygon[i + 1] <= polygon[j + 1];
    const ax = polygon[upwards ? i : j];
    const ay = polygon[upwards ? i + 1 : j + 1];
    const bx = polygon[upwards ? j : i];
    const by = polygon[upwards ? j + 1 : i + 1];
    const firstRow = Math.max(0, rowAt(grid, ay) - 1);
    const lastRow = Math.min(rows - 1, rowAt(grid, by) + 1);
    for (let row = firstRow; row <= lastRow; row++) {
      const bottom = bounds.minY + (row - 1) * cellHeight;
      const top = bottom + 3 * cellHeight;
      if (by < bottom || ay > top) continue;
      const slope = by > ay ? (bx - ax) / (by - ay) : 0;
      const x0 = by > ay ? ax + (Math.max(ay, bottom) - ay) * slope : ax;
      const x1 = by > ay ? ax + (Math.min(by, top) - ay) * slope : bx;
      const left = Math.min(x0, x1) - cellWidth;
      const right = Math.max(x0, x1) + cellWidth;
      if (right < bounds.minX || left > bounds.maxX) continue;
      const base = row * columns;
      marks.fill(1, base + columnAt(grid, left), base + columnAt(grid, right) + 1);
    }
  }
  return marks;
}
