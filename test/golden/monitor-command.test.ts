import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { asJsonLines, burstLog, madeRequests, quietLog } from '../fixtures/made-requests.ts';

// ../shared/cases holds real measurement cases with truth; without it these tests are left out, and `npm test` says so.
const repository = resolve(import.meta.dirname, '..', '..');
const logs = resolve(repository, '..', 'shared', 'cases', 'logs');
const work = mkdtempSync(join(tmpdir(), 'bezoar-monitor-command-'));
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

interface Entry {
  readonly time: string;
  readonly onset: string;
  readonly kind: string;
  readonly severity: string;
  readonly subject: string;
  readonly subgroup: string | null;
  readonly rows: readonly string[];
}

function monitor(...args: string[]): { code: number | null; said: string } {
  const strip = process.features.typescript ? [] : ['--experimental-strip-types'];
  const cli = join(repository, 'electron', 'cli', 'main.ts');
  const { status, stderr } = spawnSync(process.execPath, [...strip, cli, 'monitor', ...args], {
    encoding: 'utf8',
  });
  return { code: status, said: stderr };
}
const alertsIn = (folder: string): Entry[] =>
  JSON.parse(readFileSync(join(folder, 'alerts.json'), 'utf8')) as Entry[];
const log = (name: string): string => join(logs, `${name}.jsonl.gz`);
const weeks = ['--baseline', log('baseline_early'), log('baseline')];

describe.skipIf(!existsSync(logs))('the given logs', () => {
  it('h1: the burst is one attack-like alert on dress that begins at 14:00, with its requests first', () => {
    const out = join(work, 'h1');
    expect(monitor(...weeks, '--log', log('h1_burst'), '--fail-on-alarm', '--out', out).code).toBe(3);
    const alerts = alertsIn(out);
    const [attack, ...more] = alerts.filter(({ kind }) => kind === 'attack-like');
    expect(more).toEqual([]);
    expect(attack.subject).toBe('dress');
    expect(['error', 'critical']).toContain(attack.severity);
    expect(Math.abs(Date.parse(attack.onset) - Date.UTC(2026, 2, 18, 14))).toBeLessThanOrEqual(3_600_000);
    expect(Date.parse(attack.time)).toBeLessThanOrEqual(Date.UTC(2026, 2, 18, 16));
    expect(attack.subgroup).toContain('okhttp/4.9.3');
    const truth = gunzipSync(readFileSync(join(logs, 'h1_burst.truth.csv.gz'))).toString('utf8');
    const attacked = new Set(
      truth
        .trim()
        .split(/\r?\n/)
        .filter((line) => line.endsWith(',1'))
        .map((line) => line.split(',')[0]),
    );
    const hits = (most: number): number => attack.rows.slice(0, most).filter((id) => attacked.has(id)).length;
    expect(hits(1000) / attacked.size).toBeGreaterThanOrEqual(0.9);
    expect(hits(500) / 500).toBeGreaterThanOrEqual(0.95);
  }, 120_000);

  it('h4: an ordinary week stays dark, and the same for one thread and two', () => {
    const out = join(work, 'h4');
    const { code } = monitor(...weeks, '--log', log('h4_control'), '--threads', '2', '--out', out);
    expect(code).toBe(0);
    expect(alertsIn(out).filter(({ severity }) => severity === 'error' || severity === 'critical')).toEqual(
      [],
    );
    expect(alertsIn(out).filter(({ kind }) => kind === 'attack-like')).toEqual([]);
    const one = join(work, 'h4-one');
    monitor(...weeks, '--log', log('h4_control'), '--threads', '1', '--out', one);
    expect(readFileSync(join(one, 'alerts.json'))).toEqual(readFileSync(join(out, 'alerts.json')));
  }, 120_000);
});

describe('the command', () => {
  const quiet = join(work, 'quiet.jsonl');
  const burst = join(work, 'burst.jsonl');

  it('takes several files after one option, names of columns, and keeps the case when asked', () => {
    const requests = madeRequests(quietLog);
    writeFileSync(quiet, asJsonLines(requests.slice(0, 10_000)));
    const rest = join(work, 'rest.jsonl');
    writeFileSync(rest, asJsonLines(requests.slice(10_000)));
    writeFileSync(burst, asJsonLines(madeRequests(burstLog)));
    const out = join(work, 'made');
    const kept = join(work, 'kept.bezoar');
    const { code } = monitor(
      '--baseline',
      quiet,
      rest,
      '--log',
      burst,
      '--prediction',
      'prediction',
      '--fail-on-alarm',
      '--case',
      kept,
      '--out',
      out,
    );
    expect(code).toBe(3);
    expect(readdirSync(out).sort()).toEqual(['alerts.json', 'baseline.json']);
    expect(alertsIn(out)[0]).toMatchObject({ subject: 'dress', kind: 'attack-like' });
    expect(existsSync(kept)).toBe(true);
  }, 60_000);

  it('says what it cannot do, with exit code 2, and writes nothing', () => {
    const out = join(work, 'never');
    const refused = [
      [['--log', burst, '--out', out], '--baseline'],
      [['--baseline', quiet, '--out', out], '--log'],
      [['--baseline', quiet, '--log', join(work, 'none.jsonl'), '--out', out], 'none.jsonl'],
      [['stray', '--baseline', quiet, '--log', burst, '--out', out], 'stray'],
      [['--baseline', quiet, '--log', burst, '--time', 'when', '--out', out], 'when'],
      [['--baseline', quiet, '--log', burst, '--false-alarm-days', '0', '--out', out], '--false-alarm-days'],
    ] as const;
    for (const [args, named] of refused) {
      const { code, said } = monitor(...args);
      expect([code, said]).toEqual([2, expect.stringContaining(named)]);
    }
    expect(existsSync(out)).toBe(false);
  }, 60_000);
});
