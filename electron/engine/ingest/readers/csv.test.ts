import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import type { TextReading } from '../../../contract/evidence.ts';
import { csvLine } from '../../export/csv-cells.ts';
import { bytesAsSource } from '../byte-source.ts';
import { MOST_RECORD_LENGTH } from '../csv-splitter.ts';
import type { BadRow, Cell } from '../reader.ts';
import { csvReader } from './csv.ts';

const source = (text: string | Uint8Array) =>
  bytesAsSource('r.csv', typeof text === 'string' ? Buffer.from(text, 'utf8') : text);

async function open(text: string | Uint8Array, given?: TextReading) {
  const { table } = await csvReader.open(source(text), given);
  if (table === null) throw new Error('no table');
  return table;
}

interface Found {
  header: readonly string[];
  records: (readonly Cell[] | null)[];
  bad: BadRow[];
}

async function read(text: string | Uint8Array, given?: TextReading): Promise<Found> {
  const table = await open(text, given);
  const found: Found = { header: table.header, records: [], bad: [] };
  for await (const batch of table.batches()) {
    expect(batch.firstRow).toBe(found.records.length);
    expect(batch.lines).toHaveLength(batch.records.length);
    expect(batch.bad.map(({ row }) => row - batch.firstRow)).toEqual(
      batch.records.flatMap((record, at) => (record === null ? [at] : [])),
    );
    found.records.push(...batch.records);
    found.bad.push(...batch.bad);
  }
  return found;
}

const plain = (header: string[], ...records: string[][]): Found => ({ header, records, bad: [] });
const cell = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0'));
const GIVEN: TextReading = { encoding: 'utf-8', delimiter: ',', quote: '"', escape: 'doubled', header: true };

