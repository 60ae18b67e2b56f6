import { describe, expect, it } from 'vitest';
import { BezoarError } from '../../electron/contract/errors.ts';
import { readers } from '../../electron/engine/ingest/readers/registry.ts';
import { entries } from '../fuzz/entries.ts';
import type { FuzzEntry, Reading } from '../fuzz/fuzz-entry.ts';
import { inputOf, judge } from '../fuzz/judge.ts';

/** Of each entry; `npm run fuzz` reads 20,000 and compares values with the formats' own libraries. */
const INPUTS = 250;
const SEED = 20261201;

it('every reader has an entry, and no two entries have one name', () => {
  expect(
    readers.map(({ id }) => id).filter((id) => !entries.some(({ covers }) => covers.includes(id))),
  ).toEqual([]);
  expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
});

describe('the judge', () => {
  const sound = { name: 'a', bytes: Uint8Array.of(1, 2, 3) };
  const judged = async (read: FuzzEntry['read'], most?: number): Promise<string> => {
    const entry: FuzzEntry = { name: 'made', covers: [], seeds: () => [sound], read, peer: null };
    const verdict = await judge(entry, inputOf(entry, [sound], SEED, 0), most);
    return verdict.kind === 'fault' ? verdict.what : verdict.kind;
  };
  const nothing: Reading = { decoded: 0, arrays: [] };

  it('gives the same inputs for the same seed, and others for other numbers', () => {
    const [entry] = entries;
    const seeds = entry.seeds();
    const inputs = (): Uint8Array[] =>
      Array.from({ length: 50 }, (_, at) => inputOf(entry, seeds, SEED, seeds.length + at).bytes);
    expect(inputs()).toEqual(inputs());
    expect(new Set(inputs().map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBeGreaterThan(40);
  });

  it('finds what is no refusal, other values, and too much time or memory', async () => {
    expect(await judged(() => Promise.resolve(nothing))).toBe('read');
    expect(
      await judged(() => Promise.reject(new BezoarError('evidence/malformed', 'a. Nothing was imported.'))),
    ).toBe('refused');
    expect(await judged(() => Promise.reject(new RangeError('offset')))).toContain('threw RangeError');
    expect(await judged(() => Promise.reject(new BezoarError('evidence/malformed', 'a')))).toContain(
      'no whole sentence',
    );
    expect(await judged(() => Promise.resolve({ ...nothing, differs: () => 'a 2' }))).toContain('a 2');
    const kept: Uint8Array[] = [];
    const takesMemory = (): Promise<Reading> => {
      kept.push(new Uint8Array(80 * 1024 * 1024));
      return Promise.resolve(nothing);
    };
    expect(await judged(takesMemory)).toContain('MB for 0 bytes');
    const takesTime = (): Promise<Reading> => {
      for (const until = performance.now() + 200; performance.now() < until;);
      return Promise.resolve(nothing);
    };
    expect(await judged(takesTime, 5)).toMatch(/^took \d+ ms$/);
  });
});

describe.each(entries)('$name', (entry) => {
  it('refuses in words or gives values, soon, in little memory, whatever bytes come', async () => {
    const seeds = entry.seeds();
    const outcomes = new Set<string>();
    for (let number = 0; number < (entry.slice ?? INPUTS); number += 1) {
      const verdict = await judge(entry, inputOf(entry, seeds, SEED, number));
      expect(verdict.kind === 'fault' ? `input ${number} ${verdict.what}` : '').toBe('');
      const what = verdict.kind === 'read' ? JSON.stringify(verdict.reading) : verdict.kind;
      // Seeds are sound.
      if (number < seeds.length)
        expect([seeds[number].name, verdict.kind]).toEqual([seeds[number].name, 'read']);
      outcomes.add(what);
    }
    // Mutants that all read as the seeds, or are all refused, would try nothing.
    expect(outcomes.size).toBeGreaterThan(new Set(seeds).size);
  });
});
