import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../../../test/fixtures/failure-code.ts';
import { importSets, plantedSet, temporaryCase } from '../../../test/fixtures/planted-case.ts';
import { createWorkerPool, type WorkerPool } from '../jobs/worker-pool.ts';
import { unwatched } from '../../../test/fixtures/small-evidence.ts';
import { flipMatrix, flipRows } from './flip-matrix.ts';
import { runScan } from './run-scan.ts';

const ROWS = 800;
const { caseFile, remove } = temporaryCase();
let pool: WorkerPool;
let scan = -1;
let other = -1;
let behind: number[] = [];
/** Owls that are called pigs: rows 2, 6, 10 and so on are of class owl. */
const flipped = Array.from({ length: 25 }, (_, i) => 8 * i + 2);

beforeAll(async () => {
  pool = createWorkerPool(2);
  const set = plantedSet({ rows: ROWS, planted: 0 });
  const labels = set.labels.map((label, row) => (flipped.includes(row) ? 'pig' : label));
  importSets(caseFile, [{ ...set, labels, predicted: labels }]);
  const ask = (detectors: string[]): Promise<number> =>
    runScan(
      { pool, version: '0' },
      caseFile,
      { detectors, seed: 1, useTrusted: false, alpha: 0.01 },
      unwatched(),
    );
  scan = await ask(['label-errors']);
  other = await ask(['lof']);
}, 30_000);
afterAll(async () => {
  await pool.close();
  remove();
});

describe('the flip matrix', () => {
  it('counts what each label looks like, and tests the pairs', () => {
    const flips = flipMatrix(caseFile, scan);
    expect(flips).toMatchObject({ judged: [true, true, true, true], tested: 12 });
    // cat, dog, owl, pig. A threshold is the mean probability of its class, so some of the 25 stay below it.
    const found = flips?.counts?.[3 * 4 + 2] ?? 0;
    expect(found).toBeGreaterThan(12);
    expect(found).toBeLessThanOrEqual(flipped.length);
    expect(flips?.counts?.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(ROWS);
    const lnP = found * Math.log(0.5) + Math.log(12);
    expect(flips?.pairs).toEqual([
      { from: 3, to: 2, count: found, reverse: 0, lnP: expect.closeTo(lnP, 9) as number },
    ]);
  });

  it('gives the rows behind a count', () => {
    behind = flipRows(caseFile, scan, 3, 2);
    expect(behind).toHaveLength(flipMatrix(caseFile, scan)?.counts?.[3 * 4 + 2] ?? -1);
    expect(behind.every((row) => flipped.includes(row))).toBe(true);
    expect(flipRows(caseFile, scan, 0, 3)).toEqual([]);
  });

  it('stays with the names of its labels when others come', () => {
    importSets(caseFile, [
      {
        ...plantedSet({ rows: 80, planted: 0, role: 'trusted', seed: 5 }),
        labels: Array<string>(80).fill('ape'),
      },
    ]);
    expect(flipRows(caseFile, scan, 3, 2)).toEqual(behind);
  });

  it('is nothing for a scan without label errors', () => {
    expect(flipMatrix(caseFile, other)).toBeNull();
    expect(failureOf(() => flipRows(caseFile, other, 0, 1)).code).toBe('scan/not-found');
    expect(failureOf(() => flipMatrix(caseFile, 4711)).code).toBe('scan/not-found');
  });
});
