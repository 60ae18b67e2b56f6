import { afterAll, expect, it } from 'vitest';
import { importSets, plantedSet, temporaryCase } from '../../../test/fixtures/planted-case.ts';
import { compareScans } from './compare-scans.ts';

const { caseFile, remove } = temporaryCase();
afterAll(remove);

function scanThatFlags(dataset: number, rows: readonly number[]): number {
  const flagged = Uint8Array.from({ length: 8 }, (_, row) => (rows.includes(row) ? 1 : 0));
  return caseFile.runs.add({
    kind: 'scan',
    dataset,
    engine: 'bezoar-scan',
    version: '1',
    parameters: {},
    seed: 1,
    inputs: [],
    startedAtMs: 0,
    milliseconds: 1,
    peakRssBytes: 1,
    result: {},
    arrays: [{ name: 'flagged', data: flagged }],
    classFindings: [],
  });
}

it('tells what the second scan adds and drops, in all and by label', () => {
  importSets(caseFile, [plantedSet({ rows: 8, planted: 0 })]);
  const a = scanThatFlags(1, [1, 5, 2]);
  const b = scanThatFlags(1, [5, 2, 6, 3]);
  expect(compareScans(caseFile, a, b)).toEqual({
    added: [3, 6],
    dropped: [1],
    both: 2,
    classes: [
      { name: 'dog', inA: 2, inB: 1, added: 0, dropped: 1 },
      { name: 'owl', inA: 1, inB: 2, added: 1, dropped: 0 },
      { name: 'pig', inA: 0, inB: 1, added: 1, dropped: 0 },
    ],
  });
  expect(() => compareScans(caseFile, a, 99)).toThrow(/no scan number 99/);
  importSets(caseFile, [plantedSet({ rows: 8, planted: 0, seed: 2 })]);
  expect(() => compareScans(caseFile, a, scanThatFlags(2, [1]))).toThrow(/different imports/);
});
