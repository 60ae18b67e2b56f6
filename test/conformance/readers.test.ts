import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BezoarError } from '../../electron/contract/errors.ts';
import { bytesAsSource, type FileSource } from '../../electron/engine/ingest/byte-source.ts';
import type { Reader } from '../../electron/engine/ingest/reader.ts';
import { readerOf, readers } from '../../electron/engine/ingest/readers/registry.ts';
import { bytesOf, npyBytes } from '../fixtures/npy-bytes.ts';
import { safetensorsBytes } from '../fixtures/safetensors-bytes.ts';

const written = (name: string): Uint8Array =>
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'formats', name));

/** A sound file of each format, and its rows, those of all arrays together; a new reader adds its own line here. */
const sound: readonly { reader: string; name: string; bytes: Uint8Array; rows: number }[] = [
  { reader: 'npy', name: 'a.npy', bytes: npyBytes('<f4', [6, 3], bytesOf(new Float32Array(18))), rows: 6 },
  { reader: 'csv', name: 'a.csv', bytes: Buffer.from('key,label\na,"x, y"\nb,"ü\n"\nc,\n'), rows: 3 },
  { reader: 'parquet', name: 'a.parquet', bytes: written('tables/int96.parquet'), rows: 40 },
  { reader: 'arrow', name: 'a.arrow', bytes: written('tables/views.arrow'), rows: 5 },
  {
    reader: 'json-lines',
    name: 'a.jsonl',
    bytes: Buffer.from('{"a":1}\n{"a":null,"b":{"c":"ü"}}\n\n{}'),
    rows: 3,
  },
  {
    reader: 'json',
    name: 'a.json',
    bytes: Buffer.from('[{"a": "x, y"},\n {"b": [1, 2.5]}, {}\n]\n'),
    rows: 3,
  },
  { reader: 'zip', name: 'state.pth', bytes: written('state.pth'), rows: 6 },
  { reader: 'zip', name: 'small.npz', bytes: written('small.npz'), rows: 37 },
  { reader: 'pickle', name: 'protocol-4.pkl', bytes: written('protocol-4.pkl'), rows: 111 },
  { reader: 'pickle', name: 'state-legacy.pth', bytes: written('state-legacy.pth'), rows: 6 },
  { reader: 'hdf5', name: 'userblock.h5', bytes: written('userblock.h5'), rows: 37 },
  {
    reader: 'idx',
    name: 'labels-idx1-ubyte',
    bytes: Uint8Array.of(0, 0, 0x0b, 2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 1, 0xff, 0xfe, 0, 3, 0, 4, 0, 5, 0, 6),
    rows: 3,
  },
  { reader: 'onnx', name: 'pytorch.onnx', bytes: written('models/pytorch.onnx'), rows: 0 },
  { reader: 'safetensors', name: 'a.safetensors', bytes: safetensorsBytes(), rows: 5 },
];

/** Rows of the records, else of all arrays together. */
async function rowsOf(reader: Reader, source: FileSource): Promise<number> {
  const content = await reader.open(source);
  const { entries, table } = content;
  try {
    let rows = 0;
    for (const entry of entries) {
      if (entry.problem !== null) throw new BezoarError('evidence/malformed', entry.problem);
      const before = rows;
      for await (const chunk of entry.chunks(4)) {
        expect(chunk.firstRow).toBe(rows - before);
        rows += chunk.rows;
      }
      expect(rows - before).toBe(entry.shape[0]);
    }
    if (table === null) return rows;
    let records = 0;
    let bad = 0;
    for await (const batch of table.batches()) {
      expect(batch.firstRow).toBe(records);
      for (const record of batch.records)
        expect(record?.length ?? 0).toBeLessThanOrEqual(table.header.length);
      expect(batch.bad).toHaveLength(batch.records.filter((record) => record === null).length);
      records += batch.records.length;
      bad += batch.bad.length;
    }
    if (table.rows !== null) expect(table.rows).toBe(records);
    return records - bad;
  } finally {
    content.close?.();
  }
}

/** Reads to the end, or to a failure that is one of the contract's. */
async function rowsOrFailure(reader: Reader, name: string, bytes: Uint8Array): Promise<number | null> {
  try {
    return await rowsOf(reader, bytesAsSource(name, bytes));
  } catch (error) {
    expect(error).toMatchObject({
      name: 'BezoarError',
      code: expect.stringMatching(/^evidence\//) as string,
    });
    expect((error as Error).message).toContain(name);
    expect((error as Error).message).toContain('Nothing was imported.');
    return null;
  }
}

it('has a sound file for each reader, and no two readers of one id', () => {
  const ids = readers.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...new Set(sound.map(({ reader }) => reader))].sort()).toEqual([...ids].sort());
});

describe.each(sound)('the $reader reader on $name', ({ reader: id, name, bytes, rows }) => {
  const reader = readers.find((one) => one.id === id);
  if (reader === undefined) throw new Error(`there is no reader ${id}`);
  // Each opening of an HDF5 file starts a library of its own.
  const slow = id === 'hdf5';

  it('is found for its file, and reads all of it the same way twice', async () => {
    expect(readerOf(bytes.subarray(0, 4096), name)).toBe(reader);
    expect(await rowsOf(reader, bytesAsSource(name, bytes))).toBe(rows);
    expect(await rowsOf(reader, bytesAsSource(name, bytes))).toBe(rows);
  });

  it('cut off at any byte gives fewer rows, or a failure in words', async () => {
    for (let length = 0; length < bytes.length; length += slow ? 97 : 1)
      expect((await rowsOrFailure(reader, name, bytes.subarray(0, length))) ?? 0).toBeLessThanOrEqual(rows);
  });

  it('takes any bytes at all without an error of another kind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(bytes.length), async (noise, keep) => {
        await rowsOrFailure(reader, name, noise);
        await rowsOrFailure(reader, name, Buffer.concat([bytes.subarray(0, keep), noise]));
      }),
      { numRuns: slow ? 20 : 300 },
    );
  });

  it('asks for no more bytes at a time than a chunk, whatever the file claims', async () => {
    let most = 0;
    const source = bytesAsSource(name, bytes);
    const watched: FileSource = {
      ...source,
      read: (offset, length) => {
        most = Math.max(most, length);
        return source.read(offset, length);
      },
      readNow: (offset, length) => {
        most = Math.max(most, length);
        return source.readNow(offset, length);
      },
    };
    await rowsOf(reader, watched);
    expect(most).toBeLessThanOrEqual(4 * 1024 * 1024);
  });
});
