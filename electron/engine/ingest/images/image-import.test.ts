import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { unwatched } from '../../../../test/fixtures/small-evidence.ts';
import { Cancelled } from '../../../../native-workers/task.ts';
import { FileToken } from '../../../contract/case.ts';
import type { FileProposal } from '../../../contract/evidence.ts';
import type { CaseFile } from '../../case/case-file.ts';
import { createCaseFile } from '../../case/open-case-file.ts';
import { planImport } from '../../import-plan.ts';
import { runImport, type SetPlan } from '../import-job.ts';
import { proposeFiles } from '../propose.ts';
import { forkDecoder, type StartDecoder } from './decoder-process.ts';

const FIXTURES = join(import.meta.dirname, '../../../../test/fixtures/formats/images');
const { images } = JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8')) as {
  images: Record<string, { shape: number[]; pixels: string }>;
};
const pixelsOf = (name: string): Uint8Array => new Uint8Array(Buffer.from(images[name].pixels, 'hex'));

let folder = '';
let caseFile: CaseFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-images-'));
  caseFile = createCaseFile(join(folder, 'a.bezoar'), { proposedActor: 'tester' });
});
afterEach(() => {
  caseFile.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Puts fixtures or bytes under names within the folder `drop`. */
function lay(files: Record<string, string | Uint8Array>): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, 'drop', name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'string' && content in images) copyFileSync(join(FIXTURES, content), path);
    else writeFileSync(path, content);
  }
  return join(folder, 'drop');
}

const pathOf = new Map<string, string>();
const grant = (path: string): FileToken => {
  const token = FileToken.parse(`t${pathOf.size}-${createHash('sha256').update(path).digest('hex')}`);
  pathOf.set(token, path);
  return token;
};
async function propose(...paths: string[]) {
  return proposeFiles(
    paths.map((path) => ({ token: grant(path), path })),
    caseFile.datasets.list(),
    grant,
    ({ id, rows }) => caseFile.datasets.samples(id, [0, 1, 2].slice(0, rows)),
  );
}
const at = (token: string): string => pathOf.get(token) ?? '';
function plansOf(files: readonly FileProposal[], acceptBadRows = false): SetPlan[] {
  return planImport(files).datasets.map(({ role, records, arrays }) => ({
    role,
    acceptBadRows,
    records:
      records === null
        ? null
        : { path: at(records.token), columns: records.columns, more: records.more?.map(at) },
    arrays: arrays.map(({ token, more, ...array }) => ({ ...array, path: at(token), more: more?.map(at) })),
  }));
}
const run = (plans: SetPlan[], job = unwatched(), start: StartDecoder = forkDecoder): Promise<void> =>
  runImport(caseFile, plans, job, [], start);
async function take(...paths: string[]): Promise<void> {
  await run(plansOf((await propose(...paths)).files));
}
async function refusal(...paths: string[]) {
  const before = caseFile.state();
  const failure = await failureLater(() => take(...paths));
  expect(caseFile.state()).toEqual(before);
  return failure;
}
function stored(role: 'investigated' | 'trusted' = 'investigated') {
  const set = caseFile.datasets.active(role);
  const matrix = set === null ? null : caseFile.matrices.find(set.id, 'images');
  if (set === null || matrix === null) throw new Error('nothing was stored');
  const rows = Array.from({ length: set.rows }, (_, row) => row);
  const { data } = caseFile.matrices.imageRows(matrix, rows);
  return { set, matrix, data, samples: caseFile.datasets.samples(set.id, rows) };
}
const notesOf = (): string[] => {
  const found = caseFile.evidence.list().find(({ role }) => role === 'images');
  return [...(found?.notes ?? [])];
};

