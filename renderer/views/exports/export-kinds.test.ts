import { describe, expect, it } from 'vitest';
import { ExportKind } from '../../../electron/contract/exports.ts';
import { exportKinds, suggestedName } from './export-kinds.ts';

describe('the exports', () => {
  it('are all that the engine can write, each once', () => {
    expect(exportKinds.map(({ kind }) => kind).sort()).toEqual([...ExportKind.options].sort());
  });

  it('say what is removed and what is kept', () => {
    const preview = {
      total: 60_000,
      poison: 890,
      clean: 9,
      unsure: 3,
      suspects: 902,
      undecided: 0,
      kept: 59_110,
      cited: 902,
      sentence: '',
    };
    const manifest = exportKinds.find(({ kind }) => kind === 'manifest');
    expect(manifest?.holds(preview)).toBe('59,110 samples kept, 890 samples removed');
  });
});

describe('suggestedName', () => {
  it('takes no path from a case name', () => {
    expect(suggestedName('März / dresses.bezoar', '-report.html')).toBe('März - dresses-report.html');
    expect(suggestedName('', '.csv')).toBe('case.csv');
  });
});
