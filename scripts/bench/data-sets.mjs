import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../setup/prepare.mjs';
import { dataThere, writeData } from './data-files.mjs';
import { normalDraws, uniformDraws } from './seeded-draws.mjs';

/** Counted up when a data set changes: kept files of an older number are not used. */
const VERSION = 1;
const ROWS = 50_000;
const CASES = join(ROOT, '..', 'shared', 'cases');
const CASE = join(CASES, 'clean');
const TEXT = join(CASES, 'text', 'activations.npy');
/** Debian's package dataset-fashion-mnist. */
const PIXELS = '/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz';

/** @typedef {{ activations: Float32Array, labels: Int32Array, cols: number, source: 'case' | 'generated' }} Activations */

/** Where the data sets are kept. */
function dataFolder() {
  const source = existsSync(CASE) ? 'case' : 'generated';
  return join(ROOT, '.cache', 'bench', `data-${VERSION}-${source}`);
}

/**
 * Makes the data sets that are not there yet.
 * @param {readonly string[]} names
 * @returns {string} the folder
 */
export function prepareData(names) {
  const folder = dataFolder();
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    if (dataThere(folder, name)) continue;
    const make = makers[name];
    if (make === undefined) throw new Error(`there is no data set '${name}'`);
    make(folder);
  }
  return folder;
}

/**
 * The data sets whose maps are judged, as far as their sources are on this machine.
 * @returns {{ name: string, title: string }[]}
 */
export function mapDataSets() {
  return [
    { name: 'real', title: 'activations of `clean`, 50,000 x 128', source: CASE },
    { name: 'text', title: 'activations of `text`, 7,600 x 64', source: TEXT },
    { name: 'pixels', title: 'pixels of Fashion-MNIST, 50,000 x 784', source: PIXELS },
  ].filter(({ source }) => existsSync(source));
}

/** @type {Record<string, (folder: string) => void>} */
const makers = {
  // The first 50,000 rows of the clean case: activations after a ReLU, more than half of them 0.
  real: (folder) => {
    const { activations, labels, cols, source } = activationsOfCase();
    writeData(folder, 'real', { rows: ROWS, cols, dtype: 'float32', source }, activations);
    writeData(folder, 'real-labels', { rows: ROWS, cols: 1, dtype: 'int32', source }, labels);
  },
  'real-labels': (folder) => makers.real?.(folder),
  'real-20000': (folder) => {
    const { activations, cols, source } = activationsOfCase();
    const about = /** @type {const} */ ({ rows: 20_000, cols, dtype: 'float32', source });
    writeData(folder, 'real-20000', about, activations.subarray(0, 20_000 * cols));
  },
  real512: (folder) => {
    const { activations, cols, source } = activationsOfCase();
    const about = /** @type {const} */ ({ rows: ROWS, cols: 512, dtype: 'float32', source });
    writeData(folder, 'real512', about, widened(activations, cols, 512));
  },
  'real512-20000': (folder) => {
    const { activations, cols, source } = activationsOfCase();
    const wide = widened(activations, cols, 512).subarray(0, 20_000 * 512);
    writeData(folder, 'real512-20000', { rows: 20_000, cols: 512, dtype: 'float32', source }, wide);
  },
  // Twenty rows of the activations, spread over all of them: both sides start from the same centres.
  'real-centres': (folder) => {
    const { activations, cols, source } = activationsOfCase();
    const centres = new Float32Array(20 * cols);
    for (let c = 0; c < 20; c++)
      centres.set(activations.subarray(c * 2500 * cols, (c * 2500 + 1) * cols), c * cols);
    writeData(folder, 'real-centres', { rows: 20, cols, dtype: 'float32', source }, centres);
  },
  // Twenty Gaussians of unit noise about centres of unit scale: neighbours carry little structure.
  mix100: (folder) => {
    const [cols, groups] = [100, 20];
    const normal = normalDraws(100);
    const centres = Float64Array.from({ length: groups * cols }, normal);
    const data = new Float32Array(ROWS * cols);
    for (let i = 0; i < data.length; i++)
      data[i] = centres[(Math.floor(i / cols) % groups) * cols + (i % cols)] + normal();
    writeData(folder, 'mix100', { rows: ROWS, cols, dtype: 'float32', source: 'recipe' }, data);
  },
  text: (folder) => {
    const { values, rows, cols } = readNpy(TEXT);
    writeData(folder, 'text', { rows, cols, dtype: 'float32', source: 'case' }, values);
  },
  pixels: (folder) => {
    const cols = 784;
    const bytes = gunzipSync(readFileSync(PIXELS)).subarray(16, 16 + ROWS * cols);
    const data = Float32Array.from(bytes, (value) => value / 255);
    writeData(folder, 'pixels', { rows: ROWS, cols, dtype: 'float32', source: 'case' }, data);
  },
  'blobs-200000': (folder) => blobs(folder, 'blobs-200000', 200_000),
  'blobs-20000': (folder) => blobs(folder, 'blobs-20000', 20_000),
  'normal-a': (folder) => normals(folder, 'normal-a', 1, 0),
  'normal-b': (folder) => normals(folder, 'normal-b', 2, 0.005),
  'normal-c': (folder) => normals(folder, 'normal-c', 3, 0.1),
  'columns-before': (folder) => columns(folder, 'columns-before', 21, 0),
  'columns-now': (folder) => columns(folder, 'columns-now', 22, 0.002),
};

