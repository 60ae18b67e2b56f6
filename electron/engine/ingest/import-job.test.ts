import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { bytesOf, npyBytes } from '../../../test/fixtures/npy-bytes.ts';
import { columns, smallEvidence, unwatched } from '../../../test/fixtures/small-evidence.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { CaseFile } from '../case/case-file.ts';
import { createCaseFile } from '../case/open-case-file.ts';
import { buildFeatures } from '../features/build-features.ts';
import { createWorkerPool } from '../jobs/worker-pool.ts';
import { runImport, type SetPlan } from './import-job.ts';
import { openEvidence } from './open-evidence.ts';

let folder = '';
let caseFile: CaseFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-import-'));
  caseFile = createCaseFile(join(folder, 'a.bezoar'), { proposedActor: 'tester' });
});
afterEach(() => {
  caseFile.close();
  rmSync(folder, { recursive: true, force: true });
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const recordsPlan = (text: string, roles = columns): SetPlan => ({
  role: 'investigated',
  records: { path: write('records.csv', text), columns: roles },
  arrays: [],
});
const HEADER = 'key,label,predicted,confidence,loss_1,text\n';

/** The failure of an import, which left nothing behind. */
async function refusal(...plan: SetPlan[]) {
  const before = [caseFile.state(), caseFile.datasets.list()];
  const failure = await failureLater(() => runImport(caseFile, plan, unwatched()));
  expect([caseFile.state(), caseFile.datasets.list()]).toEqual(before);
  await caseFile.writable();
  return failure;
}

describe('an import', () => {
  it('keeps samples, arrays and the hashes of files and of values', async () => {
    const plan = smallEvidence(folder, 1234);
    await runImport(caseFile, [plan], unwatched());
    const [set] = caseFile.datasets.list();
    expect(set).toMatchObject({ rows: 1234, classes: ['class-0', 'class-1', 'class-2'] });
    for (const evidence of caseFile.evidence.list()) {
      const bytes = readFileSync(join(folder, evidence.name));
      expect(evidence).toMatchObject({
        size: bytes.length,
        sha256: sha256(bytes),
        rows: 1234,
        importedBy: 'tester',
      });
    }
    const images = caseFile.matrices.find(set?.id ?? 0, 'images');
    const activations = caseFile.matrices.find(set?.id ?? 0, 'activations');
    expect(images?.sha256).toBe(sha256(Uint8Array.from({ length: 1234 * 20 }, (_, at) => at % 251)));
    if (images === null || activations === null) throw new Error('an array is missing');
    expect(caseFile.matrices.loadFloat32(activations)[9]).toBe(Math.fround(Math.sin(9)));
    expect(caseFile.matrices.imageRows(images, [1000, 2])).toEqual({
      shape: [2, 5, 4],
      data: Uint8Array.from({ length: 40 }, (_, at) => ((at < 20 ? 20_000 : 20) + at) % 251),
    });
    expect(caseFile.datasets.samples(set?.id ?? 0, [16])[0]).toMatchObject({
      key: 'k-16',
      columns: { loss_1: 2, text: '=1+1, row 16' },
    });
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('keeps float16 and float64 as they are, across chunks', async () => {
    const rows = 20_000;
    const halves = Uint16Array.from({ length: rows * 128 }, (_, at) => (at * 7) % 0x7c00);
    const doubles = Float64Array.from({ length: rows * 3 }, (_, at) => at / 3);
    await runImport(
      caseFile,
      [
        {
          role: 'investigated',
          records: null,
          arrays: [
            {
              path: write('a.npy', npyBytes('<f2', [rows, 128], bytesOf(halves))),
              entry: null,
              role: 'activations',
            },
            {
              path: write('l.npy', npyBytes('<f8', [rows, 3], bytesOf(doubles))),
              entry: null,
              role: 'logits',
            },
          ],
        },
      ],
      unwatched(),
    );
    const set = caseFile.datasets.active('investigated');
    expect(set).toMatchObject({ rows, classes: [] });
    expect(caseFile.datasets.keys(set?.id ?? 0)[19_999]).toBe('19999');
    expect(caseFile.audit.verify()).toMatchObject({ ok: true });
    for (const matrix of set?.matrices ?? []) expect(caseFile.matrices.hash(matrix)).toBe(matrix.sha256);
    const [activations, logits] = set?.matrices ?? [];
    if (activations === undefined || logits === undefined) throw new Error('an array is missing');
    expect(activations).toMatchObject({ dtype: 'float16', sha256: sha256(bytesOf(halves)) });
    const loaded = caseFile.matrices.loadFloat32(activations);
    // 0x3c00 is one, 0x0001 the smallest float16 there is.
    expect(loaded[halves.indexOf(0x3c00)]).toBe(1);
    expect(loaded[halves.indexOf(1)]).toBe(2 ** -24);
    expect(caseFile.matrices.loadFloat32(logits)[59_999]).toBe(Math.fround(59_999 / 3));
  });

  it('keeps labels as the text they are, and missing numbers as missing', async () => {
    await runImport(
      caseFile,
      [recordsPlan(`${HEADER}a,3,3,0.5,1e-3,\nb,03, ,NaN,,"x\ny"\nc,,cat,.5,n/a,z\n`)],
      unwatched(),
    );
    const id = caseFile.datasets.active('investigated')?.id ?? 0;
    expect(caseFile.datasets.active('investigated')?.classes).toEqual([' ', '03', '3', 'cat']);
    expect(caseFile.datasets.samples(id, [0, 1, 2])).toMatchObject([
      { label: '3', confidence: 0.5, columns: { loss_1: 0.001, text: null } },
      { label: '03', predicted: ' ', confidence: null, columns: { loss_1: null, text: 'x\ny' } },
      { label: '', confidence: 0.5, columns: { loss_1: null, text: 'z' } },
    ]);
  });

  it('reports progress that never falls and ends before the end', async () => {
    const fractions: number[] = [];
    await runImport(caseFile, [smallEvidence(folder, 5000)], {
      ...unwatched(),
      progress: (fraction, items) => {
        fractions.push(fraction);
        expect(items?.unit).toBe('bytes');
        expect(items?.done).toBeLessThanOrEqual(items?.total ?? 0);
      },
    });
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(0.99);
  });

  it('cancelled ends within 200 ms and leaves nothing', async () => {
    const plan = smallEvidence(folder, 60_000);
    let cancelled = 0;
    let end: () => void = () => undefined;
    const job = runImport(caseFile, [plan], {
      ...unwatched(),
      cancelled: () => cancelled > 0,
      onCancel: (work) => {
        end = work;
      },
      progress: (fraction) => {
        if (fraction < 0.3 || cancelled > 0) return;
        cancelled = performance.now();
        end();
      },
    });
    await expect(job).rejects.toBeInstanceOf(Cancelled);
    expect(performance.now() - cancelled).toBeLessThan(200);
    expect(caseFile.state()).toMatchObject({ counts: { evidence: 0 }, auditCount: 1 });
    expect(caseFile.audit.verify().ok).toBe(true);
  });
});

describe('one huge JSON document', () => {
  it('is cancelled within 200 ms while it is parsed, which nothing can break off', async () => {
    const path = join(folder, 'huge.json');
    writeFileSync(path, `{"data":[${'{"a":[1,2,{"b":3}]},'.repeat(1_500_000)}{}]}`);
    // Reading takes the first third of the time, parsing half of it.
    const began = performance.now();
    (await openEvidence(path)).close();
    const whole = performance.now() - began;
    let cancelled = 0;
    let end: () => void = () => undefined;
    const plan: SetPlan = { role: 'investigated', records: { path, columns: [] }, arrays: [] };
    const job = runImport(caseFile, [plan], {
      ...unwatched(),
      cancelled: () => cancelled > 0,
      onCancel: (work) => {
        end = work;
      },
    });
    setTimeout(() => {
      cancelled = performance.now();
      end();
    }, 0.6 * whole);
    await expect(job).rejects.toBeInstanceOf(Cancelled);
    expect(performance.now() - cancelled).toBeLessThan(200);
    expect(caseFile.state()).toMatchObject({ counts: { evidence: 0 }, auditCount: 1 });
  });
});

describe('a case that is closed in the middle of an import', () => {
  it('ends the import as cancelled', async () => {
    const job = runImport(caseFile, [smallEvidence(folder, 5000)], {
      ...unwatched(),
      progress: () => {
        caseFile.close();
      },
    });
    await expect(job).rejects.toBeInstanceOf(Cancelled);
    expect(readdirSync(folder).filter((name) => name.startsWith('a.bezoar'))).toEqual(['a.bezoar']);
  });
});

describe('refused, with nothing imported', () => {
  it('arrays and records of different length, naming both', async () => {
    const [plan, other] = [smallEvidence(folder, 10), smallEvidence(folder, 11, 'o')];
    const failure = await refusal({ ...plan, arrays: other.arrays });
    expect(failure.code).toBe('evidence/length-mismatch');
    expect(failure.message).toMatch(/o-activations.npy has 11 rows and k-records.csv has 10/);
    const arrays = await refusal({
      ...plan,
      records: null,
      arrays: [...plan.arrays.slice(0, 1), ...other.arrays.slice(1)],
    });
    expect(arrays.message).toMatch(/k-activations.npy has 10 rows and o-images.npy has 11/);
  });

  it('a key that comes twice, naming it and both rows', async () => {
    const failure = await refusal(recordsPlan(`${HEADER}a,x,x,1,1,t\nb,x,x,1,1,t\na,x,x,1,1,t\n`));
    expect(failure.code).toBe('evidence/bad-rows');
    expect(failure.message).toContain('the key "a" stands in rows 0 and 2');
  });

  it('a word among numbers, naming row and column; a column that is not there', async () => {
    const failure = await refusal(recordsPlan(`${HEADER}a,x,x,1,1,t\nb,x,x,1,high,t\n`));
    expect(failure).toMatchObject({ code: 'evidence/bad-rows' });
    expect(failure.message).toMatch(/line 3: it says "high" in column loss_1/);
    const absent = await refusal(recordsPlan('key,label\na,x\n'));
    expect(absent.code).toBe('evidence/missing-column');
    expect(absent.message).toContain('no column named "predicted"');
    expect((await refusal(recordsPlan(HEADER))).message).toContain('no records');
  });

  it.each([
    ['<f2', Uint16Array.of(0, 0, 0, 0, 0, 0x7e00)],
    ['<f4', Float32Array.of(0, 0, 0, 0, 0, Infinity)],
    ['<f8', Float64Array.of(0, 0, 0, 0, 0, -Infinity)],
  ])('a value in %s that is not finite, naming file, row and column', async (descr, values) => {
    const path = write('a.npy', npyBytes(descr, [3, 2], bytesOf(values)));
    const failure = await refusal({
      role: 'investigated',
      records: null,
      arrays: [{ path, entry: null, role: 'activations' }],
    });
    expect(failure.code).toBe('evidence/not-finite');
    expect(failure.message).toContain('a.npy: row 2, column 1');
  });

  it('a file that is gone, cut off, or of another kind than was said', async () => {
    const plan = smallEvidence(folder, 10);
    const [activations, images] = plan.arrays;
    if (activations === undefined || images === undefined) throw new Error('an array is missing');
    expect((await refusal({ ...plan, arrays: [{ ...images, role: 'activations' }] })).message).toContain(
      'cannot be activations',
    );
    expect(
      (await refusal({ ...plan, arrays: [{ path: plan.records?.path ?? '', entry: null, role: 'images' }] }))
        .code,
    ).toBe('evidence/unknown-format');
    appendFileSync(activations.path, 'x');
    expect((await refusal(plan)).code).toBe('evidence/malformed');
    rmSync(activations.path);
    expect((await refusal(plan)).code).toBe('evidence/unreadable');
  });

  it('a second investigated set, an array that is there, and a trusted set that shares keys', async () => {
    const plan = smallEvidence(folder, 10);
    const [activations, images] = plan.arrays;
    if (activations === undefined || images === undefined) throw new Error('an array is missing');
    await runImport(caseFile, [{ ...plan, arrays: [activations] }], unwatched());
    expect((await refusal(plan)).code).toBe('evidence/already-there');
    expect((await refusal({ ...plan, records: null })).code).toBe('evidence/already-there');
    const overlapping = await refusal({ ...plan, role: 'trusted' });
    expect(overlapping.code).toBe('evidence/overlapping-keys');
    expect(overlapping.message).toContain('"k-0", "k-1", "k-2" and more');
    const longer = smallEvidence(folder, 11, 'o');
    expect((await refusal({ ...longer, records: null, arrays: longer.arrays.slice(1) })).message).toContain(
      'has 11 rows and the set in the case has 10',
    );
    await runImport(caseFile, [{ ...plan, records: null, arrays: [images] }], unwatched());
    expect(caseFile.datasets.active('investigated')?.matrices.map(({ role }) => role)).toEqual([
      'activations',
      'images',
    ]);
    await runImport(caseFile, [{ ...longer, role: 'trusted' }], unwatched());
    await runImport(caseFile, [{ ...smallEvidence(folder, 12, 'p'), role: 'trusted' }], unwatched());
    expect(caseFile.datasets.active('trusted')?.rows).toBe(12);
    expect(caseFile.evidence.list().filter(({ superseded }) => superseded)).toHaveLength(3);
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('both sets at once when they share a key; sets without keys share none', async () => {
    const [plan, trusted] = [smallEvidence(folder, 10), smallEvidence(folder, 8, 't')];
    const keyless = columns.filter(({ role }) => role !== 'key');
    const without = (set: SetPlan): SetPlan => ({
      ...set,
      records: { path: set.records?.path ?? '', columns: keyless },
    });
    expect((await refusal(plan, { ...plan, role: 'trusted' })).code).toBe('evidence/overlapping-keys');
    await runImport(caseFile, [without(plan), { ...without(trusted), role: 'trusted' }], unwatched());
    expect(caseFile.datasets.list().map(({ rows }) => rows)).toEqual([10, 8]);
    expect(readdirSync(folder).map((name) => basename(name))).toContain('a.bezoar');
  });
});

describe('a model', () => {
  const onnx = join(import.meta.dirname, '../../../test/fixtures/formats/models/branches.onnx');

  it('is kept by its hash, with what it says of itself, and found again by the check', async () => {
    await runImport(caseFile, [], unwatched(), [onnx]);
    const [kept] = caseFile.evidence.models();
    expect(kept).toMatchObject({ name: 'branches.onnx', format: 'onnx', sha256: sha256(readFileSync(onnx)) });
    expect(kept?.model).toMatchObject({ nodes: 6, externalFiles: ['../../etc/secret.bin'] });
    expect(caseFile.datasets.list()).toEqual([]);
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('that is none refuses the whole import', async () => {
    const plan = smallEvidence(folder, 60);
    const failure = await failureLater(() =>
      runImport(caseFile, [plan], unwatched(), [plan.records?.path ?? '']),
    );
    expect(failure.message).toContain('is not a model');
    expect(caseFile.datasets.list()).toEqual([]);
  });
});

describe('activations of the model', () => {
  it('take the place of built-in features of every set', async () => {
    const { records, arrays } = smallEvidence(folder, 60);
    const images = arrays.filter(({ role }) => role === 'images');
    await runImport(caseFile, [{ role: 'investigated', records, arrays: images }], unwatched());
    const pool = createWorkerPool(1);
    await buildFeatures({ pool, version: '0' }, caseFile, unwatched());
    await pool.close();
    const activations = () => {
      const set = caseFile.datasets.active('investigated');
      return set === null ? null : caseFile.matrices.find(set.id, 'activations');
    };
    expect(activations()?.builtIn).toContain('built-in features');
    const own = arrays.filter(({ role }) => role === 'activations');
    await runImport(caseFile, [{ role: 'investigated', records: null, arrays: own }], unwatched());
    expect(activations()).toMatchObject({ builtIn: null, shape: [60, 8] });
    const told = caseFile.evidence.list().map(({ role, superseded }) => [role, superseded]);
    expect(told).toContainEqual(['activations', true]);
    expect(told.filter(([role]) => role === 'activations')).toHaveLength(2);
    expect(caseFile.audit.verify().ok).toBe(true);
  });
});
