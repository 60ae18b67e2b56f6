import { kernels } from '../engine.ts';
import { packAxes, packedAxesLength, PANEL, projectScratch } from '../engines/moments-kernels.ts';
import { joinSets, rootOf } from '../clustering/union-find.ts';
import { forEachStep } from '../numeric/moments.ts';

const BLOCK = 512;
/** What a float32 product of unit vectors may err by. */
const ROUNDING = 1e-5;

/**
 * Joins the rows whose directions from `centre` have a cosine above `least`. Every pair is screened in float32 by blocks, and
 * those near the limit are summed again in float64. A row at the centre has no direction and joins nothing.
 *
 * @param points shape (n, cols)
 * @param centre shape (cols,)
 * @param parents sets to join, as of `UnionFind`, shape (n,)
 */
export function joinNearCopies(
  points: Float32Array,
  cols: number,
  centre: Float64Array,
  least: number,
  parents: Int32Array,
  check: () => void,
): void {
  const n = parents.length;
  const units = unitRows(points, n, cols, centre);
  const nothing = new Float32Array(cols);
  const scratch = new Float32Array(projectScratch(cols));
  const packed = new Float32Array(packedAxesLength(BLOCK, cols, PANEL));
  const inner = kernels();
  let cosines = new Float32Array(0);
  for (let first = 0; first < n; first += BLOCK) {
    const count = Math.min(BLOCK, n - first);
    packAxes(Float64Array.from(units.subarray(first * cols, (first + count) * cols)), count, cols, packed);
    forEachStep(n - first, cols * count, check, (from, to) => {
      const length = (to - from) * count;
      if (cosines.length < length) cosines = new Float32Array(length);
      inner.project(
        units,
        null,
        first + from,
        first + to,
        cols,
        nothing,
        packed,
        count,
        cosines.subarray(0, length),
        scratch,
      );
      const bound = least - ROUNDING;
      for (let at = 0; at < length; at++) {
        if (cosines[at] <= bound) continue;
        const a = first + from + Math.floor(at / count);
        const b = first + (at % count);
        if (b >= a || rootOf(parents, a) === rootOf(parents, b)) continue;
        if (product(units, a, b, cols) > least) joinSets(parents, a, b);
      }
    });
  }
}

function unitRows(points: Float32Array, n: number, cols: number, centre: Float64Array): Float32Array {
  const units = new Float32Array(n * cols);
  for (let i = 0; i < n; i++) {
    let squares = 0;
    for (let j = 0; j < cols; j++) squares += (points[i * cols + j] - centre[j]) ** 2;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let j = 0; j < cols; j++) units[i * cols + j] = (points[i * cols + j] - centre[j]) * scale;
  }
  return units;
}

function product(units: Float32Array, a: number, b: number, cols: number): number {
  let sum = 0;
  for (let j = 0; j < cols; j++) sum += units[a * cols + j] * units[b * cols + j];
  return sum;
}
