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

interface Finding {
  class: string;
  ways: string[];
  certificates: { kind: string; strength: string; ln_p?: number | null; ln_e?: number }[];
  clean_share_bound: number | null;
}

interface Scanned {
  readonly findings: readonly Finding[];
  readonly flagged: ReadonlySet<string>;
  readonly flaggedRows: ReadonlySet<number>;
  readonly alarms: string[];
  readonly structures: string[];
  /** Ways of each class put forward, sorted. */
  readonly ways: Record<string, string[]>;
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

const scans = new Map<string, Promise<Scanned>>();

/** One scan of each kind: several tests look at it. */
function scan(name: string, trusted: boolean, threads = 2): Promise<Scanned> {
  const kind = `${name} ${trusted} ${threads}`;
  const scanned = scans.get(kind) ?? freshScan(name, trusted, threads);
  scans.set(kind, scanned);
  return scanned;
}

async function freshScan(name: string, trusted: boolean, threads: number): Promise<Scanned> {
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
  const flaggedRows = new Set<number>();
  for (const line of suspects.trimEnd().split(/\r?\n/).slice(1)) {
    const [key, row, , flag] = line.split(',');
    if (flag !== '1') continue;
    flagged.add(key);
    flaggedRows.add(Number(row));
  }
  const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as {
    alarms: Finding[];
    structures: Finding[];
  };
  const names = (found: readonly { class: string }[]): string[] => found.map((one) => one.class);
  const { alarms, structures } = summary;
  const findings = [...alarms, ...structures];
  const ways = Object.fromEntries(findings.map((one) => [one.class, one.ways.toSorted()]));
  return {
    findings,
    flagged,
    flaggedRows,
    alarms: names(alarms),
    structures: names(structures),
    ways,
    suspects,
  };
}

/** F1 of the flagged keys against the case's truth. */
function f1(name: string, flagged: ReadonlySet<string>): number {
  const poison = poisonOf(name);
  const hits = [...poison].filter((key) => flagged.has(key)).length;
  return (2 * hits) / (flagged.size + poison.size);
}

function poisonOf(name: string): Set<string> {
  const text = gunzipSync(readFileSync(join(cases, name, 'truth.csv.gz'))).toString('utf8');
  const [header, ...lines] = text.trimEnd().split(/\r?\n/);
  const at = header.split(',').indexOf('poisoned');
  return new Set(
    lines
      .map((line) => line.split(','))
      .filter((cells) => cells[at] === '1')
      .map(([key]) => key),
  );
}

/** Chance that a poisoned row of the class put forward ranks before another row of it. */
function auroc(name: string, { suspects, findings }: Scanned): number {
  const poison = poisonOf(name);
  const own = suspects
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','))
    .filter(([, , label]) => label === findings[0].class);
  let before = 0;
  let pairs = 0;
  for (const [key] of own) {
    if (poison.has(key)) before++;
    else pairs += before;
  }
  return pairs / (before * (own.length - before));
}

describe.skipIf(work === '')('the measurement cases', { timeout: 240_000 }, () => {
  afterAll(() => {
    rmSync(work, { recursive: true, force: true });
  });

  it('badnets with its trusted set: the poison, in dress alone, the same bytes for any threads', async () => {
    const found = await scan('badnets', true);
    expect((await scan('badnets', true, 1)).suspects).toBe(found.suspects);
  });

  const asked = [
    { name: 'badnets', trusted: true, least: 0.99, alarm: 'dress' },
    { name: 'badnets', trusted: false, least: 0.99, alarm: 'dress' },
    { name: 'blended', trusted: true, least: 0.985, alarm: 'sandal' },
    { name: 'blended', trusted: false, least: 0.985, alarm: 'sandal' },
    { name: 'label_flip', trusted: true, least: 0.99, alarm: 'pullover' },
    { name: 'label_flip', trusted: false, least: 0.985, alarm: 'pullover' },
    { name: 'text', trusted: false, least: 0.97, alarm: 'business' },
  ];
  it.each(asked)('$name is found in $alarm alone (trusted set: $trusted)', async (case_) => {
    const { name, trusted, least, alarm } = case_;
    const found = await scan(name, trusted);
    expect(f1(name, found.flagged)).toBeGreaterThanOrEqual(least);
    expect([...found.alarms, ...found.structures]).toEqual([alarm]);
  });

  it.each(['badnets', 'blended', 'label_flip'])(
    '%s has an exact certificate with room to spare',
    async (name) => {
      const [finding] = (await scan(name, true)).findings;
      const exact = finding.certificates.find(({ kind }) => kind === 'trusted');
      // 26 tests a class without logits.
      expect((exact?.ln_p ?? 0) + Math.log(26)).toBeLessThanOrEqual(Math.log(1e-6));
      if (name === 'badnets') expect(finding.clean_share_bound).toBeLessThanOrEqual(0.1);
    },
  );

  it.each([
    ['badnets', true],
    ['blended', true],
    ['label_flip', true],
    ['text', false],
  ])('%s: the ranking has the poison of its class on top (trusted set: %s)', async (name, trusted) => {
    const found = await scan(name, trusted);
    expect(auroc(name, found)).toBeGreaterThanOrEqual(0.995);
  });

  it.each([true, false])('clean stays dark (trusted set: %s)', async (trusted) => {
    const found = await scan('clean', trusted);
    expect(found).toMatchObject({ alarms: [], structures: [] });
    expect(found.flagged.size).toBe(0);
  });

  // decision.json: rows flagged and ways found by an independent implementation of the decision in NumPy.
  const decided = JSON.parse(readFileSync(join(import.meta.dirname, 'decision.json'), 'utf8')) as Record<
    string,
    Record<'with' | 'without', { flagged: number[]; ways: Record<string, string[]> } | undefined>
  >;
  const modes = Object.entries(decided).flatMap(([name, by]) =>
    (['with', 'without'] as const).flatMap((mode) => (by[mode] ? [{ name, mode, expected: by[mode] }] : [])),
  );
  it.each(modes)('$name $mode a trusted set is decided as by NumPy', async ({ name, mode, expected }) => {
    const found = await scan(name, mode === 'with');
    const rows = new Set(expected.flagged);
    const both = [...found.flaggedRows].filter((row) => rows.has(row)).length;
    const either = found.flaggedRows.size + rows.size - both;
    expect(either === 0 ? 1 : both / either).toBeGreaterThanOrEqual(0.99);
    expect(found.ways).toEqual(expected.ways);
  });
});
