import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SampleSet } from '../../native-workers/detectors/detector.ts';
import {
  gaussianClasses,
  mapActivations,
  reorder,
  withEverything,
} from '../../test/conformance/gaussian-classes.ts';
import { writeEvidence } from '../../test/fixtures/evidence-files.ts';
import { npyBytes } from '../../test/fixtures/npy-bytes.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-awkward-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `scan`; --out is the folder `out` of the test's own. */
function scan(out: string, ...argv: string[]): Promise<{ code: number | null; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, 'scan', ...argv, '--threads', '2', '--out', at(out)]);
    let err = '';
    child.stderr.on('data', (text: Buffer) => (err += text.toString()));
    child.on('close', (code) => {
      resolve({ code, err });
    });
  });
}

interface Summary {
  rows: number;
  alarms: Record<string, unknown>[];
  structures: Record<string, unknown>[];
  not_judged: { class: string; reason: string }[];
  detectors: { id: string; left_out: string | null }[];
  notes: string[];
}

const summaryOf = (out: string): Summary =>
  JSON.parse(readFileSync(join(at(out), 'summary.json'), 'utf8')) as Summary;

/** Cells of `suspects.csv`, without the header. */
const suspectsOf = (out: string): string[][] =>
  readFileSync(join(at(out), 'suspects.csv'), 'utf8')
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','));

/** At most `most` rows of a class. */
function cutClass(set: SampleSet, classIndex: number, most: number): SampleSet {
  let seen = 0;
  const rows = [...set.label.keys()].filter((row) => set.label[row] !== classIndex || seen++ < most);
  return reorder(set, Int32Array.from(rows));
}

