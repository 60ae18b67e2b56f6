import type { Matrix } from '../detectors/detector.ts';

/** The rows as nested arrays of numbers, the form that the reference engines take. */
export function nestedRows(matrix: Matrix, rows: Int32Array): number[][] {
  return Array.from(rows, (row) =>
    Array.from(matrix.data.subarray(row * matrix.cols, (row + 1) * matrix.cols)),
  );
}
