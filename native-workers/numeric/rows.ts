import type { Matrix } from '../detectors/detector.ts';

/** Rows to read, in the order they are summed; null reads the whole matrix. */
export type Rows = Int32Array | null;

/** Number of rows that `rows` selects from the matrix. */
export function countRows(matrix: Matrix, rows: Rows): number {
  return rows === null ? matrix.rows : rows.length;
}

/** Copies the rows (float32, in the given order) into matrices of their own, one below the other. */
export function gatherRows(parts: readonly { matrix: Matrix; rows: Rows }[]): Matrix {
  const cols = parts[0].matrix.cols;
  let total = 0;
  for (const part of parts) total += countRows(part.matrix, part.rows);
  const data = new Float32Array(total * cols);
  let at = 0;
  for (const { matrix, rows } of parts) {
    const n = countRows(matrix, rows);
    for (let r = 0; r < n; r++) {
      const base = (rows === null ? r : rows[r]) * cols;
      data.set(matrix.data.subarray(base, base + cols), at);
      at += cols;
    }
  }
  return { data, rows: total, cols };
}
