import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openEvidence } from '../../electron/engine/ingest/open-evidence.ts';
import type { ArrayEntry } from '../../electron/engine/ingest/reader.ts';

// Files written by NumPy, PyTorch, h5py and Python's pickle (test/fixtures/formats/make_formats.py), and by safetensors
// (make_safetensors.py).
const folder = join(import.meta.dirname, '..', 'fixtures', 'formats');

type Told = { stored: string; shape: number[]; sha256: string } | { unreadable: true };
type Expected = Record<string, Record<string, Told> & { findings?: string[] }>;
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const expected: Expected = {
  ...(read('expected.json') as Expected),
  ...(read('safetensors.json') as { files: Expected }).files,
};

async function hashOf(entry: ArrayEntry, rowsPerChunk: number): Promise<string> {
  const hash = createHash('sha256');
  let row = 0;
  for await (const { firstRow, rows, bytes } of entry.chunks(rowsPerChunk)) {
    expect(firstRow).toBe(row);
    expect(bytes.byteOffset).toBe(0);
    row += rows;
    hash.update(bytes);
  }
  expect(row).toBe(entry.shape[0]);
  return hash.digest('hex');
}

describe.each(Object.entries(expected))('%s', (name, { findings = [], ...arrays }) => {
  it('holds what its own library reads from it, in every chunk size', async () => {
    const file = await openEvidence(join(folder, name));
    try {
      const found = new Map(file.content.entries.map((entry) => [entry.name ?? '', entry]));
      expect([...found.keys()].sort()).toEqual(Object.keys(arrays).sort());
      for (const [key, told] of Object.entries(arrays)) {
        const entry = found.get(key);
        if (entry === undefined) throw new Error(`${key} is missing`);
        if ('unreadable' in told) {
          expect(entry.problem, key).toContain(name);
          continue;
        }
        expect([key, entry.problem, entry.dtype, entry.shape]).toEqual([key, null, told.stored, told.shape]);
        for (const rows of [1, 7, 10_000]) expect(await hashOf(entry, rows), key).toBe(told.sha256);
      }
      expect(file.content.findings.map(({ subject }) => subject)).toEqual(findings);
    } finally {
      file.close();
    }
  });
});

describe('a packed array in Fortran order', () => {
  it('is turned about in memory', async () => {
    const path = join(folder, 'fortran.npy');
    const told = expected['fortran.npy']?.[''];
    if (told === undefined || 'unreadable' in told) throw new Error('no array');
    const work = mkdtempSync(join(tmpdir(), 'bezoar-formats-'));
    try {
      writeFileSync(join(work, 'fortran.npy.gz'), gzipSync(readFileSync(path)));
      const file = await openEvidence(join(work, 'fortran.npy.gz'));
      const [entry] = file.content.entries;
      if (entry === undefined) throw new Error('no array');
      expect(await hashOf(entry, 10)).toBe(told.sha256);
      file.close();
    } finally {
      rmSync(work, { recursive: true });
    }
  });
});
