import type { Locator, Page } from '@playwright/test';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ArrayRole } from '../../electron/contract/evidence.ts';
import { openCaseFile } from '../../electron/engine/case/open-case-file.ts';
import { atRest, closeCase, giveName, importDialog, railCount } from './steps.ts';
import { expect, repository, test } from './workbench.ts';

// One window takes a file of every kind after another, each into a case of its own; the case file is then read.

const formats = join(repository, 'test/fixtures/formats');
const committed = (...names: readonly string[]): readonly string[] =>
  names.map((name) => join(formats, name));

type Told = Record<string, Record<string, { sha256: string } | undefined> | undefined>;
const read = (name: string): unknown => JSON.parse(readFileSync(join(formats, name), 'utf8'));
/** What NumPy, PyTorch, h5py, pickle and safetensors read from the committed files. */
const told: Told = {
  ...(read('expected.json') as Told),
  ...(read('safetensors.json') as { files: Told }).files,
};
const hashOf = (file: string, entry = ''): string => {
  const hash = told[file]?.[entry]?.sha256;
  if (hash === undefined) throw new Error(`nothing is known of ${entry} of ${file}`);
  return hash;
};

interface Dropped {
  readonly what: string;
  /** Committed files, or what writes them into the folder. */
  readonly files: readonly string[] | ((folder: string) => readonly string[]);
  /** Of a file with many arrays the one that is taken, as activations; the rest is left out. */
  readonly only?: string;
  /** Choices that the proposal leaves open, by the names of their fields. */
  readonly choose?: Readonly<Record<string, string>>;
  readonly rows: number;
  readonly classes?: readonly string[];
  /** Roles of the matrices, and the hash of their values where the writer's own library told it. */
  readonly matrices?: Readonly<Partial<Record<ArrayRole, string | null>>>;
  readonly trustedRows?: number;
  /** Files, and arrays of files, that the case lists. */
  readonly evidence: number;
}

const kinds = ['cat', 'dog', 'öwl'];
const table = (what: string, name: string, more: Partial<Dropped> = {}): Dropped => ({
  what,
  files: committed(`tables/${name}`),
  rows: 40,
  classes: kinds,
  evidence: 1,
  ...more,
});
const array = (what: string, name: string, only?: string): Dropped => ({
  what,
  files: committed(name),
  ...(only === undefined ? {} : { only }),
  rows: 37,
  matrices: { activations: hashOf(name, only) },
  evidence: 1,
});

function folderOfImages(folder: string): string[] {
  const root = join(folder, 'shapes');
  for (const [kind, names] of [
    ['grey', ['grey.png', 'grey.jpg', 'grey.gif', 'grey.bmp', 'grey.tif']],
    ['colour', ['rgb.png', 'rgb.jpg', 'rgb.bmp', 'lossless.webp', 'lzw.tif']],
  ] as const) {
    mkdirSync(join(root, kind), { recursive: true });
    for (const name of names) cpSync(join(formats, 'images', name), join(root, kind, name));
  }
  return [root];
}

function imagesOfAColumn(folder: string): string[] {
  const root = join(folder, 'named');
  mkdirSync(join(root, 'pictures'), { recursive: true });
  const names = ['rgb.png', 'rgb.jpg', 'grey.png', 'grey.bmp'];
  for (const name of names) cpSync(join(formats, 'images', name), join(root, 'pictures', name));
  const records = names.map((name, at) => `s${at},${at < 2 ? 'colour' : 'grey'},pictures/${name}`);
  writeFileSync(join(root, 'records.csv'), `id,label,image\n${records.join('\n')}\n`);
  return [root];
}

function packedLines(folder: string): string[] {
  const path = join(folder, 'lines.jsonl.zst');
  writeFileSync(path, zstdCompressSync(readFileSync(join(formats, 'tables/lines.jsonl'))));
  return [path];
}

