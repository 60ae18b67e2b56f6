import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { someBaseline, someEpisode } from '../../../test/fixtures/some-episode.ts';
import type { CaseFile } from './case-file.ts';
import { connect } from './connection.ts';
import type { NewMonitorRun } from './monitor-run-table.ts';
import { createCaseFile, openCaseFile } from './open-case-file.ts';

let folder = '';
let path = '';
let caseFile: CaseFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-monitoring-'));
  path = join(folder, 'Harbour.bezoar');
  caseFile = createCaseFile(path, { proposedActor: 'root' });
});
afterEach(() => {
  caseFile.close();
  rmSync(folder, { recursive: true, force: true });
});

const reopen = (): void => {
  caseFile.close();
  caseFile = openCaseFile(path, { proposedActor: 'root' });
};
const addBaseline = (): number => caseFile.baselines.add('create', 'weeks', someBaseline);

const someRun = (baseline: number, change: Partial<NewMonitorRun> = {}): NewMonitorRun => ({
  kind: 'monitor',
  baseline,
  engine: 'bezoar-monitor',
  version: '1',
  parameters: { logs: [1] },
  seed: 7,
  inputs: [{ name: 'log', sha256: 'ab' }],
  startedAtMs: 5,
  milliseconds: 2.5,
  peakRssBytes: 3e9,
  result: { lanes: [] },
  arrays: [{ name: 'hour:values', data: new Uint8Array(Float64Array.of(1.5, NaN).buffer) }],
  sightings: [{ alert: null, episode: someEpisode(), rows: [[1, 4, 'r-4', 99, 2.5]] }],
  ...change,
});

describe('baselines', () => {
  it('of one name count up, and are there after closing', () => {
    expect([addBaseline(), addBaseline()]).toEqual([1, 2]);
    expect(caseFile.baselines.add('import', 'other', someBaseline)).toBe(3);
    reopen();
    expect(caseFile.baselines.list().map(({ name, version }) => [name, version])).toEqual([
      ['weeks', 1],
      ['weeks', 2],
      ['other', 1],
    ]);
    expect(caseFile.baselines.get(2)).toMatchObject({ ...someBaseline.facts, createdBy: 'root' });
    expect(caseFile.baselines.profile(3)).toEqual(someBaseline.profile);
    expect(caseFile.baselines.get(9)).toBeNull();
    expect(caseFile.baselines.profile(9)).toBeNull();
  });
});

