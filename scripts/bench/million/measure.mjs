import { createEngine } from '../../../electron/engine/create-engine.ts';
import { invoke } from '../../../electron/engine/dispatch.ts';
import { grantFile } from '../../../electron/engine/grant-file.ts';
import { kMeans } from '../../../native-workers/clustering/k-means.ts';
import { pca, projectOnComponents } from '../../../native-workers/numeric/pca.ts';
import {
  topSingularVectors,
  topSingularVectorsStreamed,
} from '../../../native-workers/numeric/top-singular-vectors.ts';
import { uncancelled } from '../../../native-workers/task.ts';

/** @typedef {{ step: string, seconds: number, peak: number }} Step peak: resident bytes of the process so far */

const [path = '', mode = ''] = process.argv.slice(2);
const CLUSTERS = 20;
const COMPONENTS = 50;
const engine = createEngine({
  userData: `${path}.user`,
  threads: 2,
  kernels: null,
  publish: () => undefined,
  onCase: () => undefined,
  log: (text) => process.stderr.write(`${text}\n`),
});
/** @type {Step[]} */
const steps = [];

/**
 * @template T
 * @param {string} step
 * @param {() => Promise<T> | T} work
 */
async function timed(step, work) {
  const begun = performance.now();
  const result = await work();
  steps.push({
    step,
    seconds: (performance.now() - begun) / 1000,
    peak: process.resourceUsage().maxRSS * 1024,
  });
  return result;
}

/** @param {'pca' | 'umap'} kind */
async function map(kind) {
  const scope = /** @type {const} */ ({ kind: 'all' });
  const { job } = await invoke(engine, 'map/start', { kind, scope, seed: 1, scan: null });
  const { state, failure } = await engine.jobs.ended(job);
  if (state !== 'done') throw new Error(failure?.sentence ?? state);
}

try {
  await invoke(engine, 'case/open', { file: grantFile(engine.grants, path, 'read') });
  const caseFile = engine.caseFile();
  const dataset = caseFile.datasets.active('investigated');
  const info = dataset && caseFile.matrices.find(dataset.id, 'activations');
  if (!dataset || !info) throw new Error('the case holds no activations');
  const runner = engine.pool.runner(null, 1);
  const context = uncancelled(1);
  const labels = caseFile.datasets.labels(dataset.id);
  if (mode === 'streamed') {
    const blocks = caseFile.matrices.rowBlocks(info);
    const found = await timed('PCA', () => pca(blocks, COMPONENTS, runner, context));
    await timed('projection', () => projectOnComponents(blocks, { ...found, components: 2 }, runner));
    await timed('spectral scores', () =>
      topSingularVectorsStreamed(blocks, labels, dataset.classes.length, 1, runner),
    );
  } else if (mode === 'resident') {
    const data = await timed('loading', () => caseFile.matrices.loadFloat32(info));
    const matrix = { data, rows: info.shape[0] ?? 0, cols: info.shape[1] ?? 0 };
    const source = { matrix, rows: null };
    const found = await timed('PCA', () => pca(source, COMPONENTS, runner, context));
    await timed('projection', () => projectOnComponents(source, found, runner));
    await timed('spectral scores', () =>
      topSingularVectors(matrix, labels, dataset.classes.length, 1, runner),
    );
    await timed('k-means', () => kMeans({ matrix, k: CLUSTERS, seed: 1 }, runner, context));
  } else {
    await timed('PCA map', () => map('pca'));
    await timed('UMAP', () => map('umap'));
  }
  process.stdout.write(`${JSON.stringify(steps)}\n`);
} finally {
  await engine.close();
}
