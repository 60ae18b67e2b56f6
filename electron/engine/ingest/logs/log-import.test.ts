import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { logField, logMapping, usualFields } from '../../../../test/fixtures/log-mapping.ts';
import { unwatched } from '../../../../test/fixtures/small-evidence.ts';
import { Cancelled } from '../../../../native-workers/task.ts';
import type { CaseFile } from '../../case/case-file.ts';
import { createCaseFile, openCaseFile } from '../../case/open-case-file.ts';
import type { JobContext } from '../../jobs/job-queue.ts';
import { importLog, type LogPlan } from './log-import.ts';

let folder = '';
let caseFile: CaseFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-log-'));
  caseFile = createCaseFile(join(folder, 'a.bezoar'), { proposedActor: 'tester' });
});
afterEach(() => {
  caseFile.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};
const START = Date.UTC(2026, 2, 2);

interface Request {
  readonly time: string | number;
  readonly id?: string;
  readonly predicted?: string;
  readonly confidence?: number;
  readonly latency_ms?: number;
  readonly agent?: string;
  readonly label?: string | null;
  readonly label_time?: string | null;
}

const request = (at: number, more: Partial<Request> = {}): Request => ({
  time: new Date(START + 1000 * at).toISOString(),
  id: `r-${at}`,
  predicted: ['coat', 'bag', 'dress'][at % 3],
  confidence: (at % 100) / 100,
  latency_ms: 5 + (at % 7),
  agent: `agent/${at % 5}`,
  label: at % 4 === 0 ? 'bag' : null,
  label_time: at % 4 === 0 ? new Date(START + 1000 * at + 3_600_000).toISOString() : null,
  ...more,
});
const lines = (requests: readonly object[]): string =>
  requests.map((one) => `${JSON.stringify(one)}\n`).join('');
const range = (from: number, to: number): Request[] =>
  Array.from({ length: to - from }, (_, i) => request(from + i));

const plan = (paths: readonly string[], more: Partial<LogPlan> = {}): LogPlan => ({
  paths,
  role: 'log',
  name: 'march',
  mapping: logMapping(usualFields),
  acceptBadLines: false,
  ...more,
});
const importOf = (paths: readonly string[], more: Partial<LogPlan> = {}, threads = 2): Promise<number> =>
  importLog(caseFile, plan(paths, more), unwatched(), threads);

/** The failure of an import, which left nothing behind. */
async function refusal(paths: readonly string[], more: Partial<LogPlan> = {}) {
  const before = [caseFile.state(), caseFile.logs.list(), caseFile.evidence.list()];
  const failure = await failureLater(() => importOf(paths, more));
  expect([caseFile.state(), caseFile.logs.list(), caseFile.evidence.list()]).toEqual(before);
  await caseFile.writable();
  return failure;
}

describe('the import of a log', () => {
  it('keeps every request by column, with its file, its line and the hash of the file', async () => {
    const path = write('march.jsonl', lines(range(0, 1000)));
    const log = await importOf([path], { role: 'baseline' });
    const bytes = readFileSync(path);
    expect(caseFile.logs.list()).toMatchObject([
      {
        id: log,
        role: 'baseline',
        name: 'march',
        rows: 1000,
        firstTimeMs: START,
        lastTimeMs: START + 999_000,
        classes: ['bag', 'coat', 'dress'],
        oddities: [],
        files: [
          { name: 'march.jsonl', rows: 1000, sha256: createHash('sha256').update(bytes).digest('hex') },
        ],
        importedBy: 'tester',
      },
    ]);
    expect(caseFile.evidence.list()).toMatchObject([
      {
        role: 'log',
        log,
        dataset: null,
        name: 'march.jsonl',
        size: bytes.length,
        format: 'jsonl',
        rows: 1000,
      },
    ]);
    const { table, weight, row, log: logOf } = await caseFile.logs.load([log]);
    expect(table.rows).toBe(1000);
    expect(table.time[999]).toBe(START + 999_000);
    expect(table.time.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...table.predicted.subarray(0, 3)]).toEqual([1, 0, 2]);
    expect([...(table.label?.subarray(0, 2) ?? [])]).toEqual([0, -1]);
    expect(table.labelTime?.[4]).toBe(START + 3_604_000);
    expect(table.labelTime?.[5]).toBeNaN();
    expect(table.numeric.map(({ name, role, values }) => [name, role, values[8]])).toEqual([
      ['confidence', 'confidence', 0.08],
      ['latency_ms', 'latency', 6],
    ]);
    expect(table.categorical).toMatchObject([
      { name: 'agent', levels: ['agent/0', 'agent/1', 'agent/2', 'agent/3', 'agent/4'] },
    ]);
    expect(table.categorical[0]?.codes[8]).toBe(3);
    expect(weight).toBeNull();
    expect([row[7], logOf[7]]).toEqual([7, log]);
    expect(caseFile.logs.rows(log, [7])).toEqual([
      {
        row: 7,
        timeMs: START + 7000,
        requestId: 'r-7',
        file: 'march.jsonl',
        line: 8,
        values: [START + 7000, 'r-7', 'bag', 0.07, 5, 'agent/2', null, null],
      },
    ]);
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('puts many files in one drop together: folders, rotated, compressed, in order of time', async () => {
    write('logs/app.log.2', lines(range(20, 30)));
    write('logs/app.log.10', lines(range(0, 10)));
    write('logs/sub/a.gz', gzipSync(lines(range(30, 40))));
    write('logs/.hidden', 'no log');
    const zst = write('z.log', zstdCompressSync(Buffer.from(lines(range(10, 20)))));
    const log = await importOf([join(folder, 'logs'), zst]);
    expect(caseFile.logs.get(log).files.map(({ name, rows }) => [name, rows])).toEqual([
      ['logs/app.log.2', 10],
      ['logs/app.log.10', 10],
      ['logs/sub/a.gz', 10],
      ['z.log', 10],
    ]);
    expect(caseFile.evidence.list().map(({ format }) => format)).toEqual([
      'jsonl',
      'jsonl',
      'jsonl, gzip',
      'jsonl, zstd',
    ]);
    const ids = caseFile.logs.requestIds(log, [0, 9, 10, 19, 20, 29, 30, 39]);
    expect(ids).toEqual(['r-0', 'r-9', 'r-10', 'r-19', 'r-20', 'r-29', 'r-30', 'r-39']);
    expect(caseFile.logs.rows(log, [12])).toMatchObject([{ file: 'z.log', line: 3, requestId: 'r-12' }]);
    expect(caseFile.logs.get(log).oddities).toEqual([]);
  });

  it('gives the same bytes for any number of workers, over blocks and chunks', async () => {
    const many = Array.from({ length: 140_000 }, (_, at) =>
      request(at, { agent: `agent/${(at * 7919) % 1000}` }),
    );
    const paths = [
      write('a.jsonl', lines(many.slice(0, 70_001))),
      write('b.jsonl', lines(many.slice(70_001))),
    ];
    const contents: unknown[] = [];
    for (const threads of [1, 2, 3]) {
      const log = await importOf(paths, {}, threads);
      const { table } = await caseFile.logs.load([log]);
      expect(table.time[139_999]).toBe(START + 139_999_000);
      expect(caseFile.logs.rows(log, [70_001, 139_999])).toMatchObject([
        { file: 'b.jsonl', line: 1, requestId: 'r-70001' },
        { file: 'b.jsonl', line: 69_999, requestId: 'r-139999' },
      ]);
      contents.push(
        JSON.stringify([
          table.categorical[0]?.levels,
          createHash('sha256')
            .update(table.categorical[0]?.codes ?? new Int32Array(0))
            .digest('hex'),
        ]),
      );
    }
    expect(new Set(contents).size).toBe(1);
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('takes a CSV with quoted cells, line ends in them, and missing values', async () => {
    const text =
      'time;id;predicted;confidence;note\r\n' +
      '2026-03-02 08:00:00;a;dress;0.5;"two\r\nlines; and ""quotes"""\r\n' +
      '2026-03-02 08:00:01;b;3;;""\r\n' +
      '\r\n' +
      '2026-03-02 08:00:02;"c";"3.0";NaN;plain';
    const mapping = logMapping(
      [
        logField('time', 'time'),
        logField('id', 'request-id'),
        logField('predicted', 'predicted'),
        logField('confidence', 'confidence'),
        logField('note', 'feature', { type: 'text' }),
      ],
      { format: 'csv', delimiter: ';', zoneMinutes: 60 },
    );
    const log = await importOf([write('a.csv', text)], { mapping });
    const rows = caseFile.logs.rows(log, [0, 1, 2]);
    expect(rows.map(({ line, values }) => [line, ...values.slice(1)])).toEqual([
      [2, 'a', 'dress', 0.5, 'two\r\nlines; and "quotes"'],
      [4, 'b', '3', null, null],
      [6, 'c', '3.0', null, 'plain'],
    ]);
    expect(rows[0]?.timeMs).toBe(Date.UTC(2026, 2, 2, 7));
    expect(caseFile.logs.get(log)).toMatchObject({
      oddities: [{ kind: 'no-zone', count: 3, sentence: '3 times name no zone and were taken for +01:00.' }],
    });
  });

  it('reads two logs as one, with classes and columns of both', async () => {
    const a = await importOf([write('a.jsonl', lines([request(0), request(2, { predicted: 'shirt' })]))]);
    const b = await importOf(
      [write('b.jsonl', lines([{ ...request(1), model: 'm', w: 0.5, latency_ms: 0.25 }]))],
      {
        mapping: logMapping([
          ...usualFields.filter(({ role }) => role !== 'latency'),
          logField('latency_ms', 'latency', { unit: 's' }),
          logField('model', 'model'),
          logField('w', 'sampling-fraction'),
        ]),
      },
    );
    const { table, weight, log, row } = await caseFile.logs.load([a, b]);
    expect([...log]).toEqual([a, b, a]);
    expect([...row]).toEqual([0, 0, 1]);
    expect(table.classes).toEqual(['bag', 'coat', 'shirt']);
    expect([...table.predicted]).toEqual([1, 0, 2]);
    expect([...(weight ?? [])]).toEqual([1, 2, 1]);
    expect([...(table.numeric[1]?.values ?? [])]).toEqual([5, 250, 7]);
    expect(table.categorical.map(({ name, codes }) => [name, ...codes])).toEqual([
      ['agent', 0, 1, 2],
      ['model', -1, 0, -1],
    ]);
    expect((await caseFile.logs.load([a], ['confidence'])).table).toMatchObject({
      numeric: [{ name: 'confidence' }],
      categorical: [],
    });
    expect((await failureLater(() => caseFile.logs.load([99]))).code).toBe('log/not-found');
  });

  it('tells predicted class and confidence from the scores where no field does', async () => {
    const mapping = logMapping([
      logField('time', 'time'),
      logField('p.stop', 'score', { class: 'stop' }),
      logField('p.go', 'score', { class: 'go' }),
    ]);
    const log = await importOf(
      [
        write(
          'a.jsonl',
          lines([
            { time: 1772438400, p: { stop: 0.25, go: 0.75 } },
            { time: 1772438401, p: { stop: 0.5 } },
            { time: 1772438402 },
          ]),
        ),
      ],
      { mapping },
    );
    const { table } = await caseFile.logs.load([log]);
    expect(table.classes).toEqual(['go', 'stop']);
    expect([...table.predicted]).toEqual([0, 1, -1]);
    expect(table.numeric.map(({ name, role, values }) => [name, role, ...values])).toEqual([
      ['p.stop', 'score', 0.25, 0.5, NaN],
      ['p.go', 'score', 0.75, NaN, NaN],
      ['confidence', 'confidence', 0.75, 0.5, NaN],
    ]);
  });

  it('states what is odd: clock, ids, zones, numbers that are none, fields without a place', async () => {
    const text =
      lines([
        request(10),
        request(5, { id: 'r-10' }),
        request(11, { time: '2026-03-02T02:00:00+02:00' }),
        request(12, { time: '2026-03-02T00:00:12' }),
        request(13, { label: 'bag', label_time: '2026-03-01T00:00:00Z' }),
        { ...request(14), extra: 1, more: { deep: 2 } },
      ]) + `{"time":${(START + 15_000) / 1000},"id":"r-5","confidence":NaN}\n`;
    const log = await importOf([write('odd.jsonl', text)]);
    expect(
      Object.fromEntries(
        caseFile.logs.get(log).oddities.map(({ kind, count, sentence }) => [kind, [count, sentence]]),
      ),
    ).toEqual({
      'no-number': [
        1,
        '1 value is NaN or infinite and count as missing, the first in "confidence" of odd.jsonl, line 7.',
      ],
      'out-of-order': [
        2,
        '2 requests are dated before the one ahead of them in the file, the first in odd.jsonl, line 2. The log is read in order of time.',
      ],
      'duplicate-ids': [1, '1 request repeats the id of an earlier one, the first is "r-10". All were kept.'],
      'no-zone': [1, '1 time names no zone and was taken for UTC.'],
      'mixed-zones': [
        3,
        'Times are written in 3 zones: 4 in UTC, 1 in +02:00, 1 in none. All were turned into UTC.',
      ],
      'unmapped-fields': [
        2,
        '2 values stand in fields that the mapping does not name and were left out: extra, more.',
      ],
      'label-before-request': [1, '1 label is dated before its request.'],
    });
    const { table } = await caseFile.logs.load([log]);
    expect([...table.time].map((time) => (time - START) / 1000)).toEqual([0, 5, 10, 12, 13, 14, 15]);
    expect(caseFile.logs.requestIds(log, [0, 1, 2])).toEqual(['r-11', 'r-10', 'r-10']);
    expect(caseFile.logs.range(log, START + 5000, START + 12_000)).toEqual({ first: 1, end: 3 });
  });
});

describe('bad lines', () => {
  const text = `${lines(range(0, 3))}{"time":"never"}\n${lines(range(3, 5))}{"time":"2026-03-02T00`;

  it('refuse the import with the first of them, unless the plan says otherwise', async () => {
    const failure = await refusal([write('bad.jsonl', text)]);
    expect(failure.code).toBe('log/bad-lines');
    expect(failure.message).toContain(
      'bad.jsonl, line 4: "time" holds "never", which is no time; bad.jsonl, line 7: the file ends in the middle of this line. Nothing was imported.',
    );
  });

  it('are left out, counted and kept with their reason when the analyst agrees', async () => {
    const log = await importOf([write('bad.jsonl', text)], { acceptBadLines: true });
    expect(caseFile.logs.get(log)).toMatchObject({
      rows: 5,
      oddities: [
        { kind: 'bad-lines', count: 2 },
        {
          kind: 'truncated-last-line',
          count: 1,
          sentence: 'bad.jsonl ends in the middle of a line, which was left out.',
        },
      ],
    });
    expect(caseFile.logs.badLines(log)).toEqual([
      {
        file: 'bad.jsonl',
        line: 4,
        reason: '"time" holds "never", which is no time',
        text: '{"time":"never"}',
      },
      {
        file: 'bad.jsonl',
        line: 7,
        reason: 'the file ends in the middle of this line',
        text: '{"time":"2026-03-02T00',
      },
    ]);
    expect(caseFile.logs.rows(log, [4])).toMatchObject([{ line: 6 }]);
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('are counted beyond the first thousand', async () => {
    const log = await importOf([write('bad.jsonl', `${'no\n'.repeat(1500)}${lines(range(0, 1))}`)], {
      acceptBadLines: true,
    });
    expect(caseFile.logs.get(log).oddities[0]).toMatchObject({ count: 1500 });
    expect(caseFile.logs.badLines(log)).toHaveLength(1000);
    expect(caseFile.logs.badLines(log)[999]?.line).toBe(1000);
  });

  it('of a level that no kept row has, leave no class behind', async () => {
    const log = await importOf(
      [write('bad.jsonl', `{"predicted":"phantom","time":"never"}\n${lines(range(0, 2))}`)],
      { acceptBadLines: true },
    );
    expect(caseFile.logs.get(log).classes).toEqual(['bag', 'coat']);
    expect((await caseFile.logs.load([log])).table.classes).toEqual(['bag', 'coat']);
  });
});

describe('a file', () => {
  it('that is cut off, damaged or a bomb in its compression is refused', async () => {
    const whole = gzipSync(lines(range(0, 5000)));
    expect(await refusal([write('cut.gz', whole.subarray(0, whole.length - 9))])).toMatchObject({
      code: 'evidence/malformed',
      message: expect.stringContaining(
        'cut.gz: what it is packed with (gzip) is damaged or breaks off',
      ) as string,
    });
    const wrong = Buffer.from(whole);
    wrong[whole.length - 6] ^= 1;
    expect((await refusal([write('crc.gz', wrong)])).code).toBe('evidence/malformed');
    const length = Buffer.from(whole);
    length[whole.length - 1] ^= 1;
    expect((await refusal([write('length.gz', length)])).code).toBe('evidence/malformed');
    const bomb = gzipSync(Buffer.alloc(70 * 1024 * 1024, '\n'));
    expect((await refusal([write('bomb.gz', bomb)])).code).toBe('evidence/too-large');
    const frame = zstdCompressSync(Buffer.from(lines(range(0, 5000))));
    expect((await refusal([write('cut.zst', frame.subarray(0, frame.length / 2))])).code).toBe(
      'evidence/malformed',
    );
  });

  it('with NUL bytes, with a line that never ends, without requests or gone is refused', async () => {
    expect(await refusal([write('nul.jsonl', `${lines(range(0, 2))}\0`)])).toMatchObject({
      code: 'evidence/malformed',
    });
    const long = `${lines(range(0, 2))}{"time":"${'x'.repeat(17 * 1024 * 1024)}"}\n`;
    expect(await refusal([write('long.jsonl', long)])).toMatchObject({ code: 'evidence/too-large' });
    expect((await refusal([write('empty.jsonl', '')])).message).toContain('empty.jsonl holds no request');
    expect((await refusal([join(folder, 'gone.jsonl')])).code).toBe('evidence/unreadable');
    const csv = logMapping(usualFields, { format: 'csv', delimiter: ',' });
    expect((await refusal([write('other.csv', 'when,id\n1,2\n')], { mapping: csv })).code).toBe(
      'evidence/missing-column',
    );
    expect((await refusal([write('open.csv', 'time,id\n"1,2\n')], { mapping: csv })).code).toBe(
      'log/bad-lines',
    );
  });
});

describe('a cancelled import', () => {
  it('ends at once and leaves nothing behind', async () => {
    const path = write('big.jsonl', lines(range(0, 40_000)));
    let cancelled = false;
    let end: () => void = () => undefined;
    let asked = 0;
    const context: JobContext = {
      ...unwatched(),
      cancelled: () => cancelled,
      onCancel: (work) => {
        end = work;
      },
      progress: () => {
        cancelled = true;
        asked = performance.now();
        end();
      },
    };
    await expect(importLog(caseFile, plan([path, path]), context, 2)).rejects.toBeInstanceOf(Cancelled);
    expect(performance.now() - asked).toBeLessThan(200);
    expect(caseFile.logs.list()).toEqual([]);
    caseFile.close();
    caseFile = openCaseFile(join(folder, 'a.bezoar'), { proposedActor: 'tester' });
    expect(caseFile.audit.verify()).toMatchObject({ ok: true, entries: 1 });
  });
});

describe('a mapping', () => {
  it('without a time, with a role or a name twice is refused', async () => {
    const path = write('a.jsonl', lines(range(0, 2)));
    const withFields = (...fields: ReturnType<typeof logField>[]) =>
      refusal([path], { mapping: logMapping(fields) });
    const time = logField('time', 'time');
    expect((await withFields(logField('id', 'request-id'))).message).toContain('takes no field for the time');
    expect((await withFields(time, logField('a', 'label'), logField('b', 'label'))).message).toContain(
      '"a" and "b" both for the label',
    );
    expect(
      (await withFields(time, logField('a.b', 'feature'), { ...logField('x', 'feature'), path: ['a.b'] }))
        .message,
    ).toContain('Two fields of the mapping are named "a.b"');
    expect((await withFields(time, time)).message).toContain('both for the time');
  });
});
