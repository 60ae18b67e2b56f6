import type { Matrix } from '../detectors/detector.ts';
import type { TaskContext } from '../task.ts';

/** The k nearest other points of one point on the map, ties by row. */
function nearestOnMap(coordinates: Float32Array, row: number, k: number): Int32Array {
  const ids = new Int32Array(k).fill(-1);
  const squares = new Float64Array(k).fill(Infinity);
  const [x, y] = [coordinates[2 * row], coordinates[2 * row + 1]];
  for (let i = 0; i < coordinates.length / 2; i++) {
    const square = (coordinates[2 * i] - x) ** 2 + (coordinates[2 * i + 1] - y) ** 2;
    if (i === row || !(square < squares[k - 1])) continue;
    let at = k - 1;
    for (; at > 0 && squares[at - 1] > square; at--) {
      squares[at] = squares[at - 1];
      ids[at] = ids[at - 1];
    }
    squares[at] = square;
    ids[at] = i;
  }
  return ids;
}

/**
 * Trustworthiness of a map (Venna, Kaski 2001): 1 when every point's k nearest on the map are among its k nearest in the data,
 * less for each that is not, by its rank in the data. Exact for the rows asked; their mean estimates the whole map's.
 *
 * @param coordinates shape (rows, 2)
 * @param queries rows that are judged
 * @throws RangeError when k is not below half the rows; Cancelled
 */
export function trustworthiness(
  args: { matrix: Matrix; coordinates: Float32Array; k: number; queries: Int32Array },
  ctx: TaskContext,
): number {
  const { matrix, coordinates, k, queries } = args;
  const { data, rows, cols } = matrix;
  if (!(k >= 1 && 2 * k < rows))
    throw new RangeError(`Trustworthiness (${k}) needs more than ${2 * k} rows, there are ${rows}.`);
  if (coordinates.length !== 2 * rows)
    throw new RangeError(`A map of ${coordinates.length / 2} points does not fit ${rows} rows.`);
  const squares = new Float64Array(rows);
  let sum = 0;
  queries.forEach((query, done) => {
    ctx.check();
    const own = query * cols;
    for (let i = 0; i < rows; i++) {
      let square = 0;
      for (let j = 0; j < cols; j++) square += (data[i * cols + j] - data[own + j]) ** 2;
      squares[i] = square;
    }
    squares[query] = Infinity;
    for (const near of nearestOnMap(coordinates, query, k)) {
      let rank = 1;
      for (let i = 0; i < rows; i++) rank += squares[i] < squares[near] ? 1 : 0;
      sum += Math.max(0, rank - k);
    }
    ctx.progress((done + 1) / queries.length);
  });
  return 1 - (2 * sum) / (queries.length * k * (2 * rows - 3 * k - 1));
}
