import { describe, expect, it } from 'vitest';
import { createWorkerPool } from '../../electron/engine/jobs/worker-pool.ts';
import { kMeans } from '../../native-workers/clustering/k-means.ts';
import { pca, projectOnComponents } from '../../native-workers/numeric/pca.ts';
import { topSingularVectors } from '../../native-workers/numeric/top-singular-vectors.ts';
import { uncancelled } from '../../native-workers/task.ts';
import { activations } from '../fixtures/activations.ts';

const n = 20_000;
const cols = 40;
const data = new Float32Array(new SharedArrayBuffer(4 * n * cols));
data.set(activations(n, cols, 31));
const matrix = { data, rows: n, cols };
const label = Int32Array.from({ length: n }, (_, i) => i % 3);

async function onThreads(threads: number): Promise<unknown> {
  const pool = createWorkerPool(threads);
  try {
    const runner = pool.runner(null, 0);
    const found = await pca({ matrix, rows: null }, 5, runner, { seed: 1 });
    const coordinates = await projectOnComponents({ matrix, rows: null }, found, runner);
    const spectra = await topSingularVectors(matrix, label, 3, 2, runner);
    const clusters = await kMeans({ matrix, k: 11, seed: 3 }, runner, uncancelled());
    return { found, coordinates, spectra, clusters };
  } finally {
    await pool.close();
  }
}

describe('principal components, spectral scores and k-means in workers', () => {
  it('have the same bytes on 1, 2, 3, 4 and 7 threads', async () => {
    const reference = await onThreads(1);
    for (const threads of [2, 3, 4, 7]) expect(await onThreads(threads)).toEqual(reference);
  }, 60_000);
});
