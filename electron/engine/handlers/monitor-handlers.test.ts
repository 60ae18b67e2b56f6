import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import {
  asCsv,
  asJsonLines,
  BURST_AT,
  burstLog,
  madeRequests,
  QUIET_FROM,
  quietLog,
  WATCHED_FROM,
  type MadeLog,
} from '../../../test/fixtures/made-requests.ts';
import type { LogRole } from '../../contract/logs.ts';
import { createEngine, type EngineInstance } from '../create-engine.ts';
import { invoke } from '../dispatch.ts';
import { grantFile } from '../grant-file.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let folder = '';
let engine: EngineInstance;
const changed: string[] = [];
let quiet = 0;
let burst = 0;
let baseline = 0;
let run = 0;

async function done(job: string): Promise<number> {
  const { state, failure, result } = await engine.jobs.ended(job);
  expect(failure).toBeNull();
  expect(state).toBe('done');
  return result ?? -1;
}

async function importLog(log: MadeLog, name: string, role: LogRole): Promise<number> {
  const path = join(folder, name);
  const requests = madeRequests(log);
  writeFileSync(path, name.endsWith('.csv') ? asCsv(requests) : asJsonLines(requests));
  const files = [grantFile(engine.grants, path, 'read')];
  const { mapping } = await invoke(engine, 'log/propose', { files, mapping: null });
  if (mapping === null) throw new Error('no mapping was proposed');
  const { job } = await invoke(engine, 'log/import', { files, role, name, mapping, acceptBadLines: false });
  return done(job);
}

const makeBaseline = (logs: number[], name = 'weeks') =>
  invoke(engine, 'baseline/create', {
    name,
    source: { kind: 'logs', logs, fromMs: null, toMs: null },
    modelVersion: null,
  });
const monitor = (logs: number[], of = baseline) =>
  invoke(engine, 'monitor/start', {
    baseline: of,
    logs,
    fromMs: null,
    toMs: null,
    modelVersion: null,
    sensitivity: { kind: 'false-alarm-days', days: 365 },
    seed: 1,
    presets: null,
  });