/**
 * Thirty blobs in two dimensions and a tenth of uniform noise.
 * @param {string} folder
 * @param {string} name
 * @param {number} rows
 */
function blobs(folder, name, rows) {
  const normal = normalDraws(7);
  const uniform = uniformDraws(8);
  const centres = Float64Array.from({ length: 60 }, () => 100 * uniform());
  const data = new Float64Array(2 * rows);
  for (let i = 0; i < rows; i++)
    for (const axis of [0, 1])
      data[2 * i + axis] = i % 10 === 0 ? 100 * uniform() : centres[2 * (i % 30) + axis] + normal();
  writeData(folder, name, { rows, cols: 2, dtype: 'float64', source: 'recipe' }, data);
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {number} seed
 * @param {number} mean
 */
function normals(folder, name, seed, mean) {
  const normal = normalDraws(seed);
  const data = Float64Array.from({ length: 1_000_000 }, () => mean + normal());
  writeData(folder, name, { rows: data.length, cols: 1, dtype: 'float64', source: 'recipe' }, data);
}

/**
 * Twenty columns of a log, one after the other, each 1,000,000 values: normal and skewed ones by turns, every fourth with two decimals.
 * @param {string} folder
 * @param {string} name
 * @param {number} seed
 * @param {number} shift of column j, times j
 */
function columns(folder, name, seed, shift) {
  const [count, rows] = [20, 1_000_000];
  const normal = normalDraws(seed);
  const data = new Float64Array(count * rows);
  for (let i = 0; i < data.length; i++) {
    const column = Math.floor(i / rows);
    const value = normal() + shift * column;
    const skewed = column % 2 === 0 ? value : Math.exp(value);
    data[i] = column % 4 === 3 ? Math.round(skewed * 100) / 100 : skewed;
  }
  writeData(folder, name, { rows: count, cols: rows, dtype: 'float64', source: 'recipe' }, data);
}

/** @returns {Activations} the case's where it is there, else generated ones */
function activationsOfCase() {
  if (!existsSync(CASE)) return generatedActivations();
  const { values, rows, cols } = readNpy(join(CASE, 'activations.npy.gz'));
  if (rows < ROWS) throw new Error('the clean case holds fewer than 50,000 rows');
  const activations = values.subarray(0, ROWS * cols);
  const [head, ...lines] = gunzipSync(readFileSync(join(CASE, 'records.csv.gz')))
    .toString('utf8')
    .split(/\r?\n/);
  const at = (head ?? '').split(',').indexOf('label');
  const names = lines.slice(0, ROWS).map((line) => line.split(',')[at] ?? '');
  const classes = [...new Set(names)].sort();
  return {
    activations,
    labels: Int32Array.from(names, (name) => classes.indexOf(name)),
    cols,
    source: 'case',
  };
}

/**
 * A matrix that NumPy wrote in half or single precision, packed by gzip where its name says so.
 * @param {string} path
 * @returns {{ values: Float32Array, rows: number, cols: number }}
 */
function readNpy(path) {
  const read = readFileSync(path);
  const bytes = path.endsWith('.gz') ? gunzipSync(read) : read;
  const headerEnd = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, headerEnd);
  const [, kind, rows, cols] = /'descr': '<(f[24])'.*'shape': \((\d+), (\d+)\)/.exec(header) ?? [];
  const body = bytes.buffer.slice(bytes.byteOffset + headerEnd, bytes.byteOffset + bytes.length);
  const values =
    kind === 'f4' ? new Float32Array(body) : Float32Array.from(new Uint16Array(body), halfToNumber);
  if (values.length !== Number(rows) * Number(cols))
    throw new Error(`${path} holds no matrix that is known here`);
  return { values, rows: Number(rows), cols: Number(cols) };
}

