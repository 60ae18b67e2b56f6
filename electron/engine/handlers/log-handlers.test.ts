import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { logLines } from '../../../test/fixtures/log-lines.ts';
import type { LogFilter } from '../../contract/logs.ts';
import type { Topic } from '../../contract/events.ts';
import { createEngine, type EngineInstance } from '../create-engine.ts';
import { invoke } from '../dispatch.ts';
import { grantFile } from '../grant-file.ts';

const START = Date.UTC(2026, 2, 2);
let folder = '';
let engine: EngineInstance;
let told: [Topic, unknown][] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-log-handlers-'));
  told = [];
  engine = createEngine({
    userData: join(folder, 'user'),
    threads: 2,
    kernels: null,
    publish: (topic, payload) => told.push([topic, payload]),
    onCase: () => undefined,
    log: () => undefined,
  });
  await invoke(engine, 'case/create', {
    target: grantFile(engine.grants, join(folder, 'a.bezoar'), 'write'),
  });
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const granted = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return grantFile(engine.grants, join(folder, name), 'read');
};
const everything: LogFilter = { time: null, categories: [], ranges: [] };

async function imported(name: string, content: string, acceptBadLines = false): Promise<number> {
  const files = [granted(name, content)];
  const { mapping } = await invoke(engine, 'log/propose', { files, mapping: null });
  if (mapping === null) throw new Error('nothing was proposed');
  const { job } = await invoke(engine, 'log/import', { files, role: 'log', name, mapping, acceptBadLines });
  const { state, failure, result } = await engine.jobs.ended(job);
  expect([state, failure]).toEqual(['done', null]);
  return result ?? 0;
}

describe('a log', () => {
  it('is proposed, imported as a job, listed, and remembered for the next one of its shape', async () => {
    const log = await imported('march.jsonl', logLines(0, 50));
    expect(await invoke(engine, 'log/list', {})).toMatchObject([
      { id: log, role: 'log', name: 'march.jsonl', rows: 50, classes: ['bag', 'coat', 'dress'] },
    ]);
    expect(told).toContainEqual(['changed', { subjects: ['evidence', 'logs', 'audit'] }]);
    expect(await invoke(engine, 'evidence/list', {})).toMatchObject([{ role: 'log', log, dataset: null }]);
    const proposal = await invoke(engine, 'log/propose', {
      files: [granted('april.jsonl', logLines(50, 60))],
      mapping: null,
    });
    expect(proposal.remembered).toBe(true);
  });

  it('that cannot be read fails with a sentence, and is imported around when that is agreed', async () => {
    const files = [granted('bad.jsonl', `${logLines(0, 3)}no line\n`)];
    const { mapping } = await invoke(engine, 'log/propose', { files, mapping: null });
    if (mapping === null) throw new Error('nothing was proposed');
    const order = { files, role: 'baseline' as const, name: 'bad', mapping };
    const first = await invoke(engine, 'log/import', { ...order, acceptBadLines: false });
    expect(await engine.jobs.ended(first.job)).toMatchObject({
      state: 'failed',
      failure: { code: 'log/bad-lines' },
    });
    expect(await invoke(engine, 'log/list', {})).toEqual([]);
    const second = await invoke(engine, 'log/import', { ...order, acceptBadLines: true });
    const { result } = await engine.jobs.ended(second.job);
    expect(await invoke(engine, 'log/bad-lines', { log: result ?? 0 })).toEqual([
      { file: 'bad.jsonl', line: 4, reason: 'it is not JSON', text: 'no line' },
    ]);
  });
});

describe('a mapping', () => {
  it('is written as a file that is taken in its turn', async () => {
    const files = [granted('a.jsonl', logLines(0, 3))];
    const { mapping } = await invoke(engine, 'log/propose', { files, mapping: null });
    if (mapping === null) throw new Error('nothing was proposed');
    const corrected = {
      ...mapping,
      zoneMinutes: -60,
      fields: mapping.fields.map((field) =>
        field.path[0] === 'agent' ? { ...field, role: 'model' as const } : field,
      ),
    };
    const target = grantFile(engine.grants, join(folder, 'map.json'), 'write');
    expect((await invoke(engine, 'log/write-mapping', { mapping: corrected, target })).bytes).toBeGreaterThan(
      100,
    );
    const map = grantFile(engine.grants, join(folder, 'map.json'), 'read');
    expect((await invoke(engine, 'log/propose', { files, mapping: null, map })).mapping).toEqual(corrected);
  });
});

