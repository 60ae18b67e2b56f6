import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Matrix } from '../../../native-workers/detectors/detector.ts';
import { mixHash } from '../../../native-workers/numeric/hash.ts';
import { Cancelled, uncancelled } from '../../../native-workers/task.ts';
import { exactNeighbours } from '../../../native-workers/neighbours/exact-row.ts';
import { createWorkerPool, startWorker, type CancellableJob, type WorkerPool } from './worker-pool.ts';

function noise(rows: number, cols: number): Matrix {
  const data = new Float32Array(new SharedArrayBuffer(4 * rows * cols));
  for (let i = 0; i < data.length; i++) data[i] = mixHash(i, 1) / 2 ** 32;
  return { data, rows, cols };
}

function cancellable(): CancellableJob & { cancel(): void } {
  const cancelFlag = new Int32Array(new SharedArrayBuffer(4));
  const ends: (() => void)[] = [];
  return {
    cancelFlag,
    cancelled: () => cancelFlag[0] === 1,
    onCancel: (end) => ends.push(end),
    cancel: () => {
      Atomics.store(cancelFlag, 0, 1);
      for (const end of ends) end();
    },
  };
}

let pool: WorkerPool;
const small = noise(2000, 16);
const near = { matrix: small, row: 1, k: 5 };
const big = noise(60_000, 128);
/** 20,000 points in three dimensions: seconds of work for the reference clustering. */
const points = Float64Array.from(big.data.subarray(0, 60_000));

beforeAll(async () => {
  pool = createWorkerPool(2);
  const warm = pool.runner(null, 0);
  await Promise.all([1, 2].map(() => warm.run('exactNeighbours', near)));
});
afterAll(() => pool.close());

describe('the worker pool', () => {
  it('gives what the task gives in this thread, from any worker', async () => {
    const expected = exactNeighbours(near, uncancelled());
    const runner = pool.runner(null, 0);
    const results = await Promise.all(Array.from({ length: 6 }, () => runner.run('exactNeighbours', near)));
    for (const result of results) expect(result).toEqual(expected);
  });

  it('reports the tasks of a job as one share that reaches 1', async () => {
    const shares: number[] = [];
    const runner = pool.runner(null, 0, (fraction) => shares.push(fraction));
    await Promise.all([1, 2, 3].map(() => runner.run('exactNeighbours', near)));
    expect(shares.at(-1)).toBe(1);
    expect(Math.min(...shares)).toBeGreaterThan(0);
    expect([...shares].sort((a, b) => a - b)).toEqual(shares);
  });

  it('cancels what runs and what waits within 50 ms, and works on', async () => {
    const job = cancellable();
    const runner = pool.runner(job, 0);
    let running = () => undefined as void;
    const started = new Promise<void>((resolve) => (running = resolve));
    const seen = pool.runner(job, 0, (fraction) => {
      if (fraction > 0) running();
    });
    const long = { points, dims: 3, eps: 1e-9, minPoints: 5 } as const;
    const outcomes = [
      seen.run('referenceDbscan', long),
      ...Array.from({ length: 5 }, () => runner.run('referenceDbscan', long)),
    ].map((outcome) =>
      outcome.then(
        () => 'done',
        (error: unknown) => error,
      ),
    );
    await started;
    const from = performance.now();
    job.cancel();
    const settled = await Promise.all(outcomes);
    const took = performance.now() - from;
    expect(settled.every((outcome) => outcome instanceof Cancelled)).toBe(true);
    expect(took).toBeLessThan(50);
    await expect(runner.run('exactNeighbours', near)).rejects.toThrow(Cancelled);
    const other = pool.runner(null, 0);
    expect((await other.run('exactNeighbours', near)).rows).toHaveLength(5);
  });

  it('answers a call before the waiting tasks of a job', async () => {
    const order: string[] = [];
    const job = pool.runner(cancellable(), 0);
    const note = (name: string) => () => order.push(name);
    await Promise.all([
      ...Array.from({ length: 4 }, () =>
        job.run('exactNeighbours', { matrix: big, row: 0, k: 5 }).then(note('job')),
      ),
      pool.runner(null, 0).run('exactNeighbours', { matrix: small, row: 1, k: 1 }).then(note('call')),
    ]);
    expect(order.indexOf('call')).toBeLessThanOrEqual(2);
  });

  it("rejects with the task's own error and keeps the worker", async () => {
    const runner = pool.runner(null, 0);
    await expect(runner.run('exactNeighbours', { matrix: small, row: 2000, k: 3 })).rejects.toThrow(
      'Row 2000 is not among the 2000 rows.',
    );
    expect((await runner.run('exactNeighbours', { matrix: small, row: 0, k: 3 })).rows).toHaveLength(3);
  });

  it('says so when a worker dies, starts a new one and works on', async () => {
    const workers: Worker[] = [];
    const mortal = createWorkerPool(1, () => {
      const worker = startWorker();
      workers.push(worker);
      return worker;
    });
    const outcome = mortal.runner(null, 0, (fraction) => {
      if (fraction > 0) void workers[0].terminate();
    });
    const waiting = mortal.runner(null, 0);
    const results = await Promise.allSettled([
      outcome.run('referenceDbscan', { points, dims: 3, eps: 1e-9, minPoints: 5 }),
      waiting.run('exactNeighbours', near),
    ]);
    expect(results[0]).toMatchObject({ status: 'rejected', reason: { code: 'engine/lost' } });
    expect(results[1].status).toBe('fulfilled');
    expect(workers).toHaveLength(2);
    await mortal.close();
  });

  it('ends a worker of its own in the middle of a call that never looks at the flag', async () => {
    const job = cancellable();
    let running = () => undefined as void;
    const started = new Promise<void>((resolve) => (running = resolve));
    const own = pool.ownRunner(job, 1, (fraction) => {
      if (fraction > 0) running();
    });
    const outcome = own
      .run('referenceUmap', { matrix: big, rows: Int32Array.from({ length: 8000 }, (_, i) => i) })
      .then(
        () => 'done',
        (error: unknown) => error,
      );
    await started;
    const from = performance.now();
    job.cancel();
    expect(await outcome).toBeInstanceOf(Cancelled);
    expect(performance.now() - from).toBeLessThan(50);
    await own.end();
  });

  it('ends a worker of its own when its time is up, and says so', async () => {
    const own = pool.ownRunner(cancellable(), 1, undefined, 300);
    const outcome = own.run('referenceDbscan', { points, dims: 3, eps: 1e-9, minPoints: 5 });
    await expect(outcome).rejects.toMatchObject({ code: 'job/time-limit' });
    await own.end();
  });
});
