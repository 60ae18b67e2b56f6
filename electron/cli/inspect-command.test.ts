import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { named, pickled, tensorPickle, text } from '../../test/fixtures/pickle-bytes.ts';
import { zipBytes } from '../../test/fixtures/zip-bytes.ts';
import { parseInspectArguments } from './inspect-command.ts';

const repository = join(import.meta.dirname, '..', '..');
const formats = join(repository, 'test', 'fixtures', 'formats');
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-inspect-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const bezoar = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const strip = process.features.typescript ? [] : ['--experimental-strip-types'];
    const cli = join(repository, 'electron', 'cli', 'main.ts');
    execFile(process.execPath, [...strip, cli, ...args], (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
const write = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

describe('bezoar inspect', () => {
  it('says what it takes files for, as text', async () => {
    const path = join(formats, 'small.npz');
    const records = write('records.csv', 'key,label\na,cat\nb,dog\n');
    const { code, out } = await bezoar('inspect', path, records, join(formats, 'models', 'pytorch.onnx'));
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^small\.npz: npz, \d+ bytes$/) as string,
        `  SHA-256 ${createHash('sha256').update(readFileSync(path)).digest('hex')}`,
        '  37 rows',
        '  activations: float32 (37, 2), activations',
        '  column label: text, label',
        expect.stringMatching(/^pytorch\.onnx: onnx, /) as string,
      ]) as string[],
    );
  });

  it('says it as JSON, with all arrays', async () => {
    const { code, out } = await bezoar('inspect', '--json', join(formats, 'tensors.pt'));
    const { files } = JSON.parse(out) as {
      files: { format: string; arrays: { name: string; problem: string | null }[] }[];
    };
    const [file] = files;
    expect([code, file?.format]).toEqual([0, 'pt']);
    expect(file?.arrays.find(({ name }) => name === 'sparse')?.problem).toContain('only dense tensors');
    expect(file?.arrays.find(({ name }) => name === 'bfloat16')).toMatchObject({
      stored: 'bfloat16',
      shape: [37, 5],
      problem: null,
    });
  });

  it('tells what a file asks for, and ends with 2 when nothing of it can be taken', async () => {
    const evil = pickled(named('os', 'system'), text('id'), 0x85, 'R');
    const both = zipBytes([
      { name: 'a/data.pkl', data: tensorPickle([{ name: 'x', key: '0', shape: [2, 2] }], [text('y'), evil]) },
      { name: 'a/data/0', data: new Uint8Array(16) },
    ]);
    const usable = await bezoar('inspect', write('both.pt', both));
    expect(usable.code).toBe(0);
    expect(usable.out).toContain(
      'Finding (asks-for-code): both.pt (a/data.pkl) asks Python to call os.system("id")',
    );
    const refused = await bezoar('inspect', write('evil.pt', pickled(0x80, 2, evil, '.')));
    expect(refused.code).toBe(2);
    expect(refused.out).toContain('Refused: evil.pt asks Python to call os.system("id")');
    expect((await bezoar('inspect', write('a.txt.tar', Buffer.alloc(1024)))).code).toBe(2);
  });

  it('refuses what is no request', async () => {
    expect((await bezoar('inspect')).code).toBe(2);
    expect(() => parseInspectArguments([join(folder, 'none.npy')])).toThrow(/no file/);
    expect(() => parseInspectArguments(['--colour'])).toThrow(/--colour/);
  });
});