describe('a folder of images by class', () => {
  it('gives samples with labels, sizes and hashes, and the pixels as one array', async () => {
    const path = lay({
      'red/a.png': 'rgb.png',
      'red/b.bmp': 'rgb.bmp',
      'blue/c.tif': 'lzw.tif',
      'blue/deep/d.webp': 'lossless.webp',
      'blue/e.gif': 'palette.gif',
      'notes.txt': 'nothing',
      'red/.hidden.png': 'rgb.png',
    });
    const { files, problems, offerBuiltInFeatures } = await propose(path);
    expect(files).toHaveLength(1);
    expect(problems).toEqual([]);
    expect(offerBuiltInFeatures).toBe(true);
    expect(files[0]).toMatchObject({
      name: 'drop',
      format: 'image-folder',
      role: 'records',
      rows: 5,
      says: ['5 images in 2 folders, each taken for a class.', '1 other file is left out.'],
    });
    await run(plansOf(files));
    const { set, matrix, data, samples } = stored();
    expect(set).toMatchObject({ rows: 5, classes: ['blue', 'red'], name: 'drop' });
    expect(matrix).toMatchObject({ dtype: 'uint8', shape: [5, 7, 11, 3], builtIn: null });
    expect(samples.map(({ key, label }) => [key, label])).toEqual([
      ['blue/c.tif', 'blue'],
      ['blue/deep/d.webp', 'blue'],
      ['blue/e.gif', 'blue'],
      ['red/a.png', 'red'],
      ['red/b.bmp', 'red'],
    ]);
    const names = ['lzw.tif', 'lossless.webp', 'palette.gif', 'rgb.png', 'rgb.bmp'];
    expect(data).toEqual(new Uint8Array(Buffer.concat(names.map(pixelsOf))));
    const png = readFileSync(join(FIXTURES, 'rgb.png'));
    const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
    expect(samples[3].columns).toEqual({
      width: 11,
      height: 7,
      bytes: png.length,
      format: 'png',
      sha256: sha256(png),
    });
    const evidence = caseFile.evidence.list();
    const lines = samples.map(({ key, columns }) => `${String(columns.sha256)}  ${key}\n`).join('');
    expect(evidence.map(({ role, rows, sha256: hash }) => [role, rows, hash])).toEqual([
      ['records', 5, sha256(lines)],
      ['images', 5, sha256(lines)],
    ]);
    expect(evidence[0].size).toBe(samples.reduce((sum, one) => sum + Number(one.columns.bytes), 0));
    expect(notesOf()[0]).toBe(
      '1 TIFF, 1 WEBP, 1 GIF, 1 PNG, 1 BMP; stored in colour as they are, 11 x 7 pixels.',
    );
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('is grey where every image is, and says what is turned or moving', async () => {
    await take(lay({ 'x/a.png': 'grey.png', 'x/b.tif': 'grey16.tif', 'y/c.bmp': 'grey.bmp' }));
    const { matrix, data } = stored();
    expect(matrix.shape).toEqual([3, 7, 11]);
    expect(data.subarray(0, 77)).toEqual(pixelsOf('grey.png'));
    expect(data.subarray(77, 154)).toEqual(pixelsOf('grey16.tif'));
    caseFile.close();
    rmSync(join(folder, 'drop'), { recursive: true });
    caseFile = createCaseFile(join(folder, 'b.bezoar'), { proposedActor: 'tester' });
    await take(lay({ 'x/a.png': 'turned.png', 'x/b.gif': 'moving.gif' }));
    expect(notesOf().slice(1)).toEqual([
      expect.stringContaining('1 image say that they are to be shown turned'),
      expect.stringContaining('1 image hold further frames'),
    ]);
    expect(stored().data.subarray(0, 231)).toEqual(pixelsOf('turned.png'));
  });

  it('of several sizes is kept as copies of one size, and their own as columns', async () => {
    await take(lay({ 'x/a.png': 'rgb.png', 'x/b.png': 'palette.png', 'y/c.jpg': 'rgb.jpg' }));
    const { matrix, samples, data } = stored();
    expect(matrix.shape).toEqual([3, 8, 11, 3]);
    expect(samples.map(({ columns }) => [columns.width, columns.height])).toEqual([
      [11, 7],
      [11, 7],
      [48, 32],
    ]);
    expect(notesOf()[0]).toContain('copies of 11 x 8 pixels');
    // The mean of the pixels is that of the image.
    const mean = (bytes: Uint8Array): number => bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
    expect(mean(data.subarray(2 * 264))).toBeCloseTo(mean(pixelsOf('rgb.jpg')), 0);
  });

  it('split into train and test is two sets', async () => {
    const path = lay({
      'set/train/x/a.png': 'rgb.png',
      'set/train/y/b.png': 'rgb.png',
      'set/test/x/c.png': 'palette.png',
      'set/test/y/d.png': 'rgb16.png',
    });
    const { files } = await propose(path);
    expect(files.map(({ name, dataset, rows }) => [name, dataset, rows])).toEqual([
      ['drop/set/test', 'trusted', 2],
      ['drop/set/train', 'investigated', 2],
    ]);
    await run(plansOf(files));
    expect(stored().samples.map(({ key }) => key)).toEqual(['x/a.png', 'y/b.png']);
    expect(stored('trusted').data.subarray(0, 231)).toEqual(pixelsOf('palette.png'));
  });

  it('with an image that cannot be taken is refused by its name, or taken without it', async () => {
    const bomb = Buffer.from(readFileSync(join(FIXTURES, 'rgb.png')));
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    const path = lay({
      'x/a.png': 'rgb.png',
      'x/b.png': '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
      'x/c.png': bomb,
      'x/d.jpg': '',
      'x/e.png': '%PDF-1.4',
      'y/f.png': 'palette.png',
    });
    const { files } = await propose(path);
    expect(files[0].says.at(-1)).toContain('4 images of 6 looked at cannot be taken');
    const failure = await refusal(path);
    expect(failure.code).toBe('evidence/malformed');
    expect(failure.message).toMatch(
      /^drop: 4 of 6 images cannot be taken: x\/b\.png is an SVG drawing.*; x\/c\.png says that it is 60000 by 60000 pixels.*; x\/d\.jpg is empty; and 1 more\. Nothing was imported\./,
    );
    await run(plansOf(files, true));
    expect(stored().samples.map(({ key }) => key)).toEqual(['x/a.png', 'y/f.png']);
    expect(notesOf().at(-2)).toBe('4 images of 6 could not be taken and were left out.');
    expect(notesOf().at(-1)).toMatch(/^Could not be taken: x\/b\.png is an SVG drawing/);
  });

  it('with an image that is broken further on names it, or keeps it black', async () => {
    const cut = readFileSync(join(FIXTURES, 'rgb.jpg')).subarray(0, 700);
    const path = lay({ 'x/a.jpg': 'rgb.jpg', 'x/b.jpg': cut, 'y/c.jpg': 'progressive.jpg' });
    expect((await refusal(path)).message).toMatch(
      /1 of 3 images cannot be taken: x\/b\.jpg cannot be decoded/,
    );
    await run(plansOf((await propose(path)).files, true));
    const { data } = stored();
    const size = 48 * 32 * 3;
    expect(data.subarray(0, size)).toEqual(pixelsOf('rgb.jpg'));
    expect(data.subarray(size, 2 * size)).toEqual(new Uint8Array(size));
    expect(data.subarray(2 * size)).toEqual(pixelsOf('progressive.jpg'));
  });

  it('follows no links, and reads nothing that is no file', async () => {
    const path = lay({ 'x/a.png': 'rgb.png', '../outside/secret.png': 'rgb.png' });
    symlinkSync(join(folder, 'outside', 'secret.png'), join(path, 'x', 'b.png'));
    symlinkSync(join(folder, 'outside'), join(path, 'y'));
    symlinkSync(path, join(path, 'x', 'round'));
    const { files } = await propose(path);
    expect(files[0]).toMatchObject({ rows: 1 });
    expect(files[0].says).toContain('3 links are not followed.');
    await run(plansOf(files));
    expect(stored().samples).toHaveLength(1);
    expect(notesOf()).toContain('3 links were not followed.');
  });

  it('goes on when a decoder is killed under way', async () => {
    const path = lay(
      Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`c${i % 3}/${i}.png`, 'rgb.png'])),
    );
    let started = 0;
    await run(plansOf((await propose(path)).files), unwatched(), () => {
      const child = forkDecoder();
      started += 1;
      if (started === 1)
        return {
          ...child,
          send: (request) => {
            child.send(request);
            if (request.id === 2) child.kill();
          },
        };
      return child;
    });
    expect(started).toBe(2);
    expect(stored().data).toHaveLength(90 * 231);
  });

  it('is cancelled soon, leaves nothing and no process', async () => {
    const path = lay(
      Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`c${i % 3}/${i}.png`, 'rgb.png'])),
    );
    const plans = plansOf((await propose(path)).files);
    const before = caseFile.state();
    let cancel: () => void = () => undefined;
    let cancelledAt = 0;
    const ended = Promise.withResolvers<string>();
    const job = {
      ...unwatched(),
      onCancel: (end: () => void) => {
        cancel = end;
      },
      cancelled: () => cancelledAt > 0,
      progress: (_fraction: number, items?: { done: number; unit: string }) => {
        if (items?.unit !== 'images' || items.done < 210 || cancelledAt > 0) return;
        cancelledAt = performance.now();
        cancel();
      },
    };
    const importing = run(plans, job, () => {
      const child = forkDecoder();
      child.onExit((how) => {
        ended.resolve(how);
      });
      return child;
    });
    await expect(importing).rejects.toBeInstanceOf(Cancelled);
    expect(performance.now() - cancelledAt).toBeLessThan(200);
    expect(caseFile.state()).toEqual(before);
    expect(await ended.promise).toBe('signal SIGKILL');
  });
});

