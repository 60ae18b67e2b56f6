import {
  gramScratch,
  packAxes,
  packedAxesLength,
  PANEL,
  projectScratch,
} from '../../native-workers/engines/moments-kernels.ts';
import { kernels } from '../../native-workers/engine.ts';
import { mixHash } from '../../native-workers/numeric/hash.ts';

/** @typedef {import('../../native-workers/runner.ts').TaskRunner} TaskRunner */
/** @typedef {import('../../native-workers/task.ts').TaskContext} TaskContext */

/**
 * Rows as after a ReLU.
 * @param {number} rows
 * @param {number} cols
 */
function activations(rows, cols) {
  const data = new Float32Array(new SharedArrayBuffer(4 * rows * cols));
  for (let i = 0; i < data.length; i++) data[i] = Math.max(0, (mixHash(i, cols) / 2 ** 32 - 0.5) * 6);
  return { data, rows, cols };
}

/** Means, Gram matrices, projections and half precision at sizes around every edge of a tile. */
function moments() {
  const k = kernels();
  const halves = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  k.halfToFloat(halves, new Float32Array(halves.length));
  for (const [rows, cols] of [
    [1, 1],
    [63, 31],
    [65, 33],
    [130, 40],
    [257, 65],
  ]) {
    const { data } = activations(rows, cols);
    const count = Math.min(cols, 21);
    const named = Int32Array.from({ length: rows }, (_, i) => (i * 7) % rows);
    const axes = Float64Array.from({ length: count * cols }, (_, i) => mixHash(i, 5) / 2 ** 31 - 1);
    for (const chosen of [null, named]) {
      const mean = new Float64Array(cols);
      k.addSums(data, chosen, 0, rows, cols, mean);
      for (let j = 0; j < cols; j++) mean[j] /= rows;
      const centre = Float32Array.from(mean);
      k.squaredDistances(data, chosen, 0, rows, cols, mean, new Float64Array(rows));
      const scratch = Math.max(gramScratch(cols), projectScratch(cols));
      k.addGram(
        data,
        chosen,
        0,
        rows,
        cols,
        centre,
        new Float64Array(cols * cols),
        new Float32Array(scratch),
      );
      k.addGramExact(
        data,
        chosen,
        0,
        rows,
        cols,
        mean,
        new Float64Array(cols * cols),
        new Float64Array(scratch),
      );
      const single = packAxes(axes, count, cols, new Float32Array(packedAxesLength(count, cols, PANEL)));
      const out = rows * count;
      k.project(
        data,
        chosen,
        0,
        rows,
        cols,
        centre,
        single,
        count,
        new Float32Array(out),
        new Float32Array(scratch),
      );
      const double = packAxes(axes, count, cols, new Float64Array(packedAxesLength(count, cols, PANEL / 2)));
      k.projectExact(
        data,
        chosen,
        0,
        rows,
        cols,
        mean,
        double,
        count,
        new Float64Array(out),
        new Float64Array(scratch),
      );
    }
  }
}

/**
 * Calls every kernel at least once, on small inputs.
 * @param {TaskRunner} _runner
 * @param {TaskContext} _ctx
 */
export async function workloads(_runner, _ctx) {
  moments();
}
