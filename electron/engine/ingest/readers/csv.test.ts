import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { csvLine } from '../../export/csv-cells.ts';
import { bytesAsSource } from '../byte-source.ts';
import { countRecords } from '../record-count.ts';
import { csvReader, delimiterOf, MOST_LINE_BYTES } from './csv.ts';

const source = (text: string | Uint8Array) =>
  bytesAsSource('r.csv', typeof text === 'string' ? Buffer.from(text, 'utf8') : text);

async function read(text: string | Uint8Array): Promise<{ header: string[]; records: string[][] }> {
  const { table } = await csvReader.open(source(text));
  const records: string[][] = [];
  for await (const batch of table.batches()) {
    expect(batch.firstRow).toBe(records.length);
    records.push(...batch.records.map((record) => record.map(String)));
  }
  return { header: table.header, records };
}

const cell = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0'));

describe('the .csv reader', () => {
  it('gives back what RFC 4180 can write', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 20 }),
        async (records) => {
          const text = csvLine(['a', 'b', 'c']) + records.map((record) => csvLine(record)).join('');
          expect(await read(text)).toEqual({ header: ['a', 'b', 'c'], records });
          expect(await countRecords(source(text), () => Promise.resolve())).toBe(records.length);
        },
      ),
    );
  });

  it('cut off at any byte it ends in a failure of its own, or reads fewer records', async () => {
    const file = Buffer.from('key,label,text\na,x,"one, ""two""\nlines"\nb,y,grün\nc,z,\n', 'utf8');
    for (let length = 0; length < file.length; length += 1) {
      try {
        expect((await read(file.subarray(0, length))).records.length).toBeLessThanOrEqual(3);
      } catch (error) {
        expect(error).toMatchObject({ name: 'BezoarError', code: 'evidence/malformed' });
      }
    }
  });

  it('takes a byte order mark, semicolons, tabs, either line end and a missing last one', async () => {
    const expected = { header: ['key', 'label'], records: [['a', 'x']] };
    expect(await read('\uFEFFkey,label\r\na,x\r\n')).toEqual(expected);
    expect(await read('key;label\na;x')).toEqual(expected);
    expect(await read('key\tlabel\na\tx\n\n')).toEqual(expected);
    expect(delimiterOf('"a;b",c')).toBe(',');
  });

  it('takes line ends that change within a file, and keeps none of them in a cell', async () => {
    const records = [
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'z'],
    ];
    for (const ends of ['\n \r\n \n \r\n', '\r\n \n \r\n \n', '\r \n \r\n \r', '\n \r \r\n \n']) {
      const [first = '', ...rest] = ends.split(' ');
      const text = `key,label${first}${records.map((record, at) => record.join(',') + (rest[at] ?? '')).join('')}`;
      expect(await read(text), JSON.stringify(text)).toEqual({ header: ['key', 'label'], records });
    }
  });

  it('keeps a line end whole that falls on the end of a block', async () => {
    for (let short = 0; short < 4; short += 1) {
      const long = 'x'.repeat(256 * 1024 - 'key,label\r\na,'.length - short);
      expect(await read(`key,label\r\na,${long}\r\nb,y\n`)).toEqual({
        header: ['key', 'label'],
        records: [
          ['a', long],
          ['b', 'y'],
        ],
      });
    }
  });

  it('refuses a header of more columns than a table of records has, and at once', async () => {
    const header = Array.from({ length: 150_000 }, (_, at) => at.toString(36)).join(',');
    const begun = performance.now();
    expect(await failureLater(() => csvReader.open(source(`${header}\n`)))).toMatchObject({
      code: 'evidence/too-large',
      message: expect.stringContaining('names 150000 columns') as string,
    });
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  it('names the line of a ragged record, of a bad quote and of one that never closes', async () => {
    const ragged = await failureLater(() => read('a,b\n1,2\n"x\ny",2\n1,2,3\n'));
    expect(ragged.message).toContain('line 5: this record has 3 fields, and the header has 2');
    const quote = await failureLater(() => read('a,b\n1,2\n1,2"3\n'));
    expect(quote.message).toContain('line 3:');
    expect((await failureLater(() => read('a,b\n1,"2\n'))).message).toContain('not closed');
  });

  it('refuses columns of one name, NUL bytes, text that is not UTF-8 and an empty file', async () => {
    expect((await failureLater(() => csvReader.open(source('a,b,a\n')))).message).toContain(
      'two columns are named "a"',
    );
    expect((await failureLater(() => csvReader.open(source('')))).message).toContain('no header');
    expect((await failureLater(() => read('a,b\n1,\0\n'))).message).toContain('byte 6 is a NUL');
    expect((await failureLater(() => read(Buffer.from('a,b\n1,\xff\n', 'latin1')))).message).toContain(
      'not UTF-8',
    );
  });

  it('refuses a record longer than 16 MB', async () => {
    const long = `a,b\n1,"${'x'.repeat(MOST_LINE_BYTES + 10)}"\n`;
    expect((await failureLater(() => read(long))).code).toBe('evidence/too-large');
  });
});
