import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { bytesOf, npyBytes } from '../../../test/fixtures/npy-bytes.ts';
import { unwatched } from '../../../test/fixtures/small-evidence.ts';
import { FileToken } from '../../contract/case.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { CaseFile } from '../case/case-file.ts';
import { createCaseFile } from '../case/open-case-file.ts';
import { planImport } from '../import-plan.ts';
import { runImport, type SetPlan } from './import-job.ts';
import { proposeFiles } from './propose.ts';

const TABLES = join(import.meta.dirname, '../../../test/fixtures/formats/tables');

let folder = '';
let caseFile: CaseFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-records-'));
  caseFile = createCaseFile(join(folder, 'a.bezoar'), { proposedActor: 'tester' });
});
afterEach(() => {
  caseFile.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
};

/** No folder is dropped here. */
const refuse = (path: string): FileToken => {
  throw new Error(`${path} was not given`);
};

/** What a drop of these files is taken for, as the plan that the dialog would send. */
async function planned(paths: readonly string[]): Promise<SetPlan[]> {
  const files = paths.map((path, at) => ({ token: FileToken.parse(`token-of-file-${at}`), path }));
  const { files: proposals } = await proposeFiles(files, [], refuse);
  const pathOf = (token: FileToken): string => files.find((file) => file.token === token)?.path ?? '';
  return planImport(proposals).datasets.map(({ role, records, tables = [], arrays }) => ({
    role,
    records:
      records === null
        ? null
        : { ...records, path: pathOf(records.token), parts: records.parts?.map(pathOf) },
    tables: tables.map((table) => ({ ...table, path: pathOf(table.token) })),
    arrays: arrays.map((array) => ({ ...array, path: pathOf(array.token), parts: array.parts?.map(pathOf) })),
  }));
}

const importAll = async (paths: readonly string[], part: Partial<SetPlan> = {}): Promise<void> => {
  await runImport(
    caseFile,
    (await planned(paths)).map((set) => ({ ...set, ...part })),
    unwatched(),
  );
};
const records = (
  text: string | Uint8Array,
  columns: NonNullable<SetPlan['records']>['columns'],
  name = 'r.csv',
): SetPlan => ({
  role: 'investigated',
  records: { path: write(name, text), columns },
  arrays: [],
});
const active = () => {
  const set = caseFile.datasets.active('investigated');
  if (set === null) throw new Error('there is no set');
  return set;
};
const samples = (rows: readonly number[]) => caseFile.datasets.samples(active().id, rows);
const reportOf = (name: string): Evidence => {
  const found = caseFile.evidence.list().find((one) => one.name === name);
  if (found === undefined) throw new Error(`no evidence ${name}`);
  return found;
};
const floats = (rows: number, width: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: rows * width }, (_, at) => Math.floor(at / width) + (at % width) / 10);

