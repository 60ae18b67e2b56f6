import { afterAll, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { importSets, plantedSet, temporaryCase } from '../../../test/fixtures/planted-case.ts';
import { unwatched } from '../../../test/fixtures/small-evidence.ts';
import type { CaseFile } from '../case/case-file.ts';
import { createWorkerPool } from '../jobs/worker-pool.ts';
import { runArray } from '../run-arrays.ts';
import { runScan } from './run-scan.ts';
import { scanPlan } from './scan-plan.ts';
import { requireScan } from './stored-scan.ts';

const pool = createWorkerPool(2);
const cases: (() => void)[] = [];
afterAll(async () => {
  await pool.close();
  for (const remove of cases) remove();
});

const ROWS = 1200;
const whole = plantedSet({ rows: ROWS, planted: 40 });
const trusted = plantedSet({ rows: 800, planted: 0, role: 'trusted', seed: 2 });
/** Behind every tenth row one without a label, with the values of the row before it. */
const sources = whole.keys.flatMap((_, row) => (row % 10 === 9 ? [row, -row] : [row]));

function withUnlabelled(set: typeof whole, rows: readonly number[]): typeof whole {
  const [{ bytes, shape, ...array }] = set.arrays;
  const width = bytes.length / shape[0];
  return {
    ...set,
    keys: rows.map((row) => (row < 0 ? `none${row}` : set.keys[row])),
    labels: rows.map((row) => (row < 0 ? null : set.labels[row])),
    predicted: rows.map((row) => set.predicted?.[Math.abs(row)] ?? ''),
    arrays: [
      {
        ...array,
        shape: [rows.length, shape[1]],
        bytes: new Uint8Array(
          Buffer.concat(
            rows.map((row) => bytes.subarray(Math.abs(row) * width, (Math.abs(row) + 1) * width)),
          ),
        ),
      },
    ],
  };
}

function caseOf(...sets: readonly (typeof whole)[]): CaseFile {
  const { caseFile, remove } = temporaryCase();
  cases.push(remove);
  importSets(caseFile, sets);
  return caseFile;
}
const scanOf = (caseFile: CaseFile): Promise<number> =>
  runScan(
    { pool, version: '0.0.0' },
    caseFile,
    { detectors: null, seed: 7, useTrusted: true, alpha: 0.01 },
    unwatched(),
  );

describe('samples without a label', () => {
  it('are left out of a scan, which finds in the others what it finds without them', async () => {
    const plain = caseOf(whole, trusted);
    const mixed = caseOf(
      withUnlabelled(whole, sources),
      withUnlabelled(trusted, [...trusted.keys.keys(), -3, -4]),
    );
    expect(scanPlan(mixed).problems).toEqual([
      '120 investigated samples have no label. They are not judged.',
    ]);
    const [first, second] = [await scanOf(plain), await scanOf(mixed)];
    const { scan: expected } = requireScan(plain, first);
    const { scan: found } = requireScan(mixed, second);
    expect(found.classes).toEqual(expected.classes);
    expect(found.classes.some(({ decision, flagged }) => decision === 'alarm' && flagged > 30)).toBe(true);
    expect(found.rows).toBe(sources.length);
    expect(found.notes).toEqual([
      '120 of 1320 samples have no label. They were not judged, and stand behind the others.',
      ...expected.notes,
    ]);
    const labelled = sources.flatMap((row, at) => (row < 0 ? [] : [at]));
    for (const [name, type, rest] of [
      ['flagged', 'uint8', 0],
      ['score', 'float64', 0],
      ['p-value', 'float64', Number.NaN],
      ['score:lof', 'float64', Number.NaN],
      ['methods', 'uint32', 0],
    ] as const) {
      const [before, after] = [runArray(plain, first, name, type), runArray(mixed, second, name, type)];
      expect(after, name).toHaveLength(sources.length);
      expect(
        labelled.map((at) => after?.[at]),
        name,
      ).toEqual([...(before ?? [])]);
      expect(
        sources.flatMap((row, at) => (row < 0 ? [after?.[at]] : [])),
        name,
      ).toEqual(new Array(120).fill(rest));
    }
    const rank = runArray(mixed, second, 'rank', 'int32');
    expect([...(rank ?? [])].sort((a, b) => a - b)).toEqual(sources.map((_, at) => at + 1));
    expect(labelled.map((at) => rank?.[at])).toEqual([...(runArray(plain, first, 'rank', 'int32') ?? [])]);
  }, 120_000);

  it('alone cannot be scanned', async () => {
    const none = caseOf({ ...whole, labels: whole.labels.map(() => null) });
    expect(scanPlan(none).problems[0]).toContain('None of the investigated samples has a label');
    expect(await failureLater(() => scanOf(none))).toMatchObject({ code: 'evidence/no-labels' });
  });
});
