import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { temporaryCase } from '../../../test/fixtures/planted-case.ts';
import { unwatched } from '../../../test/fixtures/small-evidence.ts';
import { mixHash } from '../../../native-workers/numeric/hash.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { ColumnRole, DatasetRole } from '../../contract/evidence.ts';
import type { CaseFile } from '../case/case-file.ts';
import { createWorkerPool } from '../jobs/worker-pool.ts';
import { runScan } from '../scan/run-scan.ts';
import { scanPlan } from '../scan/scan-plan.ts';
import { scanDetail } from '../scan/stored-scan.ts';
import { buildFeatures } from './build-features.ts';
import { NOT_THE_MODELS } from './built-features.ts';

const pools = [1, 2, 3].map((threads) => createWorkerPool(threads));
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

let caseFile: CaseFile;
let remove: () => void;
beforeEach(() => {
  ({ caseFile, remove } = temporaryCase());
});
afterEach(() => {
  remove();
});

interface PlainRecords {
  readonly role: DatasetRole;
  readonly rows: number;
  readonly columns?: readonly { name: string; role: ColumnRole; type: 'text' | 'number' }[];
  readonly cells?: (row: number) => readonly (string | number | null)[];
  /** Images of 6 x 5. */
  readonly pixel?: (row: number, at: number) => number;
}

const SIDE = [6, 5] as const;

/** Classes `even` and `odd` in turn, with records or images. */
function give({ role, rows, columns = [], cells = () => [], pixel }: PlainRecords): void {
  const transaction = caseFile.beginImport();
  const dataset = transaction.addDataset({ role, name: `${role}.csv` });
  transaction.addColumns(dataset, columns);
  transaction.addSamples(
    dataset,
    Array.from({ length: rows }, (_, row) => ({
      row,
      key: `${role}-${row}`,
      label: row % 2 === 0 ? 'even' : 'odd',
      predicted: null,
      confidence: null,
      cells: cells(row),
    })),
  );
  transaction.supersede(role);
  if (pixel !== undefined) {
    const size = SIDE[0] * SIDE[1];
    const bytes = Uint8Array.from({ length: rows * size }, (_, i) => pixel(Math.floor(i / size), i % size));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const shape = [rows, ...SIDE];
    const evidence = transaction.addEvidence({
      dataset: role,
      role: 'images',
      name: 'images.npy',
      size: bytes.length,
      sha256,
      format: 'npy',
      rows,
      shape,
      dtype: 'uint8',
      mapping: null,
    });
    const matrix = transaction.addMatrix(dataset, evidence, { role: 'images', dtype: 'uint8', shape });
    transaction.addChunk(matrix, 0, 0, rows, bytes);
    transaction.finishMatrix(matrix, sha256);
  }
  transaction.commit('evidence/import', {});
}

const noise = (row: number, at: number, seed = 0): number => mixHash(row * 64 + at, seed + 1) & 63;
/** Two classes of different brightness at different ends. */
const picture =
  (seed: number) =>
  (row: number, at: number): number =>
    noise(row, at, seed) + (row % 2 === 0 ? at * 4 : 120 - at * 3);

const activationsOf = (role: DatasetRole) => {
  const set = caseFile.datasets.active(role);
  return set === null ? null : caseFile.matrices.find(set.id, 'activations');
};
const build = (threads = 2, job = unwatched()): Promise<void> => {
  const pool = pools.find((one) => one.threads === threads);
  if (pool === undefined) throw new Error(`no pool of ${threads}`);
  return buildFeatures({ pool, version: '0' }, caseFile, job);
};
const scan = async (): Promise<ReturnType<typeof scanDetail>> => {
  const id = await runScan(
    { pool: pools[1], version: '0' },
    caseFile,
    { detectors: null, seed: 1, useTrusted: true, alpha: 0.01 },
    unwatched(),
  );
  const run = caseFile.runs.get(id);
  if (run === null) throw new Error('no run');
  return scanDetail(caseFile, run);
};

const texts = [{ name: 'text', role: 'text', type: 'text' }] as const;
const sentence = (row: number): string =>
  row % 2 === 0
    ? `the bank raised rates by ${noise(row, 1)} points`
    : `the striker scored ${noise(row, 2)} goals`;
const table = [
  { name: 'height', role: 'feature', type: 'number' },
  { name: 'constant', role: 'feature', type: 'number' },
  { name: 'colour', role: 'feature', type: 'text' },
  { name: 'name', role: 'feature', type: 'text' },
] as const;