describe('a scan from files', () => {
  it('takes logits, trusted logits and columns of losses, and writes what it found in numbers', async () => {
    const { input, planted } = gaussianClasses({
      seed: 11,
      perClass: 300,
      cols: 16,
      planted: { classIndex: 1, rows: 45, kind: 'trigger' },
    });
    const full = withEverything(input);
    const { investigated, trusted } = full;
    if (trusted === null) throw new Error('no trusted set');
    const here = writeEvidence(folder, investigated, full.classes, {
      prefix: 's',
      columns: {
        loss_1: Array.from(planted, (flag, row) => (flag === 1 ? 0.01 : 0.5 + (row % 7) / 10)),
        loss_2: Array.from(planted, (flag, row) => (flag === 1 ? 0.001 : 0.2 + (row % 5) / 10)),
      },
    });
    const there = writeEvidence(folder, trusted, full.classes, { prefix: 't' });
    const result = await scan(
      'found',
      ...['--activations', here.activations, '--records', here.records, '--logits', here.logits ?? ''],
      ...['--trusted-activations', there.activations, '--trusted-records', there.records],
      ...['--trusted-logits', there.logits ?? '', '--fail-on-alarm'],
    );
    expect(result).toEqual({ code: 3, err: '' });
    const summary = summaryOf('found');
    const [alarm] = summary.alarms;
    expect(summary.alarms).toHaveLength(1);
    expect(alarm).toMatchObject({ class: 'class-1', of: 300, count: expect.any(Number) as number });
    expect(alarm.clean_share_bound).toBeLessThan(0.9);
    expect(alarm.joined_ln_e).toBeGreaterThan(Number(alarm.joined_ln_e_level));
    const certificates = alarm.certificates as Record<string, unknown>[];
    expect(certificates.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['trusted', 'peel']));
    for (const one of certificates.filter(({ strength }) => strength !== 'structural')) {
      expect(one).toMatchObject({ p: expect.any(Number) as number, n: 300 });
      expect(Number(one.ln_p)).toBeLessThanOrEqual(Math.log(Number(one.level)));
    }
    expect(alarm.shares).toMatchObject({ sentence: expect.any(String) as string });
    const left = summary.detectors.filter(({ left_out }) => left_out !== null);
    expect(left.map(({ id }) => id)).toEqual(['input-statistics']);
    expect(left[0].left_out).toContain('images (.npy');
    const flagged = suspectsOf('found').filter(([, , , flag]) => flag === '1');
    expect(flagged.every(([, , label]) => label === 'class-1')).toBe(true);
  });

  it('judges what it can of an awkward set and says what it left out', async () => {
    // float16; column 0 is constant; class 1, 2, 5 have 1, 2, 5 rows; class 3 is one row again and again; every row of
    // class 4 stands twice; class 6 has no trusted rows, class 7 is in the trusted set alone.
    const { input } = gaussianClasses({ seed: 31, classes: 8, perClass: 160, cols: 12 });
    const { label } = input.investigated;
    const first = label.indexOf(3);
    const data = input.investigated.activations?.data ?? new Float32Array();
    const odd = mapActivations(
      input,
      (x, row, column) => {
        if (column === 0) return 0;
        if (label[row] === 3) return data[first * 12 + column];
        return label[row] === 4 && row % 2 === 1 ? data[(row - 1) * 12 + column] : x;
      },
      'investigated',
    );
    let set = odd.investigated;
    for (const [classIndex, most] of [
      [1, 1],
      [2, 2],
      [5, 5],
      [7, 0],
    ])
      set = cutClass(set, classIndex, most);
    const trusted = odd.trusted === null ? null : cutClass(odd.trusted, 6, 0);
    if (trusted === null) throw new Error('no trusted set');
    const here = writeEvidence(folder, set, input.classes, { prefix: 'odd', half: true });
    const there = writeEvidence(
      folder,
      mapActivations(
        { ...input, investigated: trusted },
        (x, _row, column) => (column === 0 ? 0 : x),
        'investigated',
      ).investigated,
      input.classes,
      { prefix: 'odd-t', half: true },
    );
    const result = await scan(
      'odd',
      ...['--activations', here.activations, '--records', here.records, '--methods', 'all'],
      ...['--trusted-activations', there.activations, '--trusted-records', there.records],
    );
    expect(result).toEqual({ code: 0, err: '' });
    const summary = summaryOf('odd');
    expect(summary).toMatchObject({ rows: set.rows, alarms: [], structures: [] });
    const reasons = Object.fromEntries(summary.not_judged.map((one) => [one.class, one.reason]));
    expect(reasons).toEqual({
      'class-1': expect.stringContaining('1 row: fewer than 50') as string,
      'class-2': expect.stringContaining('2 rows: fewer than 50') as string,
      'class-3': expect.stringContaining('identical') as string,
      'class-5': expect.stringContaining('5 rows: fewer than 50') as string,
      'class-7': expect.stringContaining('0 rows') as string,
    });
    expect(summary.notes.join('\n')).toContain('Class class-6 has 0 trusted rows: not testable');
    const rows = suspectsOf('odd');
    expect(rows).toHaveLength(set.rows);
    const skipped = new Set(['class-1', 'class-2', 'class-3', 'class-5']);
    for (const [, , name, flag, , score] of rows) {
      expect(flag).toBe('0');
      expect(Number.isFinite(Number(score))).toBe(true);
      if (skipped.has(name)) expect(score).toBe('0');
    }
    expect(readFileSync(join(at('odd'), 'suspects.csv'), 'utf8')).not.toMatch(/NaN|Infinity/);
    expect(readFileSync(join(at('odd'), 'summary.json'), 'utf8')).not.toMatch(/NaN|Infinity/);
  });

  it('has nothing to compare a single class with', async () => {
    const { input } = gaussianClasses({ seed: 32, classes: 1, perClass: 120 });
    const here = writeEvidence(folder, input.investigated, input.classes, { prefix: 'one' });
    expect(
      await scan('one', '--activations', here.activations, '--records', here.records, '--methods', 'all'),
    ).toEqual({ code: 0, err: '' });
    const summary = summaryOf('one');
    expect(summary).toMatchObject({ alarms: [], structures: [] });
    expect(summary.not_judged).toEqual([
      { class: 'class-0', reason: expect.stringContaining('same label') as string },
    ]);
    expect(suspectsOf('one').every(([, , , flag]) => flag === '0')).toBe(true);
  });

  it.each([
    ['a row of NaN', 'nan', 'row 17, column 3 is not a finite number'],
    ['no rows', 'none', 'its shape (0, 12) holds no values'],
    ['no columns', 'narrow', 'its shape (120, 0) holds no values'],
    ['a float16 value that overflowed', 'inf', 'row 40, column 2 is not a finite number'],
  ])('refuses %s and writes nothing', async (_what, name, words) => {
    const { input } = gaussianClasses({ seed: 33, classes: 2, perClass: 60, trustedPerClass: 0 });
    const { investigated } = input;
    const broken =
      name === 'nan'
        ? mapActivations(input, (x, row, column) => (row === 17 && column === 3 ? NaN : x))
        : mapActivations(input, (x, row, column) => (row === 40 && column === 2 && name === 'inf' ? 7e4 : x));
    const set = name === 'none' ? reorder(investigated, new Int32Array(0)) : broken.investigated;
    const here = writeEvidence(folder, set, input.classes, { prefix: name, half: name === 'inf' });
    if (name === 'narrow') writeFileSync(here.activations, npyBytes('<f4', [set.rows, 0], new Uint8Array()));
    const { code, err } = await scan(
      name,
      ...['--activations', here.activations, '--records', here.records, '--case', at(`${name}.bezoar`)],
    );
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(err).toMatch(/Nothing was/);
    expect(err).not.toContain('    at ');
    expect([existsSync(at(name)), existsSync(at(`${name}.bezoar`))]).toEqual([false, false]);
  });
});
