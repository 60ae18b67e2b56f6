import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BezoarError } from '../../electron/contract/errors.ts';
import { connect } from '../../electron/engine/case/connection.ts';
import { contentProblems } from '../../electron/engine/case/content-check.ts';
import { createMatrixTable } from '../../electron/engine/case/matrix-table.ts';
import { createCaseFile, openCaseFile } from '../../electron/engine/case/open-case-file.ts';
import { createBlockParser } from '../../electron/engine/ingest/logs/block-parser.ts';
import { importLog, type LogPlan } from '../../electron/engine/ingest/logs/log-import.ts';
import type { ReadMessage } from '../../electron/engine/ingest/logs/log-messages.ts';
import { readBlocks } from '../../electron/engine/ingest/logs/read-blocks.ts';
import { logLines } from '../fixtures/log-lines.ts';
import { logMapping, usualFields } from '../fixtures/log-mapping.ts';
import { unwatched } from '../fixtures/small-evidence.ts';

const options = { proposedActor: 'tester' };
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-log-faults-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const planOf = (path: string): LogPlan => ({
  paths: [path],
  role: 'log',
  name: 'log',
  mapping: logMapping(usualFields),
  acceptBadLines: false,
});

type Line = Record<string, unknown>;

function importChild(path: string, before = '', lines = 200_000): ChildProcess {
  const log = write('log.jsonl', logLines(0, lines));
  const script = join(import.meta.dirname, '..', 'fixtures', 'import-log-child.ts');
  const args = [
    '-c',
    `${before} exec "$@"`,
    'bash',
    process.execPath,
    script,
    path,
    JSON.stringify(planOf(log)),
  ];
  return spawn('bash', args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function linesUntil(child: ChildProcess, done: (line: Line) => boolean): Promise<Line[]> {
  const lines: Line[] = [];
  if (child.stdout === null) return lines;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    if (done(line)) break;
  }
  return lines;
}

const killed = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.kill('SIGKILL');
  });

describe('the import of a log', () => {
  it('that is killed in the middle leaves an empty, whole case', async () => {
    const path = join(folder, 'a.bezoar');
    // So many that some of it is on the disk before its end.
    const child = importChild(path, '', 500_000);
    await linesUntil(child, (line) => Number(line.fraction) > 0.8);
    await killed(child);
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    const caseFile = openCaseFile(path, options);
    expect(caseFile.logs.list()).toEqual([]);
    expect(caseFile.audit.verify()).toMatchObject({ ok: true, entries: 1 });
    await importLog(caseFile, planOf(write('few.jsonl', logLines(0, 9))), unwatched(), 1);
    caseFile.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('a.'))).toEqual(['a.bezoar']);
  });

  it('onto a disk that is full says so and leaves the case as it was', async () => {
    const path = join(folder, 'a.bezoar');
    const child = importChild(path, 'trap "" XFSZ; ulimit -f 4096;');
    const lines = await linesUntil(child, (line) => 'logs' in line);
    await killed(child);
    expect(lines.find((line) => 'end' in line)?.end).toBe('case/disk-full');
    expect(lines.at(-1)).toEqual({ logs: 0, verified: true });
  });
});

/** The rows that a file gives, or why it is refused, without workers and without a case. */
async function readAll(
  path: string,
  delimiter: string | null,
): Promise<{ rows: number; bad: number } | BezoarError> {
  const mapping = logMapping(usualFields, delimiter === null ? {} : { format: 'csv', delimiter: ',' });
  const parser = createBlockParser(mapping, [1, 2]);
  let file: Extract<ReadMessage, { kind: 'file' }>['file'] | null = null;
  let [rows, bad, index] = [0, 0, 0];
  try {
    await readBlocks([{ path, name: 'log' }], mapping, (message) => {
      if (message.kind === 'file') ({ file } = message);
      else if (message.kind === 'block' && file !== null) {
        const block = parser.parse({ index, file, bytes: message.bytes, last: message.last, rest: false });
        index += 1;
        rows += block.rows;
        bad += block.badCount;
      }
      return Promise.resolve();
    });
  } catch (error) {
    if (error instanceof BezoarError) return error;
    throw error;
  }
  return { rows, bad };
}

const CSV = `time,id,predicted,confidence\n${Array.from({ length: 12 }, (_, at) => `17724384${10 + at},r-${at},"co""at",0.5`).join('\n')}\n`;

