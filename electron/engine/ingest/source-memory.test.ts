import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bytesOf, npyBytes } from '../../../test/fixtures/npy-bytes.ts';
import { FileToken } from '../../contract/case.ts';
import type { FileProposal } from '../../contract/evidence.ts';
import { proposeFiles } from './propose.ts';
import { openSourceMemory } from './source-memory.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-sources-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function propose(name: string, content: string | Uint8Array): Promise<FileProposal> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const token = FileToken.parse('token-of-file');
  const memory = openSourceMemory(join(folder, 'settings'));
  const { files } = await proposeFiles([{ token, path }], [], () => token, undefined, memory);
  const [file] = files;
  if (file === undefined) throw new Error('no proposal');
  return file;
}

const remember = ({ source, columns, entries }: FileProposal, role: 'label' | 'logits'): void => {
  openSourceMemory(join(folder, 'settings')).remember([
    {
      source,
      columns: (columns ?? []).map(({ name }) => ({ name, role: role === 'label' ? role : 'ignored' })),
      entries: entries.map(({ name }) => ({ name, role: role === 'logits' ? role : null })),
    },
  ]);
};

it('proposes for a file of the same columns what the last one was taken for, whatever its name and rows', async () => {
  const first = await propose('märz.csv', 'Kennung;Klasse\nk0;ja\nk1;nein\n');
  expect([first.remembered, first.columns?.map(({ role }) => role)]).toEqual([false, ['feature', 'feature']]);
  remember(first, 'label');
  const second = await propose('april.csv', 'Kennung;Klasse\nk7;ja\n');
  expect([second.remembered, second.columns?.map(({ role }) => role)]).toEqual([true, ['label', 'label']]);
  const other = await propose('other.csv', 'Kennung;Klasse;Ort\nk7;ja;Ulm\n');
  expect(other.remembered).toBe(false);
});

it('knows arrays without names by the name of their file, its numbers apart', async () => {
  const floats = npyBytes('<f4', [4, 3], bytesOf(new Float32Array(12)));
  const first = await propose('out-03.npy', floats);
  expect(first.entries[0]?.role).toBe('activations');
  remember(first, 'logits');
  expect((await propose('out-04.npy', floats)).entries[0]?.role).toBe('logits');
  expect((await propose('head-04.npy', floats)).entries[0]?.role).toBe('activations');
});

it('takes no role that the array cannot have, and survives a damaged memory', async () => {
  const first = await propose('labels.npy', npyBytes('<i8', [4], new Uint8Array(32)));
  remember(first, 'logits');
  expect((await propose('labels.npy', npyBytes('<i8', [4], new Uint8Array(32)))).entries[0]?.role).toBe(
    'labels',
  );
  writeFileSync(join(folder, 'settings/source-mappings.json'), '{');
  expect((await propose('labels.npy', npyBytes('<i8', [4], new Uint8Array(32)))).remembered).toBe(false);
});

it('shows the first values of arrays, and the first records that cannot be taken', async () => {
  const values = npyBytes('<f4', [3, 2], bytesOf(Float32Array.of(0.1, -2, 3, 4, 5, 6)));
  expect((await propose('a.npy', values)).entries[0]?.examples).toEqual(['0.1', '-2', '3', '4']);
  const { badRows, firstBadRows } = await propose('b.csv', 'id,label\na,x\nb\nc,y\n');
  expect([badRows, firstBadRows.map(({ line, text }) => [line, text.trim()])]).toEqual([1, [[3, 'b']]]);
});
