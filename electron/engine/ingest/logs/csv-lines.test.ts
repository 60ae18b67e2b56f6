import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logField, logMapping } from '../../../../test/fixtures/log-mapping.ts';
import { plainCsv } from './csv-bytes.ts';
import { cellsOf } from './csv-cells.ts';
import { CsvLines } from './csv-lines.ts';
import { lastRecordEnd, recordEnd } from './record-ends.ts';
import { RowWriter } from './row-writer.ts';

const COMMA = plainCsv(',');
const names = ['t', 'a', 'b'];
const mapping = logMapping(
  [
    logField('t', 'time'),
    logField('a', 'feature', { type: 'text' }),
    logField('b', 'feature', { type: 'text' }),
  ],
  { format: 'csv', delimiter: ',' },
);

function parsed(blocks: readonly (string | Uint8Array)[], of = mapping, header = names) {
  const writer = new RowWriter(of, [1, 2]);
  const lines = new CsvLines(of, writer);
  lines.header('a.csv', header);
  let before = 0;
  const rows: unknown[][] = [];
  const bad: [number, string][] = [];
  for (const [at, bytes] of blocks.entries()) {
    const count = lines.block(Buffer.from(bytes), at === blocks.length - 1);
    const block = writer.take(at, count, { dropped: [], unpaired: 0, timeless: 0 });
    for (let row = 0; row < block.rows; row += 1)
      rows.push([
        before + block.line[row],
        ...block.columns.map((column) =>
          column.type === 'text'
            ? Buffer.from(column.bytes.subarray(column.ends[row - 1] ?? 0, column.ends[row])).toString()
            : column.type === 'number'
              ? column.values[row]
              : column.codes[row],
        ),
      ]);
    bad.push(...block.bad.map(({ line, reason }): [number, string] => [before + line, reason]));
    before += count;
  }
  return { rows, bad, lines: before };
}

describe('records of a CSV file', () => {
  it('are bad with a reason where they are no record, and the next one is none the worse', () => {
    const { rows, bad } = parsed([
      '1772438400,x,y\n' +
        '1772438400,x\n' +
        '1772438400,a"b,y\n' +
        '1772438400,"a"b,y\r\n' +
        '\n\r\n' +
        '1772438400,"a\n""b""","c"\r\n' +
        'soon,x,y\n' +
        '1772438400,x,y,z',
    ]);
    expect(rows).toEqual([
      [0, 1772438400000, 'x', 'y'],
      [6, 1772438400000, 'a\n"b"', 'c'],
    ]);
    expect(bad).toEqual([
      [1, 'it has 2 cells where the header names 3'],
      [2, 'a quotation mark stands where none may be'],
      [3, 'a quotation mark stands where none may be'],
      [8, '"t" holds "soon", which is no time'],
      [9, 'the file ends in the middle of this line'],
    ]);
  });

  it('say when a quoted cell is not closed, or the text is not UTF-8', () => {
    expect(parsed(['1772438400,"x\n1,2,3\n']).bad).toEqual([[0, 'the file ends in the middle of this line']]);
    const latin = Buffer.concat([
      Buffer.from('1772438400,ü,\n'),
      Buffer.from('1772438400,\xfc,\n', 'latin1'),
      Buffer.from('1772438400,z,\n'),
    ]);
    const { rows, bad } = parsed([latin]);
    expect(rows.map(([line, , a]) => [line, a])).toEqual([
      [0, 'ü'],
      [2, 'z'],
    ]);
    expect(bad).toEqual([[1, 'it is not UTF-8 text']]);
  });

  it('follow the header of their file, whatever its order', () => {
    const { rows } = parsed(['x,y,1772438400,left out\n'], mapping, ['b', 'a', 't', 'more']);
    expect(rows).toEqual([[0, 1772438400000, 'y', 'x']]);
  });
});

const cell = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r\n', 'a', ' ', 'é', ''), maxLength: 6 }),
);
const written = (text: string, quote: boolean): string =>
  quote || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
const table = fc.array(fc.tuple(fc.tuple(cell, fc.boolean()), fc.tuple(cell, fc.boolean())), {
  minLength: 1,
  maxLength: 8,
});
const textOf = (rows: readonly (readonly (readonly [string, boolean])[])[], ending: string): string =>
  rows
    .map((row) => ['1772438400', ...row.map(([text, quote]) => written(text, quote))].join(',') + ending)
    .join('');

describe('the reader of CSV', () => {
  it('reads what csv-parse reads', () => {
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, ending) => {
        const text = textOf(rows, ending);
        const expected: string[][] = parse(text, { record_delimiter: ['\n', '\r\n'] });
        // A carriage return at the end of an unquoted cell is part of the line end.
        fc.pre(!rows.flat().some(([one, quote]) => one.endsWith('\r') && !quote && !/[",\n]/.test(one)));
        const { rows: found, bad } = parsed([text]);
        expect(bad).toEqual([]);
        expect(found.map((row) => row.slice(2))).toEqual(expected.map((row) => row.slice(1)));
        let start = 0;
        const cells: string[][] = [];
        const bytes = Buffer.from(text);
        for (let end = recordEnd(bytes, 0, COMMA); end > 0; end = recordEnd(bytes, end, COMMA)) {
          cells.push(cellsOf(bytes.subarray(start, end), COMMA));
          start = end;
        }
        expect(cells).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('reads the same wherever the blocks are cut, damaged or not', () => {
    const damaged = fc
      .tuple(table, fc.constantFrom('\n', '\r\n'), fc.nat(), fc.constantFrom('', '"', ',', '\n', '""', '\r'))
      .map(([rows, ending, at, put]) => {
        const text = textOf(rows, ending);
        return text.slice(0, at % (text.length + 1)) + put + text.slice(at % (text.length + 1));
      });
    fc.assert(
      fc.property(
        damaged,
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
        (text, sizes) => {
          const bytes = Buffer.from(text);
          const blocks: Uint8Array[] = [];
          let start = 0;
          let turn = 0;
          let size = 0;
          while (start + size < bytes.length) {
            size += sizes[turn % sizes.length] ?? 1;
            turn += 1;
            const end = lastRecordEnd(bytes.subarray(start), Math.min(size, bytes.length - start), COMMA);
            if (end === 0) continue;
            blocks.push(bytes.subarray(start, start + end));
            start += end;
            size = 0;
          }
          if (start < bytes.length) blocks.push(bytes.subarray(start));
          const whole = parsed([bytes]);
          const cut = parsed(blocks);
          expect(cut.rows).toEqual(whole.rows);
          expect(cut.bad).toEqual(whole.bad);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
