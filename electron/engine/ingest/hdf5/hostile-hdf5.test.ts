import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../../test/fixtures/failure-code.ts';
import { BezoarError } from '../../../contract/errors.ts';
import { bytesAsSource } from '../byte-source.ts';
import { hdf5Reader } from '../readers/hdf5.ts';
import { readChunkTree } from './chunk-tree.ts';
import { fletcher32, hasFletcher32 } from './fletcher32.ts';

const fixture = (name: string): Buffer =>
  readFileSync(join(import.meta.dirname, '../../../../test/fixtures/formats', name));

/** Why each dataset is not read, by its name; null for what is read to its end, a sentence for the file as a whole. */
async function problemsOf(bytes: Uint8Array): Promise<Map<string, string | null>> {
  const problems = new Map<string, string | null>();
  try {
    const { entries, close } = await hdf5Reader.open(bytesAsSource('a.h5', bytes));
    for (const entry of entries) {
      let problem = entry.problem;
      try {
        if (problem === null)
          for await (const chunk of entry.chunks(16)) expect(chunk.rows).toBeGreaterThan(0);
      } catch (error) {
        if (!(error instanceof BezoarError)) throw error;
        problem = error.message;
      }
      problems.set(entry.name ?? '', problem);
    }
    close?.();
  } catch (error) {
    if (!(error instanceof BezoarError)) throw error;
    problems.set('', error.message);
  }
  for (const problem of problems.values())
    if (problem !== null) expect(problem).toMatch(/^a\.h5.*Nothing was imported/s);
  return problems;
}

describe('what an HDF5 file names outside itself', () => {
  it.each(['earliest.h5', 'latest.h5'])('is listed by %s and never opened', async (name) => {
    const problems = await problemsOf(fixture(name));
    expect(problems.get('external')).toContain('a link to "/etc/passwd", which is not followed');
    expect(problems.get('soft')).toContain('which is not followed');
    expect(problems.get('outside')).toContain('in other files, which are not opened');
    expect(problems.get('virtual')).toContain('in other files, which are not opened');
  });
});

describe('a filter', () => {
  it('that is none of gzip, shuffle, checksum and LZF is named', async () => {
    expect((await problemsOf(fixture('earliest.h5'))).get('scaled')).toContain('"scaleoffset" (filter 6)');
  });
});

/** The size of the first axis, wherever a dataset of 37 rows says it in the eight bytes before those of `columns`. */
function withRows(bytes: Buffer, columns: number, rows: bigint): Buffer {
  const changed = Buffer.from(bytes);
  const shape = Buffer.alloc(16);
  shape.writeBigUInt64LE(37n, 0);
  shape.writeBigUInt64LE(BigInt(columns), 8);
  let found = 0;
  for (let at = changed.indexOf(shape); at >= 0; at = changed.indexOf(shape, at + 8), found += 1)
    changed.writeBigUInt64LE(rows, at);
  expect(found).toBeGreaterThan(0);
  return changed;
}

describe('a shape', () => {
  it.each([
    [2n ** 60n, 11],
    [2n ** 40n, 11],
    [2n ** 31n, 11],
    [2n ** 60n, 5],
    [10n ** 6n, 5],
  ])('of %i rows of %i values that are not there takes no memory', async (rows, columns) => {
    const before = process.memoryUsage().arrayBuffers;
    const problems = await problemsOf(withRows(fixture('earliest.h5'), columns, rows));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(256 * 1024 * 1024);
    const names =
      columns === 5 ? ['dtypes/f4', 'dtypes/u8', 'big/i8'] : ['chunked/plain', 'chunked/gzip', 'chunked/lzf'];
    // The library itself refuses some shapes, with the whole file.
    for (const name of names)
      expect(problems.get('') ?? problems.get(name), name).toEqual(expect.any(String));
  });
});

