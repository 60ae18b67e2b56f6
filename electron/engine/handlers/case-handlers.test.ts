import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { smallEvidence } from '../../../test/fixtures/small-evidence.ts';
import type { FileToken } from '../../contract/case.ts';
import type { DatasetPlan, DatasetRole } from '../../contract/evidence.ts';
import type { Topic } from '../../contract/events.ts';
import { createEngine, type EngineInstance } from '../create-engine.ts';
import { invoke } from '../dispatch.ts';
import { grantFile } from '../grant-file.ts';
import type { SetPlan } from '../ingest/import-job.ts';

let folder = '';
let engine: EngineInstance;
let told: [Topic, unknown][] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-handlers-'));
  told = [];
  engine = createEngine({
    userData: join(folder, 'user'),
    threads: 1,
    kernels: null,
    publish: (topic, payload) => told.push([topic, payload]),
    onCase: () => undefined,
    log: () => undefined,
  });
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const grant = (name: string, mode: 'read' | 'write'): FileToken =>
  grantFile(engine.grants, join(folder, name), mode);
const contractPlan = ({ records, arrays }: SetPlan, role: DatasetRole): DatasetPlan => ({
  role,
  records:
    records === null
      ? null
      : { token: grantFile(engine.grants, records.path, 'read'), columns: [...records.columns] },
  arrays: arrays.map(({ path, entry, role: array }) => ({
    token: grantFile(engine.grants, path, 'read'),
    entry,
    role: array,
  })),
});
const changed = (): string[] =>
  told.flatMap(([topic, payload]) =>
    topic === 'changed' ? (payload as { subjects: string[] }).subjects : [],
  );

describe('cases', () => {
  it('are made, left, listed newest first and opened again', async () => {
    expect(await invoke(engine, 'case/state', {})).toBeNull();
    const first = await invoke(engine, 'case/create', { target: grant('First.bezoar', 'write') });
    expect(first).toMatchObject({ name: 'First', analyst: null, question: '' });
    await invoke(engine, 'view/save', { state: '{"tab":2}' });
    await invoke(engine, 'case/create', { target: grant('Second.bezoar', 'write') });
    expect(existsSync(join(folder, 'First.bezoar-lock'))).toBe(false);
    const recent = await invoke(engine, 'case/recent', {});
    expect(recent.map(({ name, present }) => [name, present])).toEqual([
      ['Second', true],
      ['First', true],
    ]);
    await invoke(engine, 'case/open-recent', { id: recent[1]?.id ?? '' });
    expect(await invoke(engine, 'view/load', {})).toEqual({ state: '{"tab":2}' });
    rmSync(join(folder, 'Second.bezoar'));
    expect((await invoke(engine, 'case/recent', {})).map(({ present }) => present)).toEqual([true, false]);
    await invoke(engine, 'case/close', {});
    expect((await failureLater(() => invoke(engine, 'view/load', {}))).code).toBe('case/not-open');
  });

  it('that cannot be opened leave the present one open', async () => {
    await invoke(engine, 'case/create', { target: grant('First.bezoar', 'write') });
    writeFileSync(join(folder, 'other.bezoar'), 'text');
    const file = grant('other.bezoar', 'read');
    expect((await failureLater(() => invoke(engine, 'case/open', { file }))).code).toBe('case/not-a-case');
    expect(await invoke(engine, 'case/state', {})).toMatchObject({ name: 'First' });
    expect(await invoke(engine, 'case/open', { file: grant('First.bezoar', 'read') })).toMatchObject({
      name: 'First',
    });
    expect((await failureLater(() => invoke(engine, 'case/open-recent', { id: 'none' }))).code).toBe(
      'case/missing',
    );
  });

  it('take no file that was not granted, and none for writing that was granted for reading', async () => {
    const target = grant('a.bezoar', 'read');
    expect((await failureLater(() => invoke(engine, 'case/create', { target }))).code).toBe(
      'file/not-granted',
    );
  });
});

