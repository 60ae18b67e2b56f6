import { expect, it } from 'vitest';
import type { Sample } from '../../../electron/contract/samples.ts';
import { tsvOf } from './copy-rows.ts';

const sample: Sample = {
  row: 4,
  key: 'a\tb',
  label: 'dress',
  predicted: null,
  confidence: null,
  verdict: null,
  seen: false,
  note: null,
  columns: { text: 'two\nlines' },
};

it('copies rows as a table that a spreadsheet reads, whatever the cells hold', () => {
  const columns = [
    { title: 'Row', textOf: (row: number) => String(row + 1) },
    { title: 'Key', textOf: (_: number, one: Sample | undefined) => one?.key ?? '' },
    { title: 'Text', textOf: (_: number, one: Sample | undefined) => String(one?.columns.text ?? '') },
  ];
  expect(tsvOf(columns, [4, 5], new Map([[4, sample]]))).toBe('Row\tKey\tText\n5\ta b\ttwo lines\n6\t\t');
});
