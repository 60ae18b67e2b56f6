import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { someBaseline, someEpisode } from '../../../test/fixtures/some-episode.ts';
import type { Episode } from '../../contract/alerts.ts';
import type { EpisodeRow } from '../case/alert-table.ts';
import { createEngine, type EngineInstance } from '../create-engine.ts';
import { invoke } from '../dispatch.ts';
import { grantFile } from '../grant-file.ts';

let folder = '';
let engine: EngineInstance;
let changed: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-alerts-'));
  changed = [];
  engine = createEngine({
    userData: join(folder, 'user'),
    threads: 1,
    kernels: null,
    publish: (topic, payload) => {
      if (topic === 'changed') changed.push(...(payload as { subjects: string[] }).subjects);
    },
    onCase: () => undefined,
    log: () => undefined,
  });
  const target = grantFile(engine.grants, join(folder, 'a.bezoar'), 'write');
  await invoke(engine, 'case/create', { target });
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

function addRun(episodes: readonly Episode[], rows: EpisodeRow[] = []): number {
  const { baselines, monitorRuns } = engine.caseFile();
  const baseline = baselines.list()[0]?.id ?? baselines.add('create', 'weeks', someBaseline);
  return monitorRuns.add({
    kind: 'monitor',
    baseline,
    engine: 'e',
    version: '1',
    parameters: {},
    seed: 0,
    inputs: [],
    startedAtMs: 0,
    milliseconds: 0,
    peakRssBytes: 0,
    result: {},
    arrays: [],
    sightings: episodes.map((episode) => ({ alert: null, episode, rows })),
  });
}

describe('alerts', () => {
  it('are listed with the newest raise first, and by run', async () => {
    const early = someEpisode({ timeMs: 5, subject: 'bag' });
    const first = addRun([early, someEpisode()]);
    addRun([someEpisode({ timeMs: 9 })]);
    const all = await invoke(engine, 'alert/list', { run: null });
    expect(all.map(({ id }) => id)).toEqual([2, 3, 1]);
    expect(all[0]).toMatchObject({ state: 'open', incident: null, notes: 0, rows: 816 });
    expect((await invoke(engine, 'alert/list', { run: first })).map(({ id }) => id)).toEqual([2, 1]);
  });

  it('go through their states, each with who and why, and refuse what they are already', async () => {
    addRun([someEpisode()]);
    await invoke(engine, 'case/set-analyst', { name: 'Ana' });
    const before = await invoke(engine, 'alert/get', { alert: 1 });
    expect(before.escalateAtMs).toBe(before.foundAtMs + 60 * 60_000);
    const mine = await invoke(engine, 'alert/acknowledge', { alert: 1, note: 'looking' });
    expect(mine).toMatchObject({ state: 'acknowledged', escalateAtMs: null, notes: 1 });
    const again = await failureLater(() => invoke(engine, 'alert/acknowledge', { alert: 1, note: '' }));
    expect(again.message).toContain('acknowledged already');
    await invoke(engine, 'alert/note', { alert: 1, text: 'one client' });
    const closed = await invoke(engine, 'alert/close', { alert: 1, note: 'a test of ours' });
    expect(closed.state).toBe('closed');
    expect(closed.logbook.map(({ action, who, text }) => [action, who, text])).toEqual([
      ['acknowledge', 'Ana', 'looking'],
      ['note', 'Ana', 'one client'],
      ['close', 'Ana', 'a test of ours'],
    ]);
    expect((await invoke(engine, 'alert/reopen', { alert: 1, note: '' })).state).toBe('open');
    expect(changed).toContain('alerts');
    expect((await invoke(engine, 'audit/verify', {})).ok).toBe(true);
    expect((await failureLater(() => invoke(engine, 'alert/get', { alert: 7 }))).code).toBe(
      'alert/not-found',
    );
  });

  it('carry the steps of their kind, recorded when done and taken back', async () => {
    addRun([someEpisode(), someEpisode({ kind: 'quality', severity: 'warning' })]);
    const done = await invoke(engine, 'alert/step', {
      alert: 1,
      step: 'quarantine',
      done: true,
      note: '3.2.0',
    });
    expect(done.response.find(({ id }) => id === 'quarantine')?.done).toMatchObject({ note: '3.2.0' });
    expect(done.response.filter((step) => step.done !== null)).toHaveLength(1);
    const undone = await invoke(engine, 'alert/step', {
      alert: 1,
      step: 'quarantine',
      done: false,
      note: '',
    });
    expect(undone.response.every((step) => step.done === null)).toBe(true);
    const odd = { alert: 2, step: 'quarantine', done: true, note: '' };
    expect((await failureLater(() => invoke(engine, 'alert/step', odd))).code).toBe('engine/bad-request');
  });

  it('page their requests by rank', async () => {
    const run = addRun(
      [someEpisode()],
      [
        [1, 4, 'a', 10, 3],
        [1, 2, null, 11, 2],
        [null, null, 'c', 12, null],
      ],
    );
    const page = await invoke(engine, 'alert/rows', { alert: 1, run, offset: 1, limit: 5 });
    expect(page).toEqual({
      total: 3,
      rows: [
        { rank: 1, request: { log: 1, row: 2 }, requestId: null, timeMs: 11, score: 2 },
        { rank: 2, request: null, requestId: 'c', timeMs: 12, score: null },
      ],
    });
  });
});