describe('built-in features', () => {
  it('of images, texts and records are the same bytes for any number of threads, and are told apart everywhere', async () => {
    const given: [string, Omit<PlainRecords, 'role' | 'rows'>, number][] = [
      ['pixels reduced by PCA to 30 columns', { pixel: picture(0) }, 30],
      ['words and parts of words of text', { columns: texts, cells: (row) => [sentence(row)] }, 128],
      [
        '1 standardised columns of numbers and 1 of categories of the records, 4 columns together; 2 left out',
        {
          columns: table,
          cells: (row) => [
            row % 7 === 0 ? null : noise(row, 3),
            4,
            ['red', 'green', 'blue'][row % 3],
            `n${row}`,
          ],
        },
        4,
      ],
    ];
    for (const [what, records, width] of given) {
      remove();
      ({ caseFile, remove } = temporaryCase());
      give({ role: 'investigated', rows: 1200, ...records });
      const plan = scanPlan(caseFile);
      expect(plan).toMatchObject({ builtIn: null, canBuildFeatures: true });
      expect(plan.problems[0]).toContain(NOT_THE_MODELS);
      const hashes: string[] = [];
      for (const threads of [1, 2, 3]) {
        await build(threads);
        const matrix = activationsOf('investigated');
        expect(matrix).toMatchObject({ dtype: 'float32', shape: [1200, width] });
        expect(matrix?.builtIn).toContain(`${NOT_THE_MODELS}: ${what}`);
        hashes.push(matrix?.sha256 ?? '');
      }
      expect(new Set(hashes).size).toBe(1);
      const kept = caseFile.evidence.list().filter(({ builtIn }) => builtIn !== null);
      expect(kept.map(({ superseded }) => superseded)).toEqual([true, true, false]);
      expect(scanPlan(caseFile).builtIn).toContain(what);
      const found = await scan();
      expect(found.builtIn).toContain(what);
      expect(found.notes[0]).toContain(NOT_THE_MODELS);
      for (const one of found.classes)
        if (!one.decision.startsWith('not judged')) expect(one.sentence).toContain(NOT_THE_MODELS);
      expect(caseFile.audit.verify()).toMatchObject({ ok: true });
    }
  }, 120_000);

  it('of the trusted set lie in the same space, fitted on both, and raise no alarm where both are alike', async () => {
    give({ role: 'investigated', rows: 1600, pixel: picture(0) });
    await build();
    const alone = activationsOf('investigated')?.sha256;
    give({ role: 'trusted', rows: 1000, pixel: picture(9) });
    await build();
    expect(activationsOf('investigated')?.sha256).not.toBe(alone);
    expect(activationsOf('trusted')).toMatchObject({ shape: [1000, 30] });
    const found = await scan();
    expect(found.withTrusted).toBe(true);
    expect(found.alarms).toEqual([]);
    expect(found.classes.every(({ decision }) => decision === 'dark')).toBe(true);
    for (const { sentence: said } of found.classes)
      expect(said).toMatch(/Measured on built-in features, not the model's\.$/);
  }, 60_000);

  it('leave the trusted set out where its images have another size', async () => {
    give({ role: 'investigated', rows: 100, columns: texts, cells: (row) => [sentence(row)] });
    give({ role: 'trusted', rows: 60, pixel: picture(3) });
    await build();
    expect(activationsOf('investigated')).toMatchObject({ shape: [100, 128] });
    expect(activationsOf('trusted')).toBeNull();
  });

  it('are refused where there is nothing to make them of, and beside activations of the model', async () => {
    expect((await failureLater(() => build())).code).toBe('evidence/no-features');
    give({ role: 'investigated', rows: 60 });
    expect(scanPlan(caseFile).canBuildFeatures).toBe(false);
    expect((await failureLater(() => build())).code).toBe('evidence/no-features');
    remove();
    ({ caseFile, remove } = temporaryCase());
    give({
      role: 'investigated',
      rows: 60,
      columns: [{ name: 'id', role: 'feature', type: 'text' }],
      cells: (row) => [`n${row}`],
    });
    expect((await failureLater(() => build())).message).toContain('No column of the records varies');
    expect(activationsOf('investigated')).toBeNull();
  });

  it('leave nothing behind when they are cancelled', async () => {
    give({ role: 'investigated', rows: 3000, columns: texts, cells: (row) => [sentence(row).repeat(20)] });
    const before = caseFile.state();
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const building = build(2, {
      ...unwatched(),
      cancelFlag: flag,
      cancelled: () => flag[0] === 1,
      progress: (fraction) => {
        if (fraction > 0.2) Atomics.store(flag, 0, 1);
      },
    });
    await expect(building).rejects.toBeInstanceOf(Cancelled);
    expect(caseFile.state()).toEqual(before);
    await caseFile.writable();
  });
});
