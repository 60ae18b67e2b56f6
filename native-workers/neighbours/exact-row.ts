import type { Matrix } from '../detectors/detector.ts';
import type { TaskContext } from '../task.ts';

export interface Neighbours {
  /** Nearest first, ties by row, shape (min(k, n - 1),). */
  readonly rows: Int32Array;
  /** Euclidean distances, same order. */
  readonly distances: Float64Array;
}

/**
 * The k nearest other rows of one row by Euclidean distance, exact: float64 differences, every row looked at.
 *
 * @throws RangeError when the row is not in the matrix
 */
export function exactNeighbours(
  args: { matrix: Matrix; row: number; k: number },
  ctx: TaskContext,
): Neighbours {
  const { matrix, row } = args;
  const { data, cols } = matrix;
  if (row < 0 || row >= matrix.rows) throw new RangeError(`Row ${row} is not among the ${matrix.rows} rows.`);
  const query = Float64Array.from(data.subarray(row * cols, (row + 1) * cols));
  const k = Math.min(args.k, matrix.rows - 1);
  const rows = new Int32Array(k).fill(-1);
  const squares = new Float64Array(k).fill(Infinity);
  for (let i = 0; i < matrix.rows && k > 0; i++) {
    if ((i & 8191) === 0) ctx.check();
    if (i === row) continue;
    let sum = 0;
    for (let j = 0; j < cols; j++) {
      const difference = data[i * cols + j] - query[j];
      sum += difference * difference;
    }
    if (!(sum < squares[k - 1])) continue;
    let at = k - 1;
    for (; at > 0 && squares[at - 1] > sum; at--) {
      squares[at] = squares[at - 1];
      rows[at] = rows[at - 1];
    }
    squares[at] = sum;
    rows[at] = i;
  }
  return { rows, distances: squares.map(Math.sqrt) };
}
