import { describe, expect, it } from 'vitest';
import { FileToken } from '../../../electron/contract/case.ts';
import type { Dataset, EntryProposal, FileProposal } from '../../../electron/contract/evidence.ts';
import { isUsable, mappingOf, planImport, proposedChoice } from './import-plan.ts';

let tokens = 0;

const array = (part: Partial<EntryProposal> = {}): EntryProposal => ({
  name: null,
  stored: 'float32',
  dtype: 'float32',
  shape: [100, 8],
  roles: ['activations', 'logits', 'losses'],
  role: 'activations',
  columns: [],
  examples: [],
  problem: null,
  ...part,
});

const file = (part: Partial<FileProposal> = {}): FileProposal => ({
  token: FileToken.parse(`token-000${++tokens}`),
  name: 'a.npy',
  size: 1,
  format: 'npy',
  compression: null,
  role: 'arrays',
  dataset: 'investigated',
  rows: 100,
  columns: null,
  key: null,
  reading: null,
  badRows: null,
  firstBadRows: [],
  source: 'some source',
  remembered: false,
  says: [],
  model: null,
  imageColumn: null,
  more: null,
  entries: [array()],
  findings: [],
  problem: null,
  ...part,
});

const records = (part: Partial<FileProposal> = {}): FileProposal =>
  file({
    name: 'records.csv',
    format: 'csv',
    role: 'records',
    entries: [],
    columns: [
      { name: 'id', role: 'key', type: 'text', examples: ['a1'] },
      { name: 'y', role: 'label', type: 'text', examples: ['dress'] },
    ],
    ...part,
  });

const inCase = (role: Dataset['role'], part: Partial<Dataset> = {}): Dataset => ({
  id: 1,
  role,
  name: 'old.csv',
  rows: 100,
  classes: [],
  classCounts: [],
  columns: [],
  hasPredictions: false,
  hasConfidence: false,
  matrices: [],
  ...part,
});

const plan = (files: FileProposal[], present: Dataset[] = []) =>
  planImport(files, files.map(proposedChoice), present);