/** What a JSON schema of docs/schemas says against a file; empty when it holds. */
function objections(schema: string, value: unknown): unknown {
  const ajv = new Ajv2020({ strict: true, validateFormats: false, allowUnionTypes: true });
  const path = join(import.meta.dirname, '..', '..', '..', 'docs', 'schemas', schema);
  const validate = ajv.compile(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>);
  return validate(value) ? [] : validate.errors;
}
const written = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const exported = (kind: 'alerts-json' | 'baseline-json', of: number, name: string) =>
  invoke(engine, 'export/monitoring', {
    kind,
    of,
    target: grantFile(engine.grants, join(folder, name), 'write'),
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-monitor-'));
  engine = createEngine({
    userData: join(folder, 'user'),
    threads: 2,
    kernels: null,
    publish: (topic, payload) => {
      if (topic === 'changed') changed.push(...(payload as { subjects: string[] }).subjects);
    },
    onCase: () => undefined,
    log: (line) => {
      throw new Error(line);
    },
  });
  await invoke(engine, 'case/create', {
    target: grantFile(engine.grants, join(folder, 'a.bezoar'), 'write'),
  });
  quiet = await importLog(quietLog, 'quiet.jsonl', 'baseline');
  burst = await importLog(burstLog, 'burst.csv', 'log');
  baseline = await done((await makeBaseline([quiet])).job);
  run = await done((await monitor([burst])).job);
}, 120_000);
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a baseline of logs', () => {
  it('says what its length supports, and keeps distributions, factors, latency, errors and traffic', async () => {
    const detail = await invoke(engine, 'baseline/get', { baseline });
    expect(detail).toMatchObject({
      name: 'weeks',
      version: 1,
      modelVersion: '1.0',
      rows: 28 * 800,
      days: 28,
      exact: true,
      rankError: 0,
      promiseDays: 365,
    });
    expect(detail.selfCheck).toContain('agree');
    const { profile } = detail;
    expect(profile.classes.map(({ name }) => name)).toEqual(['bag', 'boot', 'coat', 'dress', 'shirt']);
    expect(profile.classes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    for (const { share, lower, upper, numbers } of profile.classes) {
      expect(lower).toBeLessThan(share);
      expect(upper).toBeGreaterThan(share);
      expect(numbers.map(({ name }) => name)).toEqual(['confidence', 'latency_ms']);
    }
    const noon = profile.classes[2].hour;
    expect(noon).toHaveLength(24);
    expect(noon?.[12]).toBeGreaterThan(1.3);
    expect(noon?.[3]).toBeLessThan(1);
    expect(profile.latency?.p50).toBeGreaterThan(10);
    expect(profile.latency?.p99).toBeGreaterThan(profile.latency?.p95 ?? 0);
    expect(profile.errors?.accuracy).toBeCloseTo(0.9, 1);
    expect(profile.traffic.weekday).toEqual([800, 800, 800, 800, 800, 800, 800]);
    expect(profile.categories.map(({ name }) => name)).toContain('user_agent');
    expect(profile.dispersion.map(({ window }) => window)).toEqual(['1 h', '6 h', '1 d', '7 d']);
    expect(changed).toContain('baselines');
  });

  it('of a short time is made without a promise, and one of a time without requests is refused', async () => {
    const source = { kind: 'logs' as const, logs: [quiet], fromMs: null, toMs: QUIET_FROM + 10 * DAY };
    const make = (toMs: number) =>
      invoke(engine, 'baseline/create', {
        name: 'short',
        source: { ...source, toMs },
        modelVersion: null,
      });
    const short = await done((await make(QUIET_FROM + 10 * DAY)).job);
    const detail = await invoke(engine, 'baseline/get', { baseline: short });
    expect(detail).toMatchObject({ rows: 8000, days: 10, promiseDays: null });
    expect(detail.promise).toContain('nothing is promised');
    const none = await engine.jobs.ended((await make(QUIET_FROM - DAY)).job);
    expect(none.failure?.code).toBe('baseline/too-little');
    const other = await invoke(engine, 'baseline/create', {
      name: 'short',
      source,
      modelVersion: '9.9',
    });
    expect((await engine.jobs.ended(other.job)).failure?.sentence).toContain('version 9.9');
  });

  it('that drifts against itself is refused with the reason, and nothing is kept', async () => {
    const before = (await invoke(engine, 'baseline/list', {})).length;
    const drifting = await importLog(
      { ...quietLog, seed: 5, brighterFromMs: QUIET_FROM + 14 * DAY },
      'drifting.jsonl',
      'baseline',
    );
    const { failure } = await engine.jobs.ended((await makeBaseline([drifting])).job);
    expect(failure?.code).toBe('baseline/drifts');
    expect(failure?.sentence).toContain('brightness');
    expect(await invoke(engine, 'baseline/list', {})).toHaveLength(before);
  });

  it('is exported to its schema and read back as one without requests, with the rank error of its sketches', async () => {
    await exported('baseline-json', baseline, 'baseline.json');
    expect(objections('baseline.schema.json', written('baseline.json'))).toEqual([]);
    const read = () =>
      invoke(engine, 'baseline/import', {
        file: grantFile(engine.grants, join(folder, 'baseline.json'), 'read'),
      });
    const again = await read();
    expect(again).toMatchObject({ name: 'weeks', version: 2, rows: 28 * 800, days: 28, exact: false });
    expect(again.source).toMatchObject({ kind: 'file', name: 'baseline.json' });
    expect(again.rankError).toBeGreaterThan(0);
    expect(again.rankError).toBeLessThan(0.001);
    const second = await done((await monitor([burst], again.id)).job);
    const [one, other] = [
      await invoke(engine, 'alert/list', { run }),
      await invoke(engine, 'alert/list', { run: second }),
    ];
    // The same alerts: seen again, not told twice.
    expect(other.map(({ id, kind, subject }) => [id, kind, subject])).toEqual(
      one.map(({ id, kind, subject }) => [id, kind, subject]),
    );
    const { notes } = await invoke(engine, 'monitor/get', { run: second });
    expect(notes.join(' ')).toMatch(/off by at most 0\.\d+ % in rank/);
    const { rows } = await invoke(engine, 'monitor/heat-map', { run: second, lane: 'day' });
    expect(rows.find(({ subject }) => subject === 'brightness')?.rankError).toBeGreaterThan(0);

    const bad = written('baseline.json') as { reference: { families: { counts: number[] }[] } };
    bad.reference.families[0].counts.pop();
    writeFileSync(join(folder, 'baseline.json'), JSON.stringify(bad));
    expect(await failureLater(read)).toMatchObject({ code: 'baseline/malformed' });
    writeFileSync(join(folder, 'baseline.json'), '{"format":"bezoar-baseline"}');
    expect((await failureLater(read)).message).toContain('Nothing was imported');
    writeFileSync(join(folder, 'baseline.json'), 'no json');
    expect((await failureLater(read)).code).toBe('baseline/malformed');
  });

  it('stands side by side with another: equal ones agree, a brighter one differs in brightness alone', async () => {
    const same = await invoke(engine, 'baseline/compare', { a: baseline, b: baseline });
    expect(same.lines.every(({ pValue }) => pValue === null || pValue > 0.99)).toBe(true);
    const brighter = await importLog(
      { ...quietLog, seed: 6, brighterFromMs: 0 },
      'brighter.jsonl',
      'baseline',
    );
    const other = await done((await makeBaseline([brighter], 'brighter')).job);
    const { lines } = await invoke(engine, 'baseline/compare', { a: baseline, b: other });
    const told = lines.filter(({ adjustedPValue }) => adjustedPValue !== null && adjustedPValue < 0.001);
    expect(new Set(told.map(({ subject }) => subject))).toEqual(new Set(['brightness']));
    const mean = lines.find(({ subject, measure }) => subject === 'brightness' && measure === 'mean');
    expect((mean?.b ?? 0) - (mean?.a ?? 0)).toBeCloseTo(0.3, 1);
  });
});

