import type { Matrix } from '../detectors/detector.ts';
import type { TaskContext } from '../task.ts';
import { medianInPlace } from './order-statistics.ts';

/** Columns that are copied at a time: what one cache line of the matrix holds. */
const COLUMNS = 16;

/** Median of each column over the rows, shape (d,); NaN for no rows. */
export function columnMedians(
  args: { readonly matrix: Matrix; readonly rows: Int32Array },
  ctx: Pick<TaskContext, 'check'>,
): Float64Array {
  const { matrix, rows } = args;
  const { data, cols } = matrix;
  const n = rows.length;
  const out = new Float64Array(cols);
  const copied = new Float64Array(COLUMNS * n);
  for (let first = 0; first < cols; first += COLUMNS) {
    ctx.check();
    const count = Math.min(COLUMNS, cols - first);
    for (let r = 0; r < n; r++) {
      const base = rows[r] * cols + first;
      for (let c = 0; c < count; c++) copied[c * n + r] = data[base + c];
    }
    for (let c = 0; c < count; c++) out[first + c] = medianInPlace(copied.subarray(c * n, (c + 1) * n));
  }
  return out;
}