const drops: readonly Dropped[] = [
  array('.npy of version 1', 'version-1.npy'),
  array('.npy of version 3', 'version-3.npy'),
  array('.npy, big-endian and in Fortran order', 'big-endian-fortran.npy'),
  array('.npz, stored', 'stored.npz', 'f4'),
  array('.npz, deflated', 'small.npz', 'activations'),
  array('.safetensors', 'tensors.safetensors', 'float32'),
  array('PyTorch, ZIP form', 'tensors.pt', 'float32'),
  array('PyTorch, older form', 'tensors-legacy.pt', 'float32'),
  array('pickle', 'protocol-4.pkl', 'f4'),
  array('HDF5, contiguous', 'userblock.h5', 'activations'),
  array('HDF5, chunked and packed', 'earliest.h5', 'chunked/gzip'),
  table('CSV', 'comma.csv'),
  table('CSV with semicolons and decimal commas', 'semicolon.csv'),
  table('CSV in UTF-16', 'utf16.csv'),
  table('text with vertical bars', 'bar.txt'),
  table('TSV', 'tab.tsv'),
  table('CSV, gzipped', 'comma.csv.gz'),
  table('JSON Lines', 'lines.jsonl'),
  table('JSON Lines, packed with zstd', 'lines.jsonl', { files: packedLines }),
  table('JSON, an array of records', 'records.json'),
  table('JSON, columns', 'columns.json'),
  table('Parquet of pyarrow', 'typed-snappy.parquet', {
    matrices: { activations: null, logits: null },
    evidence: 3,
  }),
  table('Parquet of DuckDB', 'duckdb-snappy.parquet', {
    rows: 100,
    matrices: { activations: null },
    evidence: 2,
  }),
  {
    what: 'Parquet of Hugging Face, with lists of images and classes that are not known',
    files: committed('hugging-face/lists.parquet'),
    rows: 4,
    classes: ['airplane', 'öwl'],
    matrices: { images: null },
    evidence: 2,
  },
  table('Feather 2', 'typed-lz4.feather', { matrices: { activations: null, logits: null }, evidence: 3 }),
  table('Arrow of apache-arrow', 'arrow-js.arrow', {
    choose: { 'What column flag of arrow-js.arrow is': 'label' },
    rows: 25,
    classes: ['false', 'true'],
    matrices: { activations: null },
    evidence: 2,
  }),
  {
    what: 'IDX',
    files: committed(
      'idx/train-images-idx3-ubyte.gz',
      'idx/train-labels-idx1-ubyte.gz',
      'idx/t10k-images-idx3-ubyte',
      'idx/t10k-labels-idx1-ubyte',
    ),
    rows: 12,
    classes: ['0', '1', '2'],
    matrices: { images: null },
    trustedRows: 6,
    evidence: 4,
  },
  {
    what: 'a folder of images by class',
    files: folderOfImages,
    rows: 10,
    classes: ['colour', 'grey'],
    matrices: { images: null },
    evidence: 2,
  },
  {
    what: 'images that a column names',
    files: imagesOfAColumn,
    rows: 4,
    classes: ['colour', 'grey'],
    matrices: { images: null },
    evidence: 2,
  },
];

async function settle(dialog: Locator, { only, choose = {} }: Dropped): Promise<void> {
  if (only !== undefined)
    for (const select of await dialog.getByRole('table').nth(1).getByRole('combobox').all()) {
      const name = await select.getAttribute('aria-label');
      await select.selectOption(name?.endsWith(`: ${only} is`) === true ? 'activations' : '');
    }
  for (const [label, value] of Object.entries(choose)) await dialog.getByLabel(label).selectOption(value);
  // Built-in features take their time, and are another test's.
  const builtIn = dialog.getByLabel(/^Compute built-in features/);
  if (await builtIn.isVisible()) await builtIn.uncheck();
}

