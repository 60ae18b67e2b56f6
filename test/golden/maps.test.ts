import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { createWorkerPool } from '../../electron/engine/jobs/worker-pool.ts';
import type { Matrix } from '../../native-workers/detectors/detector.ts';
import { kernels } from '../../native-workers/engine.ts';
import { pcaMap } from '../../native-workers/maps/pca-map.ts';
import { UMAP_NEIGHBOURS, UMAP_OPTIONS, umap } from '../../native-workers/maps/umap.ts';
import { nearestNeighbours } from '../../native-workers/neighbours/exact.ts';
import { mixHash } from '../../native-workers/numeric/hash.ts';
import { sharedFloat32 } from '../../native-workers/numeric/shared-arrays.ts';
import { uncancelled } from '../../native-workers/task.ts';

// ../shared/cases holds real measurement cases; without it the maps of the cases are left out, and `npm test` says so.
const cases = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'cases');
const pictures = '/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz';

const MOST_ROWS = 20_000;
const PICTURES = 8000;
const QUERIES = 300;

/** The first rows of a .npy file of float16 or float32. */
function firstRows(bytes: Buffer): Matrix {
  const header = bytes.toString('latin1', 10, 10 + bytes.readUInt16LE(8));
  const [, held, width] = /'shape': \((\d+), (\d+)\)/.exec(header) ?? [];
  const cols = Number(width);
  const rows = Math.min(MOST_ROWS, Number(held));
  const half = header.includes("'<f2'");
  const body = bytes.buffer.slice(
    bytes.byteOffset + 10 + header.length,
    bytes.byteOffset + 10 + header.length + rows * cols * (half ? 2 : 4),
  );
  const data = sharedFloat32(rows * cols);
  if (half) kernels().halfToFloat(new Uint16Array(body), data);
  else data.set(new Float32Array(body));
  return { data, rows, cols };
}

function pixels(): Matrix {
  const cols = 784;
  const data = sharedFloat32(PICTURES * cols);
  data.set(gunzipSync(readFileSync(pictures)).subarray(16, 16 + PICTURES * cols));
  return { data, rows: PICTURES, cols };
}

const read = (name: string) => readFileSync(join(cases, name));

/**
 * `peer`: mean trustworthiness (15) of umap-learn 0.5.3, n_neighbors 15, random_state 1 to 3, of the same rows;
 * 2,000 rows judged.
 */
const sets = [
  {
    name: 'clean',
    there: existsSync(cases),
    rows: () => firstRows(gunzipSync(read('clean/activations.npy.gz'))),
    peer: 0.9864,
  },
  {
    name: 'text',
    there: existsSync(cases),
    rows: () => firstRows(read('text/activations.npy')),
    peer: 0.9647,
  },
  { name: 'Fashion-MNIST pixels', there: existsSync(pictures), rows: pixels, peer: 0.9783 },
];

describe('maps of real data are as trustworthy as umap-learn’s', { timeout: 240_000 }, () => {
  const pool = createWorkerPool(2);
  afterAll(() => pool.close());

  for (const { name, there, rows, peer } of sets)
    it.skipIf(!there)(name, async () => {
      const matrix = rows();
      const runner = pool.runner(null, 1);
      const near = { k: UMAP_NEIGHBOURS - 1, metric: 'euclidean' } as const;
      const neighbours = await nearestNeighbours(matrix, near, runner, uncancelled());
      const start = await pcaMap({ matrix, rows: null }, runner, { seed: 1 });
      const every = matrix.rows / QUERIES;
      const queries = Int32Array.from(
        { length: QUERIES },
        (_, i) => Math.floor(i * every) + (mixHash(i, 1) % Math.floor(every)),
      );
      const values: number[] = [];
      for (const seed of [1, 2, 3]) {
        const coordinates = await umap(neighbours, start.coordinates, { ...UMAP_OPTIONS, seed }, runner);
        values.push(await runner.run('trustworthiness', { matrix, coordinates, k: 15, queries }));
      }
      for (const value of values) expect(value).toBeGreaterThan(peer - 0.005);
    });
});
