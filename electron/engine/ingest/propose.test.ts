import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesOf, npyBytes } from '../../../test/fixtures/npy-bytes.ts';
import { FileToken } from '../../contract/case.ts';
import { columnKinds } from './column-kinds.ts';
import { proposeColumns } from './propose-columns.ts';
import { proposeFiles } from './propose.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-propose-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const records = (rows: number, prefix = 'k'): string =>
  `key,label,predicted,confidence,loss_final,source\n${Array.from(
    { length: rows },
    (_, row) => `${prefix}${row},${['cat', 'dog', 'owl'][row % 3] ?? ''},cat,0.5,${row / 7},web\n`,
  ).join('')}`;
const floats = (rows: number, width: number): Uint8Array =>
  npyBytes('<f4', [rows, width], bytesOf(new Float32Array(rows * width)));

const propose = (files: Record<string, string | Uint8Array>) =>
  proposeFiles(
    Object.entries(files).map(([name, content]) => {
      writeFileSync(join(folder, name), content);
      return { token: FileToken.parse(`token-${name}`), path: join(folder, name) };
    }),
    [],
    (path) => FileToken.parse(`token-of-${path.replace(/[^a-zA-Z0-9]/g, '-')}`),
  );
const told = async (files: Record<string, string | Uint8Array>): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await propose(files)).files.map(({ name, role, dataset, entries }) => [
      name,
      `${dataset} ${entries.map((entry) => entry.role).join(' ') || (role ?? '-')}`,
    ]),
  );

describe('the proposal', () => {
  it('understands several files together', async () => {
    const files = {
      'activations.npy': floats(30, 8),
      'out.npy': floats(30, 3),
      'images.npy': npyBytes('|u1', [30, 4, 4, 3], new Uint8Array(30 * 48)),
      'records.csv': records(30),
      'trusted_activations.npy': floats(9, 8),
      'extra.npy': floats(9, 3),
      'trusted_records.csv': records(9, 't'),
    };
    expect(await told(files)).toEqual({
      'activations.npy': 'investigated activations',
      'out.npy': 'investigated logits',
      'images.npy': 'investigated images',
      'records.csv': 'investigated records',
      'trusted_activations.npy': 'trusted activations',
      'extra.npy': 'trusted logits',
      'trusted_records.csv': 'trusted records',
    });
    expect((await propose(files)).problems).toEqual([]);
  });

  it('takes a name like test for trusted only beside files that are not so named', async () => {
    const files = { 'test_records.csv': records(9), 'test_activations.npy': floats(9, 8) };
    expect(Object.values(await told(files))).toEqual(['investigated records', 'investigated activations']);
    expect((await told({ ...files, 'records.csv': records(30) }))['test_records.csv']).toBe(
      'trusted records',
    );
  });

  it('counts rows and says what does not fit', async () => {
    const { files, problems } = await propose({
      'records.csv': records(30),
      'activations.npy': floats(29, 8),
      'notes.pdf': '%PDF',
      'big.npy': npyBytes('<U1', [2, 2], new Uint8Array(16)),
    });
    expect(files.map(({ rows }) => rows)).toEqual([30, 29, null, null]);
    expect(problems.join()).toContain('activations.npy has 29 rows and records.csv has 30');
    expect(files[2]).toMatchObject({ format: 'unknown', role: null });
    expect(files[2]?.problem).toContain('no kind that Bezoar reads');
    expect(files[3]?.problem).toContain('text');
  });

  it('says when labels, keys or records are missing', async () => {
    expect((await propose({ 'a.csv': 'x,z\n1,2\n' })).problems).toHaveLength(2);
    expect((await propose({ 'a.npy': floats(3, 4) })).problems[0]).toContain('without records');
    expect((await propose({ 'a.csv': 'x,z\n' })).files[0]?.problem).toContain('no records');
  });
});

describe('columns', () => {
  it('are told by name and content', () => {
    const header = [
      'Sample ID',
      'label',
      'y',
      'Predicted Class',
      'confidence',
      'loss_3',
      'lossy',
      'body',
      'note',
      'age',
    ];
    const rows = Array.from({ length: 4 }, (_, row) => [
      `s${row}`,
      'a',
      'b',
      'a',
      '0.5',
      '1e-3',
      'yes',
      'short',
      'a long run of words that no one would take for a name',
      '7',
    ]);
    const kinds = columnKinds({ typed: false, decimal: '.' });
    kinds.add({ firstRow: 0, records: rows, lines: null, bad: [] });
    expect(
      proposeColumns(header, rows, (at) => kinds.of(at)).map(({ role, type }) => `${role} ${type}`),
    ).toEqual([
      'key text',
      'label text',
      'feature text',
      'predicted text',
      'confidence number',
      'loss number',
      'feature text',
      'text text',
      'text text',
      'feature number',
    ]);
  });

  it('with keys that come twice are no keys', () => {
    expect(proposeColumns(['id'], [['a'], ['a']], () => ({ type: 'text' }))[0]?.role).toBe('feature');
  });
});
