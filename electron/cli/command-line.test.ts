import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCaseFile } from '../engine/case/open-case-file.ts';
import { runImport } from '../engine/ingest/import-job.ts';
import { smallEvidence, unwatched } from '../../test/fixtures/small-evidence.ts';
import { writeActivations, writeRecords } from '../../test/fixtures/made-evidence.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const ROWS = 2_000;

let folder = '';
const at = (name: string): string => join(folder, name);

function bezoar(...argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...argv]);
    let out = '';
    let err = '';
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (err += text.toString()));
    child.on('close', (code) => {
      resolve({ code, out, err });
    });
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-command-'));
  writeActivations(at('activations.npy'), ROWS, 16, 3);
  writeRecords(at('records.csv'), ROWS, 3);
  writeRecords(at('short.csv'), ROWS - 1, 3);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const scan = (out: string, ...more: string[]): string[] => [
  'scan',
  '--activations',
  at('activations.npy'),
  '--records',
  at('records.csv'),
  '--out',
  at(out),
  ...more,
];

describe('bezoar', () => {
  it('shows its usage and its version', async () => {
    expect(await bezoar('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('scan --act') as string,
    });
    expect(await bezoar('--version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });

  it('scans what stays in its file to the bytes of what is in the case', async () => {
    expect(await bezoar(...scan('linked', '--link-over', '0', '--case', at('linked.bezoar')))).toMatchObject({
      code: 0,
    });
    expect(await bezoar(...scan('copied'))).toMatchObject({ code: 0 });
    const [linked, copied] = ['linked', 'copied'].map((name) =>
      readFileSync(join(at(name), 'suspects.csv'), 'utf8'),
    );
    expect(linked).toBe(copied);
    expect(await bezoar('verify', at('linked.bezoar'))).toMatchObject({ code: 0 });
    const values = readFileSync(at('activations.npy')).subarray(256, 512);
    expect(readFileSync(at('linked.bezoar')).includes(values)).toBe(false);
  });

  it('finds linked files again that were moved, and says of the others why not', async () => {
    const plan = { ...smallEvidence(folder, 300, 'm'), linkOver: 0 };
    const caseFile = createCaseFile(at('moved.bezoar'), { proposedActor: 'tester' });
    await runImport(caseFile, [plan], unwatched());
    caseFile.close();
    const relink = (...more: string[]) => bezoar('relink', at('moved.bezoar'), ...more);
    expect((await relink()).code).toBe(0);

    mkdirSync(join(at('away'), 'deep'), { recursive: true });
    renameSync(at('m-activations.npy'), join(at('away'), 'deep', 'other-name.npy'));
    rmSync(at('m-images.npy'));
    expect(await bezoar('verify', at('moved.bezoar'))).toMatchObject({ code: 2 });
    const asked = await relink();
    expect(asked).toMatchObject({ code: 1, err: '' });
    expect(asked.out).toContain(`${at('m-activations.npy')} is not there.`);

    const looked = await relink(at('away'), '--json');
    expect(looked).toMatchObject({ code: 1, err: '' });
    const files = JSON.parse(looked.out) as { path: string; state: string; was: string | null }[];
    expect(files.map(({ path, state, was }) => ({ path, state, was }))).toEqual(
      expect.arrayContaining([
        {
          path: join(realpathSync(at('away')), 'deep', 'other-name.npy'),
          state: 'linked',
          was: at('m-activations.npy'),
        },
        { path: at('m-images.npy'), state: 'missing', was: null },
      ]),
    );
    const again = await relink(at('away'));
    expect(again.out).toMatch(/m-images\.npy is not there\. None of the \d+ files and folders/);
    expect(again.out).toContain('other-name.npy is where it was linked.');

    smallEvidence(at('away'), 300, 'm');
    expect(await relink(at('away'))).toMatchObject({ code: 0, err: '' });
    expect(await bezoar('verify', at('moved.bezoar'))).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    [[]],
    [['scna']],
    [['scan', '--colour', 'red']],
    [['verify']],
    [['export']],
    [['serve', '--port', 'x']],
  ])('ends with 2 and a sentence for %j', async (argv) => {
    const { code, out, err } = await bezoar(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^bezoar: /);
    expect(err).not.toContain('    at ');
  });

  it('scans to the same bytes with one thread and with two, and leaves a case that verifies', async () => {
    expect(await bezoar(...scan('one', '--threads', '1', '--case', at('kept.bezoar')))).toMatchObject({
      code: 0,
      err: '',
    });
    expect(await bezoar(...scan('two', '--threads', '2'))).toMatchObject({ code: 0 });
    const one = readFileSync(join(at('one'), 'suspects.csv'), 'utf8');
    expect(readFileSync(join(at('two'), 'suspects.csv'), 'utf8')).toBe(one);
    const lines = one.trimEnd().split(/\r?\n/);
    expect(lines[0]).toBe('key,row_index,label,flagged,rank,score,p_value,methods,grade');
    expect(lines).toHaveLength(ROWS + 1);
    const summary = JSON.parse(readFileSync(join(at('one'), 'summary.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(summary).toMatchObject({
      rows: ROWS,
      classes: ['class-0', 'class-1', 'class-2'],
      alarms: [],
      structures: [],
      not_judged: expect.any(Array) as unknown[],
      seed: 0,
      peak_rss_bytes: expect.any(Number) as number,
    });
    const verified = await bezoar('verify', at('kept.bezoar'));
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(verified.out).toContain('investigated activations, 2000 x 16 float32: as imported');
    const exported = await bezoar('export', at('kept.bezoar'), '--out', at('exported'));
    expect(exported).toMatchObject({ code: 0, err: '' });
    expect(exported.out).toContain('confirmed-poison.csv: left out.');
    expect(exported.out).toContain('portable.bezoar: left out.');
    expect(readFileSync(join(at('exported'), 'suspects.csv'), 'utf8')).toBe(one);
    expect(existsSync(join(at('exported'), 'report.html'))).toBe(true);
  });

  it('compares two cases of one evidence, writes a part of one, and compares that', async () => {
    const plan = smallEvidence(folder, 40, 'c');
    for (const [name, row] of [
      ['ours', 3],
      ['theirs', 4],
    ] as const) {
      const caseFile = createCaseFile(at(`${name}.bezoar`), { proposedActor: name });
      await runImport(caseFile, [plan], unwatched());
      caseFile.verdicts.set(caseFile.datasets.active('investigated')?.id ?? 0, [row], 'poison', '');
      caseFile.close();
    }
    const { code, out, err } = await bezoar('compare', at('ours.bezoar'), at('theirs.bezoar'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^in both: investigated records, c-records\.csv, SHA-256 [0-9a-f]{64}$/m);
    expect(out).toContain(
      'Not decided here: 1 (1 poison, 0 clean, 0 unsure). Agree: 0. Conflicts: 0. Only here: 1.',
    );
    const exported = await bezoar('export', at('theirs.bezoar'), '--out', at('parts'));
    expect(exported.out).toContain('portable.bezoar: a case of its own, samples in it: 1');
    const part = await bezoar('compare', at('ours.bezoar'), join(at('parts'), 'portable.bezoar'), '--json');
    expect(JSON.parse(part.out)).toMatchObject({
      other: { portable: { caseName: 'theirs', samples: 1, of: 40 }, auditHolds: true },
      verdicts: { theirs: 1, unmatched: 0 },
    });
    expect(await bezoar('compare', at('ours.bezoar'))).toMatchObject({ code: 2 });
    expect(await bezoar('compare', at('ours.bezoar'), at('records.csv'))).toMatchObject({ code: 2 });
  });

  it('ends with 2 for evidence that does not fit, names both numbers and leaves nothing', async () => {
    const argv = scan('none', '--case', at('none.bezoar')).map((word) =>
      word.replace('records.csv', 'short.csv'),
    );
    const { code, err } = await bezoar(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(/1,?999/);
    expect(err).toMatch(/2,?000/);
    expect(existsSync(at('none'))).toBe(false);
    expect(existsSync(at('none.bezoar'))).toBe(false);
  });

  it('looks at --out before it works, and ends with 2 where nothing can be written', async () => {
    writeFileSync(at('a-file'), 'text');
    for (const out of ['a-file', join('a-file', 'inner')]) {
      const { code, err } = await bezoar(...scan(out, '--case', at('unmade.bezoar')));
      expect({ code, made: existsSync(at('unmade.bezoar')) }).toEqual({ code: 2, made: false });
      expect(err).toMatch(/^bezoar: Nothing can be written to .*a-file is not a folder/);
    }
  });

  it('writes every file although nobody reads along any more', async () => {
    const child = spawn(process.execPath, [MAIN, 'export', at('kept.bezoar'), '--out', at('unread')]);
    child.stdout.destroy();
    child.stderr.destroy();
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
    for (const name of ['suspects.csv', 'sanitized-manifest.json', 'report.html'])
      expect(existsSync(join(at('unread'), name)), name).toBe(true);
  });

  it('says that row numbers stand for keys that are there twice', async () => {
    writeFileSync(
      at('twice.csv'),
      `key,label\n${Array.from({ length: ROWS }, (_, row) => `k${row >> 1},class-${row % 3}\n`).join('')}`,
    );
    const argv = scan('twice').map((word) => word.replace('records.csv', 'twice.csv'));
    const { code, err } = await bezoar(...argv);
    expect(code).toBe(0);
    expect(err).toContain('twice.csv has no column of keys');
  });

  it('ends with 2 for a file that is no case', async () => {
    writeFileSync(at('not.bezoar'), 'not a case');
    expect(await bezoar('verify', at('not.bezoar'))).toMatchObject({ code: 2, out: '' });
    expect(readFileSync(at('not.bezoar'), 'utf8')).toBe('not a case');
  });
});