describe('a drill', () => {
  it('tells for each attack and monitor how often it was found and how soon, beside false alarms', async () => {
    const start = (targetClass: string | null) =>
      invoke(engine, 'drill/start', {
        baseline,
        logs: [quiet],
        attacks: ['burst', 'low-and-slow'],
        targetClass,
        repeats: 3,
        days: 5,
        sensitivity: { kind: 'false-alarm-days', days: 365 },
        seed: 3,
      });
    const id = await done((await start('dress')).job);
    const drill = await invoke(engine, 'drill/get', { drill: id });
    expect(drill).toMatchObject({ targetClass: 'dress', repeats: 3, days: 5 });
    const of = (attack: string) =>
      drill.lines.find((one) => one.attack === attack && one.monitor === 'behaviour-alarm');
    expect(of('burst')).toMatchObject({ power: 1, readAsAttack: 1, falsePositiveRate: 0 });
    expect(of('burst')?.medianHours).toBeLessThanOrEqual(3);
    expect(of('low-and-slow')?.powerUpper).toBeGreaterThan(0);
    expect(drill.lines.length).toBeGreaterThan(4);
    const again = await done((await start('dress')).job);
    expect((await invoke(engine, 'drill/get', { drill: again })).lines).toEqual(drill.lines);
    expect((await invoke(engine, 'drill/list', {})).map((one) => one.id)).toEqual([id, again]);
    expect((await engine.jobs.ended((await start('none')).job)).failure?.code).toBe('engine/bad-request');
    expect((await failureLater(() => invoke(engine, 'drill/get', { drill: run }))).code).toBe(
      'monitor/not-found',
    );
  }, 120_000);
});

