import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { importSets, plantedSet, temporaryCase } from '../../../test/fixtures/planted-case.ts';
import { unwatched } from '../../../test/fixtures/small-evidence.ts';
import type { CaseFile } from '../case/case-file.ts';
import { createWorkerPool, type WorkerPool } from '../jobs/worker-pool.ts';
import { alphaLedger } from './alpha-ledger.ts';
import { runScan } from './run-scan.ts';

let folder = '';
let caseFile: CaseFile;
let remove: () => void;
let pool: WorkerPool;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-ledger-'));
  ({ caseFile, remove } = temporaryCase());
  pool = createWorkerPool(2);
});
afterEach(async () => {
  await pool.close();
  remove();
  rmSync(folder, { recursive: true, force: true });
});

it('adds up looks at the same samples, not the same look again, nor looks at other samples', async () => {
  expect(alphaLedger(caseFile)).toEqual({ looks: [], spent: 0 });
  const look = (alpha: number, useTrusted = true, seed = 1): Promise<number> =>
    runScan(
      { pool, version: '0' },
      caseFile,
      { detectors: ['trusted-mahalanobis'], seed, useTrusted, alpha },
      unwatched(),
    );
  const costs = (): number[] => alphaLedger(caseFile).looks.map(({ cost }) => cost);

  importSets(caseFile, [plantedSet({ rows: 400, planted: 0 })]);
  const first = await look(0.01);
  await look(0.01, true, 2);
  await look(0.01, false);
  expect(costs()).toEqual([0.01, 0, 0]);
  expect(alphaLedger(caseFile).looks[1]).toMatchObject({
    sameAs: first,
    alpha: 0.01,
    alarms: 0,
    otherSamples: false,
  });

  // Another level, and a trusted set, are new looks at the same samples; the one without it is old.
  await look(0.05);
  importSets(caseFile, [plantedSet({ rows: 200, planted: 0, role: 'trusted', seed: 2 })]);
  await look(0.01);
  await look(0.01, false);
  expect(costs()).toEqual([0.01, 0, 0, 0.05, 0.01, 0]);
  // Another trusted set again is one more.
  importSets(caseFile, [plantedSet({ rows: 200, planted: 0, role: 'trusted', seed: 3 })]);
  await look(0.01);
  expect(alphaLedger(caseFile).spent).toBeCloseTo(0.08, 12);

  importSets(caseFile, [plantedSet({ rows: 400, planted: 0, seed: 9 })]);
  expect(alphaLedger(caseFile).spent).toBe(0);
  await look(0.02);
  const { looks, spent } = alphaLedger(caseFile);
  expect(spent).toBe(0.02);
  expect(looks.map(({ otherSamples }) => otherSamples)).toEqual([
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    false,
  ]);
}, 30_000);
