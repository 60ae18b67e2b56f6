import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { unwatched } from '../../../../test/fixtures/small-evidence.ts';
import { FileToken } from '../../../contract/case.ts';
import type { TextReading } from '../../../contract/evidence.ts';
import type { CaseFile } from '../../case/case-file.ts';
import { createCaseFile } from '../../case/open-case-file.ts';
import { CsvText } from './csv-text.ts';
import { importLog } from './log-import.ts';
import { mappingText, parseMapping } from './mapping.ts';
import { openMappingMemory } from './mapping-memory.ts';
import { proposeLog } from './propose-log.ts';

let folder = '';
let caseFile: CaseFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-csv-log-'));
  caseFile = createCaseFile(join(folder, 'a.bezoar'), { proposedActor: 'tester' });
});
afterEach(() => {
  caseFile.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const propose = (paths: readonly string[], reading: TextReading = {}) =>
  proposeLog(
    paths.map((path) => ({ token: FileToken.parse('a'.repeat(32)), path })),
    null,
    openMappingMemory(folder),
    null,
    reading,
  );

/** The log that the files are by the proposal: its columns, what was odd, and its rows without their time. */
async function logOf(paths: readonly string[], reading: TextReading = {}, acceptBadLines = false) {
  const { mapping, files } = await propose(paths, reading);
  expect(files.map(({ problem }) => problem)).toEqual(files.map(() => null));
  if (mapping === null) throw new Error('nothing was proposed');
  const plan = { paths, role: 'log', name: 'march', mapping, acceptBadLines } as const;
  const id = await importLog(caseFile, plan, unwatched(), 2);
  const log = caseFile.logs.get(id);
  const rows = caseFile.logs.rows(
    id,
    Array.from({ length: log.rows }, (_, row) => row),
  );
  return {
    columns: log.columns.map(({ name, role, type }) => `${name}: ${role}, ${type}`),
    oddities: log.oddities.map(({ kind, sentence }) => `${kind}: ${sentence}`),
    rows: rows.map(({ line, values }) => [line, ...values.slice(1)]),
    mapping,
  };
}

const START = Date.UTC(2026, 2, 2);
const names = ['time', 'id', 'prediction', 'confidence', 'agent'];
const agents = ['Müller & Söhne', 'plain', 'a;b,c|d', "it's 5€", 'line\nend', 'say "hi"'];
const record = (at: number): string[] => [
  new Date(START + 1000 * at).toISOString(),
  `r-${at}`,
  ['cat', 'dog', 'öwl'][at % 3] ?? '',
  (((at * 37) % 100) / 100).toFixed(2),
  agents[at % agents.length] ?? '',
];
const records = (from: number, to: number): string[][] =>
  Array.from({ length: to - from }, (_, at) => record(from + at));

const doubled = (cell: string): string => (/[;,|\n"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
interface Written {
  readonly delimiter?: string;
  readonly cell?: (cell: string) => string;
  readonly comma?: boolean;
  readonly end?: string;
  readonly header?: boolean;
}
const text = (rows: readonly string[][], written: Written = {}): string => {
  const { delimiter = ',', cell = doubled, comma = false, end = '\n', header = true } = written;
  const decimal = (one: string): string => (comma ? one.replace(/^(\d+)\.(\d+)$/, '$1,$2') : one);
  return [...(header ? [names] : []), ...rows]
    .map((row) => row.map((one) => cell(decimal(one))).join(delimiter) + end)
    .join('');
};
/** Windows-1252 of what these tests write. */
const windows = (written: string): Buffer => Buffer.from(written.replaceAll('€', '\x80'), 'latin1');

describe('a log as CSV', () => {
  const rows = records(0, 60);

  it.each<[string, () => string | Uint8Array, TextReading]>([
    ['semicolons and decimal commas', () => text(rows, { delimiter: ';', comma: true }), { decimal: ',' }],
    ['Windows-1252', () => windows(text(rows)), { encoding: 'windows-1252' }],
    [
      'a German spreadsheet',
      () => windows(text(rows, { delimiter: ';', comma: true, end: '\r\n' })),
      { encoding: 'windows-1252', delimiter: ';', decimal: ',' },
    ],
    [
      'UTF-16 with tabs',
      () => Buffer.from(`\ufeff${text(rows, { delimiter: '\t' })}`, 'utf16le'),
      { encoding: 'utf-16le', delimiter: '\t' },
    ],
    ['a mark in every part', () => `\ufeff${text(rows, { end: '\r\n' })}`, { encoding: 'utf-8' }],
    [
      'marks behind a backslash',
      () =>
        text(rows, {
          cell: (one) =>
            /[,\n"]/.test(one) ? `"${one.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : one,
        }),
      { escape: 'backslash' },
    ],
    [
      'apostrophes',
      () =>
        text(rows, {
          cell: (one) => (/[,\n']/.test(one) ? `'${one.replaceAll("'", "''")}'` : one),
        }).replaceAll('"', '”'),
      { quote: "'" },
    ],
  ])('is the same log however it is written: %s', async (what, content, reading) => {
    const expected = await logOf([write('plain.csv', text(rows))]);
    const { reading: told } = await propose([write('log.csv', content())]);
    expect(told).toMatchObject(reading);
    const found = await logOf([join(folder, 'log.csv')]);
    expect(found.columns).toEqual(expected.columns);
    const same =
      what === 'apostrophes'
        ? (one: unknown) => JSON.parse(JSON.stringify(one).replaceAll('\\"', '”')) as unknown
        : (one: unknown) => one;
    expect(found.rows).toEqual(same(expected.rows));
    expect(expected.rows).toHaveLength(60);
    expect(found.oddities.filter((one) => !one.startsWith('file-reading'))).toEqual([]);
  });

  it('has its parts read each in its own encoding, and says so', async () => {
    const expected = await logOf([write('plain.csv', text(records(0, 40)))]);
    const log = await logOf([
      write('a-1.csv', `\ufeff${text(records(0, 10))}`),
      write('a-2.csv.gz', gzipSync(windows(text(records(10, 20), { end: '\r\n' })))),
      write('a-3.csv', text(records(20, 30))),
      write('a-4.csv', ''),
      write('a-10.csv', Buffer.from(`\ufeff${text(records(30, 40))}`, 'utf16le')),
    ]);
    expect(log.rows.map(([, ...values]) => values)).toEqual(expected.rows.map(([, ...values]) => values));
    expect(log.oddities).toEqual([
      `file-reading: a-2.csv.gz was read as Windows-1252, because byte ${windows(text(records(10, 20), { end: '\r\n' })).indexOf(0xf6)} of its text begins no character of UTF-8.`,
    ]);
  });

  it('is read as the analyst says, and as the mapping file that is written then', async () => {
    const path = write('a.csv', windows(text(rows, { delimiter: ';', comma: true })));
    const wrong = await propose([path], { encoding: 'utf-8', decimal: '.' });
    expect(wrong.reading).toEqual({
      encoding: 'utf-8',
      delimiter: ';',
      quote: '"',
      escape: 'doubled',
      decimal: '.',
      header: true,
    });
    expect(wrong.fields.find(({ name }) => name === 'confidence')).toMatchObject({ type: 'category' });
    const { mapping } = wrong;
    if (mapping === null) throw new Error('nothing was proposed');
    const plan = { paths: [path], role: 'log', name: 'march', mapping, acceptBadLines: false } as const;
    expect((await failureLater(() => importLog(caseFile, plan, unwatched(), 1))).message).toContain(
      'it is not UTF-8 text',
    );
    const said = parseMapping(
      'map.json',
      mappingText({ ...mapping, reading: { ...mapping.reading, decimal: ',' } }),
    );
    if (said === null) throw new Error('no mapping was written');
    const again = await proposeLog(
      [{ token: FileToken.parse('a'.repeat(32)), path }],
      null,
      openMappingMemory(folder),
      { file: 'map.json', mapping: said },
    );
    expect(again.reading).toMatchObject({ encoding: 'utf-8', decimal: ',' });
    expect(again.mapping?.reading).toMatchObject({ encoding: 'utf-8', decimal: ',' });
  });

  it('without names has numbered columns', async () => {
    const { columns, rows: found } = await logOf([write('a.csv', text(rows, { header: false }))]);
    expect(columns[0]).toBe('column 1: time, number');
    expect(found[0]).toEqual([1, 'r-0', 'cat', 0, 'Müller & Söhne'].filter((one) => found[0]?.includes(one)));
    expect(found).toHaveLength(60);
  });
});

describe('parts of a log', () => {
  it('may have their columns in another order, and begin without a header where a log was cut', async () => {
    const expected = await logOf([write('plain.csv', text(records(0, 30)))]);
    const turned = [names, ...records(10, 20)].map(
      (row) => `${[...row].reverse().map(doubled).join(',')}\r\n`,
    );
    const log = await logOf([
      write('b-1.csv', text(records(0, 10))),
      write('b-2.csv', turned.join('')),
      write('b-3.csv', text(records(20, 30), { header: false })),
    ]);
    expect(log.rows.map(([, ...values]) => values)).toEqual(expected.rows.map(([, ...values]) => values));
    expect(log.oddities).toEqual([
      'file-reading: b-3.csv begins without a header; its columns were taken to be those of b-1.csv.',
    ]);
    expect(log.rows.at(-1)?.[0]).toBe(text(records(20, 30), { header: false }).trimEnd().split('\n').length);
  });

  it('that were put one behind the other repeat their header, which is no request', async () => {
    const log = await logOf([
      write(
        'c.csv',
        `${text(records(0, 10))}\ufeff${text(records(10, 20))}${text(records(20, 30), { end: '\r\n' })}`,
      ),
    ]);
    expect(log.rows).toHaveLength(30);
    expect(log.oddities).toEqual([
      'dropped: 2 records were left out: the header stands again among the records.',
    ]);
  });

  it('are refused where such a header names the columns in another order, whatever was agreed', async () => {
    const turned = [names, ...records(100, 103)].map(
      (row) => `${[...row].reverse().map(doubled).join(',')}\n`,
    );
    const path = write('d.csv', text(records(0, 100)) + turned.join(''));
    expect(await failureLater(() => logOf([path], {}, true))).toMatchObject({
      code: 'evidence/malformed',
      message: expect.stringContaining('another order') as string,
    });
    expect(caseFile.logs.list()).toEqual([]);
  });
});

describe('text of 8 bits', () => {
  const read = (bytes: Uint8Array, size: number): string => {
    const csv = new CsvText(null);
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size)
      parts.push(csv.take(new Uint8Array(bytes.subarray(at, at + size))));
    return Buffer.concat([...parts, csv.end()]).toString();
  };

  it('is the same wherever its blocks end', () => {
    const said = 'plain, then ö€ and 5 € more';
    for (let size = 1; size < 20; size += 1) {
      expect(read(Buffer.from(said), size)).toBe(said);
      expect(read(windows(said), size)).toBe(said);
      expect(read(Buffer.from('caf\xe9', 'latin1'), size)).toBe('café');
    }
  });
});
