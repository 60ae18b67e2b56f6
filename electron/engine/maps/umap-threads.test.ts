import { afterAll, describe, expect, it } from 'vitest';
import { sharedFloat32 } from '../../../native-workers/numeric/shared-arrays.ts';
import { UMAP_OPTIONS, umap } from '../../../native-workers/maps/umap.ts';
import { mixHash } from '../../../native-workers/numeric/hash.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import { type CancellableJob, createWorkerPool, type WorkerPool } from '../jobs/worker-pool.ts';

const ROWS = 3000;
const K = 14;
const uniform = (i: number, purpose: number) => mixHash(i + 1, purpose) / 2 ** 32;

// Points on a line, each with neighbours near it: the map's own arithmetic is at stake, not its looks.
const ids = new Int32Array(ROWS * K);
const distances = new Float64Array(ROWS * K);
for (let row = 0; row < ROWS; row++)
  for (let j = 0; j < K; j++) {
    ids[row * K + j] = (row + (j % 2 === 0 ? 1 : -1) * (1 + (j >> 1)) + ROWS) % ROWS;
    distances[row * K + j] = 1 + j + uniform(row * K + j, 1);
  }
const components = sharedFloat32(2 * ROWS);
components.forEach((_, i) => {
  components[i] = uniform(i, 2);
});

const pools = new Map<number, WorkerPool>();
const poolOf = (threads: number) => {
  const pool = pools.get(threads) ?? createWorkerPool(threads);
  pools.set(threads, pool);
  return pool;
};
const draw = (
  threads: number,
  epochs: number,
  job: CancellableJob | null = null,
  tell = (): void => undefined,
) =>
  umap(
    { queries: ROWS, k: K, ids, distances },
    components,
    { ...UMAP_OPTIONS, epochs, seed: 4 },
    poolOf(threads).runner(job, 4),
    tell,
  );

describe('a map on worker threads', () => {
  afterAll(async () => {
    await Promise.all([...pools.values()].map((pool) => pool.close()));
  });

  it('has the same bytes on 1, 2, 3, 4 and 7 threads', async () => {
    const alone = Buffer.from((await draw(1, 40)).buffer);
    for (const threads of [2, 3, 4, 7])
      expect(Buffer.from((await draw(threads, 40)).buffer).equals(alone), `${threads} threads`).toBe(true);
  });

  it('is cancelled in the middle of its epochs', async () => {
    const cancelFlag = new Int32Array(new SharedArrayBuffer(4));
    const job = { cancelFlag, cancelled: () => cancelFlag[0] === 1, onCancel: () => undefined };
    let told = 0;
    const drawn = draw(3, 1_000_000, job, () => {
      told += 1;
      if (told === 5) Atomics.store(cancelFlag, 0, 1);
    });
    await expect(drawn).rejects.toThrow(Cancelled);
  });
});