describe('planImport', () => {
  it('makes one plan a set', () => {
    const files = [file({}), records(), file({ dataset: 'trusted' }), records({ dataset: 'trusted' })];
    const { datasets, problems, notes } = plan(files);
    expect(problems).toEqual([]);
    expect(notes).toEqual([]);
    expect(datasets.map(({ role }) => role)).toEqual(['investigated', 'trusted']);
    expect(datasets[0]).toEqual({
      role: 'investigated',
      records: {
        token: files[1].token,
        columns: [
          { name: 'id', role: 'key' },
          { name: 'y', role: 'label' },
        ],
      },
      arrays: [{ token: files[0].token, entry: null, role: 'activations' }],
    });
  });

  it('names both numbers of a mismatch', () => {
    const { problems } = plan([
      file({ entries: [array({ shape: [60_000, 8] })] }),
      records({ rows: 59_999 }),
    ]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('a.npy has 60,000 rows and records.csv has 59,999');
  });

  it('takes one file a role and one column a role', () => {
    const twice = records({
      columns: [
        { name: 'y', role: 'label', type: 'text', examples: [] },
        { name: 'z', role: 'label', type: 'text', examples: [] },
      ],
    });
    const { problems, notes } = plan([file({}), file({ name: 'b.npy' }), twice]);
    expect(problems.join('\n')).toContain('2 arrays of activations (a.npy and b.npy)');
    expect(problems.join('\n')).toContain('2 columns for the label (y and z)');
    expect(notes.join('\n')).toContain('the row index is the key');
  });

  it('says what is lost without labels, and adds to the set that is there', () => {
    expect(plan([file({})]).problems).toEqual([]);
    expect(plan([file({})]).notes.join()).toContain('no class can be judged');
    const added = plan([file({})], [inCase('investigated')]);
    expect(added.problems).toEqual([]);
    expect(added.notes.join()).toContain('added to the investigated set');
    expect(added.datasets[0].records).toBeNull();
  });

  it('puts parts and tables to the records that they belong to', () => {
    const reading = { delimiter: ';' as const };
    const base = records({ reading, rows: 60, entries: [array({ name: 'vec', shape: [100, 8] })] });
    const part = records({ role: 'part', name: 'part-1.csv', rows: 40 });
    const losses = records({ role: 'table', key: 'id', name: 'losses.csv', rows: 7 });
    const logits = records({
      role: 'table',
      key: 'id',
      name: 'logits.csv',
      rows: 100,
      entries: [array({ name: 'l', role: 'logits', shape: [120, 3] })],
    });
    const { datasets, problems } = plan([base, part, losses, logits]);
    expect(problems).toEqual([]);
    expect(datasets[0].records).toMatchObject({ token: base.token, parts: [part.token], reading });
    expect(datasets[0].tables?.map(({ token, key }) => [token, key])).toEqual([
      [losses.token, 'id'],
      [logits.token, 'id'],
    ]);
    expect(datasets[0].arrays).toEqual([
      { token: base.token, entry: 'vec', role: 'activations', reading, parts: [part.token] },
      { token: logits.token, entry: 'l', role: 'logits', key: 'id' },
    ]);
    expect(plan([records({ role: 'table', key: null, rows: 3 })]).problems.join()).toContain(
      'no records that they belong to',
    );
    const short = records({ role: 'table', key: null, name: 'short.csv', rows: 3 });
    expect(plan([records(), short]).problems.join()).toContain('short.csv has 3');
  });

  it('leaves bad rows out only where that was ticked', () => {
    const file = records({ badRows: 12 });
    expect(plan([file]).problems.join()).toContain('12 records of records.csv cannot be taken');
    expect(planImport([file], [proposedChoice(file)], [], true).problems).toEqual([]);
  });

  it('leaves out what cannot be taken and says when nothing is left', () => {
    const { problems, datasets } = plan([
      file({ role: null, format: 'unknown', entries: [], problem: 'Not an array.' }),
    ]);
    expect(datasets).toEqual([]);
    expect(problems).toEqual(['None of these files can be taken. Nothing was imported.']);
    const untaken = { ...proposedChoice(file()), include: false };
    expect(planImport([file()], [untaken], []).problems).toEqual([
      'Nothing is chosen. Tick at least one file.',
    ]);
  });

  it('takes several arrays of one file, and asks for what none of them says', () => {
    const several = file({
      name: 'all.npz',
      entries: [
        array({ name: 'penultimate' }),
        array({ name: 'y', stored: 'int64', dtype: null, shape: [100], roles: ['labels'], role: 'labels' }),
        array({ name: 'other', role: null }),
      ],
    });
    const { datasets, problems, notes } = plan([several]);
    expect([...problems, ...notes]).toEqual([]);
    expect(datasets[0].arrays.map(({ entry, role }) => [entry, role])).toEqual([
      ['penultimate', 'activations'],
      ['y', 'labels'],
    ]);
    const silent = file({ name: 'x.npz', entries: [array({ name: 'arr_0', role: null })] });
    expect(plan([silent]).problems).toEqual(['Say what x.npz holds, or leave it out.']);
  });
});

describe('what is in the case', () => {
  it('takes arrays of its rows that it has not, and nothing else', () => {
    const told = (one: FileProposal, part: Partial<Dataset> = {}): string =>
      plan([one], [inCase('investigated', part)]).problems.join();
    expect(told(file({ entries: [array({ shape: [99, 8] })] }))).toContain(
      '99 rows and old.csv in the case has 100',
    );
    const labels = array({ shape: [100], roles: ['labels'], role: 'labels' });
    expect(told(file({ entries: [labels] }))).toContain('only matrices can be added');
    const matrix: Dataset['matrices'][number] = {
      id: 1,
      role: 'activations',
      dtype: 'float32',
      shape: [100, 8],
      sha256: '',
      builtIn: null,
    };
    const built = { ...matrix, builtIn: 'pixels' };
    expect(told(file(), { matrices: [matrix] })).toContain('has its activations already');
    expect(told(file(), { matrices: [built] })).toBe('');
  });

  it('keeps what is investigated, and lets a trusted set be replaced', () => {
    expect(plan([records()], [inCase('investigated')]).problems.join()).toContain(
      'already investigates old.csv',
    );
    const { problems, notes } = plan([records({ dataset: 'trusted' })], [inCase('trusted')]);
    expect([problems, notes.length]).toEqual([[], 1]);
  });
});

describe('mappingOf', () => {
  it('names every column and array of the file, those that are left out as well', () => {
    const both = records({ entries: [array({ name: 'f', role: null })] });
    expect(mappingOf(both, { ...proposedChoice(both), entries: ['logits'] })).toEqual({
      source: 'some source',
      columns: [
        { name: 'id', role: 'key' },
        { name: 'y', role: 'label' },
      ],
      entries: [{ name: 'f', role: 'logits' }],
    });
  });
});

describe('isUsable', () => {
  it('tells files that hold something from those that do not', () => {
    expect([records(), file()].map(isUsable)).toEqual([true, true]);
    expect(isUsable(file({ role: null, entries: [array({ roles: [], role: null })] }))).toBe(false);
  });
});
