import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { unwatched } from '../../../../test/fixtures/small-evidence.ts';
import { FileToken } from '../../../contract/case.ts';
import type { CaseFile } from '../../case/case-file.ts';
import { createCaseFile } from '../../case/open-case-file.ts';
import { planImport } from '../../import-plan.ts';
import { forkDecoder } from '../images/decoder-process.ts';
import { runImport } from '../import-job.ts';
import { proposeFiles } from '../propose.ts';
import { classNames } from './class-names.ts';
import { featuresOf } from './features.ts';

const FORMATS = join(import.meta.dirname, '../../../../test/fixtures/formats');
const FOLDER = join(FORMATS, 'hugging-face');
const TRAIN = ['train-00001-of-00002.parquet', 'train-00000-of-00002.parquet'];
const read = (name: string): unknown => JSON.parse(readFileSync(join(FORMATS, name), 'utf8'));
const { rows: expected } = read('hugging-face/expected.json') as { rows: Record<string, string | number>[] };
const { images } = read('images/expected.json') as { images: Record<string, { pixels: string }> };

let folder = '';
let caseFile: CaseFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-hugging-face-'));
  caseFile = createCaseFile(join(folder, 'a.bezoar'), { proposedActor: 'tester' });
});
afterEach(() => {
  caseFile.close();
  rmSync(folder, { recursive: true, force: true });
});

async function propose(names: readonly string[]) {
  const paths = new Map<string, string>();
  const given = names.map((name) => {
    const token = FileToken.parse(`token-of-the-file-${name}`.replaceAll(/[^\w-]/g, '-'));
    paths.set(token, join(FOLDER, name));
    return { token, path: join(FOLDER, name) };
  });
  const proposed = await proposeFiles(given, [], (path) => FileToken.parse(path));
  return { ...proposed, at: (token: string) => paths.get(token) ?? '' };
}

async function take(names: readonly string[], acceptBadRows = false): Promise<void> {
  const { files, at } = await propose(names);
  const plans = planImport(files).datasets.map(({ role, records, arrays }) => ({
    role,
    acceptBadRows,
    records:
      records === null
        ? null
        : {
            path: at(records.token),
            columns: records.columns,
            parts: records.parts?.map(at),
            more: undefined,
          },
    arrays: arrays.map(({ token, parts, ...array }) => ({
      ...array,
      path: at(token),
      parts: parts?.map(at),
      more: undefined,
    })),
  }));
  await runImport(caseFile, plans, unwatched(), [], forkDecoder);
}

function stored() {
  const set = caseFile.datasets.active('investigated');
  const matrix = set === null ? null : caseFile.matrices.find(set.id, 'images');
  if (set === null || matrix === null) throw new Error('nothing was stored');
  const rows = Array.from({ length: set.rows }, (_, row) => row);
  const { data } = caseFile.matrices.imageRows(matrix, rows);
  return { set, matrix, pixels: Buffer.from(data), samples: caseFile.datasets.samples(set.id, rows) };
}
const imageNotes = () => caseFile.evidence.list().find(({ role }) => role === 'images')?.notes;

describe('a data set of images with classes in two files', () => {
  it('is understood as one table with images, vectors and a label', async () => {
    const { files, problems, offerBuiltInFeatures } = await propose(TRAIN);
    expect(problems).toEqual([expect.stringContaining('the row numbers will be the keys') as string]);
    expect(offerBuiltInFeatures).toBe(false);
    expect(files.map(({ name, role }) => [name, role])).toEqual([
      ['train-00000-of-00002.parquet', 'records'],
      ['train-00001-of-00002.parquet', 'part'],
    ]);
    const roles = new Map(files[0]?.columns?.map(({ name, role }) => [name, role]));
    // Of two columns of classes the one that is named so is the label.
    expect([roles.get('label'), roles.get('size'), roles.get('vector')]).toEqual([
      'label',
      'feature',
      'ignored',
    ]);
    expect([...roles.keys()]).not.toContain('image.bytes');
    const entries = new Map(files[0]?.entries.map((entry) => [entry.name, entry]));
    expect(entries.get('image')).toMatchObject({ role: 'images', shape: [13, 7, 11, 3], problem: null });
    expect(entries.get('vector')).toMatchObject({ role: 'activations', shape: [13, 4] });
  });

  it('is stored with the pixels of its images and the names of its classes', async () => {
    await take(TRAIN);
    const { set, matrix, pixels, samples } = stored();
    expect([matrix.dtype, matrix.shape]).toEqual(['uint8', [13, 7, 11, 3]]);
    expect(pixels.toString('hex')).toBe(
      expected.map(({ image }) => images[String(image)]?.pixels ?? '').join(''),
    );
    const cells = samples.map(({ label, columns }) => ({ label, ...columns }));
    // A class that is not known is no label.
    const withoutImages = expected.map((row) =>
      Object.fromEntries(
        Object.entries({ ...row, label: row.label ?? '' }).filter(([name]) => name !== 'image'),
      ),
    );
    expect(cells).toEqual(withoutImages);
    expect(set.matrices.map(({ role }) => role).sort()).toEqual(['activations', 'images']);
    expect(imageNotes()?.[0]).toBe(
      '5 PNG, 3 BMP, 3 WEBP, 2 TIFF; stored in colour as they are, 11 x 7 pixels.',
    );
  });
});

