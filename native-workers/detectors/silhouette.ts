import { kernels } from '../engine.ts';
import { packAxes, packedAxesLength, PANEL, projectScratch } from '../engines/moments-kernels.ts';
import type { TaskContext } from '../task.ts';

/** Rows whose distances from all others are made at a time. */
const BLOCK = 128;

/**
 * Mean silhouette (Rousseeuw 1987) over the first `count` rows; noise (-1) is left out, and a row alone in its cluster counts
 * 0. 0 with fewer than two clusters among them. Coordinates are rounded to float32 and squares are |a|² + |b|² - 2 a·b in
 * float64, so that the products are made by blocks.
 *
 * @param points shape (n, d)
 */
export function silhouette(
  points: Float64Array,
  cluster: Int32Array,
  clusters: number,
  count: number,
  d: number,
  ctx: TaskContext,
): number {
  // Cluster after cluster: each row's distances are then summed over runs.
  const order: number[] = [];
  const starts = [0];
  for (let c = 0; c < clusters; c++) {
    for (let i = 0; i < count; i++) if (cluster[i] === c) order.push(i);
    if (order.length > (starts.at(-1) ?? 0)) starts.push(order.length);
  }
  if (starts.length < 3) return 0;
  const n = order.length;
  const data = new Float32Array(n * d);
  order.forEach((row, i) => {
    data.set(points.subarray(row * d, (row + 1) * d), i * d);
  });
  const lengths = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) lengths[i] += data[i * d + j] ** 2;
  const packed = packAxes(Float64Array.from(data), n, d, new Float64Array(packedAxesLength(n, d, PANEL / 2)));
  const inner = kernels();
  const nothing = new Float64Array(d);
  const scratch = new Float64Array(projectScratch(d));
  const products = new Float64Array(Math.min(BLOCK, n) * n);
  const means = new Float64Array(starts.length - 1);
  let total = 0;
  for (let first = 0; first < n; first += BLOCK) {
    ctx.check();
    const rows = Math.min(BLOCK, n - first);
    const out = products.subarray(0, rows * n);
    inner.projectExact(data, null, first, first + rows, d, nothing, packed, n, out, scratch);
    for (let i = 0; i < rows; i++) {
      const own = distancesByRun(products, i * n, lengths, first + i, starts, means);
      total += width(means, own, starts);
    }
  }
  return total / n;
}

/** Fills in the mean distance of row i from each run; the number of its own run. */
function distancesByRun(
  products: Float64Array,
  at: number,
  lengths: Float64Array,
  i: number,
  starts: readonly number[],
  means: Float64Array,
): number {
  let own = 0;
  for (let c = 0; c < means.length; c++) {
    const end = starts[c + 1];
    let sum = 0;
    for (let k = starts[c]; k < end; k++)
      sum += Math.sqrt(Math.max(0, lengths[i] + lengths[k] - 2 * products[at + k]));
    means[c] = sum / (end - starts[c]);
    if (i >= starts[c] && i < end) own = c;
  }
  return own;
}

function width(means: Float64Array, own: number, starts: readonly number[]): number {
  const size = starts[own + 1] - starts[own];
  if (size === 1) return 0;
  const inside = (means[own] * size) / (size - 1);
  let outside = Infinity;
  for (let c = 0; c < means.length; c++) if (c !== own) outside = Math.min(outside, means[c]);
  const larger = Math.max(inside, outside);
  return larger > 0 ? (outside - inside) / larger : 0;
}