function checkCase(path: string, drop: Dropped): void {
  const caseFile = openCaseFile(path, { proposedActor: 'tester' });
  try {
    const set = caseFile.datasets.active('investigated');
    expect(set?.rows).toBe(drop.rows);
    if (drop.classes !== undefined) expect(set?.classes).toEqual(drop.classes);
    expect(caseFile.datasets.active('trusted')?.rows).toBe(drop.trustedRows);
    const matrices = set?.matrices ?? [];
    expect(matrices.map(({ role }) => role).sort()).toEqual(Object.keys(drop.matrices ?? {}).sort());
    for (const matrix of matrices) {
      expect(caseFile.matrices.hash(matrix)).toBe(matrix.sha256);
      const hash = drop.matrices?.[matrix.role];
      if (typeof hash === 'string') expect(matrix.sha256).toBe(hash);
    }
    const evidence = caseFile.evidence.list();
    expect(evidence).toHaveLength(drop.evidence);
    for (const { sha256 } of evidence) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  } finally {
    caseFile.close();
  }
}

async function take(page: Page, drop: Dropped): Promise<void> {
  const dialog = importDialog(page);
  await expect(dialog).toBeVisible();
  await settle(dialog, drop);
  await expect(dialog.getByRole('button', { name: 'Import' })).toBeEnabled();
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(dialog).toBeHidden();
  await expect(railCount(page, 'Evidence')).toHaveText(String(drop.evidence));
}

test('a file of every kind is dropped, understood and held as its writer wrote it', async ({ workbench }) => {
  const { page, folder } = workbench;
  for (const [at, drop] of drops.entries())
    await test.step(drop.what, async () => {
      await workbench.newCase(`Case ${at}`);
      await giveName(page, 'A. Nalyst');
      await workbench.drop(typeof drop.files === 'function' ? drop.files(folder) : drop.files);
      await take(page, drop);
      await closeCase(page);
      checkCase(join(folder, `Case ${at}.bezoar`), drop);
    });
});

const minute = (at: number): string => new Date(Date.UTC(2026, 2, 2, 8, at)).toISOString();
const lines = (count: number, line: (at: number) => object): string =>
  Array.from({ length: count }, (_, at) => `${JSON.stringify(line(at))}\n`).join('');

interface DroppedLog {
  readonly what: string;
  /** How its text is written, as the analyst tries another way and takes it back. */
  readonly reread?: Readonly<Record<string, readonly [string, string]>>;
  readonly files: (folder: string) => string;
  /** Fields that the proposal leaves open, where the analyst has to say that these are logs. */
  readonly choose?: Readonly<Record<string, string>>;
  readonly requests: number;
}

