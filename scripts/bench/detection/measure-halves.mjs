import { setPriority } from 'node:os';
import { loadScanInput } from '../../../electron/engine/scan/scan-input.ts';
import { ALPHA } from '../../../electron/engine/scan/scan-plan.ts';
import { scan } from '../../../native-workers/decision/scan.ts';
import { uncancelled } from '../../../native-workers/task.ts';
import { uniformDraws } from '../seeded-draws.mjs';
import { withCase } from './open-case.mjs';

/** @typedef {import('../../../native-workers/detectors/detector.ts').SampleSet} SampleSet */
/** @typedef {import('../../../native-workers/detectors/detector.ts').Matrix} Matrix */
/** @typedef {{ seed: number, withTrusted: boolean, classes: number, alarms: string[], structures: string[], flagged: number }} Half */

const [folder = '', halves = '20', threads = '1'] = process.argv.slice(2);
setPriority(10);

/** @type {Half[]} */
const found = await withCase(folder, Number(threads), async (engine) => {
  const { input } = loadScanInput(engine.caseFile(), true);
  const runner = engine.pool.runner(null, 0);
  /** @type {Half[]} */
  const all = [];
  for (let seed = 1; seed <= Number(halves); seed++) {
    const investigated = halfOf(input.investigated, seed);
    for (const trusted of input.trusted === null ? [null] : [input.trusted, null]) {
      const { classes, flagged } = await scan(
        { ...input, investigated, trusted },
        // Every other detector ranks and decides nothing.
        { alpha: ALPHA, detectors: trusted === null ? [] : ['trusted-mahalanobis'] },
        runner,
        uncancelled(0),
      );
      /** @param {string} decision */
      const named = (decision) =>
        classes
          .filter((one) => one.decision === decision)
          .map(({ classIndex }) => input.classes[classIndex] ?? '');
      all.push({
        seed,
        withTrusted: trusted !== null,
        classes: classes.length,
        alarms: named('alarm'),
        structures: named('structure'),
        flagged: flagged.reduce((sum, one) => sum + one, 0),
      });
    }
  }
  return all;
});
process.stdout.write(`${JSON.stringify(found)}\n`);

/**
 * A random half of the rows, in their order, on shared memory; only what decides.
 * @param {SampleSet} set
 * @param {number} seed
 * @returns {SampleSet}
 */
function halfOf(set, seed) {
  const draw = uniformDraws(seed);
  const order = Int32Array.from({ length: set.rows }, (_, row) => row);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const rows = order.subarray(0, set.rows >> 1).sort();
  return {
    rows: rows.length,
    label: chosen(set.label, 1, rows),
    predicted: set.predicted === null ? null : chosen(set.predicted, 1, rows),
    keyHash: chosen(set.keyHash, 1, rows),
    activations: matrixRows(set.activations, rows),
    logits: matrixRows(set.logits, rows),
    losses: set.losses && { ...set.losses, data: chosen(set.losses.data, set.losses.names.length, rows) },
    gradientNorm: null,
    images: null,
  };
}

/**
 * @param {Matrix | null} matrix
 * @param {Int32Array} rows
 */
function matrixRows(matrix, rows) {
  return matrix && { ...matrix, data: chosen(matrix.data, matrix.cols, rows), rows: rows.length };
}

/**
 * @template {Int32Array | Uint32Array | Float32Array} Values
 * @param {Values} values
 * @param {number} cols
 * @param {Int32Array} rows
 * @returns {Values}
 */
function chosen(values, cols, rows) {
  const Type = /** @type {new (buffer: SharedArrayBuffer) => Values} */ (values.constructor);
  const out = new Type(new SharedArrayBuffer(rows.length * cols * values.BYTES_PER_ELEMENT));
  rows.forEach((row, i) => out.set(values.subarray(row * cols, (row + 1) * cols), i * cols));
  return out;
}
