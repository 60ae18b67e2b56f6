import { createWorkerPool } from '../../electron/engine/jobs/worker-pool.ts';
import { kMeans } from '../../native-workers/clustering/k-means.ts';
import { fitCurve, forceTable } from '../../native-workers/maps/attraction-table.ts';
import { optimizeLayout } from '../../native-workers/maps/layout.ts';
import { layoutStart, UMAP_NEIGHBOURS, UMAP_OPTIONS } from '../../native-workers/maps/umap.ts';
import { nearestNeighbours } from '../../native-workers/neighbours/exact.ts';
import { pca, projectOnComponents, scatterOf } from '../../native-workers/numeric/pca.ts';
import { uncancelled } from '../../native-workers/task.ts';
import { prepareData } from './data-sets.mjs';
import { readMatrix } from './data-files.mjs';
import { median } from './verdict.mjs';

/** @typedef {import('../../native-workers/runner.ts').TaskRunner} TaskRunner */
/** @typedef {{ kernel: string, engine: string, one: number, two: number, date: string }} Scaling median wall seconds */

const context = uncancelled(1);
const EPOCHS = 200;

/**
 * Wall time of two threads against one, by turns.
 * @param {import('../../native-workers/engines/kernels.ts').EngineName} engine
 * @param {number} runs
 * @returns {Promise<Scaling[]>}
 */
export async function measureScaling(engine, runs) {
  const pools = [createWorkerPool(1), createWorkerPool(2)];
  try {
    const [one, two] = pools.map((pool) => {
      pool.useEngine(engine);
      return pool.runner(null, 1);
    });
    if (one === undefined || two === undefined) return [];
    /** @type {Scaling[]} */
    const found = [];
    for (const [kernel, work] of Object.entries(await kernelsByName(two))) {
      /** @type {[number[], number[]]} */
      const walls = [[], []];
      await work(one);
      await work(two);
      for (let run = 0; run < runs; run++) {
        walls[0].push(await wallOf(() => work(one)));
        walls[1].push(await wallOf(() => work(two)));
      }
      const date = new Date().toISOString().slice(0, 10);
      found.push({ kernel, engine, one: median(walls[0]), two: median(walls[1]), date });
    }
    return found;
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
  }
}

/**
 * @param {TaskRunner} runner for what has to be there first
 * @returns {Promise<Record<string, (runner: TaskRunner) => Promise<unknown>>>}
 */
async function kernelsByName(runner) {
  const folder = prepareData(['real', 'real512', 'real-centres']);
  const [real, wide, centres] = ['real', 'real512', 'real-centres'].map((name) => readMatrix(folder, name));
  if (real === undefined || wide === undefined || centres === undefined) throw new Error('no data');
  const start = Float64Array.from(centres.data);
  const neighbours = { k: UMAP_NEIGHBOURS - 1, metric: /** @type {const} */ ('euclidean') };
  const found = await nearestNeighbours(real, neighbours, runner, context);
  const source = { matrix: real, rows: null };
  const axes = await pca(source, 2, runner, { seed: 1 });
  const components = await projectOnComponents(source, axes, runner);
  const table = forceTable(fitCurve(UMAP_OPTIONS.minDist, UMAP_OPTIONS.spread), 2);
  const labels = { labels: null, labelWeight: 0 };
  const edges = await runner.run('umapEdges', { neighbours: found, ...labels, epochs: EPOCHS, seed: 1 });
  const points = layoutStart(components, 1);
  return {
    'Gram matrix of 50,000 x 512': (threads) => scatterOf({ matrix: wide, rows: null }, threads),
    'Exact 14 nearest neighbours, 50,000 x 128': (threads) =>
      nearestNeighbours(real, neighbours, threads, context),
    'k-means, 20 clusters, 50,000 x 128': (threads) =>
      kMeans({ matrix: real, k: 20, seed: 1, start }, threads, context),
    'UMAP layout, 200 epochs, 50,000 points': (threads) =>
      optimizeLayout(points, null, edges, table, { epochs: EPOCHS, rate: 1, seed: 1 }, threads),
  };
}

/** @param {() => Promise<unknown>} work */
async function wallOf(work) {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}
