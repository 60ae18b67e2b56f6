import type { Page } from '@playwright/test';
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseFile } from '../../electron/engine/case/case-file.ts';
import { openCaseFile } from '../../electron/engine/case/open-case-file.ts';
import { bytesOf, npyBytes } from '../fixtures/npy-bytes.ts';
import { zipBytes } from '../fixtures/zip-bytes.ts';
import { command, focus, tabTo } from './by-keyboard.ts';
import { atRest, closeCase, giveName, go, importDialog, railCount } from './steps.ts';
import { expect, test } from './workbench.ts';

const ROWS = 40;
const floats = (cols: number, rows = ROWS): Uint8Array =>
  npyBytes(
    '<f4',
    [rows, cols],
    bytesOf(Float32Array.from({ length: rows * cols }, (_, at) => (at * 7) % 11)),
  );
const kind = (row: number): string => ['cat', 'dog'][row % 2] ?? '';

function write(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** What a training script saved in one go: two layers, labels, losses of three epochs, and a note. */
function modelOutput(folder: string): string {
  const member = (name: string, data: Uint8Array) => ({ name: `${name}.npy`, data, deflate: true });
  const labels = new Uint8Array(ROWS * 8);
  for (let row = 0; row < ROWS; row++) labels[row * 8] = row % 2;
  return write(
    folder,
    'model.npz',
    zipBytes([
      member('layer3', floats(4)),
      member('penultimate', floats(6)),
      member('y', npyBytes('<i8', [ROWS], labels)),
      member('loss_epochs', floats(3)),
      member('note', npyBytes('<U5', [], new Uint8Array(20))),
    ]),
  );
}

function readCase<T>(path: string, look: (caseFile: CaseFile) => T): T {
  const caseFile = openCaseFile(path, { proposedActor: 'tester' });
  try {
    return look(caseFile);
  } finally {
    caseFile.close();
  }
}

const isInDialog = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.activeElement?.closest('.bp6-dialog-container, .bp6-portal') !== null);

test('layer, labels and losses of one file are chosen by keyboard alone', async ({ workbench }) => {
  const { page, folder } = workbench;
  await workbench.newCase('Arrays', () => command(page, 'New case'));
  await giveName(page, 'A. Nalyst');
  await workbench.drop([modelOutput(folder)]);
  const dialog = importDialog(page);
  await expect(dialog.getByRole('button', { name: 'Import' })).toBeFocused();
  await expect(dialog.getByRole('row', { name: /^penultimate/ })).toContainText(
    /40 × 6.*float32.*0\s+7\s+3\s+10\s+6\s+…/,
  );
  await expect(dialog.getByRole('row', { name: /^note/ })).toContainText('cannot be taken');

  // The layer before the last, in place of the one that was proposed.
  await tabTo(page, /^What model\.npz: layer3 is/);
  await page.keyboard.type('act');
  await expect(
    dialog.getByText('2 arrays of activations (model.npz: layer3 and model.npz: penultimate)'),
  ).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Import' })).toBeDisabled();
  await tabTo(page, /^What model\.npz: penultimate is/);
  await page.keyboard.type('left');
  await expect(dialog.getByText(/arrays of activations/)).toBeHidden();
  await page.screenshot({ path: 'test-results/import-arrays.png' });

  // Tab stays in the dialog, forwards and backwards.
  for (const key of ['Tab', 'Shift+Tab'])
    for (let stop = 0; stop < 16; stop++) {
      await page.keyboard.press(key);
      expect(
        await isInDialog(page),
        `the focus stays in the dialog at ${(await focus(page))?.name ?? ''}`,
      ).toBe(true);
    }
  await tabTo(page, /^Import$/);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(railCount(page, 'Evidence')).toHaveText('3');
  await closeCase(page);
  readCase(join(folder, 'Arrays.bezoar'), ({ datasets }) => {
    const set = datasets.active('investigated');
    expect(set).toMatchObject({ rows: ROWS, classes: ['0', '1'] });
    expect(set?.matrices.map(({ role, shape }) => [role, shape])).toEqual([['activations', [ROWS, 4]]]);
    expect(set?.columns.map(({ role }) => role)).toEqual(['loss', 'loss', 'loss']);
  });

  // The next file of that script is taken the same way.
  await workbench.newCase('Arrays again');
  await giveName(page, 'A. Nalyst');
  await workbench.drop([modelOutput(folder)]);
  await expect(dialog.getByText('Taken as you took the last file of this kind.')).toBeVisible();
  await expect(dialog.getByLabel('What model.npz: layer3 is')).toHaveValue('activations');
  await expect(dialog.getByLabel('What model.npz: penultimate is')).toHaveValue('');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(railCount(page, 'Evidence')).toHaveText('0');
});

