import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { unwatched } from '../../../../test/fixtures/small-evidence.ts';
import { FileToken } from '../../../contract/case.ts';
import type { CaseFile } from '../../case/case-file.ts';
import { createCaseFile } from '../../case/open-case-file.ts';
import { selectRequests } from '../../monitor/select-requests.ts';
import { importLog } from './log-import.ts';
import { openMappingMemory } from './mapping-memory.ts';
import { proposeLog } from './propose-log.ts';

let folder = '';
let caseFile: CaseFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-parts-'));
  caseFile = createCaseFile(join(folder, 'a.bezoar'), { proposedActor: 'tester' });
});
afterEach(() => {
  caseFile.close();
  rmSync(folder, { recursive: true, force: true });
});

const START = Date.UTC(2026, 2, 2);
const ROWS = 5;
type Unit = 's' | 'ms' | 'us' | 'ns' | 'iso';
const whole: Readonly<Record<Exclude<Unit, 'iso'>, (ms: number) => string>> = {
  s: (ms) => String(ms / 1000),
  ms: String,
  us: (ms) => `${ms}000`,
  ns: (ms) => `${ms}000000`,
};
/** The five requests of a part. */
function part(of: number, unit: Unit, write: (cells: readonly string[]) => string): string {
  return Array.from({ length: ROWS }, (_, at) => {
    const ms = START + 1000 * (ROWS * of + at);
    const time = unit === 'iso' ? JSON.stringify(new Date(ms).toISOString()) : whole[unit](ms);
    return write([time, `r-${ROWS * of + at}`, ['cat', 'dog'][at % 2] ?? '']);
  }).join('');
}
const line =
  (end = '\n') =>
  ([time = '', id = '', predicted = '']: readonly string[]): string =>
    `{"time":${time},"id":"${id}","prediction":"${predicted}"}${end}`;
const turned = ([time = '', id = '', predicted = '']: readonly string[]): string =>
  `{"prediction":"${predicted}","id":"${id}","time":${time}}\n`;
const record =
  (end = '\n') =>
  ([time = '', id = '', predicted = '']: readonly string[]): string =>
    `${time.replaceAll('"', '')},${id},${predicted}${end}`;

async function take(parts: Readonly<Record<string, string | Uint8Array>>) {
  const paths = Object.entries(parts).map(([name, content]) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  });
  const dropped = paths.map((path) => ({ token: FileToken.parse('a'.repeat(32)), path }));
  const { mapping, files, problems } = await proposeLog(dropped, null, openMappingMemory(folder));
  expect(files.map(({ problem }) => problem)).toEqual(files.map(() => null));
  if (mapping === null) throw new Error('nothing was proposed');
  const plan = { paths, role: 'log', name: 'march', mapping, acceptBadLines: false } as const;
  const id = await importLog(caseFile, plan, unwatched(), 2);
  const log = caseFile.logs.get(id);
  const rows = caseFile.logs.rows(
    id,
    Array.from({ length: log.rows }, (_, row) => row),
  );
  return { id, log, rows, problems };
}
const inOrder = (parts: number) =>
  Array.from({ length: ROWS * parts }, (_, at) => [START + 1000 * at, `r-${at}`]);

describe('parts of a log that were not written alike', () => {
  it('are put together as JSON Lines: packed, turned about, marked, with other line ends, and empty', async () => {
    const { rows, log, problems } = await take({
      'a-0.jsonl': `\ufeff${part(0, 'iso', line('\r\n'))}`,
      'a-1.jsonl.gz': gzipSync(`\ufeff${part(1, 'iso', turned)}`),
      'a-2.jsonl': '',
      'a-3.jsonl': `${part(2, 'iso', line())}\ufeff${part(3, 'iso', line())}`,
      'a-4.jsonl.zst': zstdCompressSync(Buffer.from(`\r\n${part(4, 'iso', line())}\n\n`)),
      'a-10.jsonl': Buffer.from(`\ufeff${part(5, 'iso', line('\r\n'))}`, 'utf16le'),
    });
    expect(rows.map(({ timeMs, requestId }) => [timeMs, requestId])).toEqual(inOrder(6));
    expect(log.files.map(({ rows: count }) => count)).toEqual([5, 5, 0, 10, 5, 5]);
    expect(log.oddities).toEqual([]);
    expect(problems).toContain('a-2.jsonl is empty.');
  });

  it.each([
    ['JSON Lines', 'jsonl', '', line()],
    ['CSV', 'csv', 'time,id,prediction\n', record()],
    ['CSV with line ends of Windows', 'csv', 'time,id,prediction\r\n', record('\r\n')],
  ])(
    'may have their times in seconds, milliseconds, microseconds and nanoseconds: %s',
    async (_, ending, header, write) => {
      const units: readonly Unit[] = ['s', 'ms', 'us', 'ns', 'iso'];
      const parts = units.map((unit, at): [string, string] => [
        `t-${at}.${ending}`,
        header + part(at, unit, write),
      ]);
      const { rows, log } = await take(Object.fromEntries(parts));
      expect(rows.map(({ timeMs, requestId }) => [timeMs, requestId])).toEqual(inOrder(5));
      expect(log.oddities).toEqual([]);
    },
  );

  it('may have theirs in other units also where the proposal did not look', async () => {
    const many = Array.from({ length: 70 }, (_, at): [string, string] => [
      `m-${at}.jsonl`,
      part(at, at < 66 ? 's' : 'us', line()),
    ]);
    const { rows } = await take(Object.fromEntries(many));
    expect(rows.map(({ timeMs }) => timeMs)).toEqual(inOrder(70).map(([time]) => time));
  });
});

