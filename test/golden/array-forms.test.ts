import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { openCaseFile } from '../../electron/engine/case/open-case-file.ts';

// ../shared/cases holds one matrix in five forms; without it these tests are left out, and `npm test` says so.
const repository = resolve(import.meta.dirname, '..', '..');
const text = resolve(repository, '..', 'shared', 'cases', 'text');
const present = existsSync(text);
const work = present ? mkdtempSync(join(tmpdir(), 'bezoar-forms-')) : '';
afterAll(() => {
  if (present) rmSync(work, { recursive: true, force: true });
});

const forms = [
  'activations.npy',
  'activations.npz:activations',
  'activations.safetensors:penultimate',
  'activations.pt:penultimate',
  'activations.h5:layers/penultimate',
];

/** Scans the text case with the activations in one form; the suspects and the hash of the matrix in the case. */
async function scanned(form: string): Promise<{ suspects: string; sha256: string }> {
  const out = join(work, form.replace(/\W/g, '-'));
  const casePath = `${out}.bezoar`;
  const strip = process.features.typescript ? [] : ['--experimental-strip-types'];
  await promisify(execFile)(process.execPath, [
    ...strip,
    join(repository, 'electron/cli/main.ts'),
    ...['scan', '--activations', join(text, form), '--records', join(text, 'records.csv.gz')],
    ...['--case', casePath, '--out', out],
  ]);
  const caseFile = openCaseFile(casePath, { proposedActor: 'tester' });
  try {
    const [matrix] = caseFile.datasets.active('investigated')?.matrices ?? [];
    if (matrix === undefined) throw new Error('no activations');
    expect(caseFile.matrices.hash(matrix)).toBe(matrix.sha256);
    expect(matrix).toMatchObject({ dtype: 'float32', shape: [7600, 64] });
    return { suspects: readFileSync(join(out, 'suspects.csv'), 'utf8'), sha256: matrix.sha256 };
  } finally {
    caseFile.close();
  }
}

describe.skipIf(!present)('one matrix in five forms', () => {
  it('imports to the same bytes and gives the same suspects', async () => {
    const [first, ...others] = forms;
    const expected = await scanned(first ?? '');
    for (const form of others) expect(await scanned(form), form).toEqual(expected);
  }, 300_000);
});
