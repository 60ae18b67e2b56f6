import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { bytesAsSource } from '../byte-source.ts';
import { openEvidence } from '../open-evidence.ts';
import type { ArrayEntry } from '../reader.ts';
import { idxReader } from './idx.ts';

const FOLDER = join(import.meta.dirname, '../../../../test/fixtures/formats/idx');
const { files } = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as {
  files: Record<string, { dtype: string; shape: number[]; values: string }>;
};

async function valuesOf(entry: ArrayEntry | undefined, rowsPerChunk: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const { bytes } of entry?.chunks(rowsPerChunk) ?? []) chunks.push(bytes);
  return Buffer.concat(chunks).toString('hex');
}
const open = (bytes: Uint8Array) => idxReader.open(bytesAsSource('a.idx', bytes));

describe('an IDX file', () => {
  it.each(Object.entries(files))('%s gives what numpy wrote', async (name, { dtype, shape, values }) => {
    for (const rowsPerChunk of [1, 5, 1000]) {
      const file = await openEvidence(join(FOLDER, name));
      try {
        const [entry] = file.content.entries;
        expect(file.format).toBe('idx');
        expect(file.compression).toBe(name.endsWith('.gz') ? 'gzip' : null);
        expect(entry).toMatchObject({ name: null, dtype, stored: dtype, shape, problem: null });
        expect(await valuesOf(entry, rowsPerChunk)).toBe(values);
      } finally {
        file.close();
      }
    }
  });

  it.each([
    ['one byte short', [0, 0, 8, 1, 0, 0, 0, 2, 1], 'needs 10'],
    ['one byte too many', [0, 0, 8, 1, 0, 0, 0, 2, 1, 2, 3], 'needs 10'],
    ['of no values', [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 0], 'holds no values'],
    ['of an unknown dtype', [0, 0, 0x0a, 1, 0, 0, 0, 1, 1], 'not an IDX file'],
    ['of nine axes', [0, 0, 8, 9, 0, 0, 0, 1, 1], 'not an IDX file'],
    ['cut off in its header', [0, 0, 8, 3, 0, 0, 0, 1, 0, 0], 'within its header of 16 bytes'],
  ])('%s is refused', async (_what, bytes, sentence) => {
    const failure = await failureLater(() => open(Uint8Array.from(bytes)));
    expect(failure.code).toBe('evidence/malformed');
    expect(failure.message).toContain(sentence);
  });

  it('takes no memory for what no file can hold', async () => {
    const huge = [0, 0, 0x0e, 3, ...new Array<number>(12).fill(0xff), 0];
    expect((await failureLater(() => open(Uint8Array.from(huge)))).code).toBe('evidence/too-large');
  });
});