/** @returns {Activations} ten classes in a space of low rank, after a ReLU */
function generatedActivations() {
  const [cols, rank, classes] = [128, 24, 10];
  const normal = normalDraws(128);
  const centres = Float64Array.from({ length: classes * rank }, () => 1.5 * normal());
  const mixing = Float64Array.from({ length: rank * cols }, () => normal() / Math.sqrt(rank));
  const labels = Int32Array.from({ length: ROWS }, (_, i) => i % classes);
  const activations = new Float32Array(ROWS * cols);
  const latent = new Float64Array(rank);
  for (let i = 0; i < ROWS; i++) {
    for (let r = 0; r < rank; r++) latent[r] = centres[labels[i] * rank + r] + normal();
    for (let j = 0; j < cols; j++) {
      let value = 0.3 * normal() - 0.2;
      for (let r = 0; r < rank; r++) value += latent[r] * mixing[r * cols + j];
      activations[i * cols + j] = Math.max(0, 2 * value);
    }
  }
  return { activations, labels, cols, source: 'generated' };
}

/**
 * The rows in more columns: centred, turned by random rotations side by side, with noise of a tenth of their deviation, shifted so
 * that near 45 % end below 0, and cut off there.
 * @param {Float32Array} data
 * @param {number} cols
 * @param {number} wanted
 */
function widened(data, cols, wanted) {
  const normal = normalDraws(512);
  const rows = data.length / cols;
  const mean = new Float64Array(cols);
  for (let i = 0; i < data.length; i++) mean[i % cols] += data[i] / rows;
  let variance = 0;
  for (let i = 0; i < data.length; i++) variance += (data[i] - mean[i % cols]) ** 2 / data.length;
  const deviation = Math.sqrt(variance);
  /** @type {Float64Array[]} */
  const rotations = [];
  while (rotations.length * cols < wanted) rotations.push(rotation(cols, normal));
  const out = new Float32Array(rows * wanted);
  const turned = new Float64Array(wanted);
  for (let i = 0; i < rows; i++) {
    turned.fill(0.05 * deviation);
    rotations.forEach((basis, part) => {
      const offset = part * cols;
      const width = Math.min(cols, wanted - offset);
      for (let k = 0; k < cols; k++) {
        const value = data[i * cols + k] - mean[k];
        for (let j = 0; j < width; j++) turned[offset + j] += value * basis[k * cols + j];
      }
    });
    for (let j = 0; j < wanted; j++)
      out[i * wanted + j] = Math.max(0, turned[j] + 0.1 * deviation * normal());
  }
  return out;
}

/**
 * A random rotation by Gram and Schmidt's process, shape (d, d).
 * @param {number} d
 * @param {() => number} normal
 */
function rotation(d, normal) {
  const rows = Float64Array.from({ length: d * d }, normal);
  for (let i = 0; i < d; i++) {
    const row = rows.subarray(i * d, (i + 1) * d);
    for (let k = 0; k < i; k++) {
      const other = rows.subarray(k * d, (k + 1) * d);
      const along = row.reduce((sum, value, j) => sum + value * other[j], 0);
      for (let j = 0; j < d; j++) row[j] -= along * other[j];
    }
    const length = Math.hypot(...row);
    for (let j = 0; j < d; j++) row[j] /= length;
  }
  return rows;
}

/** @param {number} half bits of a half-precision number */
function halfToNumber(half) {
  const sign = half >= 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
