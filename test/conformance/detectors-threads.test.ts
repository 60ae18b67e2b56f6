import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkerPool, type WorkerPool } from '../../electron/engine/jobs/worker-pool.ts';
import { scan } from '../../native-workers/decision/scan.ts';
import { detectors } from '../../native-workers/detectors/registry.ts';
import { runDetector } from '../../native-workers/detectors/run-detector.ts';
import { Cancelled, uncancelled } from '../../native-workers/task.ts';
import { gaussianClasses, withEverything } from './gaussian-classes.ts';

let pool: WorkerPool;
beforeAll(() => {
  pool = createWorkerPool(2);
});
afterAll(() => pool.close());

describe('a scan on two threads', () => {
  const { input: drawn } = gaussianClasses({ seed: 81, planted: { classIndex: 1, rows: 30, kind: 'far' } });
  const input = withEverything(drawn);
  const ids = detectors.map(({ id }) => id);

  it('gives every detector the bytes of one thread, and progress that never falls', async () => {
    const seen: number[] = [];
    const ctx = { ...uncancelled(), progress: (share: number) => void seen.push(share) };
    const together = await scan(input, { detectors: ids }, pool.runner(null, 0), ctx);
    for (const { id, result } of together.detectors) {
      const detector = detectors.find((known) => known.id === id);
      if (detector === undefined) throw new Error(`no detector ${id}`);
      expect(result, id).toEqual(await runDetector(detector, input, {}, uncancelled()));
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  }, 30_000);

  it('stops in a stage over the whole set when it is cancelled', async () => {
    let detecting = false;
    const ctx = {
      ...uncancelled(),
      check: () => {
        if (detecting) throw new Cancelled();
      },
    };
    const onPhase = (phase: string): void => {
      detecting = phase === 'detecting';
    };
    await expect(
      scan(input, { detectors: ['knn-disagreement'] }, pool.runner(null, 0), ctx, onPhase),
    ).rejects.toThrow(Cancelled);
  });
});
