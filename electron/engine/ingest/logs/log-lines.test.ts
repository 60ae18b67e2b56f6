import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { logMapping, usualFields } from '../../../../test/fixtures/log-mapping.ts';
import { unwatched } from '../../../../test/fixtures/small-evidence.ts';
import { FileToken } from '../../../contract/case.ts';
import type { LogMapping } from '../../../contract/logs.ts';
import type { CaseFile } from '../../case/case-file.ts';
import { createCaseFile } from '../../case/open-case-file.ts';
import { ListLines } from './list-lines.ts';
import { importLog } from './log-import.ts';
import { openMappingMemory } from './mapping-memory.ts';
import { proposeLog } from './propose-log.ts';

const LOGS = join(import.meta.dirname, '../../../../test/fixtures/formats/logs');
const lines = readFileSync(join(LOGS, 'requests.jsonl'), 'utf8');
const requests = lines
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Record<string, unknown>);

let folder = '';
let caseFile: CaseFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-log-lines-'));
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
const propose = (path: string) =>
  proposeLog([{ token: FileToken.parse('a'.repeat(32)), path }], null, openMappingMemory(folder));
const take = (path: string, mapping: LogMapping, acceptBadLines = false): Promise<number> =>
  importLog(caseFile, { paths: [path], role: 'log', name: 'march', mapping, acceptBadLines }, unwatched(), 1);

/** A log of the case that was just imported by the proposal, with its rows. */
async function logOf(path: string) {
  const { mapping, files } = await propose(path);
  expect(files.map(({ problem }) => problem)).toEqual([null]);
  if (mapping === null) throw new Error('nothing was proposed');
  const id = await take(path, mapping);
  const log = caseFile.logs.list().find((one) => one.id === id);
  if (log === undefined) throw new Error('nothing was imported');
  const rows = caseFile.logs.rows(
    id,
    Array.from({ length: log.rows }, (_, row) => row),
  );
  return {
    format: mapping.format,
    columns: log.columns.map(({ name, role, type }) => `${name}: ${role}, ${type}`),
    oddities: log.oddities,
    rows: rows.map(({ line, timeMs, requestId, values }) => ({ line, timeMs, requestId, values })),
  };
}

describe('the same requests in other forms', () => {
  it.each([
    ['parquet', () => join(LOGS, 'requests.parquet')],
    ['arrow', () => join(LOGS, 'requests.feather')],
    ['jsonl', () => write('list.json', JSON.stringify(requests, null, 2))],
    ['jsonl', () => write('list.json.gz', gzipSync(JSON.stringify(requests)))],
    ['parquet', () => write('a.parquet.zst', zstdCompressSync(readFileSync(join(LOGS, 'requests.parquet'))))],
    ['jsonl', () => write('utf16.jsonl', Buffer.from(`\ufeff${lines}`, 'utf16le'))],
    ['jsonl', () => write('big-endian.jsonl', Buffer.from(lines, 'utf16le').swap16())],
  ])('are the same log: %s', async (format, path) => {
    const expected = await logOf(join(LOGS, 'requests.jsonl'));
    const log = await logOf(path());
    expect(log).toEqual({ ...expected, format });
    expect(log.rows).toHaveLength(60);
    expect(log.columns).toEqual(
      expect.arrayContaining([
        'time: time, number',
        'pixels.1: feature, number',
        'client.zone: feature, category',
      ]),
    );
  });

  it('are a Databricks inference table in Parquet', async () => {
    const { format, rows, columns } = await logOf(join(LOGS, 'databricks.parquet'));
    expect([format, rows.length]).toEqual(['databricks', 59]);
    expect(columns).toEqual(
      expect.arrayContaining([
        'output: predicted, category',
        'latency_ms: latency, number',
        'input.x: feature, number',
        'sampling_fraction: weight, number',
      ]),
    );
  });
});

describe('what is not in order', () => {
  const mapping = logMapping(usualFields);

  it.each([
    ['breaks off within an element', (text: string) => text.slice(0, -40)],
    ['breaks off behind an element', (text: string) => text.slice(0, -1)],
    ['breaks off behind a comma', (text: string) => `${text.slice(0, -1)},`],
  ])('a list that %s lacks its last line, which is told', async (_, cut) => {
    const path = write('cut.json', cut(JSON.stringify(requests)));
    expect(await failureLater(() => take(path, mapping))).toMatchObject({ code: 'log/bad-lines' });
    const log = await take(path, mapping, true);
    const oddities = caseFile.logs.list().find(({ id }) => id === log)?.oddities;
    expect(oddities?.map(({ kind }) => kind)).toContain('truncated-last-line');
  });

  it('what follows a list is a bad line', async () => {
    const path = write('more.json', `${JSON.stringify(requests)} and more`);
    expect(await failureLater(() => take(path, mapping))).toMatchObject({ code: 'log/bad-lines' });
  });

  it('a list of lists, and a damaged Parquet file, are refused', async () => {
    const { files } = await propose(write('lists.json', '[[1, 2], [3, 4]]'));
    expect(files[0]?.problem).toContain('one JSON list, and not of JSON objects');
    const bytes = readFileSync(join(LOGS, 'requests.parquet'));
    const cut = await propose(write('cut.parquet', bytes.subarray(0, 1000)));
    expect(cut.files[0]?.problem).toContain('does not end as a Parquet file does');
  });
});

describe('the elements of a list', () => {
  it('are the same values one a line, however they are written and cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.object({ maxDepth: 3, withNullPrototype: false }), { maxLength: 8 }),
        fc.constantFrom(0, 1, '\t', '\n '),
        fc.integer({ min: 1, max: 9 }),
        (values, space, step) => {
          const text = Buffer.from(JSON.stringify(values, null, space));
          const list = new ListLines();
          const parts: Uint8Array[] = [];
          for (let at = 0; at < text.length; at += step) parts.push(list.block(text.subarray(at, at + step)));
          parts.push(list.end());
          const found = Buffer.concat(parts)
            .toString()
            .split('\n')
            .filter((line) => line.trim() !== '');
          expect(found.map((line) => JSON.parse(line) as unknown)).toEqual(JSON.parse(text.toString()));
        },
      ),
    );
  });
});
