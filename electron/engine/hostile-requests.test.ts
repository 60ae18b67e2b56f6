import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../test/fixtures/failure-code.ts';
import { bytesOf, npyBytes } from '../../test/fixtures/npy-bytes.ts';
import type { CallName, Params } from '../contract/calls.ts';
import type { FileToken } from '../contract/case.ts';
import { createEngine, type EngineInstance } from './create-engine.ts';
import { dispatch, invoke } from './dispatch.ts';
import { grantFile } from './grant-file.ts';

const KEYS = [
  '100%',
  '100_',
  '1000',
  'back\\slash',
  "o'brien",
  '\u00c5ngstr\u00f6m',
  'A\u030angstro\u0308m',
  'A',
  'a',
  '007',
];

let folder = '';
let engine: EngineInstance;
let bugs: string[] = [];

const read = (name: string): FileToken => grantFile(engine.grants, join(folder, name), 'read');
const write = (name: string): FileToken => grantFile(engine.grants, join(folder, name), 'write');
const code = async <N extends CallName>(name: N, params: Params<N>): Promise<string> =>
  (await failureLater(() => invoke(engine, name, params))).code;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-hostile-'));
  bugs = [];
  engine = createEngine({
    userData: join(folder, 'user'),
    threads: 1,
    kernels: null,
    publish: () => undefined,
    onCase: () => undefined,
    log: (line) => bugs.push(line),
  });
  await invoke(engine, 'case/create', { target: write('a.bezoar') });
  const rows = KEYS.length;
  writeFileSync(
    join(folder, 'r.csv'),
    `key,label\n${KEYS.map((key, at) => `${key},class-${at % 2}\n`).join('')}`,
  );
  writeFileSync(
    join(folder, 'a.npy'),
    npyBytes('<f4', [rows, 3], bytesOf(Float32Array.from({ length: rows * 3 }, (_, at) => Math.sin(at)))),
  );
  // 1.5 MB each.
  writeFileSync(join(folder, 'i.npy'), npyBytes('|u1', [rows, 1500, 1000], new Uint8Array(rows * 1_500_000)));
  const { job } = await invoke(engine, 'evidence/import', {
    datasets: [
      {
        role: 'investigated',
        records: {
          token: read('r.csv'),
          columns: [
            { name: 'key', role: 'key' },
            { name: 'label', role: 'label' },
          ],
        },
        arrays: [
          { token: read('a.npy'), entry: null, role: 'activations' },
          { token: read('i.npy'), entry: null, role: 'images' },
        ],
      },
    ],
  });
  expect((await engine.jobs.ended(job)).failure).toBeNull();
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
  expect(bugs).toEqual([]);
});

const outside = [KEYS.length, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];

describe('rows outside the set', () => {
  it.each(outside)('%i: are refused wherever they are named', async (row) => {
    const dataset = 1;
    expect(await code('samples/page', { dataset, rows: [0, row] })).toBe('sample/not-found');
    expect(await code('samples/neighbours', { dataset, row, k: 2 })).toBe('sample/not-found');
    expect(await code('verdict/set', { dataset, rows: [0, row], verdict: 'poison', reason: '' })).toBe(
      'sample/not-found',
    );
    expect(await code('seen/mark', { dataset, rows: [row] })).toBe('sample/not-found');
    expect(await code('note/set', { dataset, row, text: 'x' })).toBe('sample/not-found');
    const scope = { kind: 'rows' as const, rows: [0, 1, 2, 3, 4, row] };
    expect(await code('map/start', { kind: 'pca', scope, seed: 0, scan: null })).toBe('sample/not-found');
    expect(
      await dispatch(engine, {
        kind: 'bulk',
        id: 1,
        request: { array: 'images', dataset, rows: [0, row] },
        offset: 0,
      }),
    ).toMatchObject({ kind: 'failure', failure: { code: 'sample/not-found' } });
    expect((await invoke(engine, 'case/state', {}))?.counts).toMatchObject({ poison: 0 });
  });

  it('that are no rows at all are not understood', async () => {
    for (const row of [-1, 0.5, 1e300, Number.NaN, '0', null])
      expect(await code('samples/page', { dataset: 1, rows: [row as number] })).toBe('engine/bad-request');
  });
});

