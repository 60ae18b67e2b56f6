import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileToken } from '../contract/case.ts';
import { BezoarError } from '../contract/errors.ts';
import type { FileProposal } from '../contract/evidence.ts';
import { parseServeArguments } from '../serve/serve-command.ts';
import { asNamed } from './named-files.ts';
import { parseRelinkArguments } from './relink-command.ts';
import { parseScanArguments } from './scan-command.ts';
import { parseVerifyArguments } from './verify-command.ts';

let folder = '';
let file = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-cli-'));
  file = join(folder, 'a.npy');
  writeFileSync(file, 'x');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function refusal(parse: () => unknown): { code: string; sentence: string } {
  try {
    parse();
  } catch (error) {
    if (error instanceof BezoarError) return error.toFailure();
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('scan', () => {
  const good = (): string[] => ['--activations', file, '--records', file, '--out', folder];

  it('takes what it needs, with the defaults', () => {
    expect(parseScanArguments(good())).toMatchObject({
      casePath: null,
      key: null,
      seed: 0,
      failOnAlarm: false,
    });
  });

  it.each([
    ['an unknown option', (): string[] => [...good(), '--colour'], '--colour'],
    ['a stray word', (): string[] => [...good(), 'more'], 'more'],
    ['no activations', (): string[] => good().slice(2), '--activations'],
    ['no records', (): string[] => ['--activations', file, '--out', folder], '--records'],
    ['no folder to write to', (): string[] => good().slice(0, 4), '--out'],
    [
      'a file that is not there',
      (): string[] => [...good(), '--images', join(folder, 'none.npy')],
      'none.npy',
    ],
    ['half a trusted set', (): string[] => [...good(), '--trusted-records', file], '--trusted-activations'],
    ['no threads', (): string[] => [...good(), '--threads', '0'], '--threads'],
    ['a method that is not there', (): string[] => [...good(), '--methods', 'usual,oracle'], 'oracle'],
    ['a parameter of another name', (): string[] => [...good(), '--set', 'lof.kk=3'], 'kk'],
    [
      'a parameter of a method that is off',
      (): string[] => [...good(), '--set', 'beatrix.neurons=16'],
      '--methods usual,beatrix',
    ],
    ['half a seed', (): string[] => [...good(), '--seed', '1.5'], '--seed'],
  ])('refuses %s in a sentence', (_name, argv, word) => {
    const { code, sentence } = refusal(() => parseScanArguments(argv()));
    expect(['usage', 'engine/bad-request']).toContain(code);
    expect(sentence).toContain(word);
  });

  it('takes methods by name, and their parameters', () => {
    const set = ['--methods', 'usual,beatrix', '--set', 'beatrix.neurons=16'];
    const { methods, params } = parseScanArguments([...good(), ...set]);
    expect(methods).toContain('beatrix');
    expect(params).toEqual({ beatrix: { neurons: 16 } });
  });

  const records: FileProposal = {
    token: 'token-of-records' as FileToken,
    name: 'records.csv',
    size: 1,
    format: 'csv',
    compression: null,
    role: 'records',
    dataset: 'investigated',
    says: [],
    model: null,
    imageColumn: null,
    more: null,
    entries: [],
    findings: [],
    rows: null,
    columns: [
      { name: 'id', role: 'key', type: 'text', examples: [] },
      { name: 'path', role: 'text', type: 'text', examples: [] },
      { name: 'class', role: 'label', type: 'text', examples: [] },
    ],
    key: null,
    reading: null,
    badRows: null,
    firstBadRows: [],
    source: '',
    remembered: false,
    problem: null,
  };
  const named = {
    option: 'trusted-records',
    path: 'r.csv',
    entry: null,
    isFolder: false,
    dataset: 'trusted',
    role: 'records',
  } as const;

  it('puts the named columns in place of the guessed ones', () => {
    const proposal = asNamed(records, [named], { key: 'path', label: null });
    expect(proposal.dataset).toBe('trusted');
    expect(proposal.columns?.map(({ role }) => role)).toEqual(['feature', 'key', 'label']);
  });

  it('names the columns that there are when one is missing', () => {
    const { code, sentence } = refusal(() => asNamed(records, [named], { key: null, label: 'target' }));
    expect(code).toBe('evidence/missing-column');
    expect(sentence).toContain('id, path, class');
  });

  it('refuses a file of the wrong kind', () => {
    const images = {
      option: 'images',
      path: 'r.csv',
      entry: null,
      isFolder: false,
      dataset: 'investigated',
      role: 'images',
    } as const;
    expect(refusal(() => asNamed(records, [images], { key: null, label: null })).sentence).toContain(
      '--images',
    );
  });
});

describe('serve', () => {
  it('takes a case, a port and a folder', () => {
    expect(parseServeArguments([file, '--port', '8123', '--root', folder])).toMatchObject({
      openCase: file,
      port: 8123,
      root: folder,
    });
  });

  it.each([
    [['--port', '70000'], '--port'],
    [['--prot', '1'], '--prot'],
    [['none.bezoar'], 'none.bezoar'],
    [['a', 'b'], 'one case'],
  ])('refuses %s', (argv, word) => {
    expect(refusal(() => parseServeArguments(argv)).sentence).toContain(word);
  });
});

describe('verify', () => {
  it('takes one case that is there', () => {
    expect(parseVerifyArguments([file])).toBe(file);
    for (const argv of [[], [file, file], ['--all'], [join(folder, 'none.bezoar')]])
      expect(refusal(() => parseVerifyArguments(argv)).code).toBe('usage');
  });
});

describe('relink', () => {
  it('takes one case and places to look in, all of them there', () => {
    expect(parseRelinkArguments([file])).toEqual({ path: file, places: [], json: false });
    expect(parseRelinkArguments([file, folder, file, '--json'])).toEqual({
      path: file,
      places: [folder, file],
      json: true,
    });
    for (const argv of [[], ['--all'], [join(folder, 'none.bezoar')], [file, join(folder, 'none')]])
      expect(refusal(() => parseRelinkArguments(argv)).code).toBe('usage');
  });
});