describe('runs and alerts', () => {
  it('are kept together, with arrays and rows', () => {
    const run = someRun(addBaseline());
    const id = caseFile.monitorRuns.add(run);
    reopen();
    const { arrays, sightings, ...rest } = run;
    expect(caseFile.monitorRuns.get(id)).toEqual({ ...rest, id, startedBy: 'root' });
    expect(caseFile.monitorRuns.list('drill')).toEqual([]);
    expect(caseFile.monitorRuns.array(id, 'hour:values')).toEqual(arrays[0]?.data);
    expect(caseFile.alerts.list(null)).toMatchObject([{ id: 1, run: id, episode: sightings[0]?.episode }]);
    expect(caseFile.alerts.rows(1, id)).toEqual([[1, 4, 'r-4', 99, 2.5]]);
    expect(caseFile.audit.verify()).toMatchObject({ ok: true, entries: 3 });
  });

  it('seen again by another run are one alert that shows the newest sighting', () => {
    const baseline = addBaseline();
    const first = caseFile.monitorRuns.add(someRun(baseline));
    const again = someEpisode({ severity: 'critical' });
    const second = caseFile.monitorRuns.add(
      someRun(baseline, { sightings: [{ alert: 1, episode: again, rows: [] }] }),
    );
    expect(caseFile.alerts.list(null).map(({ id, run }) => [id, run])).toEqual([[1, second]]);
    expect(caseFile.alerts.get(1)?.episode.severity).toBe('critical');
    expect(caseFile.alerts.get(1, first)?.episode.severity).toBe('error');
    expect(caseFile.alerts.list(first).map(({ run }) => run)).toEqual([first]);
    expect(caseFile.alerts.runs(1)).toEqual([second, first]);
    expect(caseFile.alerts.rows(1, second)).toEqual([]);
  });

  it('keep what was done about them, and their incident', () => {
    caseFile.monitorRuns.add(someRun(addBaseline()));
    caseFile.setAnalyst('Ana');
    caseFile.alerts.act(1, { action: 'acknowledge', step: null, text: 'mine' });
    caseFile.alerts.act(1, { action: 'step-done', step: 'quarantine', text: '' });
    const incident = caseFile.incidents.open('Dresses', [1]);
    const requests = [{ log: 1, row: 4 }];
    caseFile.incidents.act(incident, { action: 'link', alerts: [], requests, text: '' });
    caseFile.incidents.act(incident, { action: 'close', alerts: [], requests: [], text: 'over' });
    reopen();
    expect(caseFile.alerts.get(1)?.actions.map(({ action, who }) => [action, who])).toEqual([
      ['acknowledge', 'Ana'],
      ['step-done', 'Ana'],
      ['link', 'Ana'],
    ]);
    expect(caseFile.incidents.list()).toMatchObject([
      {
        title: 'Dresses',
        openedBy: 'Ana',
        actions: [{ action: 'open' }, { action: 'link', requests }, { action: 'close', text: 'over' }],
      },
    ]);
    expect(caseFile.audit.verify()).toMatchObject({ ok: true });
  });

  it('that name what is not there leave nothing behind', () => {
    expect(() => caseFile.monitorRuns.add(someRun(77))).toThrow();
    const baseline = addBaseline();
    const sightings = [{ alert: 12, episode: someEpisode(), rows: [] }];
    expect(() => caseFile.monitorRuns.add(someRun(baseline, { sightings }))).toThrow();
    expect(caseFile.monitorRuns.list('monitor')).toEqual([]);
    expect(caseFile.audit.verify()).toMatchObject({ ok: true, entries: 2 });
  });
});

it('rules: the last that were set are in force', () => {
  expect(caseFile.monitorRules.present()).toBeNull();
  const rules = {
    coolDownMinutes: 60,
    severities: { attackLike: 'critical' as const, drift: 'warning' as const },
    presets: [],
    escalation: [],
  };
  caseFile.monitorRules.set(rules);
  caseFile.monitorRules.set({ ...rules, coolDownMinutes: 5 });
  reopen();
  expect(caseFile.monitorRules.present()).toEqual({ ...rules, coolDownMinutes: 5 });
});

describe('verify', () => {
  it.each([
    ["UPDATE alert_sighting SET episode = replace(episode, 'error', 'info')", 'monitor/store'],
    ["UPDATE monitor_array SET bytes = x'00'", 'monitor/store'],
    ["UPDATE baseline SET profile = '{}'", 'baseline/create'],
    ['DELETE FROM alert_action', 'alert/note'],
    ["INSERT INTO monitor_rules SELECT 9, '{}', 'Eve', 1, 2", 'baseline/create'],
  ])('tells of %s', (change, line) => {
    caseFile.monitorRuns.add(someRun(addBaseline()));
    caseFile.alerts.act(1, { action: 'note', step: null, text: 'odd' });
    caseFile.close();
    const other = connect(path);
    const table = /(?:UPDATE|FROM|INTO) (\w+)/.exec(change)?.[1] ?? '';
    const guards = other.all<{ name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?",
      table,
    );
    for (const { name } of guards) other.script(`DROP TRIGGER ${name}`);
    other.script(change);
    for (const { sql } of guards) other.script(sql);
    other.close();
    caseFile = openCaseFile(path, { proposedActor: 'root' });
    const { ok, sentence } = caseFile.audit.verify();
    expect(ok).toBe(false);
    expect(sentence).toContain(line);
  });
});
