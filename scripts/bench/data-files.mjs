import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * `case`: from the measurement case; `recipe`: always the same made data; `generated`: made because the case is not here, which
 * supports no claim.
 * @typedef {{ rows: number, cols: number, dtype: 'float32' | 'float64' | 'int32', source: 'case' | 'recipe' | 'generated' }} About
 */
/** @typedef {Float32Array<SharedArrayBuffer> | Float64Array<SharedArrayBuffer> | Int32Array<SharedArrayBuffer>} Elements */

const BYTES = { float32: 4, float64: 8, int32: 4 };
/** readSync takes less than 2 GiB at once. */
const CHUNK = 1 << 28;

/**
 * @param {string} folder
 * @param {string} name
 */
export function dataThere(folder, name) {
  return existsSync(join(folder, `${name}.json`));
}

/**
 * @param {string} folder
 * @param {string} name
 * @returns {About}
 */
export function readAbout(folder, name) {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
}

/**
 * A data set on shared memory: no copy of it is left behind that peak memory would count.
 * @param {string} folder
 * @param {string} name
 * @returns {About & { data: Elements }}
 */
export function readData(folder, name) {
  const about = readAbout(folder, name);
  const bytes = about.rows * about.cols * BYTES[about.dtype];
  const buffer = new SharedArrayBuffer(bytes);
  const file = openSync(join(folder, `${name}.bin`), 'r');
  try {
    for (let at = 0; at < bytes;) {
      const got = readSync(file, new Uint8Array(buffer, at, Math.min(CHUNK, bytes - at)));
      if (got === 0) throw new Error(`${name}.bin is shorter than ${name}.json says`);
      at += got;
    }
  } finally {
    closeSync(file);
  }
  const data =
    about.dtype === 'float32'
      ? new Float32Array(buffer)
      : about.dtype === 'float64'
        ? new Float64Array(buffer)
        : new Int32Array(buffer);
  return { ...about, data };
}

/**
 * @param {string} folder
 * @param {string} name
 * @returns {{ data: Float32Array, rows: number, cols: number }}
 */
export function readMatrix(folder, name) {
  const { data, rows, cols } = readData(folder, name);
  if (!(data instanceof Float32Array)) throw new Error(`${name} is no float32 matrix`);
  return { data, rows, cols };
}

/**
 * Rows as nested arrays, which the JavaScript peers take.
 * @param {{ data: Elements | Float32Array, rows: number, cols: number }} matrix
 * @returns {number[][]}
 */
export function nestedRows({ data, rows, cols }) {
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)));
}

/**
 * @param {string} folder
 * @param {string} file
 * @param {Float32Array} values
 * @returns {string} the file's path
 */
export function writeFloats(folder, file, values) {
  const path = join(folder, file);
  writeFileSync(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return path;
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {About} about
 * @param {Float32Array | Float64Array | Int32Array} data
 */
export function writeData(folder, name, about, data) {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const file = openSync(join(folder, `${name}.bin`), 'w');
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, Math.min(CHUNK, bytes.length - at));
  } finally {
    closeSync(file);
  }
  // The description is the sign that the data are whole.
  writeFileSync(join(folder, `${name}.part`), JSON.stringify(about));
  renameSync(join(folder, `${name}.part`), join(folder, `${name}.json`));
}
