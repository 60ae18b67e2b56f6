import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater, failureOf } from '../../../test/fixtures/failure-code.ts';
import { bytesOf, npyBytes } from '../../../test/fixtures/npy-bytes.ts';
import { safetensorsBytes } from '../../../test/fixtures/safetensors-bytes.ts';
import { smallEvidence, unwatched } from '../../../test/fixtures/small-evidence.ts';
import type { Evidence, MatrixInfo } from '../../contract/evidence.ts';
import type { CaseFile } from '../case/case-file.ts';
import { createCaseFile, openCaseFile } from '../case/open-case-file.ts';
import { findLinkedFile, findLinkedFiles, whyNotFound } from './find-linked-file.ts';
import { runImport, type SetPlan } from './import-job.ts';

const ROWS = 700;
const who = { proposedActor: 'tester' };
let folder = '';
let caseFile: CaseFile;
const at = (...names: string[]): string => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-linked-'));
  caseFile = createCaseFile(at('a.bezoar'), who);
});
afterEach(() => {
  caseFile.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Forms whose values stand in the file as they do in a case: file and array. */
const LINKED_FORMS: readonly [string, string | null][] = [
  ['version-2.npy', null],
  ['stored.npz', 'f8'],
  ['stored.npz', 'f2'],
  ['two.safetensors', 'second'],
  ['earliest.h5', 'dtypes/f2'],
  ['userblock.h5', 'activations'],
];
const twoTensors = (): Uint8Array =>
  safetensorsBytes(
    {
      first: { dtype: 'F32', shape: [3, 1], data_offsets: [0, 12] },
      second: { dtype: 'F64', shape: [3, 2], data_offsets: [12, 60] },
    },
    bytesOf(Uint8Array.from({ length: 60 }, (_, i) => i)),
  );
const ACTIVATIONS = 'k-activations.npy';
const matrix = (role: MatrixInfo['role'] = 'activations'): MatrixInfo => {
  const found = caseFile.matrices.find(caseFile.datasets.active('investigated')?.id ?? 0, role);
  if (found === null) throw new Error(`there are no ${role}`);
  return found;
};
const evidence = (name: string): Evidence => {
  const found = caseFile.evidence.list().find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not in the case`);
  return found;
};
const importLinked = (linkOver: number | null = 0): Promise<void> =>
  runImport(caseFile, [{ ...smallEvidence(folder, ROWS), linkOver }], unwatched());

/** Finds the file again, as the call does. */
async function relink(name: string, ...paths: string[]): Promise<string> {
  const link = caseFile.links.of(evidence(name).id);
  if (link === null) throw new Error(`${name} is not linked`);
  const found = await findLinkedFile(link, paths);
  caseFile.links.relink({ ...link, ...found });
  return found.path;
}

describe('a matrix over the bound', () => {
  it('stays in its file, and gives the values that it would give in the case', async () => {
    await importLinked();
    const values = caseFile.matrices.loadFloat32(matrix());
    expect(values).toEqual(new Float32Array(Float32Array.from({ length: ROWS * 8 }, (_, i) => Math.sin(i))));
    const images = caseFile.matrices.imageRows(matrix('images'), [3, 1]);
    expect(images.data.subarray(0, 20)).toEqual(Uint8Array.from({ length: 20 }, (_, i) => (60 + i) % 251));
    expect(evidence(ACTIVATIONS).link).toEqual({ path: at(ACTIVATIONS), state: 'linked' });
    expect(caseFile.audit.verify()).toMatchObject({ ok: true });
    const linked = matrix();
    caseFile.close();
    expect(readFileSync(at('a.bezoar')).includes(Buffer.from(bytesOf(values.slice(0, 64))))).toBe(false);

    caseFile = createCaseFile(at('b.bezoar'), who);
    await importLinked(null);
    expect(matrix().sha256).toBe(linked.sha256);
    expect(evidence(ACTIVATIONS).link).toBeNull();
    expect(caseFile.matrices.loadFloat32(matrix())).toEqual(values);
  });

  it('is one that is larger than the bound', async () => {
    const bytes = ROWS * 8 * 4;
    await importLinked(bytes - 1);
    expect([evidence(ACTIVATIONS).link?.state, evidence('k-images.npy').link]).toEqual(['linked', null]);
    caseFile.close();
    caseFile = createCaseFile(at('b.bezoar'), who);
    await importLinked(bytes);
    expect(evidence(ACTIVATIONS).link).toBeNull();
  });

  it('is read where it lies, in an array of an archive or of a file of tensors', async () => {
    const formats = join(import.meta.dirname, '..', '..', '..', 'test', 'fixtures', 'formats');
    writeFileSync(at('two.safetensors'), twoTensors());
    for (const [file, entry] of LINKED_FORMS) {
      if (!existsSync(at(file))) cpSync(join(formats, file), at(file));
      const arrays = [{ path: at(file), entry, role: 'activations' as const }];
      await runImport(caseFile, [{ role: 'investigated', records: null, arrays, linkOver: 0 }], unwatched());
      expect(evidence(file).link?.state, file).toBe('linked');
      expect(caseFile.matrices.hash(matrix()), file).toBe(matrix().sha256);
      caseFile.close();
      caseFile = createCaseFile(at(`${file}-${(entry ?? '').replace('/', '-')}.bezoar`), who);
    }
  });

  it('stands in the case where its values do not stand in the file as they do there, which is said', async () => {
    const halves = (order: string, fortran: boolean): Uint8Array =>
      npyBytes(`${order}f4`, [6, 2], new Uint8Array(48), { fortran });
    const forms: [string, Uint8Array, RegExp][] = [
      ['turned.npy', halves('<', true), /row by row/],
      ['big.npy', halves('>', false), /little-endian/],
      ['whole.npy', npyBytes('<i4', [6, 2], new Uint8Array(48)), /int32 is not kept as it is/],
    ];
    for (const [name, bytes, why] of forms) {
      writeFileSync(at(name), bytes);
      const arrays = [{ path: at(name), entry: null, role: 'activations' as const }];
      await runImport(caseFile, [{ role: 'investigated', records: null, arrays, linkOver: 0 }], unwatched());
      expect(evidence(name).link, name).toBeNull();
      expect(evidence(name).notes.join(' '), name).toMatch(why);
      caseFile.close();
      caseFile = createCaseFile(at(`${name}.bezoar`), who);
    }
  });

  it('is checked for values that are no finite numbers as any other', async () => {
    const plan: SetPlan = { ...smallEvidence(folder, ROWS), linkOver: 0 };
    const bytes = readFileSync(at(ACTIVATIONS));
    bytes.writeFloatLE(NaN, bytes.length - 4);
    writeFileSync(at(ACTIVATIONS), bytes);
    const failure = await failureLater(() => runImport(caseFile, [plan], unwatched()));
    expect(failure).toMatchObject({ code: 'evidence/not-finite' });
    expect(caseFile.evidence.list()).toEqual([]);
  });
});

describe('a linked file', () => {
  it('that is gone is told of, and is found again by its hash in a folder, under another name', async () => {
    await importLinked();
    mkdirSync(at('elsewhere', 'deep'), { recursive: true });
    // Of the same size, and another file.
    const other = readFileSync(at(ACTIVATIONS));
    other.writeFloatLE(7, other.length - 4);
    writeFileSync(at('elsewhere', ACTIVATIONS), other);
    renameSync(at(ACTIVATIONS), at('elsewhere', 'deep', 'renamed.bin'));
    expect(evidence(ACTIVATIONS).link?.state).toBe('missing');
    const failure = failureOf(() => caseFile.matrices.loadFloat32(matrix()));
    expect(failure).toMatchObject({ code: 'evidence/link-missing' });
    expect(failure.message).toContain(at(ACTIVATIONS));
    expect(caseFile.audit.verify()).toMatchObject({ ok: false });

    expect(await relink(ACTIVATIONS, at('elsewhere'))).toBe(at('elsewhere', 'deep', 'renamed.bin'));
    expect(evidence(ACTIVATIONS).link).toEqual({
      path: at('elsewhere', 'deep', 'renamed.bin'),
      state: 'linked',
    });
    expect(caseFile.matrices.hash(matrix())).toBe(matrix().sha256);
    const [line] = caseFile.audit.page(null, 1);
    expect(line).toMatchObject({ action: 'evidence/relink', actor: 'tester' });
    caseFile.close();
    caseFile = openCaseFile(at('a.bezoar'), who);
    expect(caseFile.audit.verify()).toMatchObject({ ok: true });
  });

  it('that was altered is refused, and is not taken back', async () => {
    await importLinked();
    const { mtime } = statSync(at(ACTIVATIONS));
    const bytes = readFileSync(at(ACTIVATIONS));
    bytes.writeFloatLE(7, bytes.length - 4);
    writeFileSync(at(ACTIVATIONS), bytes);
    utimesSync(at(ACTIVATIONS), new Date(0), new Date(mtime.getTime() + 5000));
    expect(evidence(ACTIVATIONS).link?.state).toBe('changed');
    const failure = failureOf(() => caseFile.matrices.loadFloat32(matrix()));
    expect(failure).toMatchObject({ code: 'evidence/link-changed' });
    const before = caseFile.audit.head();
    const again = await failureLater(() => relink(ACTIVATIONS, at(ACTIVATIONS)));
    expect(again).toMatchObject({ code: 'evidence/link-not-found' });
    expect(caseFile.audit.head()).toEqual(before);
    appendFileSync(at(ACTIVATIONS), 'x');
    expect((await failureLater(() => relink(ACTIVATIONS, folder))).message).toMatch(/None of the \d+ files/);
  });

  it('altered without a trace in size and time is found by the check of the case', async () => {
    const plan = { ...smallEvidence(folder, ROWS), linkOver: 0 };
    utimesSync(at(ACTIVATIONS), 1_700_000_000, 1_700_000_000);
    await runImport(caseFile, [plan], unwatched());
    const bytes = readFileSync(at(ACTIVATIONS));
    bytes.writeFloatLE(7, bytes.length - 4);
    writeFileSync(at(ACTIVATIONS), bytes);
    utimesSync(at(ACTIVATIONS), 1_700_000_000, 1_700_000_000);
    expect(evidence(ACTIVATIONS).link?.state).toBe('linked');
    const { ok, sentence } = caseFile.audit.verify();
    expect([ok, sentence]).toEqual([false, expect.stringContaining('activations are not those') as string]);
  });

  it('that was only touched is taken back once its hash was compared', async () => {
    await importLinked();
    utimesSync(at(ACTIVATIONS), new Date(), new Date(1_700_000_000_000));
    expect(evidence(ACTIVATIONS).link?.state).toBe('changed');
    await relink(ACTIVATIONS, at(ACTIVATIONS));
    expect(caseFile.matrices.hash(matrix())).toBe(matrix().sha256);
  });
});

describe('the search for linked files', () => {
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const sought = (name: string, bytes: Uint8Array) => ({
    path: at(name),
    size: bytes.length,
    sha256: sha256(bytes),
  });
  const bytes = (first: number, length = 8): Uint8Array => Uint8Array.from({ length }, (_, i) => first + i);

  it('hashes files of a size that is looked for, each once, whoever looks for it and however it was named', async () => {
    mkdirSync(at('in', 'deep'), { recursive: true });
    writeFileSync(at('in', 'one'), bytes(1));
    writeFileSync(at('in', 'deep', 'two'), bytes(2));
    writeFileSync(at('in', 'three'), bytes(3));
    writeFileSync(at('in', 'longer'), bytes(1, 9));
    const links = [
      sought('a', bytes(7)),
      sought('b', bytes(2)),
      sought('c', bytes(3)),
      sought('d', bytes(2)),
    ];
    const { found, hashed, ofSize, cut } = await findLinkedFiles(links, [
      at('in'),
      at('in', 'one'),
      at('in'),
    ]);
    expect({ hashed, cut, ofSize: [...ofSize] }).toEqual({ hashed: 3, cut: false, ofSize: [[8, 3]] });
    expect(new Map([...found].map(([hash, { path }]) => [hash, basename(path)]))).toEqual(
      new Map([
        [sha256(bytes(2)), 'two'],
        [sha256(bytes(3)), 'three'],
      ]),
    );
    expect(await findLinkedFiles([sought('a', bytes(1, 10))], [at('in')])).toMatchObject({ hashed: 0 });
  });

  it('reads the file of the name that is looked for first', async () => {
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(at(name), bytes(name === 'c' ? 5 : 1));
    const { found, hashed } = await findLinkedFiles(
      [sought('c', bytes(5))],
      ['a', 'b', 'c', 'd'].map((name) => at(name)),
    );
    expect([hashed, found.size]).toEqual([1, 1]);
  });

  it('looks at so many files and folders in all, whatever the number of places, and says that there are more', async () => {
    for (const place of ['x', 'y']) {
      mkdirSync(at(place));
      for (let i = 0; i < 5; i++) mkdirSync(at(place, `${i}`));
    }
    writeFileSync(at('y', 'last'), bytes(1));
    const link = sought('last', bytes(1));
    const bounded = await findLinkedFiles([link], [at('x'), at('y')], 8);
    expect(bounded).toMatchObject({ entries: 8, cut: true });
    expect(whyNotFound({ ...link, size: 99 }, bounded)).toContain(
      'There is more than the 8 files and folders',
    );
    const whole = await findLinkedFiles([link], [at('x'), at('y')], 13);
    expect([whole.entries, whole.cut, whole.found.size]).toEqual([13, false, 1]);
  });
});
