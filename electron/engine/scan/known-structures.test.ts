import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gaussianClasses } from '../../../test/conformance/gaussian-classes.ts';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { importSets } from '../../../test/fixtures/planted-case.ts';
import { smallEvidence, unwatched } from '../../../test/fixtures/small-evidence.ts';
import { addStoredScan } from '../../../test/fixtures/stored-scan.ts';
import type { Topic } from '../../contract/events.ts';
import type { ClassFinding } from '../../contract/scan.ts';
import { createCaseFile, openCaseFile } from '../case/open-case-file.ts';
import { createEngine, type EngineInstance } from '../create-engine.ts';
import { invoke } from '../dispatch.ts';
import { runImport } from '../ingest/import-job.ts';
import { arrayBytes } from '../run-arrays.ts';
import { jaccard } from './known-structures.ts';

const options = { proposedActor: 'root' };
/** Rows of class-1. */
const members = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, at) => 3 * (from + at) + 1);
let folder = '';
let path = '';
let engine: EngineInstance;
let told: [Topic, unknown][] = [];

/** A new investigated set with the same classes. */
const importAgain = (prefix: string): void => {
  const rows = Array.from({ length: 90 }, (_, row) => row);
  const labels = rows.map((row) => `class-${row % 3}`);
  importSets(engine.caseFile(), [
    {
      role: 'investigated',
      keys: rows.map((row) => `${prefix}-${row}`),
      labels,
      predicted: null,
      arrays: [],
    },
  ]);
};
const structure = (flagged: readonly number[]): number =>
  addStoredScan(engine.caseFile(), flagged, 'structure');
const known = async (scan: number, classIndex = 1): Promise<ClassFinding['known']> => {
  const { classes } = await invoke(engine, 'scan/get', { scan });
  return classes.find((one) => one.classIndex === classIndex)?.known ?? null;
};
const judge = (scan: number, reason = 'sleeves', classIndex = 1): Promise<{ id: number }> =>
  invoke(engine, 'structure/judge-natural', { scan, classIndex, reason });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-known-'));
  path = join(folder, 'Harbour.bezoar');
  told = [];
  engine = createEngine({
    userData: join(folder, 'user'),
    threads: 1,
    kernels: null,
    publish: (topic, payload) => told.push([topic, payload]),
    onCase: () => undefined,
    log: () => undefined,
  });
  engine.replaceCase(createCaseFile(path, options));
  await runImport(engine.caseFile(), [smallEvidence(folder, 90)], unwatched());
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a structure that is judged natural', () => {
  it('is known in its own scan, in those before it and in later ones, with who, why and how much of it', async () => {
    const before = structure(members(0, 10));
    const own = structure(members(0, 10));
    expect([await known(before), await known(own)]).toEqual([null, null]);
    await invoke(engine, 'case/set-analyst', { name: 'Ana' });
    const { id } = await judge(own);
    const judged = { id, by: 'Ana', atMs: expect.any(Number) as number, reason: 'sleeves' };
    expect(await known(before)).toEqual({ ...judged, overlap: 1 });
    expect(await known(own)).toEqual({ ...judged, overlap: 1 });
    // 6 of 10 shared, 14 in all; 7 of 10, 13 in all.
    expect(await known(structure(members(4, 14)))).toBeNull();
    expect(await known(structure(members(3, 13)))).toEqual({ ...judged, overlap: 7 / 13 });
    // Exactly half.
    expect(await known(structure(members(0, 20)))).toMatchObject({ overlap: 0.5 });
    expect(await known(own, 0)).toBeNull();
    expect(await invoke(engine, 'structure/list', {})).toEqual([
      {
        id,
        scan: own,
        className: 'class-1',
        rows: 10,
        reason: 'sleeves',
        by: 'Ana',
        atMs: expect.any(Number) as number,
        withdrawn: null,
      },
    ]);
  });

  it('is the closest one where several are', async () => {
    await judge(structure(members(0, 10)), 'far');
    await judge(structure(members(5, 15)), 'near');
    expect(await known(structure(members(3, 14)))).toMatchObject({ reason: 'near', overlap: 9 / 12 });
  });

  it('stays known over closing and a new import of the same keys, and not with other keys', async () => {
    const old = structure(members(0, 10));
    await judge(old);
    engine.replaceCase(null);
    engine.replaceCase(openCaseFile(path, options));
    expect(await known(old)).toMatchObject({ overlap: 1 });
    importAgain('k');
    expect(await known(structure(members(0, 10)))).toMatchObject({ overlap: 1 });
    importAgain('other');
    expect(await known(structure(members(0, 10)))).toBeNull();
    // The scan of the first import has kept its own samples.
    expect(await known(old)).toMatchObject({ overlap: 1 });
  });

  it('is new again once it is withdrawn, and can then be judged anew', async () => {
    const scan = structure(members(0, 10));
    const { id } = await judge(scan);
    told = [];
    await invoke(engine, 'structure/withdraw', { id });
    expect(told).toContainEqual(['changed', { subjects: ['scans', 'audit'] }]);
    expect(await known(scan)).toBeNull();
    expect((await failureLater(() => invoke(engine, 'structure/withdraw', { id }))).code).toBe(
      'structure/not-found',
    );
    const again = await judge(scan, 'lighting');
    expect(await known(scan)).toMatchObject({ id: again.id, reason: 'lighting' });
    const list = await invoke(engine, 'structure/list', {});
    expect(list.map((one) => one.withdrawn?.by ?? null)).toEqual(['root', null]);
    expect(engine.caseFile().audit.verify().ok).toBe(true);
  });

  it('is told to the window with the audit line', async () => {
    const scan = structure(members(0, 10));
    told = [];
    await judge(scan);
    expect(told[0]).toEqual(['changed', { subjects: ['scans', 'audit'] }]);
    const [line] = await invoke(engine, 'audit/page', { before: null, limit: 1 });
    expect(line.action).toBe('structure/judge-natural');
    expect(JSON.parse(line.detail)).toMatchObject({ scan, className: 'class-1', count: 10 });
  });

  it('never quiets an alarm, not even of the same samples', async () => {
    await judge(structure(members(0, 10)));
    const alarm = addStoredScan(engine.caseFile(), members(0, 10), 'alarm');
    expect(await known(alarm)).toBeNull();
  });
});

