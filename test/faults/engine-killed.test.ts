import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../electron/contract/jobs.ts';
import { planImport } from '../../electron/engine/import-plan.ts';
import type { ServeHost } from '../../electron/serve/serve-host.ts';
import { startServeHost } from '../../electron/serve/serve-host.ts';
import { writeActivations, writeRecords } from '../fixtures/made-evidence.ts';
import type { ServeClient } from '../fixtures/serve-client.ts';
import { connectServeClient } from '../fixtures/serve-client.ts';

const ROWS = 60_000;
const COLS = 64;
const CLASSES = 4;

let area = '';
let host: ServeHost;
let client: ServeClient;
const log: string[] = [];

beforeAll(async () => {
  area = mkdtempSync(join(tmpdir(), 'bezoar-killed-'));
  const root = join(area, 'root');
  mkdirSync(root);
  writeActivations(join(root, 'activations.npy'), ROWS, COLS, CLASSES);
  writeRecords(join(root, 'records.csv'), ROWS, CLASSES);
  host = await startServeHost({
    userData: join(area, 'user'),
    rendererRoot: area,
    port: 0,
    threads: 2,
    kernels: null,
    root,
    openCase: null,
    sample: null,
    log: (line) => log.push(line),
  });
  client = await connectServeClient(host.url);
  await client.call('case/create', { target: (await client.newCase('Harbour')).token });
});

afterAll(async () => {
  client.close();
  await host.close();
  rmSync(area, { recursive: true, force: true });
});

/** Kills the engine while a job of this kind is under way, and waits until the next one answers. */
async function killDuring(kind: Job['kind']): Promise<string> {
  await client.until('jobs', (jobs) =>
    jobs.some((job) => job.kind === kind && job.state === 'running' && job.fraction > 0),
  );
  const pid = host.enginePid();
  process.kill(pid ?? 0, 'SIGKILL');
  const lost = await client.until('engine', ({ state }) => state === 'lost');
  expect(lost.sentence).toContain('stopped unexpectedly');
  const ready = await client.until('engine', ({ state, sentence }) => state === 'ready' && sentence !== '');
  expect(host.enginePid()).not.toBe(pid);
  return ready.sentence;
}

/** Runs the one interrupted job again, to its end. */
async function runAgain(): Promise<Job> {
  const jobs = await client.call('job/list', {});
  const interrupted = jobs.filter((job) => job.state === 'interrupted');
  expect(interrupted).toHaveLength(1);
  client.forget();
  const { job } = await client.call('job/retry', { job: interrupted[0]?.id ?? '' });
  const done = await client.until('jobs', (list) =>
    list.some(({ id, state }) => id === job && state !== 'queued' && state !== 'running'),
  );
  const ended = done.find(({ id }) => id === job);
  if (ended === undefined) throw new Error('the job is gone');
  return ended;
}

describe('an engine that is killed', () => {
  it('in the middle of an import leaves nothing of it, and imports again', async () => {
    const files = [
      (await client.acquire('activations.npy')).token,
      (await client.acquire('records.csv')).token,
    ];
    const { files: proposals } = await client.call('evidence/propose', { files });
    await client.call('evidence/import', planImport(proposals));
    const sentence = await killDuring('import');
    expect(sentence).toContain('“Harbour” is open at its last saved state');
    expect(sentence).toContain('Import 2 files');
    expect(await client.call('case/state', {})).toMatchObject({ name: 'Harbour', counts: { evidence: 0 } });
    expect(await client.call('dataset/list', {})).toEqual([]);
    expect(await client.call('audit/verify', {})).toMatchObject({ ok: true });
    expect(await runAgain()).toMatchObject({ kind: 'import', state: 'done', failure: null });
    expect(await client.call('dataset/list', {})).toMatchObject([
      { rows: ROWS, classes: { length: CLASSES } },
    ]);
  });

  it('in the middle of a scan leaves no run, and scans again', async () => {
    client.forget();
    await client.call('scan/start', { detectors: null, seed: 1, useTrusted: false, alpha: 0.01 });
    expect(await killDuring('scan')).toContain('Interrupted');
    expect(await client.call('scan/list', {})).toEqual([]);
    expect(await client.call('case/state', {})).toMatchObject({ counts: { investigated: ROWS, scans: 0 } });
    expect(await client.call('audit/verify', {})).toMatchObject({ ok: true });
    expect(await runAgain()).toMatchObject({ kind: 'scan', state: 'done', failure: null });
    expect(await client.call('scan/list', {})).toHaveLength(1);
    expect(log.filter((line) => line.includes('bug'))).toEqual([]);
  });
});
