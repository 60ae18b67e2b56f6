import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { bytesOf, npyBytes } from '../../../test/fixtures/npy-bytes.ts';
import { openEvidence } from './open-evidence.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-open-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The values of the first array, and the hash of the file. */
async function valuesOf(path: string, rowsPerChunk = 1000) {
  const file = await openEvidence(path);
  try {
    const parts: Uint8Array[] = [];
    for await (const { bytes } of file.content.entries[0]?.chunks(rowsPerChunk) ?? []) parts.push(bytes);
    return { ...file, values: Buffer.concat(parts), hash: file.sha256() };
  } finally {
    file.close();
  }
}

// More than several blocks of every size that is read at a time.
const values = Float32Array.from({ length: 300_000 }, (_, at) => Math.sin(at));
const npy = npyBytes('<f4', [30_000, 10], bytesOf(values));

describe.each([
  ['gzip', gzipSync(npy)],
  ['zstd', zstdCompressSync(npy)],
])('a file packed with %s', (compression, packed) => {
  it('gives the same values, under the hash of the file itself', async () => {
    const read = await valuesOf(write('a.npy.gz', packed), 700);
    expect(read).toMatchObject({ compression, format: 'npy', size: packed.length, hash: sha256(packed) });
    expect(new Uint8Array(read.values)).toEqual(bytesOf(values));
  });

  it('is told by its bytes, whatever it is called', async () => {
    expect((await valuesOf(write('a.csv', packed))).format).toBe('npy');
  });

  it('cut off or damaged is refused with a sentence', async () => {
    const half = packed.subarray(0, packed.length >> 1);
    const cut = await failureLater(() => valuesOf(write('a.npy.gz', half)));
    expect(cut.code).toBe('evidence/malformed');
    expect(cut.message).toMatch(/a\.npy\.gz.*damaged or breaks off/);
  });
});

describe('a file packed by gzip and zstd themselves', () => {
  const formats = join(import.meta.dirname, '../../../test/fixtures/formats');

  it.each(['best.npy.gz', 'usual.npy.zst', 'highest.npy.zst', 'bare.npy.zst', 'frames.npy.zst'])(
    '%s gives the values of the file that was packed',
    async (name) => {
      const path = join(formats, 'packed', name);
      const [packed, plain] = [await valuesOf(path), await valuesOf(join(formats, 'big-endian-fortran.npy'))];
      expect(packed).toMatchObject({ compression: name.endsWith('.gz') ? 'gzip' : 'zstd', format: 'npy' });
      expect(packed.values.equals(plain.values)).toBe(true);
      expect(packed.values.length).toBeGreaterThan(0);
      expect(packed.hash).toBe(sha256(readFileSync(path)));
    },
  );
});

describe('a packed table', () => {
  it('of several gzip members is read through, twice', async () => {
    const lines = Array.from({ length: 50_000 }, (_, row) => `k${row},label ${row % 7}\n`);
    const text = ['key,label\n', ...lines].join('');
    const members = [text.slice(0, 300_000), text.slice(300_000)].map((part) => gzipSync(part));
    const file = await openEvidence(write('r.csv.gz', Buffer.concat(members)));
    try {
      for (let pass = 0; pass < 2; pass += 1) {
        let rows = 0;
        let last: unknown;
        for await (const { records } of file.content.table?.batches() ?? []) {
          rows += records.length;
          last = records.at(-1);
        }
        expect([rows, last]).toEqual([50_000, ['k49999', 'label 5']]);
      }
    } finally {
      file.close();
    }
  });
});

describe('what is no evidence', () => {
  it('is refused by a code and a sentence', async () => {
    expect((await failureLater(() => openEvidence(write('a.pdf', '%PDF')))).code).toBe(
      'evidence/unknown-format',
    );
    expect((await failureLater(() => openEvidence(join(folder, 'none.npy')))).code).toBe(
      'evidence/unreadable',
    );
    expect((await failureLater(() => openEvidence(folder))).message).toContain('not a file');
  });
});
