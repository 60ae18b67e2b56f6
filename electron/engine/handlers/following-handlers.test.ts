import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import {
  asCsv,
  asJsonLines,
  burstLog,
  madeRequests,
  quietLog,
} from '../../../test/fixtures/made-requests.ts';
import type { Params } from '../../contract/calls.ts';
import type { Following } from '../../contract/following.ts';
import { createEngine, type EngineInstance } from '../create-engine.ts';
import { invoke } from '../dispatch.ts';
import { grantFile } from '../grant-file.ts';

let folder = '';
let engine: EngineInstance;
let baseline = 0;
let told: Following[][] = [];
let path = '';
let count = 0;

async function done(job: string): Promise<number> {
  const { state, failure, result } = await engine.jobs.ended(job);
  expect(failure).toBeNull();
  expect(state).toBe('done');
  return result ?? -1;
}

const follow = (change: Partial<Params<'follow/start'>> = {}): Promise<Following> =>
  invoke(engine, 'follow/start', {
    source: grantFile(engine.grants, path, 'read'),
    baseline,
    mapping: null,
    sensitivity: { kind: 'false-alarm-days', days: 365 },
    seed: 0,
    fromStart: true,
    alertsFile: null,
    webhook: null,
    tellFrom: 'error',
    ...change,
  });

/** Waits until what the engine says of a followed log holds. */
async function until(id: string, holds: (one: Following) => boolean): Promise<Following> {
  for (;;) {
    const one = (await invoke(engine, 'follow/list', {})).find((each) => each.id === id);
    if (one === undefined) throw new Error(`${id} is followed no more`);
    if (one.state === 'failed') throw new Error(one.sentence);
    if (holds(one)) return one;
    await new Promise((again) => setTimeout(again, 20));
  }
}

const requests = madeRequests(burstLog);
/** Requests of the first five days: the burst among them. */
const fiveDays = requests.filter(({ time }) => Date.parse(time) < burstLog.startMs + 5 * 86_400_000);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-following-'));
  engine = createEngine({
    userData: join(folder, 'user'),
    threads: 2,
    kernels: null,
    publish: (topic, payload) => {
      if (topic === 'following') told.push(payload as Following[]);
    },
    onCase: () => undefined,
    log: (line) => {
      throw new Error(line);
    },
  });
  const target = grantFile(engine.grants, join(folder, 'a.bezoar'), 'write');
  await invoke(engine, 'case/create', { target });
  const quiet = join(folder, 'quiet.jsonl');
  writeFileSync(quiet, asJsonLines(madeRequests(quietLog)));
  const files = [grantFile(engine.grants, quiet, 'read')];
  const { mapping } = await invoke(engine, 'log/propose', { files, mapping: null });
  if (mapping === null) throw new Error('no mapping was proposed');
  const importing = { files, role: 'baseline' as const, name: 'quiet', mapping, acceptBadLines: false };
  const log = await done((await invoke(engine, 'log/import', importing)).job);
  const source = { kind: 'logs' as const, logs: [log], fromMs: null, toMs: null };
  const making = await invoke(engine, 'baseline/create', { name: 'quiet', source, modelVersion: null });
  baseline = await done(making.job);
}, 60_000);
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  told = [];
  count += 1;
  path = join(folder, `live-${count}.jsonl`);
});

