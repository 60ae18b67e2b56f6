import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { findCases, ownCaseNames, unpacked } from './cases.mjs';

const work = mkdtempSync(join(tmpdir(), 'bezoar-cases-found-'));
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

function write(name: string, files: Record<string, string | Buffer>): void {
  mkdirSync(join(work, name), { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(work, name, file), content);
}

describe('the cases of a measurement', () => {
  it('reads the names of the own cases from the script that makes them', () => {
    const names = ownCaseNames();
    expect(names).toContain('moving-patch');
    expect(names.filter((name) => name.startsWith('clean-')).length).toBeGreaterThanOrEqual(3);
    expect(names.filter((name) => !name.startsWith('clean-')).length).toBeGreaterThanOrEqual(8);
  });

  it('takes what is whole and says what is not', () => {
    const about = JSON.stringify({ poisoned: 3 });
    write('whole', { 'case.json': about, 'activations.npy': '', 'records.csv': '', 'truth.csv': '' });
    write('cut', { 'case.json': about, 'activations.npy': '' });
    write('left.part', { 'case.json': about });
    const { found, absent } = findCases(work);
    const own = found.filter(({ kind }) => kind === 'own');
    expect(own).toMatchObject([{ name: 'whole', hasTrusted: false, about: { poisoned: 3 } }]);
    expect(absent.filter(({ kind }) => kind === 'own')).toEqual([
      { name: 'cut', kind: 'own', reason: 'unfinished: it lacks records.csv, truth.csv' },
    ]);
  });

  it('refuses a folder that is not there', () => {
    expect(() => findCases(join(work, 'nowhere'))).toThrow('There is no folder');
  });

  it('unpacks what is packed', async () => {
    const head = 'key,row_index,poisoned,true_label\n';
    write('packed', {
      'case.json': JSON.stringify({ poisoned: 0 }),
      'activations.npy.gz': gzipSync('rows'),
      'records.csv.gz': gzipSync('key\n'),
      'truth.csv.gz': gzipSync(head),
      'model.onnx': 'not taken',
    });
    const packed = findCases(work).found.find(({ name }) => name === 'packed');
    if (packed === undefined) throw new Error('the packed case was not found');
    const to = await unpacked(packed, join(work, 'unpacked.part'));
    expect(readFileSync(join(to, 'truth.csv'), 'utf8')).toBe(head);
    expect(() => readFileSync(join(to, 'model.onnx'))).toThrow('ENOENT');
  });
});