describe('the .csv reader', () => {
  it('gives back what RFC 4180 can write', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 20 }),
        async (records) => {
          const text = csvLine(['a', 'b', 'c']) + records.map((record) => csvLine(record)).join('');
          // Lone surrogates are not UTF-8, and a beginning of the text may be anything.
          const written = Buffer.from(text, 'utf8').toString('utf8').replaceAll('\uFFFD', '?');
          const clean = records.map((record) =>
            record.map((one) => Buffer.from(one, 'utf8').toString('utf8').replaceAll('\uFFFD', '?')),
          );
          expect(await read(written, GIVEN)).toEqual(plain(['a', 'b', 'c'], ...clean));
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

  it.each([
    ['a byte order mark', '\uFEFFkey,label\r\na,x\r\n'],
    ['semicolons', 'key;label\na;x'],
    ['tabs', 'key\tlabel\na\tx\n\n'],
    ['vertical bars', 'key|label\na|x\n'],
    ['quoted names', '"key","label"\n"a","x"\n'],
    ['UTF-16 with a byte order mark', Buffer.from('\uFEFFkey,label\na,x\n', 'utf16le')],
    ['UTF-16 without one', Buffer.from('key,label\na,x\n', 'utf16le')],
    ['UTF-16, big-endian', Buffer.from('\uFEFFkey,label\na,x\n', 'utf16le').swap16()],
  ])('takes %s', async (_what, text) => {
    expect(await read(text)).toEqual(plain(['key', 'label'], ['a', 'x']));
  });

  it('says how it read the text, and reads it otherwise when told to', async () => {
    const text = Buffer.from('Schlüssel;Wert\na;1,5\nb;2,25\n', 'latin1');
    const table = await open(text);
    expect(table.says).toContain('semicolons, decimal commas, column names in the first line, Windows-1252');
    expect(table.header).toEqual(['Schlüssel', 'Wert']);
    expect(table.decimal).toBe(',');
    expect(table.reading).toEqual({
      encoding: 'windows-1252',
      delimiter: ';',
      quote: '"',
      escape: 'doubled',
      decimal: ',',
      header: true,
    });
    const other = await read(text, { ...table.reading, delimiter: ',', header: false });
    expect(other.header).toEqual(['column 1']);
    expect(other.bad).toHaveLength(2);
  });

  it.each([
    ['commas in texts under a semicolon', 'a;b\n"x, y";1,5\n"u, v";2,5\n', ';'],
    ['semicolons in texts under a comma', 'id,tags,n\nk,"a;b",1\nl,"c;d",2\n', ','],
    ['decimal commas without names', '1,5;2,5\n3,5;4,5\n', ';'],
    ['one column of prose', 'text\nWell, yes\nNo, never, not at all\nMaybe\n', '\n'],
  ])('tells the delimiter from %s', async (_what, text, delimiter) => {
    const table = await open(text);
    if (delimiter === '\n') expect(table.header).toEqual(['text']);
    else expect(table.reading.delimiter).toBe(delimiter);
  });

  it('tells apostrophes, backslashes and no quotation marks at all', async () => {
    expect(await read("a,b\n'x, y','1'\n'z','2'\n")).toEqual(plain(['a', 'b'], ['x, y', '1'], ['z', '2']));
    expect(await read('a,b\n"say \\"hi\\", now",1\n"q \\\\ r",2\n')).toEqual(
      plain(['a', 'b'], ['say "hi", now', '1'], ['q \\ r', '2']),
    );
    expect(await read('a\tb\n"one\t1\ntwo"\t2\n"three\t3\n')).toEqual(
      plain(['a', 'b'], ['"one', '1'], ['two"', '2'], ['"three', '3']),
    );
    expect((await read("name,b\nit's,1\n'tis,2\n")).records[1]).toEqual(["'tis", '2']);
  });

  it('tells names from data in the first line', async () => {
    expect((await open('0.5,cat\n0.7,dog\n')).header).toEqual(['column 1', 'column 2']);
    expect((await open('cat,dog\nowl,fox\n')).header).toEqual(['cat', 'dog']);
    // As pandas names the columns of an array.
    expect((await open(',0,1,2\n0,0.5,0.6,0.7\n1,0.1,0.2,0.3\n')).header).toEqual([
      'column 1',
      '0',
      '1',
      '2',
    ]);
    expect((await open('0,1,2\n0.5,0.6,0.7\n')).header).toEqual(['0', '1', '2']);
    expect((await read('0,1,2\n3,4,5\n', { header: false })).records).toHaveLength(2);
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
      expect(await read(text), JSON.stringify(text)).toEqual(plain(['key', 'label'], ...records));
    }
  });

  it('keeps line ends, marks and letters whole that fall on the end of a block', async () => {
    for (let short = 0; short < 6; short += 1) {
      const long = 'x'.repeat(1024 * 1024 - 'key,label\r\na,"",ü'.length - short);
      expect((await read(`key,label\r\na,"${long}ü""ß"\r\nb,y\n`)).records).toEqual([
        ['a', `${long}ü"ß`],
        ['b', 'y'],
      ]);
    }
  });

  it('refuses a header of more columns than a table of records has, and at once', async () => {
    const header = Array.from({ length: 150_000 }, (_, at) => at.toString(36)).join(',');
    const begun = performance.now();
    expect(await failureLater(() => open(`${header}\n`))).toMatchObject({
      code: 'evidence/too-large',
      message: expect.stringContaining('150000 columns') as string,
    });
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  it('counts records of another width or with broken quotation marks as bad, with their lines', async () => {
    const { records, bad } = await read('a,b\n1,2\n"x\ny",2\n1,2,3\n"1"2,3\n4\n5,6\n');
    expect(records).toEqual([['1', '2'], ['x\ny', '2'], null, null, null, ['5', '6']]);
    expect(bad).toEqual([
      { row: 2, line: 5, reason: 'this record has 3 cells, and the header has 2', text: '1,2,3\n' },
      { row: 3, line: 6, reason: 'something follows the closing quotation mark of a cell', text: '"1"2,3\n' },
      { row: 4, line: 7, reason: 'this record has 1 cells, and the header has 2', text: '4\n' },
    ]);
  });

  it('keeps a quotation mark within a cell that does not begin with one, as spreadsheets do', async () => {
    expect((await read('a,b\n5" disk,2\n"x",3\n')).records).toEqual([
      ['5" disk', '2'],
      ['x', '3'],
    ]);
  });

  it('refuses a quoted field that never closes, naming its line', async () => {
    const failure = await failureLater(() => read('a,b\n1,2\n1,"2\n3,4\n', GIVEN));
    expect(failure).toMatchObject({ code: 'evidence/malformed' });
    expect(failure.message).toContain('line 3: a quoted field is not closed');
  });

  it('refuses columns of one name, NUL bytes, what is not of the encoding, UTF-32 and an empty file', async () => {
    const message = async (text: string | Uint8Array, given?: TextReading): Promise<string> =>
      (await failureLater(() => read(text, given))).message;
    expect(await message('a,b,a\n')).toContain('two columns are named "a"');
    expect(await message('')).toContain('no header');
    expect(await message('a,b\n1,\0\n')).toContain('byte 6 is a NUL');
    const late = Buffer.concat([Buffer.from(`a,b\n${'1,ü\n'.repeat(300_000)}`), Buffer.from([0xff, 10])]);
    expect(await message(late, { encoding: 'utf-8' })).toContain(`byte ${late.length - 2} is not UTF-8`);
    expect(await message(Buffer.from('\uFEFFa,b\n\uFEFF', 'utf16le').subarray(0, -1))).toContain('UTF-16');
    expect(await message(Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]))).toContain('UTF-32');
  });

  it('reads bytes that are not UTF-8 as Windows-1252, wherever the first of them stands', async () => {
    const text = `a,b\n${'1,2\n'.repeat(500_000)}x,caf\xe9\x80\n`;
    const { records } = await read(Buffer.from(text, 'latin1'));
    expect(records.at(-1)).toEqual(['x', 'café€']);
  });

  it('refuses a record longer than 16 MB', async () => {
    const long = `a,b\n1,"${'x'.repeat(MOST_RECORD_LENGTH + 10)}"\n`;
    expect((await failureLater(() => read(long))).code).toBe('evidence/too-large');
  });

  it('takes columns named like parts of an object', async () => {
    const found = await read('__proto__,constructor,toString\n1,2,3\n');
    expect(found).toEqual(plain(['__proto__', 'constructor', 'toString'], ['1', '2', '3']));
  });
});