describe('a followed log', () => {
  it('is judged as its hours close, and what alarms is kept, appended and posted once it is raised and once it has ended', async () => {
    const posted: { subject: string; ongoing: boolean }[] = [];
    const server: Server = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        posted.push(JSON.parse(body) as (typeof posted)[number]);
        response.writeHead(200).end();
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const alertsFile = join(folder, 'alerts.jsonl');
    const at = requests.findIndex(({ request_id: id }) => id.startsWith('attack'));
    const last = requests.findLastIndex(({ request_id: id }) => id.startsWith('attack'));
    writeFileSync(path, asJsonLines(requests.slice(0, at)));
    const { id, run, state } = await follow({
      alertsFile: grantFile(engine.grants, alertsFile, 'write'),
      webhook: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    });
    expect(state).toBe('waiting');
    const calm = await until(id, (one) => one.events === at && one.windowsClosed > 60);
    expect(calm).toMatchObject({ state: 'following', alerts: 0, badLines: 0, behindBytes: 0 });
    expect(existsSync(alertsFile)).toBe(false);

    appendFileSync(path, asJsonLines(requests.slice(at, last + 40)));
    await until(id, ({ alerts }) => alerts > 0);
    const [alert] = await invoke(engine, 'alert/list', { run });
    expect(alert).toMatchObject({ subject: 'dress', kind: 'attack-like', ongoing: true, state: 'open' });
    const { rows } = await invoke(engine, 'alert/rows', { alert: alert.id, run, offset: 0, limit: 60 });
    expect(rows.filter(({ requestId }) => requestId?.startsWith('attack')).length).toBeGreaterThan(50);
    expect(rows[0]?.request).toBeNull();

    appendFileSync(path, asJsonLines(requests.slice(last + 40)));
    const end = await until(id, (one) => one.events === requests.length && one.windowsClosed > 160);
    expect(end.alerts).toBeGreaterThan(0);
    const attack = (await invoke(engine, 'alert/get', { alert: alert.id })).ongoing;
    expect(attack).toBe(false);
    const lines = readFileSync(alertsFile, 'utf8').trimEnd().split('\n');
    const ofDress = lines
      .map((line) => JSON.parse(line) as { subject: string; ongoing: boolean })
      .filter(({ subject }) => subject === 'dress');
    expect(ofDress.map(({ ongoing }) => ongoing)).toEqual([true, false]);
    expect(posted.filter(({ subject }) => subject === 'dress')).toHaveLength(2);
    expect(told.length).toBeGreaterThan(0);

    const series = { run, lane: 'hour' as const, metrics: ['share:dress'] };
    const live = await invoke(engine, 'monitor/series', series);
    expect(live.windows.start.length).toBeGreaterThan(160);
    const stopped = await invoke(engine, 'follow/stop', { following: id });
    expect(stopped).toMatchObject({ state: 'stopped', events: requests.length });
    expect(await invoke(engine, 'follow/list', {})).toEqual([]);
    const kept = (await invoke(engine, 'monitor/list', {})).at(-1);
    expect(kept).toMatchObject({ source: { kind: 'followed' }, baseline });
    const after = await invoke(engine, 'monitor/series', { ...series, run: kept?.id ?? 0 });
    expect(after).toEqual(live);
    expect((await invoke(engine, 'alert/list', { run: kept?.id ?? 0 })).map((one) => one.id)).toContain(
      alert.id,
    );
    expect((await invoke(engine, 'audit/verify', {})).ok).toBe(true);
    server.closeAllConnections();
    server.close();
  }, 60_000);

  it('gives the same alerts however it is cut and rotated on the way, and counts what it cannot read', async () => {
    const lines = fiveDays.map((one) => `${JSON.stringify(one)}\n`);
    const half = Math.floor(lines.length / 2);
    writeFileSync(path, `not json\n${lines.slice(0, half).join('')}${lines[half]?.slice(0, 40) ?? ''}`);
    const { id, run } = await follow();
    await until(id, ({ events }) => events === half);
    appendFileSync(path, lines[half]?.slice(40) ?? '');
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, lines.slice(half + 1, half + 50).join(''));
    writeFileSync(path, lines.slice(half + 50).join(''));
    const end = await until(id, ({ events }) => events === lines.length);
    expect(end.badLines).toBe(1);
    expect(end.sentence).toContain('replaced 1 time');
    await invoke(engine, 'follow/stop', { following: id });
    const cutUp = await invoke(engine, 'alert/list', { run });

    path = join(folder, 'whole.jsonl');
    writeFileSync(path, lines.join(''));
    const whole = await follow();
    await until(whole.id, ({ events }) => events === lines.length);
    await invoke(engine, 'follow/stop', { following: whole.id });
    const facts = (alerts: typeof cutUp) =>
      alerts.map(({ subject, kind, onsetMs, windowStartMs, windowEndMs }) => [
        subject,
        kind,
        onsetMs,
        windowStartMs,
        windowEndMs,
      ]);
    expect(cutUp.length).toBeGreaterThan(0);
    expect(facts(await invoke(engine, 'alert/list', { run: whole.run }))).toEqual(facts(cutUp));
  }, 60_000);

  it('may be CSV in any dialect, whose next file goes on without a header', async () => {
    const text = asCsv(fiveDays)
      .replaceAll(',', ';')
      .replaceAll('ios/8', 'iös/8')
      .replaceAll(/(?<=;)(\d+)\.(\d+)(?=;|\n)/g, '$1,$2');
    expect(text).toMatch(/;0,\d+;/);
    const cut = text.indexOf('\n', Math.floor(text.length / 2)) + 1;
    writeFileSync(path, Buffer.from(text.slice(0, cut), 'latin1'));
    const files = [grantFile(engine.grants, path, 'read')];
    const { mapping } = await invoke(engine, 'log/propose', { files, mapping: null });
    expect(mapping).toMatchObject({ delimiter: ';', reading: { decimal: ',' } });
    const { id } = await follow({ mapping });
    await until(id, ({ events }) => events === text.slice(0, cut).trimEnd().split('\n').length - 1);
    renameSync(path, `${path}.1`);
    writeFileSync(path, Buffer.from(text.slice(cut), 'latin1'));
    const end = await until(id, ({ events }) => events === fiveDays.length);
    expect([end.badLines, end.alerts > 0]).toEqual([0, true]);
    await invoke(engine, 'follow/stop', { following: id });
  }, 60_000);

  it('ends with what its times are where one of them is wrong', async () => {
    writeFileSync(path, asJsonLines(fiveDays.slice(0, 500)));
    const { id } = await follow();
    await until(id, ({ events, windowsClosed }) => events === 500 && windowsClosed > 0);
    const wrong = fiveDays.slice(500, 501).map((one) => ({ ...one, time: '9999-12-31T23:59:59Z' }));
    appendFileSync(path, asJsonLines(wrong));
    await expect(until(id, ({ events }) => events > 501)).rejects.toThrow(
      /dated from 2026-.* to 9999-12-31T23:59:59\.000Z, and one of these times is wrong/,
    );
  }, 60_000);

  it('may be CSV, begun at its end: the header is read from its start', async () => {
    const text = asCsv(fiveDays);
    const cut = text.indexOf('\n', Math.floor(text.length / 2)) + 1;
    writeFileSync(path, text.slice(0, cut));
    const files = [grantFile(engine.grants, path, 'read')];
    const { mapping } = await invoke(engine, 'log/propose', { files, mapping: null });
    const { id } = await follow({ mapping, fromStart: false });
    await until(id, ({ state }) => state === 'following');
    appendFileSync(path, text.slice(cut));
    const rest = text.slice(cut).trimEnd().split('\n').length;
    expect(await until(id, ({ events }) => events >= rest)).toMatchObject({ events: rest, badLines: 0 });
    await invoke(engine, 'follow/stop', { following: id });
  });

  it('is refused without a file, and stopped with its case', async () => {
    expect((await failureLater(() => follow())).code).toBe('follow/unreadable');
    const { id } = await follow({ fromStart: false });
    expect((await until(id, () => true)).state).toBe('waiting');
    writeFileSync(path, asJsonLines(fiveDays.slice(0, 100)));
    await until(id, ({ events }) => events === 100);
    const missing = { following: 'follow-99' };
    expect((await failureLater(() => invoke(engine, 'follow/stop', missing))).code).toBe('follow/not-found');
    const file = grantFile(engine.grants, join(folder, 'a.bezoar'), 'read');
    await invoke(engine, 'case/close', {});
    expect(await invoke(engine, 'follow/list', {})).toEqual([]);
    await invoke(engine, 'case/open', { file });
    expect((await invoke(engine, 'audit/verify', {})).ok).toBe(true);
  });
});

it('numbers of what is followed are served in text format while it is asked for', async () => {
  writeFileSync(path, asJsonLines(fiveDays.slice(0, 50)));
  const { id } = await follow();
  await until(id, ({ events }) => events === 50);
  const { url } = await invoke(engine, 'metrics/serve', { port: 0 });
  const text = await (await fetch(url ?? '')).text();
  expect(text).toContain(`bezoar_followed_requests_total{log="live-${count}.jsonl",id="${id}"} 50\n`);
  expect(text).toContain('bezoar_followed_up');
  expect(await invoke(engine, 'metrics/serve', { port: null })).toEqual({ url: null });
  await expect(fetch(url ?? '')).rejects.toThrow();
  await invoke(engine, 'follow/stop', { following: id });
});