describe('a data set with lists of images, and classes that are not known', () => {
  it('is taken with the first image of each list, and says what it left out', async () => {
    const { files } = await propose(['lists.parquet']);
    expect(files[0]?.entries).toMatchObject([{ name: 'pages', role: 'images', shape: [4, 7, 11, 3] }]);
    expect(files[0]?.says).toContain(
      'pages: lists of images, of which the first is taken as the image of its record.',
    );
    await take(['lists.parquet']);
    const { samples, pixels, set } = stored();
    expect(pixels.toString('hex')).toBe(
      ['rgb.png', 'rgb.bmp', 'lossless.webp', 'lzw.tif'].map((name) => images[name]?.pixels ?? '').join(''),
    );
    expect(imageNotes()?.at(-1)).toBe(
      'pages holds lists of images: the first of each was taken, 2 further ones were left out.',
    );
    expect([set.classes, samples.map(({ label }) => label)]).toEqual([
      ['airplane', 'öwl'],
      ['airplane', '', 'öwl', ''],
    ]);
    expect(caseFile.evidence.list().find(({ role }) => role === 'records')?.report?.notes).toContain(
      '2 records have no label in label. A scan does not judge them.',
    );
  });
});

describe('images that cannot be taken', () => {
  it('refuse the import, by row', async () => {
    expect(await failureLater(() => take(['broken.parquet']))).toMatchObject({
      code: 'evidence/malformed',
      message: expect.stringMatching(
        /2 of 3 images cannot be taken: broken\.parquet: row 1 of image .*; broken\.parquet: row 2 of image has no image/,
      ) as string,
    });
    expect(caseFile.datasets.active('investigated')).toBeNull();
  });

  it('stand as black ones where that is agreed to', async () => {
    await take(['broken.parquet'], true);
    const { set, pixels } = stored();
    expect(set.rows).toBe(3);
    expect(pixels.toString('hex')).toBe((images['rgb.png']?.pixels ?? '').padEnd(3 * 7 * 11 * 3 * 2, '0'));
    expect(imageNotes()).toContain('2 images of 3 could not be taken and stand as black ones.');
  });

  it('are none where the file only names them', async () => {
    const { files } = await propose(['names-only.parquet']);
    expect(files[0]?.entries).toEqual([]);
    expect(files[0]?.columns?.map(({ name, examples }) => [name, examples])).toContainEqual([
      'image.path',
      ['0.png', '1.png', '2.png'],
    ]);
  });
});

describe('features', () => {
  const told = (features: unknown) => Object.fromEntries(featuresOf(JSON.stringify({ info: { features } })));

  it('are found in structs and in lists of the older and the newer form', () => {
    const classes = { _type: 'ClassLabel', names: ['a', 'b'] };
    const kept = { kind: 'classes', names: ['a', 'b'] };
    expect(
      told({
        plain: { _type: 'Value', dtype: 'string' },
        photo: { _type: 'Image' },
        sound: { _type: 'Audio' },
        tags: { _type: 'Sequence', feature: classes },
        older: [classes],
        objects: { _type: 'Sequence', feature: { kind: classes } },
        struct: { inner: classes },
      }),
    ).toEqual({
      photo: { kind: 'image' },
      sound: { kind: 'audio' },
      tags: kept,
      older: kept,
      'objects.kind': kept,
      'struct.inner': kept,
    });
  });

  it.each([
    ['no JSON', '{'],
    ['another shape', '[1]'],
    ['names twice', '{"info":{"features":{"a":{"_type":"ClassLabel","names":["x","x"]}}}}'],
    ['names of another kind', '{"info":{"features":{"a":{"_type":"ClassLabel","names":[{}]}}}}'],
    ['a name of the language', '{"info":{"features":{"__proto__":{"_type":"Value"}}}}'],
    ['great depth', `{"info":{"features":${'{"a":'.repeat(500)}{"_type":"Image"}${'}'.repeat(500)}}}`],
  ])('are passed over in %s', (_, note) => {
    expect(featuresOf(note).size).toBe(0);
  });

  it('refuse a class that has no name, by row', () => {
    const features = featuresOf('{"info":{"features":{"y":{"_type":"ClassLabel","names":["a","b"]}}}}');
    const names = classNames('train.parquet', 'y', features);
    expect([names?.(0, 0), names?.('1', 1), names?.(-1, 2), names?.(null, 3), names?.([1, 0], 4)]).toEqual([
      'a',
      'b',
      null,
      null,
      ['b', 'a'],
    ]);
    expect(() => names?.(2, 17)).toThrow(/row 17 .* says class 2 in column y/);
  });
});