it('a structure that a scan found is known when its samples are imported and scanned again', async () => {
  const { input, planted } = gaussianClasses({
    seed: 11,
    perClass: 400,
    cols: 16,
    planted: { classIndex: 1, rows: 60, kind: 'displaced' },
  });
  const { rows, label, predicted, activations } = input.investigated;
  const texts = Array.from(planted, (flag, row) =>
    flag === 1
      ? `quote template ${row % 9} of the agency`
      : `report ${row % 50} of the ${['day', 'week'][row % 2]}`,
  );
  const named = (indices: Int32Array): string[] => Array.from(indices, (index) => input.classes[index]);
  const scanned = async (): Promise<number> => {
    importSets(engine.caseFile(), [
      {
        role: 'investigated',
        keys: Array.from({ length: rows }, (_, row) => `g-${row}`),
        labels: named(label),
        predicted: predicted && named(predicted),
        texts,
        arrays: [
          {
            role: 'activations',
            dtype: 'float32',
            shape: [rows, 16],
            bytes: arrayBytes(Float32Array.from(activations?.data ?? [])),
          },
        ],
      },
    ]);
    const { job } = await invoke(engine, 'scan/start', {
      detectors: ['spectral-signatures'],
      seed: 1,
      useTrusted: false,
      alpha: 0.01,
    });
    return (await engine.jobs.ended(job)).result ?? -1;
  };
  const first = await scanned();
  const detail = await invoke(engine, 'scan/get', { scan: first });
  expect(detail).toMatchObject({ structures: [1], alarms: [] });
  // No error rate stands behind it; what its texts have in common is said instead.
  expect(detail.classes[1]).toMatchObject({ decision: 'structure', pValue: null, lnP: null });
  expect(detail.classes[1].certificates).toEqual([
    expect.objectContaining({
      kind: 'displaced',
      strength: 'structural',
      lnP: null,
      lnE: null,
      lnLevel: null,
    }),
  ]);
  expect(detail.classes[1].shares?.words).toEqual(expect.arrayContaining(['template', 'quote', 'agency']));
  expect(detail.classes[1].shares?.sentence).toMatch(/^They share the words .*100 % of them/);
  expect(await known(first)).toBeNull();
  const { id } = await judge(first);
  expect(await known(first)).toMatchObject({ id, overlap: 1 });
  expect(await known(await scanned())).toMatchObject({ id, overlap: 1 });
}, 60_000);

describe('a judgement is refused, and nothing is stored,', () => {
  const refused = async (work: () => Promise<unknown>): Promise<[string, string]> => {
    const caseFile = engine.caseFile();
    const stored = (): unknown => [caseFile.structures.list(), caseFile.state().auditCount];
    const before = stored();
    const failure = await failureLater(work);
    expect(stored()).toEqual(before);
    return [failure.code, failure.message];
  };

  it('of an alarm, of a class that is dark or not there, of an empty one, and of one that is known', async () => {
    const alarm = addStoredScan(engine.caseFile(), members(0, 10), 'alarm');
    const scan = structure(members(0, 10));
    const empty = structure([]);
    for (const [work, said] of [
      [() => judge(alarm), 'raises an alarm in class class-1'],
      [() => judge(scan, '', 0), 'no structure in class class-0'],
      [() => judge(scan, '', 77), 'no class number 77'],
      [() => judge(empty), 'puts no samples of class class-1'],
    ] as const) {
      const [code, sentence] = await refused(work);
      expect([code, sentence]).toEqual(['structure/not-natural', expect.stringContaining(said)]);
      expect(sentence).toContain('Nothing was stored.');
    }
    await judge(scan);
    expect((await refused(() => judge(scan)))[1]).toContain('root judged this structure');
  });

  it('of a scan that is not there', async () => {
    expect((await refused(() => judge(4711)))[0]).toBe('scan/not-found');
  });
});

it('the Jaccard index is symmetric, 1 for the same keys, and between 0 and 1', () => {
  const keys = fc.array(fc.string({ maxLength: 2 }), { maxLength: 12 });
  fc.assert(
    fc.property(keys, keys, (left, right) => {
      const [a, b] = [new Set(left), new Set(right)];
      const index = jaccard(a, b);
      expect(index).toBe(jaccard(b, a));
      expect(index).toBe(
        a.size + b.size === 0
          ? 0
          : left.length === 0
            ? 0
            : [...a].filter((key) => b.has(key)).length / new Set([...a, ...b]).size,
      );
      expect(jaccard(a, a)).toBe(a.size > 0 ? 1 : 0);
    }),
  );
});
