import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../../../test/fixtures/failure-code.ts';
import { bytesOf } from '../../../test/fixtures/npy-bytes.ts';
import type { CaseFile, NewRun } from './case-file.ts';
import { chunkRows } from './chunk-rows.ts';
import { connect } from './connection.ts';
import { createCaseFile, openCaseFile } from './open-case-file.ts';
import { migrate, migrations, SCHEMA_VERSION, schemaDifferences } from './schema.ts';

const ROWS = 700;
const COLS = 3;
let folder = '';
let path = '';
let caseFile: CaseFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-case-'));
  path = join(folder, 'Harbour.bezoar');
  caseFile = createCaseFile(path, { proposedActor: 'root' });
});
afterEach(() => {
  caseFile.close();
  rmSync(folder, { recursive: true, force: true });
});

const reopen = (): void => {
  caseFile.close();
  expect(readdirSync(folder)).toEqual(['Harbour.bezoar']);
  caseFile = openCaseFile(path, { proposedActor: 'root' });
};

const values = Float32Array.from({ length: ROWS * COLS }, (_, at) => Math.fround(at / 7 - 30));
const hash = createHash('sha256').update(bytesOf(values)).digest('hex');

/** 700 samples of classes 3 and cat with a loss and a text. */
function importSet(role: 'investigated' | 'trusted' = 'investigated', prefix = 'k'): number {
  const transaction = caseFile.beginImport();
  transaction.supersede(role);
  const dataset = transaction.addDataset({ role, name: 'records.csv' });
  const evidence = transaction.addEvidence({
    dataset: role,
    role: 'records',
    name: 'records.csv',
    size: 10,
    sha256: 'ab',
    format: 'csv',
    rows: ROWS,
    shape: null,
    dtype: null,
    mapping: { key: 'key' },
  });
  transaction.addColumns(dataset, [
    { name: 'loss "1"', role: 'loss', type: 'number' },
    { name: 'text', role: 'text', type: 'text' },
  ]);
  transaction.addSamples(
    dataset,
    Array.from({ length: ROWS }, (_, row) => ({
      row,
      key: `${prefix}-${row}`,
      label: row % 2 === 0 ? '3' : 'cat',
      predicted: row % 5 === 0 ? null : 'cat',
      confidence: row / ROWS,
      cells: [row === 4 ? null : row / 3, row === 9 ? 'Grün, "quoted"' : null],
    })),
  );
  const matrix = transaction.addMatrix(dataset, evidence, {
    role: 'activations',
    dtype: 'float32',
    shape: [ROWS, COLS],
  });
  transaction.addChunk(matrix, 0, 0, ROWS, bytesOf(values));
  transaction.finishMatrix(matrix, hash);
  transaction.commit('evidence/import', {});
  return dataset;
}

const newScan = (dataset: number): NewRun => ({
  kind: 'scan',
  dataset,
  engine: 'e',
  version: '1',
  parameters: { alpha: 0.01 },
  seed: 4_294_967_295,
  inputs: [{ name: 'activations', sha256: 'cd' }],
  startedAtMs: 5,
  milliseconds: 2.5,
  peakRssBytes: 3e9,
  result: { classes: [] },
  arrays: [{ name: 'score', data: bytesOf(Float64Array.of(1.5, NaN)) }],
  classFindings: [
    {
      classIndex: 0,
      className: '3',
      decision: 'alarm',
      ways: 'peel',
      statistic: 4,
      pValue: null,
      flagged: 2,
    },
  ],
});