const logs: readonly DroppedLog[] = [
  {
    what: 'a log in its own shape',
    files: (folder) => {
      const path = join(folder, 'own.jsonl');
      const line = (at: number) => ({ ts: minute(at), req: `r${at}`, out: { cls: kinds[at % 2], p: 0.9 } });
      writeFileSync(path, lines(30, line));
      return path;
    },
    choose: { 'What out.cls is': 'predicted', 'What out.p is': 'confidence' },
    requests: 30,
  },
  {
    what: 'rotated logs of a folder',
    files: (folder) => {
      const root = join(folder, 'rotated');
      mkdirSync(root);
      for (const day of [0, 1, 2]) {
        const line = (at: number) => ({
          timestamp: minute(1440 * day + at),
          request_id: `${day}-${at}`,
          prediction: kinds[at % 2],
        });
        const path = join(root, `app.log.${day}.jsonl.gz`);
        writeFileSync(path, gzipSync(lines(10, line)));
      }
      return root;
    },
    requests: 30,
  },
  {
    what: 'SageMaker Data Capture',
    files: (folder) => {
      const path = join(folder, 'capture.jsonl');
      const line = (at: number) => ({
        captureData: {
          endpointInput: {
            observedContentType: 'text/csv',
            mode: 'INPUT',
            data: `0.1,${at}`,
            encoding: 'CSV',
          },
          endpointOutput: {
            observedContentType: 'application/json',
            mode: 'OUTPUT',
            data: JSON.stringify({ label: kinds[at % 2], p: 0.97 }),
            encoding: 'JSON',
          },
        },
        eventMetadata: { eventId: `e-${at}`, inferenceTime: minute(at) },
        eventVersion: '0',
      });
      writeFileSync(path, lines(25, line));
      return path;
    },
    choose: { 'What output.label is': 'predicted' },
    requests: 25,
  },
  {
    what: 'a log in CSV',
    files: (folder) => {
      const path = join(folder, 'requests.csv');
      const rows = Array.from({ length: 12 }, (_, at) => `${minute(at)},q${at},${kinds[at % 2] ?? ''},0.8`);
      writeFileSync(path, `timestamp,request_id,prediction,confidence\n${rows.join('\n')}\n`);
      return path;
    },
    requests: 12,
  },
  {
    what: 'a log in CSV as a German spreadsheet writes it',
    files: (folder) => {
      const path = join(folder, 'anfragen.csv');
      const rows = Array.from(
        { length: 12 },
        (_, at) => `${minute(at)};q${at};${kinds[at % 2] ?? ''};0,8;M\xfcller`,
      );
      const text = ['timestamp;request_id;prediction;confidence;client', ...rows, ''].join('\r\n');
      writeFileSync(path, Buffer.from(text, 'latin1'));
      return path;
    },
    reread: {
      'Encoding, of the log': ['windows-1252', 'utf-8'],
      'Decimals after, of the log': [',', '.'],
    },
    requests: 12,
  },
  ...(
    [
      ['Azure ML data collector', 'azure-ml.jsonl'],
      ['KServe payload logger', 'kserve.jsonl'],
      ['the file store of the KServe payload logger', 'kserve-store.jsonl'],
      ['a Databricks inference table as CSV', 'databricks.csv'],
      ['OpenInference spans', 'openinference.jsonl'],
      ['OpenTelemetry traces', 'otlp.jsonl'],
    ] as const
  ).map(([what, name]) => ({ what, files: () => join(formats, 'logs', name), requests: 20 })),
];

/** Tries another reading of the text, of which the proposal is made anew, and takes it back. */
async function reread(dialog: Locator, readings: NonNullable<DroppedLog['reread']>): Promise<void> {
  await dialog.getByText('How its text is written').click();
  for (const [label, [told, other]] of Object.entries(readings))
    for (const [is, next] of [
      [told, other],
      [other, told],
    ] as const) {
      const select = dialog.getByLabel(label);
      await expect(select).toHaveValue(is);
      await select.selectOption(next);
      await expect(select).toHaveValue(next);
    }
}

test('logs of every shape are dropped and become requests', async ({ workbench }) => {
  const { page, folder } = workbench;
  await workbench.newCase('Logs');
  await giveName(page, 'A. Nalyst');
  const dialog = page.getByRole('dialog', { name: 'Production logs' });
  for (const { what, files, choose = {}, reread: readings } of logs)
    await test.step(what, async () => {
      await workbench.drop([files(folder)]);
      const asRecords = importDialog(page);
      await expect(dialog.or(asRecords)).toBeVisible();
      if (await asRecords.isVisible())
        await asRecords.getByRole('button', { name: 'These are production logs' }).click();
      await expect(dialog).toBeVisible();
      if (readings !== undefined) await reread(dialog, readings);
      for (const [label, value] of Object.entries(choose)) {
        await dialog.getByLabel(label).selectOption(value);
        await expect(dialog.getByLabel(label)).toHaveValue(value);
      }
      await dialog.getByRole('button', { name: 'Import' }).click();
      await expect(dialog).toBeHidden();
      await atRest(page);
    });
  await expect
    .poll(async () => Number(await railCount(page, 'Evidence').textContent()))
    .toBe(logs.length + 2);
  await closeCase(page);
  const caseFile = openCaseFile(join(folder, 'Logs.bezoar'), { proposedActor: 'tester' });
  try {
    const held = [...caseFile.logs.list()].sort((a, b) => a.id - b.id);
    expect(held.map(({ rows }) => rows)).toEqual(logs.map(({ requests }) => requests));
    for (const { name, classes } of held) expect(classes, name).toEqual(['cat', 'dog']);
  } finally {
    caseFile.close();
  }
});