test('the focus goes back to what opened the dialog', async ({ workbench, hostKind }) => {
  test.skip(hostKind === 'electron', 'the file dialog of the system cannot be answered here');
  const { page, folder } = workbench;
  await workbench.newCase('Focus');
  await giveName(page, 'A. Nalyst');
  await go(page, 'Evidence');
  const add = page.getByRole('button', { name: 'Add files…' });
  await add.focus();
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  // Whatever its name: evidence is told by its bytes.
  await (await chooser).setFiles([write(folder, 'layer.dump', floats(4))]);
  const dialog = importDialog(page);
  await expect(dialog.getByLabel('What layer.dump is')).toHaveValue('activations');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(add).toBeFocused();
});

test('files are understood together, and corrected once', async ({ workbench }) => {
  const { page, folder } = workbench;
  const line = (row: number): string => `k${row};${kind(row)};Köln;0,${row + 10}`;
  const records = (from: number, rows: number): string =>
    `Kennung;Klasse;Ort;Größe\r\n${Array.from({ length: rows }, (_, row) => line(from + row)).join('\r\n')}\r\n`;
  const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');
  await workbench.newCase('Together');
  await giveName(page, 'A. Nalyst');
  await workbench.drop([
    write(folder, 'activations.npy', floats(6)),
    write(folder, 'bericht-11.csv', latin(records(0, ROWS))),
    write(folder, 'images.npy', npyBytes('|u1', [ROWS, 4, 4], new Uint8Array(ROWS * 16))),
  ]);
  const dialog = importDialog(page);
  await expect(dialog.getByLabel('What activations.npy is')).toHaveValue('activations');
  await expect(dialog.getByLabel('What images.npy is')).toHaveValue('images');
  await expect(dialog.getByLabel('What bericht-11.csv is')).toHaveValue('records');
  await expect(dialog.getByText('Köln · Köln · Köln')).toBeVisible();
  await expect(dialog.getByText(/^Choose which column of bericht-11\.csv is the label/)).toBeVisible();
  await dialog.getByText('How its text is written').click();
  await expect(dialog.getByLabel('Cells apart by, of bericht-11.csv')).toHaveValue(';');
  await expect(dialog.getByLabel('Encoding, of bericht-11.csv')).toHaveValue('windows-1252');
  await page.screenshot({ path: 'test-results/import-together.png' });
  await dialog.getByLabel('What column Kennung of bericht-11.csv is').selectOption('key');
  await dialog.getByLabel('What column Klasse of bericht-11.csv is').selectOption('label');
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(dialog).toBeHidden();
  await expect(railCount(page, 'Evidence')).toHaveText('3');
  await closeCase(page);

  await workbench.newCase('Together again');
  await giveName(page, 'A. Nalyst');
  await workbench.drop([write(folder, 'bericht-12.csv', latin(records(70, 9)))]);
  await expect(dialog.getByText('Taken as you took the last file of this kind.')).toBeVisible();
  await expect(dialog.getByLabel('What column Klasse of bericht-12.csv is')).toHaveValue('label');
  await expect(dialog.getByLabel('What column Kennung of bericht-12.csv is')).toHaveValue('key');
});

test('what did not join and what was left out is told, and only left out on consent', async ({
  workbench,
}) => {
  const { page, folder } = workbench;
  const broken = (row: number): boolean => row === 7 || row === 30;
  const records = Array.from({ length: ROWS }, (_, row) =>
    broken(row) ? `k${row}` : `k${row},${kind(row)}`,
  );
  const losses = Array.from({ length: ROWS - 3 }, (_, row) => `k${ROWS - 1 - row},0.${row + 1}`);
  await workbench.newCase('Joined');
  await giveName(page, 'A. Nalyst');
  await workbench.drop([
    write(folder, 'records.csv', `key,label\n${records.join('\n')}\n`),
    write(folder, 'losses.csv', `key,loss\n${losses.join('\n')}\nstranger,9\n`),
  ]);
  const dialog = importDialog(page);
  await expect(dialog.getByLabel('How losses.csv is joined')).toHaveValue('key');
  await expect(dialog.getByRole('row', { name: /line 9/ })).toContainText('this record has 1 cell');
  const importButton = dialog.getByRole('button', { name: 'Import' });
  await expect(importButton).toBeDisabled();
  await expect(dialog.getByText(/^2 records of records\.csv cannot be taken/)).toBeVisible();
  await dialog.getByLabel(/^Import around records that cannot be taken/).check();
  await page.screenshot({ path: 'test-results/import-joined.png' });
  await importButton.click();
  await expect(dialog).toBeHidden();
  await expect(railCount(page, 'Evidence')).toHaveText('2');
  await go(page, 'Evidence');
  await expect(
    page.getByText(
      '35 of 38 records joined by key; 3 samples have no record here (k0, k1, k2); 3 records belong to no sample (k30, k7, stranger).',
    ),
  ).toBeVisible();
  await page.getByText('2 of 40 records (5 %) were left out').click();
  await expect(page.getByRole('row', { name: /^line 32/ })).toBeVisible();
  await page.screenshot({ path: 'test-results/import-report.png' });
});