describe('the rows of a log', () => {
  const order = [40, 7, 31, 2];

  async function sorted() {
    const lines = logLines(0, 200).trimEnd().split('\n');
    // Some lines stand out of order: rows are named by their place in the order of time.
    const moved = [...order.map((at) => lines[at]), ...lines.filter((_, at) => !order.includes(at))];
    const log = await imported('a.jsonl', `${moved.join('\n')}\n`);
    const [info] = await invoke(engine, 'log/list', {});
    const columnOf = (name: string): number => info.columns.findIndex((column) => column.name === name);
    const ids = async (
      filter: Partial<LogFilter>,
      more: { sort?: [string, boolean]; offset?: number; limit?: number } = {},
    ) => {
      const sort =
        more.sort === undefined ? null : { column: columnOf(more.sort[0]), descending: more.sort[1] };
      const { matched, rows } = await invoke(engine, 'log/rows', {
        log,
        filter: { ...everything, ...filter },
        sort,
        offset: more.offset ?? 0,
        limit: more.limit ?? 500,
      });
      return { matched, ids: rows.map(({ requestId }) => Number(requestId?.slice(2))) };
    };
    return { log, columnOf, ids };
  }

  it('come in order of time, in pages, with file and line', async () => {
    const { log, ids } = await sorted();
    expect(await ids({}, { limit: 5 })).toEqual({ matched: 200, ids: [0, 1, 2, 3, 4] });
    expect(await ids({}, { offset: 198, limit: 5 })).toEqual({ matched: 200, ids: [198, 199] });
    const { rows } = await invoke(engine, 'log/rows', {
      log,
      filter: everything,
      sort: null,
      offset: 40,
      limit: 1,
    });
    expect(rows).toMatchObject([
      { row: 40, requestId: 'r-40', file: 'a.jsonl', line: 1, timeMs: START + 40_000 },
    ]);
  });

  it('are filtered by time, class, values and ranges', async () => {
    const { columnOf, ids } = await sorted();
    expect(await ids({ time: { fromMs: START + 5000, toMs: START + 8000 } })).toEqual({
      matched: 3,
      ids: [5, 6, 7],
    });
    const dress = { column: columnOf('predicted'), values: ['dress'] };
    expect((await ids({ categories: [dress] })).ids.slice(0, 3)).toEqual([2, 5, 8]);
    const agents = { column: columnOf('agent'), values: ['agent/2', 'agent/9'] };
    expect((await ids({ categories: [dress, agents] })).ids.slice(0, 3)).toEqual([2, 17, 32]);
    const unlabelled = { column: columnOf('label'), values: [null] };
    expect((await ids({ categories: [unlabelled] })).matched).toBe(150);
    const one = { column: columnOf('id'), values: ['r-40', 'r-7'] };
    expect(await ids({ categories: [one] })).toEqual({ matched: 2, ids: [7, 40] });
    const confident = { column: columnOf('confidence'), least: 0.985, most: 1 };
    expect(await ids({ ranges: [confident] })).toEqual({ matched: 2, ids: [99, 199] });
    expect(await ids({ ranges: [confident], categories: [dress] })).toEqual({ matched: 0, ids: [] });
  });

  it('are sorted by any column, missing values last', async () => {
    const { ids } = await sorted();
    expect((await ids({}, { sort: ['latency_ms', true], limit: 3 })).ids).toEqual([6, 13, 20]);
    expect((await ids({}, { sort: ['predicted', false], limit: 2 })).ids).toEqual([1, 4]);
    expect((await ids({}, { sort: ['predicted', true], limit: 2 })).ids).toEqual([2, 5]);
    expect((await ids({}, { sort: ['id', false], limit: 4 })).ids).toEqual([0, 1, 10, 100]);
    const byLabel = (await ids({}, { sort: ['label', true] })).ids;
    expect([byLabel[0], byLabel[49], byLabel[50]]).toEqual([0, 196, 1]);
  });

  it('that a question makes no sense of are refused', async () => {
    const { log, columnOf, ids } = await sorted();
    const refused = async (filter: Partial<LogFilter>) => (await failureLater(() => ids(filter))).code;
    expect(await refused({ categories: [{ column: 99, values: ['a'] }] })).toBe('engine/bad-request');
    expect(await refused({ categories: [{ column: columnOf('confidence'), values: ['a'] }] })).toBe(
      'engine/bad-request',
    );
    expect(await refused({ ranges: [{ column: columnOf('agent'), least: 0, most: 1 }] })).toBe(
      'engine/bad-request',
    );
    const absent = () =>
      invoke(engine, 'log/rows', { log: log + 1, filter: everything, sort: null, offset: 0, limit: 1 });
    expect((await failureLater(absent)).code).toBe('log/not-found');
  });
});
