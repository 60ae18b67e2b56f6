import { describe, expect, it } from 'vitest';
import { readers } from '../../electron/engine/ingest/readers/registry.ts';
import { entries } from '../fuzz/entries.ts';
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
