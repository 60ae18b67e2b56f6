import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvSplitter, type CsvSyntax } from './csv-splitter.ts';

/** What the splitter gives of a text that comes in blocks of this length. */
function split(text: string, syntax: CsvSyntax, block: number): string[][] {
  const splitter = csvSplitter('a.csv', syntax, null);
  const records = [];
  for (let at = 0; at < text.length; at += block) records.push(...splitter.push(text.slice(at, at + block)));
  return [...records, ...splitter.end()].map(({ cells }) => [...cells]);
}

const cell = fc.string({
  unit: fc.constantFrom('a', ' ', '"', "'", ',', ';', '\n', '\r\n', 'ü'),
  maxLength: 6,
});
const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 });

describe('the splitter', () => {
  it.each([',', ';', '\t', '|'] as const)('cuts what is apart by %j as csv-parse does', (delimiter) => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 9 }),
        (rows, end, block) => {
          const text = rows
            .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(delimiter) + end)
            .join('');
          const expected: unknown = parse(text, { delimiter, record_delimiter: ['\r\n', '\n', '\r'] });
          expect(split(text, { delimiter, quote: '"', escape: 'doubled' }, block)).toEqual(expected);
        },
      ),
    );
  });
});
