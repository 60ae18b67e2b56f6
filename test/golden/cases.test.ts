import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';

// ../shared/cases holds real measurement cases with truth; without it these tests are left out, and `npm test` says so.
const repository = resolve(import.meta.dirname, '..', '..');
const cases = resolve(repository, '..', 'shared', 'cases');
const work = existsSync(cases) ? mkdtempSync(join(tmpdir(), 'bezoar-cases-')) : '';

interface Scanned {
  readonly flagged: ReadonlySet<string>;
  readonly alarms: string[];
  readonly structures: string[];
  readonly suspects: string;
}

async function unpacked(name: string, file: string): Promise<string> {
  const to = join(work, `${name}-${file}`);
  if (existsSync(to)) return to;
  const from = join(cases, name, file);
  if (existsSync(from)) return from;
  await pipeline(createReadStream(`${from}.gz`), createGunzip(), createWriteStream(to));
  return to;
}

async function scan(name: string, trusted: boolean, threads = 2): Promise<Scanned> {
  const out = join(work, `${name}-${trusted ? 'trusted' : 'alone'}-${threads}`);
  const files = { '--activations': 'activations.npy', '--records': 'records.csv' };
  const hold = {
    '--trusted-activations': 'trusted_activations.npy',
    '--trusted-records': 'trusted_records.csv',
  };
  const args: string[] = [];
  for (const [option, file] of Object.entries(trusted ? { ...files, ...hold } : files))
    args.push(option, await unpacked(name, file));
  const cli = join(repository, 'electron/cli/main.ts');
  const strip = process.features.typescript ? [] : ['--experimental-strip-types'];
  await promisify(execFile)(process.execPath, [
    ...strip,
    cli,
    'scan',
    ...args,
    '--threads',
    String(threads),
    '--out',
    out,
  ]);
  const suspects = readFileSync(join(out, 'suspects.csv'), 'utf8');
  const flagged = new Set<string>();
  for (const line of suspects.trimEnd().split(/\r?\n/).slice(1)) {
    const [key, , , flag] = line.split(',');
    if (flag === '1') flagged.add(key);
  }
  const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as {
    alarms: { class: string }[];
    structures: { class: string }[];
  };
  const names = (found: readonly { class: string }[]): string[] => found.map((one) => one.class);
  return { flagged, alarms: names(summary.alarms), structures: names(summary.structures), suspects };
}

/** F1 of the flagged keys against the case's truth. */
function f1(name: string, flagged: ReadonlySet<string>): number {
  const text = gunzipSync(readFileSync(join(cases, name, 'truth.csv.gz'))).toString('utf8');
  const [header, ...lines] = text.trimEnd().split(/\r?\n/);
  const at = header.split(',').indexOf('poisoned');
  const poison = lines.map((line) => line.split(',')).filter((cells) => cells[at] === '1');
  const hits = poison.filter(([key]) => flagged.has(key)).length;
  return (2 * hits) / (flagged.size + poison.length);
}

describe.skipIf(work === '')('the measurement cases', { timeout: 240_000 }, () => {
  afterAll(() => {
    rmSync(work, { recursive: true, force: true });
  });

  it('badnets with its trusted set: the poison, in dress alone, the same bytes for any threads', async () => {
    const found = await scan('badnets', true);
    expect(f1('badnets', found.flagged)).toBeGreaterThanOrEqual(0.98);
    expect(found.alarms).toEqual(['dress']);
    expect(found.structures).toEqual([]);
    expect((await scan('badnets', true, 1)).suspects).toBe(found.suspects);
  });

  it('badnets without', async () => {
    const found = await scan('badnets', false);
    expect(f1('badnets', found.flagged)).toBeGreaterThanOrEqual(0.95);
    expect([...found.alarms, ...found.structures]).toEqual(['dress']);
  });

  it.each([true, false])('clean stays dark (trusted set: %s)', async (trusted) => {
    const found = await scan('clean', trusted);
    expect(found).toMatchObject({ alarms: [], structures: [] });
    expect(found.flagged.size).toBe(0);
  });

  it('blended is alarmed with its trusted set', async () => {
    const found = await scan('blended', true);
    expect(f1('blended', found.flagged)).toBeGreaterThanOrEqual(0.985);
    expect(found.alarms).toEqual(['sandal']);
  });

  it('text needs no trusted set', async () => {
    const found = await scan('text', false);
    expect(f1('text', found.flagged)).toBeGreaterThanOrEqual(0.97);
    expect([...found.alarms, ...found.structures]).toEqual(['business']);
  });
});
