import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../electron/contract/comparison.ts';
import { chosenVerdicts, orderOf, undecidedConflicts, usualChoice } from './comparison-choice.ts';

const comparison: Comparison = {
  id: 4,
  file: { name: 'Theirs.bezoar', size: 1, sha256: 'ab' },
  other: {
    id: 'x',
    name: 'Theirs',
    analyst: null,
    auditHead: 'cd',
    auditCount: 3,
    auditHolds: true,
    auditSentence: '',
    portable: null,
  },
  sameCase: false,
  evidence: [],
  matching: { by: 'row', sentence: '' },
  verdicts: {
    theirs: 15,
    fresh: { poison: 7, clean: 2, unsure: 1 },
    agree: 2,
    conflicts: 3,
    onlyOurs: 0,
    unmatched: 0,
    relabelled: 0,
  },
  notes: 0,
};

describe('what is taken over', () => {
  it('is all that contradicts nothing, unless said', () => {
    expect(chosenVerdicts(comparison, usualChoice)).toBe(10);
    expect(undecidedConflicts(comparison, usualChoice)).toBe(3);
  });

  it('is counted without what was left out, and once only where its kind is out too', () => {
    const leftOut = new Map([
      [8, 'poison'],
      [9, 'clean'],
    ] as const);
    expect(chosenVerdicts(comparison, { ...usualChoice, leftOut })).toBe(8);
    expect(chosenVerdicts(comparison, { ...usualChoice, leftOut, kinds: new Set(['poison']) })).toBe(6);
  });

  it('decides conflicts one by one, and the others at once', () => {
    const conflicts = new Map([
      [1, 'ours'],
      [2, 'theirs'],
    ] as const);
    const some = { ...usualChoice, conflicts };
    expect([undecidedConflicts(comparison, some), chosenVerdicts(comparison, some)]).toEqual([1, 11]);
    const all = { ...some, otherwise: 'theirs' as const };
    expect([undecidedConflicts(comparison, all), chosenVerdicts(comparison, all)]).toEqual([0, 12]);
    expect(orderOf(4, all)).toEqual({
      comparison: 4,
      kinds: ['poison', 'clean', 'unsure'],
      leftOut: [],
      conflicts: { theirs: [2], ours: [1], otherwise: 'theirs' },
    });
  });
});