describe('image files that were dropped one by one', () => {
  it('are one set without labels', async () => {
    const path = lay({ 'b.png': 'rgb.png', 'a.png': 'palette.png' });
    const { files, problems } = await propose(join(path, 'b.png'), join(path, 'a.png'));
    expect(files).toMatchObject([{ name: '2 image files', format: 'image-files', rows: 2 }]);
    expect(problems[0]).toContain('has no column that looks like the label');
    await run(plansOf(files));
    expect(stored().samples.map(({ key }) => key)).toEqual(['a.png', 'b.png']);
    expect(stored().data.subarray(0, 231)).toEqual(pixelsOf('palette.png'));
  });
});

describe('images that a column of the records names', () => {
  const records = 'file_name,label,width\nimg/b.png,x,1\nimg/a.png,y,2\n./img/b.png,x,3\n';

  it('are found in the folder, in the order of the records', async () => {
    const path = lay({ 'img/a.png': 'rgb.png', 'img/b.png': 'palette.png', 'metadata.csv': records });
    rmSync(join(path, 'metadata.csv'));
    const csv = join(folder, 'records.csv');
    writeFileSync(csv, records);
    const { files } = await propose(csv, path);
    expect(files[1]).toMatchObject({ role: 'arrays', imageColumn: 'file_name', rows: 3, columns: null });
    await run(plansOf(files));
    const { set, data, samples } = stored();
    expect(set.classes).toEqual(['x', 'y']);
    expect(samples.map(({ columns }) => columns.width)).toEqual([1, 2, 3]);
    expect(data).toEqual(
      new Uint8Array(Buffer.concat(['palette.png', 'rgb.png', 'palette.png'].map(pixelsOf))),
    );
  });

  it('lie beside the records in one folder, or are given one by one', async () => {
    const flat = 'file_name,label\nb.png,x\na.png,y\n';
    const path = lay({ 'a.png': 'rgb.png', 'b.png': 'palette.png', 'metadata.csv': flat });
    const { files } = await propose(path);
    expect(files.map(({ name, role }) => [name, role])).toEqual([
      ['metadata.csv', 'records'],
      ['drop', 'arrays'],
    ]);
    await run(plansOf(files));
    expect(stored().samples.map(({ key }) => key)).toEqual(['b.png', 'a.png']);
    const first = stored().data;
    caseFile.close();
    caseFile = createCaseFile(join(folder, 'b.bezoar'), { proposedActor: 'tester' });
    const single = await propose(...['a.png', 'b.png', 'metadata.csv'].map((name) => join(path, name)));
    await run(plansOf(single.files));
    expect(stored().data).toEqual(first);
  });

  it('may come after the records', async () => {
    const path = lay({ 'a.png': 'rgb.png', 'b.png': 'palette.png' });
    const csv = join(folder, 'records.csv');
    writeFileSync(csv, 'file_name,label\nb.png,x\na.png,y\n');
    await take(csv);
    await take(path);
    expect(stored().data.subarray(0, 231)).toEqual(pixelsOf('palette.png'));
  });

  it('never leave it', async () => {
    const path = lay({ 'a.png': 'rgb.png', 'img/b.png': 'rgb.png', '../outside/secret.png': 'rgb.png' });
    symlinkSync(join(folder, 'outside', 'secret.png'), join(path, 'link.png'));
    symlinkSync(join(folder, 'outside'), join(path, 'away'));
    const named: [string, string][] = [
      ['../outside/secret.png', 'names a path that leads out of the folder'],
      ['/etc/hostname.png', 'names a path that leads out of the folder'],
      ['C:\\secret.png', 'names a path that leads out of the folder'],
      ['img/../../outside/secret.png', 'names a path that leads out of the folder'],
      ['link.png', 'names a link that leads out of the folder'],
      ['away/secret.png', 'names a link that leads out of the folder'],
      ['img', 'is not a file'],
      ['none.png', 'names a file that is not in the folder'],
      ['', 'names no file'],
    ];
    const csv = join(folder, 'records.csv');
    const lines = named.map(([name], row) => `${row},${name},y\n`).join('');
    writeFileSync(csv, `id,image,label\n90,a.png,x\n91,drop/img/b.png,x\n92,img\\b.png,x\n${lines}`);
    const { files } = await propose(csv, path);
    expect(files[1].imageColumn).toBe('image');
    const failure = await failureLater(() => run(plansOf(files)));
    expect(failure.message).toContain(`9 of 12 images cannot be taken: ${named[0].join(' ')}; `);
    await run(plansOf(files, true));
    const { data } = stored();
    expect(data.subarray(0, 231)).toEqual(pixelsOf('rgb.png'));
    expect(data.subarray(231, 462)).toEqual(pixelsOf('rgb.png'));
    expect(data.subarray(693)).toEqual(new Uint8Array(9 * 231));
    for (const [name, what] of named)
      expect(notesOf().at(-1)).toContain(`${name === '' ? 'row 11' : name} ${what}`);
  });
});
