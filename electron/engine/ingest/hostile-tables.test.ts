import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { BezoarError } from '../../contract/errors.ts';
import { openEvidence } from './open-evidence.ts';
import type { BadRow } from './reader.ts';

const TABLES = join(import.meta.dirname, '../../../test/fixtures/formats/tables');
const MOST_MILLISECONDS = 2000;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-hostile-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Reads all that a file holds. */
async function readAll(name: string, bytes: string | Uint8Array): Promise<{ rows: number; bad: BadRow[] }> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const file = await openEvidence(path);
  try {
    let rows = 0;
    const bad: BadRow[] = [];
    for await (const batch of file.content.table?.batches() ?? []) {
      rows += batch.records.length;
      bad.push(...batch.bad);
    }
    for (const entry of file.content.entries)
      if (entry.problem === null) for await (const chunk of entry.chunks(64)) rows += chunk.rows * 0;
    return { rows, bad };
  } finally {
    file.close();
  }
}

const refusal = async (name: string, bytes: string | Uint8Array): Promise<BezoarError> => {
  const failure = await failureLater(() => readAll(name, bytes));
  expect(failure.message).toContain(name);
  expect(failure.message).toContain('Nothing was imported.');
  return failure;
};

describe('JSON', () => {
  it('refuses an array that breaks off, goes on after its end, or holds what is no JSON', async () => {
    expect((await refusal('a.json', '[{"a":1},{"a":2}')).message).toContain(
      'not closed before the file ends',
    );
    expect((await refusal('a.json', '[{"a":1}] x')).message).toContain('something follows the end');
    expect((await refusal('a.json', '[{"a":1}\n {"a":2}]')).message).toContain('line 2: a comma');
    expect((await refusal('a.json', '[{"a":1},\n{a:2}]')).message).toContain(
      'line 2: the record there is not JSON',
    );
    expect((await refusal('a.json', '{"a":{"b":[1]}')).message).toContain('breaks off');
    expect((await refusal('a.json', '{"name":"x","version":2}')).message).toContain(
      'neither records nor columns',
    );
  });

  it('counts what is nested too deep, names a key twice, or is no JSON as bad', async () => {
    const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
    const { rows, bad } = await readAll(
      'a.jsonl',
      `{"a":1}\n${deep}\n{"a":1,"a":2}\n{"a":{"b":1},"a.b":2}\n{"a":\n7\n{"a":"\\u0000x"}\n`,
    );
    expect(rows).toBe(7);
    expect(bad.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      '2 this record is nested 5000 deep, and at most 64 are read',
      '3 this record names a key twice',
      '4 this record names "a.b" twice',
      '5 this record breaks off before its end',
      '6 this record is a single value, and the first record is an object',
    ]);
  });

  it('refuses records over 16 MB and more keys than any table has', async () => {
    const long = 'x'.repeat(17 * 1024 * 1024);
    expect((await refusal('a.jsonl', `{"a":1}\n{"a":"${long}"}\n`)).code).toBe('evidence/too-large');
    expect((await refusal('a.json', `[{"a":"${long}"}]`)).code).toBe('evidence/too-large');
    const keys = Array.from({ length: 10_001 }, (_, at) => JSON.stringify({ [`k${at}`]: at })).join('\n');
    expect((await refusal('a.jsonl', keys)).message).toContain('more than 10000 different keys');
  });

  it('reads whole numbers beyond 2^53, not-a-number and infinity as they are meant', async () => {
    const path = join(folder, 'a.jsonl');
    writeFileSync(path, '{"n":12345678901234567890,"x":NaN,"t":"NaN Infinity"}\n{"n":1,"x":-Infinity}\n');
    const file = await openEvidence(path);
    for await (const { records } of file.content.table?.batches() ?? [])
      expect(records).toEqual([
        ['12345678901234567890', null, 'NaN Infinity'],
        [1, -Infinity],
      ]);
    file.close();
  });
});

describe('JSON that is none', () => {
  it('is refused: other spaces than its own, and digits before a word for infinity', async () => {
    for (const space of ['\u000b', '\u000c', '\u0001', '\u00a0'])
      expect((await refusal('a.json', `[{"a":1},${space}{"a":2}]`)).code).toBe('evidence/malformed');
    const { bad } = await readAll(
      'a.jsonl',
      '{"a":1}\n{"a":1Infinity}\n{"a":2.NaN}\n{"a":-Infinity}\n{"a":[NaN,2]}\n',
    );
    expect(bad.map(({ line }) => line)).toEqual([2, 3]);
  });

  it('is not made of lists: infinite numbers in them stay such', async () => {
    const path = join(folder, 'a.jsonl');
    writeFileSync(path, '{"v":[1e999,-Infinity,0.5],"o":[{"k":[Infinity]}]}\n');
    const file = await openEvidence(path);
    for await (const { records } of file.content.table?.batches() ?? [])
      expect(records).toEqual([['[Infinity,-Infinity,0.5]', '[{"k":[Infinity]}]']]);
    file.close();
  });
});