describe('a file that is cut off', () => {
  it('is refused, or lists what is left of it', async () => {
    const bytes = fixture('latest.h5');
    for (const share of [0, 0.001, 0.01, 0.3, 0.6, 0.9, 0.999]) {
      const problems = await problemsOf(bytes.subarray(0, Math.floor(share * bytes.length)));
      expect([...problems.values()].some((problem) => problem !== null)).toBe(true);
    }
  });
});

describe('a checksum', () => {
  it('of values packed with LZF is held against them, as the library holds the others', async () => {
    const bytes = fixture('earliest.h5');
    expect((await problemsOf(bytes)).get('chunked/lzf-checked')).toBeNull();
    // A bit of each byte of one of its chunks, the checksum among them.
    for (let at = 47046; at < 47046 + 36; at += 5) {
      bytes[at] ^= 1;
      expect((await problemsOf(bytes)).get('chunked/lzf-checked'), `byte ${at}`).toContain(
        'cannot be unpacked',
      );
      bytes[at] ^= 1;
    }
  });

  it('is that of Fletcher, with its halves in either order of bytes', () => {
    // The words 0x0102 and 0x0304 add up to 0x0406, their running sums to 0x0508.
    const bytes = [1, 2, 3, 4];
    expect(fletcher32(Uint8Array.from(bytes))).toBe(0x05080406);
    expect(hasFletcher32(Uint8Array.of(...bytes, 0x06, 0x04, 0x08, 0x05))).toBe(true);
    expect(hasFletcher32(Uint8Array.of(...bytes, 0x04, 0x06, 0x05, 0x08))).toBe(true);
    expect(hasFletcher32(Uint8Array.of(...bytes, 0x06, 0x04, 0x08, 0x06))).toBe(false);
    expect(hasFletcher32(Uint8Array.of(1, 2, 3))).toBe(false);
  });
});

/** A node of a tree of chunks over one axis, at byte 0, whose children stand at these addresses. */
function treeNode(level: number, children: readonly number[]): Buffer {
  const node = Buffer.alloc(24 + children.length * 32 + 24);
  node.write('TREE', 0, 'latin1');
  node[4] = 1;
  node[5] = level;
  node.writeUInt16LE(children.length, 6);
  children.forEach((child, at) => {
    node.writeUInt32LE(8, 24 + 32 * at);
    node.writeBigUInt64LE(BigInt(at), 32 + 32 * at);
    node.writeBigUInt64LE(BigInt(child), 48 + 32 * at);
  });
  return node;
}

describe('a tree of chunks', () => {
  const read = (bytes: Uint8Array) => readChunkTree(bytesAsSource('a.h5', bytes), 0, 0, 1);
  const refusal = (bytes: Uint8Array): string => failureOf(() => read(bytes)).message;

  it('is read to its leaves', () => {
    const top = treeNode(1, [0, 0]);
    const leaf = treeNode(0, [0]);
    const child = (at: number): void => {
      top.writeBigUInt64LE(BigInt(top.length + at * leaf.length), 48 + 32 * at);
    };
    child(0);
    child(1);
    expect(read(Buffer.concat([top, leaf, leaf]))).toHaveLength(2);
  });

  it('that leads into itself is refused at once', () => {
    expect(refusal(treeNode(1, Array<number>(1000).fill(0)))).toContain('leads into itself');
    const top = treeNode(30, [0, 0]);
    const below = treeNode(29, Array<number>(500).fill(0));
    top.writeBigUInt64LE(BigInt(top.length), 48);
    expect(refusal(Buffer.concat([top, below]))).toContain('leads into itself');
  });

  it('whose levels do not go down, or that leads out of the file, is refused', () => {
    const top = treeNode(3, [0]);
    top.writeBigUInt64LE(BigInt(top.length), 48);
    expect(refusal(Buffer.concat([top, treeNode(3, [0])]))).toContain('is of level 3 where 2 is due');
    expect(refusal(treeNode(1, [10 ** 9]))).toContain('is none');
    expect(refusal(treeNode(0, [10 ** 9]))).toContain('outside the file');
    expect(refusal(treeNode(0, [0, 0]).subarray(0, 60))).toContain('ends too early');
  });
});