describe('incidents', () => {
  it('hold alerts and requests, one incident an alert, and close', async () => {
    addRun([someEpisode(), someEpisode({ subject: 'bag' })]);
    const opened = await invoke(engine, 'incident/open', { title: ' Dresses ', alerts: [1] });
    expect(opened).toMatchObject({ title: 'Dresses', alerts: [1], closedAtMs: null });
    const { id: incident } = opened;
    const requests = [
      { log: 1, row: 4 },
      { log: 1, row: 5 },
    ];
    await invoke(engine, 'incident/link', { incident, alerts: [2], requests });
    await invoke(engine, 'incident/unlink', { incident, alerts: [1], requests: [{ log: 1, row: 4 }] });
    const other = await invoke(engine, 'incident/open', { title: 'Other', alerts: [2] });
    const list = await invoke(engine, 'incident/list', {});
    expect(list.map(({ alerts, requests: rows }) => [alerts, rows])).toEqual([
      [[], [{ log: 1, row: 5 }]],
      [[2], []],
    ]);
    expect(await invoke(engine, 'alert/get', { alert: 2 })).toMatchObject({ incident: other.id });
    const closed = await invoke(engine, 'incident/close', { incident, note: 'done' });
    expect(closed.closedAtMs).not.toBeNull();
    expect((await invoke(engine, 'incident/reopen', { incident, note: '' })).closedAtMs).toBeNull();
    const gone = { incident: 9, note: '' };
    expect((await failureLater(() => invoke(engine, 'incident/close', gone))).code).toBe(
      'incident/not-found',
    );
    const half = { title: 'Half', alerts: [1, 99] };
    expect((await failureLater(() => invoke(engine, 'incident/open', half))).code).toBe('alert/not-found');
    expect(await invoke(engine, 'incident/list', {})).toHaveLength(2);
  });
});

describe('rules', () => {
  it('are the usual ones until somebody changes them, and refuse unknown monitors', async () => {
    const usual = await invoke(engine, 'rules/get', {});
    expect(usual.presets.every(({ on }) => !on)).toBe(true);
    const rules = { ...usual, coolDownMinutes: 15 };
    expect(await invoke(engine, 'rules/set', { rules })).toEqual(rules);
    expect(await invoke(engine, 'rules/get', {})).toEqual(rules);
    const preset = { id: 'none', title: '', on: true, severity: 'info' as const, thresholds: [] };
    const wrong = { ...rules, presets: [preset] };
    expect((await failureLater(() => invoke(engine, 'rules/set', { rules: wrong }))).code).toBe(
      'engine/bad-request',
    );
    expect(await invoke(engine, 'rules/get', {})).toEqual(rules);
  });
});