describe('a monitor run', () => {
  it('finds the burst, names its class and ranks its requests first', async () => {
    const alerts = await invoke(engine, 'alert/list', { run });
    const [attack] = alerts.filter(({ kind }) => kind === 'attack-like');
    expect(attack).toMatchObject({ subject: 'dress', subjectKind: 'class', state: 'open', run });
    expect(['error', 'critical']).toContain(attack.severity);
    expect(Math.abs(attack.onsetMs - BURST_AT)).toBeLessThanOrEqual(HOUR);
    expect(attack.timeMs).toBeLessThanOrEqual(BURST_AT + 2 * HOUR);
    const { rows, total } = await invoke(engine, 'alert/rows', {
      alert: attack.id,
      run,
      offset: 0,
      limit: 100,
    });
    expect(total).toBe(attack.rows);
    const hits = rows.filter(({ requestId }) => requestId?.startsWith('attack') === true);
    expect(hits.length).toBeGreaterThanOrEqual(95);
    for (const { request, requestId, timeMs } of rows.slice(0, 5)) {
      const [row] = engine.caseFile().logs.rows(request?.log ?? -1, [request?.row ?? -1]);
      expect([row?.requestId, row?.timeMs]).toEqual([requestId, timeMs]);
    }
    expect(changed).toContain('alerts');
  });

  it('says what was judged, by what, and what can be seen at all', async () => {
    const detail = await invoke(engine, 'monitor/get', { run });
    expect(detail).toMatchObject({
      baselineName: 'weeks',
      source: { kind: 'logs', logs: [burst] },
      rows: 7 * 800 + 120,
      stale: false,
      lanes: [
        { lane: 'hour', windows: 7 * 24 },
        { lane: 'day', windows: 7 },
      ],
    });
    expect(detail.expectedFalseAlarms).toBeCloseTo(7 / 365, 2);
    expect(detail.monitors).toMatchObject([{ id: 'behaviour-alarm', inBudget: true, notJudged: null }]);
    expect(detail.floors).toHaveLength(15);
    expect((await invoke(engine, 'monitor/list', {})).map(({ id }) => id)).toContain(run);
    const gone = await failureLater(() => invoke(engine, 'monitor/get', { run: 999 }));
    expect(gone.code).toBe('monitor/not-found');
  });

  it('has every metric by hour and day with the band of the baseline', async () => {
    const metrics = ['volume', 'share:dress', 'mean:confidence', 'p95:latency_ms', 'accuracy', 'alarm'];
    const hours = await invoke(engine, 'monitor/series', { run, lane: 'hour', metrics });
    const at = hours.windows.start.indexOf(BURST_AT);
    expect(at).toBeGreaterThan(0);
    const series = Object.fromEntries(hours.series.map((one) => [one.metric, one]));
    expect(hours.windows.rows.reduce((sum, rows) => sum + rows, 0)).toBe(7 * 800 + 120);
    const dress = series['share:dress'];
    expect(dress.values[at]).toBeGreaterThan(dress.upper?.[at] ?? 1);
    const quietHours = dress.values.filter(
      (value, hour) => value !== null && value > (dress.upper?.[hour] ?? 1),
    );
    expect(quietHours.length).toBeLessThan(20);
    expect(series.alarm.upper).toBeNull();
    const { lanes } = await invoke(engine, 'monitor/get', { run });
    expect(Math.max(...series.alarm.values.map((value) => value ?? 0))).toBeGreaterThan(
      lanes[0]?.lnThreshold ?? Number.POSITIVE_INFINITY,
    );
    const days = await invoke(engine, 'monitor/series', { run, lane: 'day', metrics });
    expect(days.windows.start).toEqual(Array.from({ length: 7 }, (_, day) => WATCHED_FROM + day * DAY));
    const unknown = { run, lane: 'day' as const, metrics: ['none'] };
    expect((await failureLater(() => invoke(engine, 'monitor/series', unknown))).code).toBe(
      'engine/bad-request',
    );
  });

  it('maps the effects window by window, and gauges the whole time and a part of it', async () => {
    const { rows, windows } = await invoke(engine, 'monitor/heat-map', { run, lane: 'day' });
    const prediction = rows.find(({ subject }) => subject === 'prediction');
    expect(windows.start).toHaveLength(7);
    expect(prediction?.values.indexOf(Math.max(...prediction.values.map((value) => value ?? 0)))).toBe(2);
    expect(prediction?.pValues[2]).toBeLessThan(1e-6);
    expect(rows.every(({ rankError }) => rankError === 0)).toBe(true);
    const kpis = async (fromMs: number | null, toMs: number | null) =>
      Object.fromEntries(
        (await invoke(engine, 'monitor/kpis', { run, fromMs, toMs })).map((kpi) => [kpi.id, kpi]),
      );
    const whole = await kpis(null, null);
    expect(whole.accuracy.value).toBeCloseTo(0.9, 1);
    expect(whole.drift.value).toBeGreaterThan(1);
    expect(whole.mttd.value).toBeGreaterThanOrEqual(0);
    const hours = await kpis(BURST_AT, BURST_AT + 2 * HOUR);
    expect(hours.confidence.value).toBeGreaterThan(whole.confidence.value ?? 1);
    expect(hours.throughput.value).toBeGreaterThan(2 * (whole.throughput.value ?? 0));
    const calm = await kpis(WATCHED_FROM, WATCHED_FROM + DAY);
    expect(calm['alert-frequency'].value).toBe(0);
    expect(calm.drift.value).toBeLessThan(1);
  });

  it('is exported as alerts in order of time, to their schema', async () => {
    await exported('alerts-json', run, 'alerts.json');
    const alerts = written('alerts.json') as { time: string; kind: string; rows: string[] }[];
    expect(objections('alerts.schema.json', alerts)).toEqual([]);
    expect(alerts.length).toBeGreaterThan(0);
    expect(alerts.map(({ time }) => time)).toEqual(alerts.map(({ time }) => time).sort());
    expect(alerts[0].rows[0]).toMatch(/^attack-/);
    const second = await exported('alerts-json', run, 'again.json');
    expect(readFileSync(join(folder, 'again.json'))).toEqual(readFileSync(join(folder, 'alerts.json')));
    expect((await invoke(engine, 'export/list', {})).at(-1)).toEqual(second);
    expect((await failureLater(() => exported('alerts-json', 99, 'none.json'))).code).toBe(
      'monitor/not-found',
    );
  });

  it('alarms by a preset when it is switched on, as a warning at most', async () => {
    const rules = await invoke(engine, 'rules/get', {});
    expect(rules.presets.length).toBeGreaterThan(3);
    const { job } = await invoke(engine, 'monitor/start', {
      baseline,
      logs: [burst],
      fromMs: null,
      toMs: null,
      modelVersion: null,
      sensitivity: { kind: 'family-wise', level: 0.01 },
      seed: 1,
      presets: ['predictions'],
    });
    const other = await done(job);
    const alerts = await invoke(engine, 'alert/list', { run: other });
    const own = alerts.filter(({ monitor: by }) => by === 'predictions');
    expect(own.length).toBeGreaterThan(0);
    expect(own.every(({ severity }) => severity === 'warning' || severity === 'info')).toBe(true);
    expect((await invoke(engine, 'monitor/get', { run: other })).expectedFalseAlarms).toBe(0.01);
    const wrong = () =>
      invoke(engine, 'monitor/start', {
        baseline,
        logs: [burst],
        fromMs: null,
        toMs: null,
        modelVersion: null,
        sensitivity: { kind: 'family-wise', level: 0.01 },
        seed: 1,
        presets: ['nonsense'],
      });
    expect((await failureLater(wrong)).message).toContain('nonsense');
  });

  it('that is cancelled or has lost its log leaves nothing behind', async () => {
    const runs = await invoke(engine, 'monitor/list', {});
    const alerts = await invoke(engine, 'alert/list', { run: null });
    const { job } = await monitor([burst]);
    await invoke(engine, 'job/cancel', { job });
    expect((await engine.jobs.ended(job)).state).toBe('cancelled');
    expect(await invoke(engine, 'monitor/list', {})).toEqual(runs);
    expect(await invoke(engine, 'alert/list', { run: null })).toEqual(alerts);
    expect((await failureLater(() => monitor([99]))).code).toBe('log/not-found');
    expect((await failureLater(() => monitor([burst], 99))).code).toBe('baseline/not-found');
    expect((await invoke(engine, 'audit/verify', {})).ok).toBe(true);
  });
});