describe('a log that is cut off', () => {
  it('at any byte gives its whole lines and one bad one at most', async () => {
    for (const [text, delimiter] of [
      [logLines(0, 6), null],
      [CSV, ','],
    ] as const) {
      const bytes = Buffer.from(text);
      for (let length = 0; length <= bytes.length; length += 1) {
        const whole = bytes.subarray(0, length);
        const found = await readAll(write('cut', whole), delimiter);
        if (found instanceof BezoarError) {
          expect(length).toBe(0);
          continue;
        }
        const ends = whole.toString().split('\n').length - 1 - (delimiter === null ? 0 : 1);
        expect(found.bad, `${length} bytes`).toBeLessThanOrEqual(1);
        expect(found.rows, `${length} bytes`).toBeGreaterThanOrEqual(Math.max(0, ends));
        expect(found.rows + found.bad, `${length} bytes`).toBeLessThanOrEqual(Math.max(0, ends) + 1);
      }
    }
  });

  it('within its compression is refused, wherever', async () => {
    for (const packed of [gzipSync(logLines(0, 40)), zstdCompressSync(Buffer.from(logLines(0, 40)))])
      for (let length = 5; length < packed.length; length += 7)
        expect(
          await readAll(write('cut', packed.subarray(0, length)), null),
          `${length} bytes`,
        ).toMatchObject({ code: 'evidence/malformed' });
  });
});

/** A generator of its own, so that a failing round can be run again. */
function* draws(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

describe('a log whose bytes were changed', () => {
  it('never ends in anything but rows, bad lines or a refusal', async () => {
    const random = draws(20_260_302);
    const draw = (below: number): number => random.next().value % below;
    const sources: [Buffer, string | null][] = [
      [Buffer.from(logLines(0, 30)), null],
      [Buffer.from(CSV), ','],
      [gzipSync(logLines(0, 30)), null],
      [zstdCompressSync(Buffer.from(logLines(0, 30))), null],
    ];
    const outcomes = { rows: 0, refused: 0 };
    for (let round = 0; round < 600; round += 1) {
      const [source, delimiter] = sources[round % sources.length] ?? sources[0];
      const bytes = Buffer.from(source);
      for (let change = 0; change <= draw(6); change += 1) {
        const at = draw(bytes.length);
        if (draw(4) === 0) bytes.copy(bytes, at, draw(bytes.length), bytes.length);
        else bytes[at] = draw(2) === 0 ? draw(256) : '"{}[],:\\\n\r0-.eE'.charCodeAt(draw(15)) || 0;
      }
      const began = performance.now();
      const found = await readAll(write('changed', bytes), delimiter);
      expect(performance.now() - began, `round ${round}`).toBeLessThan(2000);
      if (found instanceof BezoarError) {
        expect(found.code, `round ${round}`).toMatch(/^evidence\//);
        outcomes.refused += 1;
      } else outcomes.rows += 1;
    }
    expect(outcomes.refused).toBeGreaterThan(100);
    expect(outcomes.rows).toBeGreaterThan(100);
  });
});

describe('a stored log', () => {
  it('whose bytes were changed is found by the check', async () => {
    const path = join(folder, 'a.bezoar');
    const caseFile = createCaseFile(path, options);
    await importLog(caseFile, planOf(write('log.jsonl', logLines(0, 5000))), unwatched(), 1);
    const bad = { ...planOf(write('bad.jsonl', `no\n${logLines(0, 5)}`)), acceptBadLines: true };
    await importLog(caseFile, bad, unwatched(), 1);
    expect(caseFile.audit.verify().ok).toBe(true);
    caseFile.close();
    const changes = [
      'UPDATE log_chunk SET bytes = zeroblob(length(bytes)) WHERE log = 1 AND position = 3',
      "UPDATE log SET oddities = '[]' WHERE id = 2",
      "UPDATE log_column SET levels = replace(levels, 'bag', 'gab') WHERE log = 1",
      "UPDATE bad_row SET reason = 'none'",
      'DELETE FROM log_chunk WHERE log = 1 AND position = -1',
      "UPDATE evidence SET sha256 = 'ab' WHERE log = 1",
    ];
    for (const change of changes) {
      const connection = connect(path);
      const triggers = connection.all<{ name: string; sql: string }>(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
      );
      connection.script('BEGIN');
      for (const { name } of triggers) connection.script(`DROP TRIGGER ${name}`);
      connection.script(change);
      for (const { sql } of triggers) connection.script(sql);
      expect(contentProblems(connection, createMatrixTable(connection)), change).not.toEqual([]);
      connection.script('ROLLBACK');
      connection.close();
    }
    openCaseFile(path, options).close();
  });
});