describe('the engine', () => {
  it('counts a row that is named twice once', async () => {
    const marked = await invoke(engine, 'verdict/set', {
      dataset: 1,
      rows: [3, 3, 3, 4],
      verdict: 'poison',
      reason: '',
    });
    expect(marked).toEqual({ changed: 2 });
    expect((await invoke(engine, 'verdict/undo', {})).rows).toEqual([3, 4]);
  });

  it('finds words as they are written: nothing in them is a pattern or a command', async () => {
    const found = async (query: string): Promise<number[]> =>
      (await invoke(engine, 'samples/find', { dataset: 1, query })).rows;
    expect(await found('%')).toEqual([0]);
    expect(await found('_')).toEqual([1]);
    expect(await found('\\')).toEqual([3]);
    expect(await found("'")).toEqual([4]);
    expect(await found("' OR 1=1 --")).toEqual([]);
    expect(await found('a'.repeat(500))).toEqual([]);
    expect(await found('\u00c5ngstr\u00f6m')).toEqual([5]);
    expect((await found('a'))[0]).toBe(8);
  });

  it('keeps keys that differ in case or in their Unicode form apart, and zeros in front', async () => {
    const samples = await invoke(engine, 'samples/page', { dataset: 1, rows: [...KEYS.keys()] });
    expect(samples.map(({ key }) => key)).toEqual(KEYS);
  });

  it('does not put together more images than it can hold', async () => {
    const rows = Array.from({ length: 512 }, (_, at) => at % KEYS.length);
    expect(
      await dispatch(engine, {
        kind: 'bulk',
        id: 1,
        request: { array: 'images', dataset: 1, rows },
        offset: 0,
      }),
    ).toMatchObject({ kind: 'failure', failure: { code: 'engine/bad-request' } });
  });

  it('keeps no window state beyond its limit', async () => {
    expect(await code('view/save', { state: 'x'.repeat(262_145) })).toBe('engine/bad-request');
    await invoke(engine, 'view/save', { state: 'x'.repeat(262_144) });
  });

  it('does not wait for a pipe that nobody writes to', async ({ skip }) => {
    if (spawnSync('mkfifo', [join(folder, 'pipe.csv')]).status !== 0) skip('no named pipes here');
    const { files } = await invoke(engine, 'evidence/propose', { files: [read('pipe.csv')] });
    expect(files[0]).toMatchObject({ role: null, problem: expect.stringContaining('not a file') as string });
  });

  it('finishes an export, and its audit line, before the case is closed under it', async () => {
    await invoke(engine, 'case/create', { target: write('long.bezoar') });
    writeFileSync(
      join(folder, 'long.csv'),
      `key,label\n${Array.from({ length: 60_000 }, (_, at) => `sample-${at},a\n`).join('')}`,
    );
    const columns = [{ name: 'key', role: 'key' as const }];
    const { job } = await invoke(engine, 'evidence/import', {
      datasets: [{ role: 'investigated', records: { token: read('long.csv'), columns }, arrays: [] }],
    });
    expect((await engine.jobs.ended(job)).failure).toBeNull();
    const target = write('m.json');
    const ended: string[] = [];
    await Promise.all([
      invoke(engine, 'export/write', { kind: 'manifest', scan: null, target }).then(() =>
        ended.push('export'),
      ),
      invoke(engine, 'case/close', {}).then(() => ended.push('close')),
    ]);
    expect(ended).toEqual(['export', 'close']);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    await invoke(engine, 'case/open', { file: read('long.bezoar') });
    expect((await invoke(engine, 'export/list', {})).map(({ name }) => name)).toEqual(['m.json']);
  });

  it('refuses activations too wide for any covariance, before it starts, and says so in the plan', async () => {
    await invoke(engine, 'case/create', { target: write('wide.bezoar') });
    writeFileSync(join(folder, 'w.npy'), npyBytes('<f4', [6, 4097], new Uint8Array(6 * 4097 * 4)));
    writeFileSync(join(folder, 'w.csv'), 'label\na\na\na\nb\nb\nb\n');
    const columns = [{ name: 'label', role: 'label' as const }];
    const imported = await invoke(engine, 'evidence/import', {
      datasets: [
        {
          role: 'investigated',
          records: { token: read('w.csv'), columns },
          arrays: [{ token: read('w.npy'), entry: null, role: 'activations' }],
        },
      ],
    });
    expect((await engine.jobs.ended(imported.job)).failure).toBeNull();
    expect((await invoke(engine, 'scan/plan', {})).problems.join()).toContain('4097 columns');
    const { job } = await invoke(engine, 'scan/start', {
      detectors: null,
      seed: 0,
      useTrusted: false,
      alpha: 0.01,
    });
    expect((await engine.jobs.ended(job)).failure?.code).toBe('evidence/too-large');
  });

  it('never writes an export over the open case, whatever the path to it', async () => {
    const target = grantFile(engine.grants, join(folder, 'user', '..', 'a.bezoar'), 'write');
    await invoke(engine, 'verdict/set', { dataset: 1, rows: [1], verdict: 'poison', reason: '' });
    expect(await code('export/write', { kind: 'manifest', scan: null, target })).toBe('export/failed');
  });
});