describe('the way of a sample', () => {
  it('from the proposal over import, verdict and note to the export, each told of', async () => {
    await invoke(engine, 'case/create', { target: grant('a.bezoar', 'write') });
    await invoke(engine, 'case/set-analyst', { name: 'Ana' });
    const plan = smallEvidence(folder, 40);
    const proposed = await invoke(engine, 'evidence/propose', {
      files: [grant('k-records.csv', 'read'), grant('k-activations.npy', 'read')],
    });
    expect(proposed.files.map(({ role, rows }) => [role, rows])).toEqual([
      ['records', 40],
      ['arrays', 40],
    ]);
    const { job } = await invoke(engine, 'evidence/import', {
      datasets: [contractPlan(plan, 'investigated')],
    });
    expect(await engine.jobs.ended(job)).toMatchObject({ state: 'done', title: 'Import 3 files' });
    expect(changed()).toContain('evidence');
    const [set] = await invoke(engine, 'dataset/list', {});
    const dataset = set?.id ?? 0;
    expect(await invoke(engine, 'evidence/list', {})).toHaveLength(3);
    expect(await invoke(engine, 'samples/find', { dataset, query: 'k-1' })).toEqual({
      rows: [1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
      more: false,
    });
    expect(
      await invoke(engine, 'verdict/set', { dataset, rows: [1, 2], verdict: 'poison', reason: 'x' }),
    ).toEqual({
      changed: 2,
    });
    await invoke(engine, 'verdict/set', { dataset, rows: [3], verdict: 'clean', reason: '' });
    expect(await invoke(engine, 'verdict/undo', {})).toMatchObject({ rows: [3] });
    expect(await invoke(engine, 'verdict/redo', {})).toMatchObject({ rows: [3] });
    await invoke(engine, 'seen/mark', { dataset, rows: [1] });
    await invoke(engine, 'note/set', { dataset, row: 1, text: 'corner' });
    expect(await invoke(engine, 'samples/page', { dataset, rows: [1] })).toMatchObject([
      { key: 'k-1', verdict: 'poison', seen: true, note: 'corner' },
    ]);
    expect(await invoke(engine, 'verdict/history', { dataset, row: 1 })).toMatchObject([
      { who: 'Ana', reason: 'x' },
    ]);
    expect(changed()).toEqual(expect.arrayContaining(['verdicts', 'seen', 'notes', 'audit']));
    expect(await invoke(engine, 'export/preview', { scan: null })).toMatchObject({ poison: 2, kept: 38 });
    const target = grant('manifest.json', 'write');
    const record = await invoke(engine, 'export/write', { kind: 'manifest', scan: null, target });
    expect(await invoke(engine, 'export/list', {})).toEqual([record]);
    const state = told.filter(([topic]) => topic === 'case').at(-1)?.[1];
    expect(state).toEqual(await invoke(engine, 'case/state', {}));
  });

  it('a verdict during an import waits for it and is kept', async () => {
    await invoke(engine, 'case/create', { target: grant('a.bezoar', 'write') });
    const first = await invoke(engine, 'evidence/import', {
      datasets: [contractPlan(smallEvidence(folder, 40), 'investigated')],
    });
    await engine.jobs.ended(first.job);
    const second = await invoke(engine, 'evidence/import', {
      datasets: [contractPlan(smallEvidence(folder, 3000, 't'), 'trusted')],
    });
    const dataset = engine.caseFile().datasets.active('investigated')?.id ?? 0;
    await invoke(engine, 'verdict/set', { dataset, rows: [5], verdict: 'poison', reason: '' });
    expect(await engine.jobs.ended(second.job)).toMatchObject({ state: 'done' });
    expect(await invoke(engine, 'case/state', {})).toMatchObject({ counts: { poison: 1, trusted: 3000 } });
    expect(engine.caseFile().audit.verify().ok).toBe(true);
  });
});