describe('a folder of logs', () => {
  it('may hold other files, which are told and left out, and the same one twice, which is told', async () => {
    const logs = join(folder, 'logs');
    mkdirSync(logs);
    writeFileSync(
      join(logs, 'about, and more.txt'),
      'These are logs, of a model\nand nothing else, it says\n',
    );
    writeFileSync(join(logs, 'b-1.jsonl'), part(0, 'iso', line()));
    writeFileSync(join(logs, 'b-1 (copy).jsonl'), part(0, 'iso', line()));
    writeFileSync(join(logs, 'picture.png'), Buffer.from([137, 80, 78, 71, 0, 0]));
    writeFileSync(join(logs, '_SUCCESS'), '');
    const token = FileToken.parse('a'.repeat(32));
    const { mapping, files } = await proposeLog([{ token, path: logs }], null, openMappingMemory(folder));
    expect(files.map(({ name, problem }) => [name, problem === null])).toEqual([
      ['logs/_SUCCESS', true],
      ['logs/about, and more.txt', false],
      ['logs/b-1 (copy).jsonl', true],
      ['logs/b-1.jsonl', true],
      ['logs/picture.png', false],
    ]);
    if (mapping === null) throw new Error('nothing was proposed');
    expect(mapping.format).toBe('jsonl');
    const leaveOut = files.filter(({ problem }) => problem !== null).map(({ name }) => name);
    const plan = { paths: [logs], role: 'log', name: 'march', mapping, acceptBadLines: false } as const;
    expect((await failureLater(() => importLog(caseFile, plan, unwatched(), 2))).message).toContain(
      'Nothing was imported',
    );
    const log = caseFile.logs.get(await importLog(caseFile, { ...plan, leaveOut }, unwatched(), 2));
    expect(log.rows).toBe(2 * ROWS);
    expect(log.oddities.map(({ sentence }) => sentence)).toEqual(
      expect.arrayContaining([
        '2 files of the folder are no part of the log and were left out: logs/about, and more.txt, logs/picture.png.',
        '1 file holds the same bytes as another one, whose requests count more than once: logs/b-1.jsonl.',
      ]) as string[],
    );
  });

  it('says which columns a part lacks', async () => {
    const { log } = await take({
      'c-1.csv': `time,id,prediction,client\n${part(0, 'iso', record(',web\n'))}`,
      'c-2.csv': `time,id,prediction\n${part(1, 'iso', record())}`,
    });
    expect(log.rows).toBe(2 * ROWS);
    expect(log.oddities.map(({ sentence }) => sentence)).toEqual([
      'c-2.csv has no column client; its requests lack it.',
    ]);
  });
});

describe('a time that is wrong', () => {
  it('is a bad line beyond the year 9999, and told with its place where it makes a log of decades', async () => {
    const good = Array.from({ length: 6 }, (_, at) => part(at, 'ms', line())).join('');
    const far = line()(['300000000000000000000', 'far', 'cat']);
    expect(await failureLater(() => take({ 'far.jsonl': good + far }))).toMatchObject({
      code: 'log/bad-lines',
      message: expect.stringContaining(
        'far.jsonl, line 31: "time" holds 300000000000000000000, which is no time',
      ) as string,
    });
    const { id } = await take({ 'zero.jsonl': good + line()(['0', 'zero', 'cat']) });
    const choice = { logs: [id], fromMs: null, toMs: null, modelVersion: null };
    const failure = await failureLater(() => selectRequests(caseFile, choice));
    expect(failure.code).toBe('log/too-long');
    expect(failure.message).toContain('the first request (zero.jsonl, line 31: 1970-01-01T00:00:00.000Z)');
    expect((await selectRequests(caseFile, { ...choice, fromMs: START })).table.rows).toBe(6 * ROWS);
  });
});