describe('packed text', () => {
  it('reads a gzip bomb without holding it, and refuses one that breaks off', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from('a,b\n'), Buffer.alloc(64 * 1024 * 1024, 'x')]));
    expect(bomb.length).toBeLessThan(100_000);
    expect((await refusal('a.csv.gz', bomb)).code).toBe('evidence/too-large');
    const sound = gzipSync('a,b\n1,2\n3,4\n');
    expect((await refusal('a.csv.gz', sound.subarray(0, -6))).code).toBe('evidence/malformed');
  });
});

describe('Parquet', () => {
  const sound = readFileSync(join(TABLES, 'int96.parquet'));
  const footer = sound.readUInt32LE(sound.length - 8);

  it('refuses a footer that lies about its length', async () => {
    for (const length of [0, footer + 1, sound.length, 0x7fff_ffff, 0xffff_ffff]) {
      const bytes = Buffer.from(sound);
      bytes.writeUInt32LE(length >>> 0, bytes.length - 8);
      await refusal('a.parquet', bytes);
    }
  });

  it('reads a run of levels no further than its page, however long it says it is', async () => {
    // 40 values that are there: a run of 40 is one byte, 80; its longest in one byte is 63.
    const at = sound.indexOf(Buffer.from([2, 0, 0, 0, 80, 1]));
    const bytes = Buffer.from(sound);
    if (at > 0) bytes[at + 4] = 126;
    expect((await readAll('a.parquet', bytes)).rows).toBe(40);
  });
});

describe('Parquet whose values are beyond their type', () => {
  // Places of values within pages that are not packed.
  it.each([
    ['typed-plain.parquet', 1038, 2, 'in a column of 16 bits'],
    ['typed-delta.parquet', 400, 161, 'in a column of 8 bits'],
    ['int96.parquet', 416, 246, 'of the Julian day'],
  ])('%s is refused, as programs differ in what they make of them', async (name, at, byte, says) => {
    const bytes = readFileSync(join(TABLES, name));
    await readAll(name, bytes);
    bytes[at] = byte;
    expect((await refusal(name, bytes)).message).toContain(says);
  });
});

describe('Arrow that counts other missing values than it marks', () => {
  it('is refused, as programs believe the one or the other', async () => {
    const bytes = readFileSync(join(TABLES, 'typed-lz4.feather'));
    // The count of i16, of which five are missing.
    bytes[3488] = 0;
    expect((await refusal('a.feather', bytes)).message).toContain('claims 0 missing values and marks 5');
  });
});

/** A generator of 32 bits (mulberry32), so that a failure can be found again. */
function drawn(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One to four bytes changed, a piece cut out, or one written twice. */
function mutated(bytes: Uint8Array, draw: () => number): Uint8Array {
  const made = Buffer.from(bytes);
  const way = draw();
  const at = Math.floor(draw() * made.length);
  const length = 1 + Math.floor(draw() * 16);
  if (way < 0.1) return Buffer.concat([made.subarray(0, at), made.subarray(at + length)]);
  if (way < 0.2) return Buffer.concat([made.subarray(0, at + length), made.subarray(at)]);
  for (let k = 0; k < 1 + Math.floor(draw() * 4); k += 1)
    made[Math.floor(draw() * made.length)] =
      [0, 255, 127, 128, Math.floor(draw() * 256)][Math.floor(draw() * 5)] ?? 0;
  return made;
}

describe.each([
  'typed-snappy.parquet',
  'typed-zstd-pages.parquet',
  'typed-delta.parquet',
  'duckdb-v2.parquet',
  'typed-lz4.feather',
  'typed.arrows',
  'views.arrow',
  'delta.arrows',
  'lines.jsonl',
  'records.json',
  'split.json',
  'semicolon.csv',
  'utf16.csv',
  'quoted.csv',
])('%s with bytes changed', (name) => {
  it('is read or refused in words, within two seconds', async () => {
    const sound = readFileSync(join(TABLES, name));
    const draw = drawn(name.length);
    for (let round = 0; round < 60; round += 1) {
      const bytes = mutated(sound, draw);
      const begun = performance.now();
      try {
        await readAll(name, bytes);
      } catch (error) {
        if (!(error instanceof BezoarError)) throw new Error(`round ${round}`, { cause: error });
        expect(error.message).toContain('Nothing was imported.');
      }
      expect(performance.now() - begun, `round ${round}`).toBeLessThan(MOST_MILLISECONDS);
    }
  });
});