test('a file that asks for code is refused, and what it asks for is kept', async ({ workbench }) => {
  const { page, folder } = workbench;
  await workbench.newCase('Findings');
  await giveName(page, 'A. Nalyst');
  await workbench.drop([
    write(folder, 'weights.pkl', "cos\nsystem\n(S'echo pwned'\ntR."),
    write(folder, 'cut.npy', floats(4).subarray(0, 300)),
    write(folder, 'drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'),
  ]);
  const dialog = importDialog(page);
  await expect(dialog.getByText(/weights\.pkl asks Python to call os\.system.*at byte/)).toBeVisible();
  await expect(dialog.getByText(/cut\.npy: it ends at byte 300, and its shape .* needs/)).toBeVisible();
  await expect(dialog.getByText(/drawing\.svg is an SVG drawing/)).toBeVisible();
  await expect(dialog.getByText('None of these files can be taken. Nothing was imported.')).toBeVisible();
  await page.screenshot({ path: 'test-results/import-refused.png' });
  await tabTo(page, /^Keep what was found in weights\.pkl/);
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('Kept in the case, with the file’s hash')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await go(page, 'Evidence');
  const kept = page.getByRole('region', { name: 'Found in files that were not imported' });
  await expect(kept).toContainText(/weights\.pkl.*os\.system/);
});

/** Zeros that take no room on the disk: a matrix of 768 MB. */
function largeMatrix(folder: string): void {
  const rows = 750_000;
  const head = npyBytes('<f4', [rows, 256], new Uint8Array(0));
  const file = openSync(join(folder, 'large.npy'), 'w');
  writeSync(file, head);
  ftruncateSync(file, head.length + rows * 256 * 4);
  closeSync(file);
}

test('a running import shows its estimate and ends at once when cancelled', async ({
  workbench,
  hostKind,
}) => {
  test.skip(
    hostKind === 'electron',
    'its file dialog cannot be answered here, and its drop is another test’s',
  );
  const { page, folder } = workbench;
  largeMatrix(folder);
  await workbench.newCase('Cancelled');
  await giveName(page, 'A. Nalyst');
  await go(page, 'Evidence');
  await page.getByRole('button', { name: 'From the served folder…' }).click();
  const served = page.getByRole('dialog', { name: 'Evidence from the served folder' });
  await served.getByRole('button', { name: /^large\.npy/ }).click();
  await served.getByRole('button', { name: 'Take 1 file' }).click();
  await importDialog(page).getByRole('button', { name: 'Import' }).click();
  const jobs = page.getByRole('region', { name: 'Jobs' });
  await expect(jobs.getByRole('status')).toContainText(/MB of 768 MB, about .* left/);
  const before = performance.now();
  await jobs.getByRole('button', { name: 'Cancel' }).first().click();
  await atRest(page);
  test
    .info()
    .annotations.push({ type: 'cancelled', description: `${Math.round(performance.now() - before)} ms` });
  await expect(railCount(page, 'Evidence')).toHaveText('0');
  await closeCase(page);
  readCase(join(folder, 'Cancelled.bezoar'), ({ datasets, evidence }) => {
    expect([evidence.list(), datasets.list()]).toEqual([[], []]);
  });
});

test('a folder is chosen where it lies, from the folder that is served', async ({ workbench, hostKind }) => {
  test.skip(hostKind === 'electron', 'no folder is served');
  const { page, folder } = workbench;
  mkdirSync(join(folder, 'run-7', 'parts'), { recursive: true });
  for (const part of [0, 1])
    write(join(folder, 'run-7', 'parts'), `part-${part}.csv`, `key,label\na${part},cat\nb${part},dog\n`);
  await workbench.newCase('Served');
  await giveName(page, 'A. Nalyst');
  await go(page, 'Evidence');
  await page.getByRole('button', { name: 'From the served folder…' }).click();
  const served = page.getByRole('dialog', { name: 'Evidence from the served folder' });
  await served.getByRole('button', { name: 'run-7' }).click();
  await served.getByRole('button', { name: 'Take the folder run-7' }).click();
  await expect(importDialog(page).getByText(/^One table in 2 parts/)).toBeVisible();
});
