/** The points of a map and the way between rows of the set and points of the map. */
export interface MapPoints {
  /** Dataset row of each point. */
  readonly rows: Int32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Point of a dataset row, -1 when it is not on the map. */
  pointOf(this: void, row: number): number;
}

/** @param coordinates shape (shown, 2) */
export function mapPoints(rows: Int32Array, coordinates: Float32Array): MapPoints {
  const x = new Float32Array(rows.length);
  const y = new Float32Array(rows.length);
  let last = -1;
  for (let i = 0; i < rows.length; i++) {
    x[i] = coordinates[2 * i];
    y[i] = coordinates[2 * i + 1];
    if (rows[i] > last) last = rows[i];
  }
  const points = new Int32Array(last + 1).fill(-1);
  for (let i = 0; i < rows.length; i++) points[rows[i]] = i;
  return { rows, x, y, pointOf: (row) => points[row] ?? -1 };
}
