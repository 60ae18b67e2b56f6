import {
  gramScratch,
  packAxes,
  packedAxesLength,
  PANEL,
  projectScratch,
} from '../../native-workers/engines/moments-kernels.ts';
import { kernels } from '../../native-workers/engine.ts';
import { dbscan } from '../../native-workers/clustering/dbscan.ts';
import { hdbscan } from '../../native-workers/clustering/hdbscan.ts';
import { kMeans } from '../../native-workers/clustering/k-means.ts';
import { pcaMap } from '../../native-workers/maps/pca-map.ts';
import { umap, UMAP_OPTIONS } from '../../native-workers/maps/umap.ts';
import { nearestNeighbours } from '../../native-workers/neighbours/exact.ts';
import { invertedNeighbours } from '../../native-workers/neighbours/inverted.ts';
import { pca, projectOnComponents } from '../../native-workers/numeric/pca.ts';
import { symmetricEigen } from '../../native-workers/numeric/symmetric-eigen.ts';
import { topSingularVectors } from '../../native-workers/numeric/top-singular-vectors.ts';
import { kolmogorovSmirnov } from '../../native-workers/numeric/two-sample/kolmogorov-smirnov.ts';
import { radixSort } from '../../native-workers/numeric/two-sample/radix-sort.ts';
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
      const weights = Float32Array.from({ length: rows * count }, (_, i) => mixHash(i, 6) / 2 ** 31 - 1);
      const products = new Float64Array(count * cols);
      k.addProducts(data, chosen, 0, rows, cols, centre, weights, count, products);
      k.squaredDistances(data, chosen, 0, rows, cols, mean, new Float64Array(rows));
      const scratch = Math.max(gramScratch(cols), projectScratch(cols));
      k.addGram(
        data,
        chosen,
        0,
        rows,
        cols,
        centre,
        chosen === null ? null : new Float64Array(cols),
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
 * @param {number} rows
 * @param {number} cols
 */
const pointsOf = (rows, cols) => Float64Array.from(activations(rows, cols).data);

/**
 * Spectra of every method: products of columns and of rows, randomised range finding, block power of classes.
 * @param {TaskRunner} runner
 * @param {TaskContext} ctx
 */
async function spectra(runner, ctx) {
  for (const [rows, cols, k] of /** @type {const} */ ([
    [300, 33, 5],
    [90, 200, 4],
  ])) {
    const matrix = activations(rows, cols);
    const source = { matrix, rows: null };
    await projectOnComponents(source, await pca(source, k, runner, ctx), runner);
  }
  const label = Int32Array.from({ length: 900 }, (_, row) => row % 3);
  for (const cols of [9, 40, 70]) await topSingularVectors(activations(900, cols), label, 3, 2, runner);
  const square = symmetric(64);
  symmetricEigen(square, 64, () => undefined);
}

/** @param {number} d a symmetric matrix, shape (d, d) */
function symmetric(d) {
  const { data } = activations(2 * d, d);
  const square = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++)
      for (let r = 0; r < 2 * d; r++) square[i * d + j] += data[r * d + i] * data[r * d + j];
  return square;
}

/**
 * Every metric, both forms of the exact search, a search that cannot be certified, and the inverted file.
 * @param {TaskRunner} runner
 * @param {TaskContext} ctx
 */
async function neighbours(runner, ctx) {
  for (const metric of /** @type {const} */ (['euclidean', 'cosine', 'dot'])) {
    for (const [rows, cols] of [
      [7, 3],
      [65, 31],
      [300, 33],
    ]) {
      const matrix = activations(rows, cols);
      await nearestNeighbours(matrix, { k: 5, metric }, runner, ctx);
      const some = Int32Array.from({ length: 5 }, (_, i) => i);
      await nearestNeighbours(matrix, { k: 5, metric, rows: some }, runner, ctx);
    }
    const equal = activations(200, 6);
    equal.data.copyWithin(6, 0, 6 * 100);
    for (let row = 0; row < 100; row++) equal.data.copyWithin(row * 6, 0, 6);
    await nearestNeighbours(equal, { k: 5, metric }, runner, ctx);
    await invertedNeighbours(activations(3000, 20), { k: 5, metric, recall: 0.9 }, runner, ctx);
  }
}

/**
 * @param {TaskRunner} runner
 * @param {TaskContext} ctx
 */
async function clusters(runner, ctx) {
  for (const [k, cols] of [
    [2, 5],
    [5, 33],
    [40, 16],
  ])
    await kMeans({ matrix: activations(500, cols), k, seed: 1 }, runner, ctx);
  for (const dims of [1, 2, 3, 4]) {
    const points = pointsOf(2000, dims);
    for (const eps of [0.02, 0.3]) dbscan({ points, dims, eps, minPoints: 4 }, ctx);
    hdbscan({ points, dims, minClusterSize: 10, minSamples: 5, selection: 'eom' }, ctx);
  }
}

/**
 * @param {TaskRunner} runner
 * @param {TaskContext} ctx
 */
async function maps(runner, ctx) {
  const matrix = activations(700, 12);
  const found = await nearestNeighbours(matrix, { k: 14, metric: 'euclidean' }, runner, ctx);
  const { coordinates } = await pcaMap({ matrix, rows: null }, runner, ctx);
  await umap(found, coordinates, { ...UMAP_OPTIONS, epochs: 12, seed: 1 }, runner);
}

function samples() {
  for (const n of [1, 2, 255, 4096, 20_000]) {
    const values = Float64Array.from({ length: n }, (_, i) => mixHash(i, 3) / 2 ** 31 - 1);
    const others = Float64Array.from(values, (value) => Math.abs(value) + 0.1);
    radixSort(values, () => undefined);
    radixSort(Float32Array.from(values), () => undefined);
    kolmogorovSmirnov(values, others, () => undefined);
    kolmogorovSmirnov(Float32Array.from(values), Float32Array.from(others), () => undefined);
  }
}

/**
 * Calls every kernel at least once, on small inputs.
 * @param {TaskRunner} runner
 * @param {TaskContext} ctx
 */
export async function workloads(runner, ctx) {
  moments();
  await spectra(runner, ctx);
  await neighbours(runner, ctx);
  await clusters(runner, ctx);
  await maps(runner, ctx);
  samples();
}