describe('column types', () => {
  const columns = ['id', 'late', 'empty', 'zip', 'serial', 'n', 'inf'].map((name) => ({
    name,
    role: name === 'id' ? ('key' as const) : ('feature' as const),
  }));
  const head = 'id,late,empty,zip,serial,n,inf\n';

  it('come from all cells of the file, however late the one that decides', async () => {
    const lines = Array.from({ length: 5000 }, (_, row) => {
      const late = row === 4321 ? 'word' : String(row);
      return `k${row},${late},${row === 4900 ? '7' : ''},0${row},${row === 3000 ? '9007199254740993' : row},${row / 7},${row === 9 ? 'inf' : row}\n`;
    });
    await runImport(caseFile, [records(head + lines.join(''), columns)], unwatched());
    expect(active().columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'late text',
      'empty number',
      'zip text',
      'serial text',
      'n number',
      'inf number',
    ]);
    expect(samples([0, 3000, 4321, 4900]).map(({ columns: cells }) => cells)).toMatchObject([
      { late: '0', empty: null, zip: '00', serial: '0', n: 0 },
      { serial: '9007199254740993' },
      { late: 'word', n: 4321 / 7 },
      { empty: 7 },
    ]);
    expect(samples([9])[0]?.columns.inf).toBeNull();
    expect(reportOf('r.csv').report?.notes).toEqual([
      'zip is kept as text, because it holds digits with leading zeros.',
      'serial is kept as text, because it holds whole numbers beyond 2^53.',
      'inf: 1 infinite cells are kept as missing.',
    ]);
    expect(active().rows).toBe(5000);
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('can be set by the analyst', async () => {
    const plan = records('id,a,b\nk,1,2\nl,3,\n', [
      { name: 'id', role: 'key' },
      { name: 'a', role: 'feature', type: 'text' },
      { name: 'b', role: 'feature', type: 'number' },
    ]);
    await runImport(caseFile, [plan], unwatched());
    expect(samples([0, 1]).map(({ columns: cells }) => cells)).toEqual([
      { a: '1', b: 2 },
      { a: '3', b: null },
    ]);
  });

  it('read decimal commas where they are told', async () => {
    await importAll([write('r.csv', Buffer.from('id;label;größe\na;x;1,5\nb;y;-0,25\n', 'latin1'))]);
    expect(samples([0, 1]).map(({ columns: cells }) => cells)).toEqual([{ größe: 1.5 }, { größe: -0.25 }]);
    expect(reportOf('r.csv').report?.says).toContain('decimal commas');
  });
});

describe('bad rows', () => {
  const text = 'id,label,loss\na,x,1\nb,y\nc,z,3\na,x,4\nd,,high\n,y,5\ne,w,6\n';
  const columns = [
    { name: 'id', role: 'key' as const },
    { name: 'label', role: 'label' as const },
    { name: 'loss', role: 'loss' as const },
  ];

  it('refuse the import with their number and the first of them', async () => {
    const failure = await failureLater(() => runImport(caseFile, [records(text, columns)], unwatched()));
    expect(failure.code).toBe('evidence/bad-rows');
    expect(failure.message).toContain(
      '4 of 7 records cannot be taken. line 3: this record has 2 cells, and the header has 3; ' +
        'line 5: the key "a" stands in rows 0 and 3 (counted from 0); ' +
        'line 6: it says "high" in column loss, which holds numbers; and others. Nothing was imported.',
    );
    expect(caseFile.datasets.list()).toEqual([]);
  });

  it('are left out where the analyst agrees, with their rows of the arrays', async () => {
    const values = floats(7, 3);
    const path = write('a.npy', npyBytes('<f4', [7, 3], bytesOf(values)));
    const labels = write(
      'y.npy',
      npyBytes('<i8', [7], new Uint8Array(BigInt64Array.of(10n, 11n, 12n, 13n, 14n, 15n, 16n).buffer)),
    );
    const plan = {
      ...records(text, columns),
      arrays: [
        { path, entry: null, role: 'activations' as const },
        { path: labels, entry: null, role: 'predicted' as const },
      ],
      acceptBadRows: true,
    };
    await runImport(caseFile, [plan], unwatched());
    expect(samples([0, 1, 2])).toMatchObject([
      { key: 'a', label: 'x', predicted: '10', columns: { loss: 1 } },
      { key: 'c', label: 'z', predicted: '12', columns: { loss: 3 } },
      { key: 'e', label: 'w', predicted: '16', columns: { loss: 6 } },
    ]);
    const [matrix] = active().matrices;
    if (matrix === undefined) throw new Error('no matrix');
    expect([...caseFile.matrices.loadFloat32(matrix)]).toEqual(
      [0, 2, 6].flatMap((row) => [...values.slice(row * 3, row * 3 + 3)]),
    );
    const evidence = reportOf('r.csv');
    expect(evidence).toMatchObject({ rows: 3, badRows: 4, report: { records: 7 } });
    expect(caseFile.evidence.badRows(evidence.id)).toMatchObject([
      { row: 1, line: 3, text: 'b,y\n' },
      { row: 3, line: 5 },
      { row: 4, line: 6, text: 'd, , high' },
      { row: 5, line: 7, reason: 'it has no key in column id' },
    ]);
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('are told beforehand, and a thousand of them are kept', async () => {
    const path = write(
      'r.csv',
      `id,label\n${Array.from({ length: 3000 }, (_, row) => (row % 2 === 0 ? `k${row},x\n` : 'short\n')).join('')}`,
    );
    const { files, problems } = await proposeFiles(
      [{ token: FileToken.parse('token-of-file-0'), path }],
      [],
      refuse,
    );
    expect(files[0]).toMatchObject({ badRows: 1500, rows: 3000 });
    expect(problems.join()).toContain('1500 records of r.csv cannot be taken');
    await importAll([path], { acceptBadRows: true });
    expect(caseFile.evidence.badRows(reportOf('r.csv').id)).toHaveLength(1000);
    expect(active().rows).toBe(1500);
  });
});

describe('several files at once', () => {
  const main = 'id,label,text\na,cat,some words\nb,dog,other words\nc,cat,more\n';

  it('are joined by their keys, and what does not join is told', async () => {
    await importAll([
      write('records.csv', main),
      write('losses.csv', 'id,epoch_1,epoch_2\nc,0.3,0.2\na,0.1,\nzz,9,9\n'),
      write('grad_norms.jsonl', '{"id":"a","g":1.5}\n{"id":"b","g":2.5}\n{"id":"c","g":3.5}\n'),
      write('predictions.csv', 'id,predicted,confidence\nb,cat,0.5\na,cat,0.9\nc,cat,0.7\n'),
      write('activations.npy', npyBytes('<f4', [3, 9], bytesOf(floats(3, 9)))),
    ]);
    expect(samples([0, 1, 2])).toMatchObject([
      { key: 'a', predicted: 'cat', confidence: 0.9, columns: { epoch_1: 0.1, epoch_2: null, g: 1.5 } },
      { key: 'b', predicted: 'cat', confidence: 0.5, columns: { epoch_1: null, epoch_2: null, g: 2.5 } },
      { key: 'c', predicted: 'cat', confidence: 0.7, columns: { epoch_1: 0.3, epoch_2: 0.2, g: 3.5 } },
    ]);
    expect(active().columns.map(({ name, role }) => `${name} ${role}`)).toEqual([
      'text text',
      'epoch_1 loss',
      'epoch_2 loss',
      'g gradient-norm',
    ]);
    expect(reportOf('losses.csv').report?.join).toEqual({
      by: 'id',
      joined: 2,
      samplesWithout: 1,
      firstSamplesWithout: ['b'],
      recordsWithout: 1,
      firstRecordsWithout: ['zz'],
    });
    expect(reportOf('predictions.csv').report?.join).toMatchObject({ joined: 3, samplesWithout: 0 });
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('without keys are joined row by row, and must then be as long', async () => {
    const losses = write('losses.csv', 'loss\n1\n2\n3\n');
    await importAll([write('records.csv', main), losses]);
    expect(samples([0, 1, 2]).map(({ columns }) => columns.loss)).toEqual([1, 2, 3]);
    expect(reportOf('losses.csv').report?.join).toMatchObject({ by: null, joined: 3 });
    write('losses.csv', 'loss\n1\n2\n');
    const other = createCaseFile(join(folder, 'b.bezoar'), { proposedActor: 'tester' });
    const plan = await planned([join(folder, 'records.csv'), losses]);
    const failure = await failureLater(() => runImport(other, plan, unwatched()));
    other.close();
    expect(failure.code).toBe('evidence/length-mismatch');
    expect(failure.message).toContain('losses.csv has 2 rows and records.csv has 3');
  });

  it('of the same columns are one table in parts, with what their folders say', async () => {
    const part = (keys: string[]): string => `id,n\n${keys.map((key, at) => `${key},${at}\n`).join('')}`;
    await importAll([
      write('t/label=dog/part-1.csv', part(['d', 'e'])),
      write('t/label=big%20cat/part-0.csv', part(['a', 'b', 'c'])),
      write('t/label=dog/part-0.csv.gz', gzipSync('n,id\n7,f\n')),
    ]);
    expect(
      samples([0, 1, 2, 3, 4, 5]).map(({ key, label, columns: { n } }) => `${key} ${label} ${n}`),
    ).toEqual(['a big cat 0', 'b big cat 1', 'c big cat 2', 'f dog 7', 'd dog 0', 'e dog 1']);
    expect(caseFile.evidence.list().map(({ name, rows }) => `${name} ${rows}`)).toEqual([
      'part-0.csv 3',
      'part-0.csv.gz 1',
      'part-1.csv 2',
    ]);
  });

  it('that are no parts of one table are refused as such', async () => {
    const columns = [{ name: 'id', role: 'key' as const }];
    const plan = records('id\na\n', columns, 'one.csv');
    const parts = [write('two.csv', 'id,x\nb,1\n')];
    const failure = await failureLater(() =>
      runImport(
        caseFile,
        [{ ...plan, records: { path: plan.records?.path ?? '', columns, parts } }],
        unwatched(),
      ),
    );
    expect(failure.message).toContain(
      'one.csv and two.csv do not have the same columns ("x" is in one of them alone)',
    );
  });

  it('put a matrix with keys into the order of the records', async () => {
    const lines = (keys: string[]): string =>
      keys.map((key) => JSON.stringify({ id: key, embedding: [key.charCodeAt(0), 0.5, -1] })).join('\n');
    const embeddings = write('embeddings.jsonl', lines(['c', 'zz', 'a', 'b']));
    await importAll([write('records.csv', main), embeddings]);
    const [matrix] = active().matrices;
    if (matrix === undefined) throw new Error('no matrix');
    expect(matrix).toMatchObject({ role: 'activations', shape: [3, 3] });
    expect([...caseFile.matrices.loadFloat32(matrix)]).toEqual(
      ['a', 'b', 'c'].flatMap((key) => [key.charCodeAt(0), 0.5, -1]),
    );
    const [, evidence] = caseFile.evidence.list();
    expect(evidence).toMatchObject({
      name: 'embeddings.jsonl',
      report: { join: { by: 'id', joined: 3, recordsWithout: 1, firstRecordsWithout: ['zz'] } },
    });
  });
});

describe('vectors in tables', () => {
  it('come with the records of the same file, also in parts', async () => {
    await importAll([join(TABLES, 'duckdb-v2.parquet')]);
    expect(active()).toMatchObject({ rows: 100, classes: ['cat', 'dog', 'öwl'] });
    const [matrix] = active().matrices;
    expect(matrix).toMatchObject({ role: 'activations', dtype: 'float64', shape: [100, 4] });
    expect(active().columns.map(({ name }) => name)).not.toContain('vector');
    if (matrix === undefined) throw new Error('no matrix');
    expect(caseFile.matrices.loadFloat32(matrix)[4]).toBeCloseTo(1 / 3, 6);
  });

  it('written as text, or as numbered columns, are proposed as arrays', async () => {
    const rows = Array.from(
      { length: 4 },
      (_, row) =>
        `k${row},x,"[${row}.5, -1e-3, ${row}]",${Array.from({ length: 9 }, (_, k) => row + k / 10).join(',')}`,
    );
    const path = write(
      'r.csv',
      `id,label,vec,${Array.from({ length: 9 }, (_, k) => `f${k}`).join(',')}\n${rows.join('\n')}\n`,
    );
    const { files } = await proposeFiles([{ token: FileToken.parse('token-of-file-0'), path }], [], refuse);
    expect(files[0]?.entries.map(({ name, shape, columns }) => [name, shape, columns.length])).toEqual([
      ['vec', [4, 3], 1],
      ['f0..f8', [4, 9], 9],
    ]);
    const columns = [
      { name: 'id', role: 'key' as const },
      { name: 'label', role: 'label' as const },
    ];
    const plan = (entry: string): SetPlan => ({
      role: 'investigated',
      records: { path, columns },
      arrays: [{ path, entry, role: 'activations' }],
    });
    await runImport(caseFile, [plan('f0..f8')], unwatched());
    const [matrix] = active().matrices;
    if (matrix === undefined) throw new Error('no matrix');
    expect([...caseFile.matrices.loadFloat32(matrix)].slice(9, 11)).toEqual([1, Math.fround(1.1)]);
    write('r.csv', `id,label,vec\nk0,x,"[1,2]"\nk1,x,"[1,2,3]"\n`);
    const other = createCaseFile(join(folder, 'b.bezoar'), { proposedActor: 'tester' });
    const failure = await failureLater(() => runImport(other, [plan('vec')], unwatched()));
    other.close();
    expect(failure.message).toMatch(/holds no array named "vec"|has a list of 3 numbers/);
  });
});

describe('JSON', () => {
  it('keeps keys that only late records have, as features', async () => {
    const lines = Array.from({ length: 2500 }, (_, row) =>
      JSON.stringify({ id: `k${row}`, label: 'x', ...(row > 2000 ? { late: row } : {}) }),
    );
    const plan = records(
      lines.join('\n'),
      [
        { name: 'id', role: 'key' },
        { name: 'label', role: 'label' },
      ],
      'r.jsonl',
    );
    await runImport(caseFile, [plan], unwatched());
    expect(active().columns).toEqual([{ name: 'late', role: 'feature', type: 'number' }]);
    expect(samples([0, 2001]).map(({ columns }) => columns.late)).toEqual([null, 2001]);
  });

  it('takes names like parts of an object for names', async () => {
    await importAll([
      write('r.jsonl', '{"id":"a","label":"x","__proto__":1,"constructor":{"prototype":2}}\n'),
    ]);
    expect(active().columns.map(({ name }) => name)).toEqual(['__proto__', 'constructor.prototype']);
    expect(Object.entries(samples([0])[0]?.columns ?? {})).toEqual([
      ['__proto__', 1],
      ['constructor.prototype', 2],
    ]);
    expect(({} as Record<string, unknown>).prototype).toBeUndefined();
  });
});