describe('a case', () => {
  it('holds name, analyst, question and view over closing, in one file', () => {
    expect(caseFile.state()).toMatchObject({ name: 'Harbour', analyst: null, question: '', auditCount: 1 });
    expect(caseFile.actor()).toBe('root');
    caseFile.setAnalyst('Ana');
    caseFile.setQuestion('Which classes?');
    caseFile.saveView('{"tab":1}');
    const before = caseFile.state();
    reopen();
    expect(caseFile.state()).toEqual(before);
    expect(caseFile.actor()).toBe('Ana');
    expect(caseFile.loadView()).toBe('{"tab":1}');
    expect(caseFile.audit.page(null, 10).map(({ action, actor }) => [action, actor])).toEqual([
      ['case/set-question', 'Ana'],
      ['case/set-analyst', 'Ana'],
      ['case/create', 'root'],
    ]);
    expect(caseFile.audit.page(3, 1).map(({ seq }) => seq)).toEqual([2]);
  });

  it('gives samples back as they came, in typed rows', () => {
    const dataset = importSet();
    reopen();
    const [set] = caseFile.datasets.list();
    expect(set).toMatchObject({
      rows: ROWS,
      classes: ['3', 'cat'],
      classCounts: [350, 350],
      hasPredictions: true,
      hasConfidence: true,
      columns: [
        { name: 'loss "1"', role: 'loss', type: 'number' },
        { name: 'text', role: 'text', type: 'text' },
      ],
      matrices: [{ role: 'activations', dtype: 'float32', shape: [ROWS, COLS], sha256: hash }],
    });
    expect(caseFile.datasets.samples(dataset, [9, 4])).toEqual([
      {
        row: 9,
        key: 'k-9',
        label: 'cat',
        predicted: 'cat',
        confidence: 9 / ROWS,
        verdict: null,
        seen: false,
        note: null,
        columns: { 'loss "1"': 3, text: 'Grün, "quoted"' },
      },
      expect.objectContaining({ row: 4, label: '3', columns: { 'loss "1"': null, text: null } }),
    ]);
    expect([...caseFile.datasets.labels(dataset).subarray(0, 3)]).toEqual([0, 1, 0]);
    expect([...caseFile.datasets.predicted(dataset).subarray(4, 7)]).toEqual([1, -1, 1]);
    expect([...caseFile.datasets.numberColumn(dataset, 'loss "1"').subarray(3, 5)]).toEqual([1, NaN]);
    expect(caseFile.datasets.numberColumn(dataset, 'confidence')[7]).toBe(7 / ROWS);
    expect(caseFile.datasets.find(dataset, 'k-1', 3)).toEqual([1, 10, 11]);
    expect(caseFile.datasets.find(dataset, 'QUOTED cat', 3)).toEqual([9]);
    expect(caseFile.datasets.find(dataset, "%' OR 1=1 --", 3)).toEqual([]);
    expect(failureOf(() => caseFile.datasets.numberColumn(dataset, 'text')).code).toBe(
      'evidence/missing-column',
    );
    expect(failureOf(() => caseFile.datasets.samples(dataset, [ROWS])).code).toBe('sample/not-found');
  });

  it('gives matrices back as float32 on shared memory, and their hash', () => {
    const dataset = importSet();
    const matrix = caseFile.matrices.find(dataset, 'activations');
    expect(matrix).not.toBeNull();
    if (matrix === null) return;
    const loaded = caseFile.matrices.loadFloat32(matrix);
    expect(loaded.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...loaded]).toEqual([...values]);
    expect(caseFile.matrices.hash(matrix)).toBe(hash);
    expect(caseFile.matrices.find(dataset, 'images')).toBeNull();
  });

  it('shows nothing of an import before it is kept, and nothing of one that is abandoned', () => {
    const transaction = caseFile.beginImport();
    transaction.addDataset({ role: 'investigated', name: 'x' });
    expect(caseFile.datasets.list()).toEqual([]);
    expect(failureOf(() => caseFile.setAnalyst('Ana')).code).toBe('case/in-use');
    transaction.abandon();
    expect(caseFile.datasets.list()).toEqual([]);
    expect(caseFile.state().auditCount).toBe(1);
    importSet();
    expect(caseFile.datasets.list()).toHaveLength(1);
  });

  it('lets changes wait for the import that is being written', async () => {
    const order: string[] = [];
    const transaction = caseFile.beginImport();
    const waiting = caseFile.writable().then(() => {
      order.push('writable');
      caseFile.setAnalyst('Ana');
    });
    await Promise.resolve();
    order.push('abandoned');
    transaction.abandon();
    await waiting;
    expect(order).toEqual(['abandoned', 'writable']);
    expect(caseFile.actor()).toBe('Ana');
  });

  it('closed in the middle of an import keeps nothing of it', () => {
    caseFile.beginImport().addDataset({ role: 'investigated', name: 'x' });
    reopen();
    expect(caseFile.datasets.list()).toEqual([]);
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('supersedes a trusted set by a new one and finds keys that stand in both sets', () => {
    importSet();
    importSet('trusted', 't');
    expect(caseFile.datasets.overlappingKeys(5)).toEqual([]);
    const second = importSet('trusted', 'k');
    expect(caseFile.datasets.active('trusted')?.id).toBe(second);
    expect(caseFile.datasets.list()).toHaveLength(2);
    expect(caseFile.evidence.list().map(({ superseded }) => superseded)).toEqual([false, true, false]);
    expect(caseFile.datasets.overlappingKeys(2)).toEqual(['k-0', 'k-1']);
  });

  it('takes a change and its audit line back together', () => {
    expect(() =>
      caseFile.change('note/set', {}, () => {
        caseFile.setQuestion('half');
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(caseFile.state()).toMatchObject({ question: '', auditCount: 1 });
  });

  it('keeps runs with their arrays and findings', () => {
    const run = newScan(importSet());
    const id = caseFile.runs.add(run);
    reopen();
    const { arrays, classFindings, ...rest } = run;
    expect(classFindings).toHaveLength(1);
    expect(caseFile.runs.get(id)).toEqual({ ...rest, id, startedBy: 'root' });
    expect(caseFile.runs.list('map')).toEqual([]);
    expect(caseFile.runs.array(id, 'score')).toEqual(arrays[0]?.data);
    expect(caseFile.runs.array(id, 'rank')).toBeNull();
    expect(caseFile.audit.verify()).toMatchObject({ ok: true, entries: 3 });
  });
});

/** Takes what later formats added out of the closed case: the file that Bezoar wrote before. */
function backToFormatTen(): void {
  const older = connect(path);
  const reference = connect(':memory:');
  migrate(
    reference,
    migrations.filter(({ version }) => version <= 10),
  );
  const tables = `SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'record_%' ORDER BY name`;
  const before = new Map(
    reference.all<{ name: string; sql: string }>(tables).map(({ name, sql }) => [name, sql]),
  );
  older.script('PRAGMA foreign_keys = OFF');
  for (const { name, sql } of older.all<{ name: string; sql: string }>(tables)) {
    const was = before.get(name);
    if (was === sql) continue;
    const columns = reference.column<string>(`SELECT name FROM pragma_table_info('${name}')`).join(', ');
    if (was !== undefined) older.script(`CREATE TABLE kept AS SELECT ${columns} FROM ${name}`);
    older.script(`DROP TABLE ${name}`);
    if (was !== undefined) older.script(`${was}; INSERT INTO ${name} SELECT * FROM kept; DROP TABLE kept`);
  }
  const guards = `SELECT name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL`;
  const there = older.all<{ name: string; sql: string }>(guards).map(({ name }) => name);
  for (const { name, sql } of reference.all<{ name: string; sql: string }>(guards))
    if (!there.includes(name)) older.script(sql);
  older.script('PRAGMA user_version = 10');
  const schema = "SELECT name || sql FROM sqlite_schema WHERE name NOT LIKE 'record_%' ORDER BY name";
  expect(older.column(schema)).toEqual(reference.column(schema));
  reference.close();
  older.close();
}

describe('a case of format 10', () => {
  it('is brought to the present one on opening, keeps all it holds, and says so in the audit', () => {
    const dataset = importSet();
    caseFile.verdicts.set(dataset, [1], 'poison', 'patch');
    const scan = caseFile.runs.add(newScan(dataset));
    const before = caseFile.state();
    caseFile.close();
    backToFormatTen();

    caseFile = openCaseFile(path, { proposedActor: 'Ana' });
    const { auditHead, auditCount, ...kept } = before;
    expect(caseFile.state()).toMatchObject({ ...kept, auditCount: auditCount + 1 });
    expect(caseFile.audit.page(null, 1)).toMatchObject([
      {
        actor: 'Ana',
        action: 'case/migrate',
        detail: `{"from":10,"to":${SCHEMA_VERSION}}`,
        previousHash: auditHead,
      },
    ]);
    expect(caseFile.structures.list()).toEqual([]);
    const id = caseFile.structures.add({ scan, className: 'cat', keys: ['k-1'], reason: '' });
    reopen();
    expect(caseFile.structures.list()).toMatchObject([{ id, className: 'cat' }]);
    expect(caseFile.audit.verify()).toMatchObject({ ok: true, entries: auditCount + 2 });
  });

  it('stays one when the step cannot be taken', () => {
    importSet();
    caseFile.close();
    backToFormatTen();
    const other = connect(path);
    other.script('CREATE TABLE structure_withdrawal (mine TEXT) STRICT');
    other.close();
    expect(failureOf(() => openCaseFile(path, { proposedActor: 'Ana' })).code).toBe('case/corrupt');
    const still = connect(path);
    expect(still.pragma('user_version')).toBe(10);
    expect(schemaDifferences(still, 'tables')).toContain('known_structure');
    still.script('DROP TABLE structure_withdrawal');
    still.close();
    caseFile = openCaseFile(path, { proposedActor: 'Ana' });
    expect(caseFile.audit.verify().ok).toBe(true);
  });
});

describe('known structures', () => {
  const judge = (dataset: number, keys: readonly string[]): number =>
    caseFile.structures.add({
      scan: caseFile.runs.add(newScan(dataset)),
      className: 'cat',
      keys,
      reason: 'sleeves',
    });

  it('are kept with who, when and why, and a withdrawal is added to them', () => {
    const dataset = importSet();
    caseFile.setAnalyst('Ana');
    const [first, second] = [judge(dataset, ['k-1', 'k-3']), judge(dataset, ['ü "5"'])];
    caseFile.setAnalyst('Ben');
    expect(caseFile.structures.revision()).toBe(2);
    caseFile.structures.withdraw(first);
    expect(caseFile.structures.revision()).toBe(3);
    reopen();
    const common = { className: 'cat', reason: 'sleeves', by: 'Ana', atMs: expect.any(Number) as number };
    expect(caseFile.structures.list()).toEqual([
      {
        ...common,
        id: first,
        scan: 1,
        rows: 2,
        withdrawn: { by: 'Ben', atMs: expect.any(Number) as number },
      },
      { ...common, id: second, scan: 2, rows: 1, withdrawn: null },
    ]);
    expect(caseFile.structures.inForce(dataset)).toEqual([{ ...common, id: second, keys: ['ü "5"'] }]);
    expect(caseFile.audit.page(null, 1)[0]).toMatchObject({ action: 'structure/withdraw', actor: 'Ben' });
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('are withdrawn once', () => {
    const id = judge(importSet(), ['k-1']);
    expect(failureOf(() => caseFile.structures.withdraw(id + 1)).code).toBe('structure/not-found');
    caseFile.structures.withdraw(id);
    const lines = caseFile.state().auditCount;
    expect(failureOf(() => caseFile.structures.withdraw(id)).message).toContain('root withdrew');
    expect(caseFile.state().auditCount).toBe(lines);
  });

  it('are told by key in a new import, and by row number only in the same records', () => {
    const keyed = judge(importSet(), ['k-1']);
    expect(caseFile.structures.inForce(importSet()).map(({ id }) => id)).toEqual([keyed]);
    const numbered = (label: string): number => {
      const transaction = caseFile.beginImport();
      transaction.supersede('investigated');
      const dataset = transaction.addDataset({ role: 'investigated', name: 'plain.csv', ownKeys: false });
      const sample = { row: 0, key: '0', predicted: null, confidence: null, cells: [] };
      transaction.addSamples(dataset, [{ ...sample, label }]);
      transaction.supersede('investigated');
      transaction.commit('evidence/import', {});
      return dataset;
    };
    const plain = judge(numbered('cat'), ['0']);
    expect(caseFile.structures.inForce(numbered('cat')).map(({ id }) => id)).toEqual([plain]);
    expect(caseFile.structures.inForce(numbered('dog'))).toEqual([]);
  });
});

describe('verdicts', () => {
  const decide = (dataset: number): void => {
    caseFile.setAnalyst('Ana');
    expect(caseFile.verdicts.set(dataset, [1, 2, 3, 2], 'poison', 'patch')).toBe(3);
    caseFile.setAnalyst('Ben');
    expect(caseFile.verdicts.set(dataset, [2, 5], 'clean', '')).toBe(2);
  };

  it('are added, undone and redone over closing, and nothing is lost from the history', () => {
    const dataset = importSet();
    decide(dataset);
    const marks = (): number[] => [...caseFile.verdicts.bytes(dataset).subarray(0, 6)];
    expect(marks()).toEqual([0, 1, 2, 1, 0, 2]);
    expect(caseFile.state().counts).toMatchObject({ poison: 2, clean: 2, unsure: 0 });
    reopen();
    expect(caseFile.verdicts.undo()).toEqual({
      changed: 2,
      sentence: 'Undone: 2 samples marked clean.',
      rows: [2, 5],
    });
    expect(marks()).toEqual([0, 1, 1, 1, 0, 0]);
    // The decision in force is again Ana's, with her reason.
    expect(caseFile.verdicts.decided(dataset, 'poison')[1]).toMatchObject({
      row: 2,
      entry: { verdict: 'poison', reason: 'patch', who: 'Ana' },
    });
    reopen();
    expect(caseFile.verdicts.undo().changed).toBe(3);
    expect(failureOf(() => caseFile.verdicts.undo()).code).toBe('verdict/nothing-to-undo');
    expect(caseFile.verdicts.redo().rows).toEqual([1, 2, 3]);
    expect(caseFile.verdicts.redo().rows).toEqual([2, 5]);
    expect(marks()).toEqual([0, 1, 2, 1, 0, 2]);
    expect(caseFile.verdicts.history(dataset, 2).map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['poison', 'patch'],
      ['clean', ''],
      ['poison', 'undone'],
      [null, 'undone'],
      ['poison', 'redone'],
      ['clean', 'redone'],
    ]);
    expect(caseFile.verdicts.set(dataset, [1], null, '')).toBe(1);
    expect(failureOf(() => caseFile.verdicts.redo()).code).toBe('verdict/nothing-to-undo');
    expect(caseFile.datasets.samples(dataset, [1, 2]).map(({ verdict }) => verdict)).toEqual([null, 'clean']);
  });

  it('that change nothing are no action, but a new reason is one', () => {
    const dataset = importSet();
    const before = caseFile.state().auditCount;
    caseFile.verdicts.set(dataset, [1], 'unsure', '');
    expect(caseFile.verdicts.set(dataset, [1], 'unsure', '')).toBe(0);
    expect(caseFile.verdicts.set(dataset, [4], null, 'x')).toBe(0);
    expect(caseFile.verdicts.set(dataset, [1], 'unsure', 'blurred')).toBe(1);
    expect(caseFile.state().auditCount).toBe(before + 2);
    expect(failureOf(() => caseFile.verdicts.set(dataset, [ROWS], 'poison', '')).code).toBe(
      'sample/not-found',
    );
  });

  it('agree with a plain list of what was done, in any order of steps', () => {
    const dataset = importSet();
    const verdictBytes = [0, 1, 2, 3];
    const names = [null, 'poison', 'clean', 'unsure'] as const;
    const step = fc.oneof(
      fc.record({
        rows: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
        verdict: fc.constantFrom(...verdictBytes),
      }),
      fc.constantFrom('undo' as const, 'redo' as const),
    );
    let past: number[][] = [[0, 0, 0, 0, 0, 0]];
    let future: number[][] = [];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        for (const one of steps) {
          const now = past.at(-1) ?? [];
          if (one === 'undo') {
            if (past.length === 1) expect(failureOf(() => caseFile.verdicts.undo())).toBeTruthy();
            else {
              caseFile.verdicts.undo();
              future.push(now);
              past = past.slice(0, -1);
            }
          } else if (one === 'redo') {
            const next = future.pop();
            if (next === undefined) expect(failureOf(() => caseFile.verdicts.redo())).toBeTruthy();
            else {
              caseFile.verdicts.redo();
              past.push(next);
            }
          } else if (caseFile.verdicts.set(dataset, one.rows, names[one.verdict] ?? null, '') > 0) {
            past.push(now.map((byte, row) => (one.rows.includes(row) ? one.verdict : byte)));
            future = [];
          }
          expect([...caseFile.verdicts.bytes(dataset).subarray(0, 6)]).toEqual(past.at(-1));
        }
      }),
      { numRuns: 30 },
    );
    const kept = past.at(-1);
    reopen();
    expect([...caseFile.verdicts.bytes(dataset).subarray(0, 6)]).toEqual(kept);
  });

  it('and what was seen and noted are apart from one another', () => {
    const dataset = importSet();
    caseFile.datasets.markSeen(dataset, [3, 4, 4]);
    const lines = caseFile.state().auditCount;
    caseFile.datasets.markSeen(dataset, [4]);
    expect(caseFile.state().auditCount).toBe(lines);
    caseFile.datasets.setNote(dataset, 3, 'white corner');
    expect([...caseFile.datasets.seen(dataset).subarray(2, 6)]).toEqual([0, 1, 1, 0]);
    expect(caseFile.datasets.samples(dataset, [3])[0]).toMatchObject({
      verdict: null,
      seen: true,
      note: 'white corner',
    });
    caseFile.datasets.setNote(dataset, 3, ' ');
    expect(caseFile.datasets.samples(dataset, [3])[0]?.note).toBeNull();
  });
});

describe('chunks', () => {
  it('hold a multiple of 256 rows of floats, and as many whole images as 4 MiB take', () => {
    expect(chunkRows('float16', [60_000, 128])).toBe(16_384);
    expect(chunkRows('float32', [10, 2_000_000])).toBe(256);
    expect(chunkRows('uint8', [60_000, 28, 28])).toBe(5349);
    expect(chunkRows('uint8', [9, 4000, 4000, 3])).toBe(1);
  });
});
