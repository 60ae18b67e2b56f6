import { keyHashes } from '../../electron/engine/scan/key-hash.ts';
import { readData, readMatrix } from './data-files.mjs';

/** @typedef {import('../../native-workers/detectors/detector.ts').ScanInput} ScanInput */

/**
 * Activations and labels of the data sets as a detector takes them.
 * @param {string} folder
 * @param {string} name of the activations
 * @param {string} labelName
 */
export function detectorInput(folder, name, labelName) {
  const activations = readMatrix(folder, name);
  const { data: label } = readData(folder, labelName);
  if (!(label instanceof Int32Array)) throw new Error(`${labelName} holds no labels`);
  const count = label.reduce((most, one) => Math.max(most, one + 1), 0);
  /** @type {ScanInput} */
  const input = {
    classes: Array.from({ length: count }, (_, c) => String(c)),
    investigated: {
      rows: activations.rows,
      label,
      predicted: null,
      keyHash: keyHashes(Array.from(label, (_, row) => `row-${row}`)),
      activations,
      logits: null,
      losses: null,
      gradientNorm: null,
      images: null,
    },
    trusted: null,
  };
  return { input, label, count, activations };
}
