import { Ajv2020 } from 'ajv/dist/2020.js';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import {
  atRest,
  drag,
  expectReviewed,
  giveName,
  go,
  imported,
  importDialog,
  scan,
  selectedCount,
} from './steps.ts';
import { expect, repository, sampleFiles, test } from './workbench.ts';

/** What the analyst of this story decides, by key. */
interface Decided {
  readonly poison: readonly string[];
  readonly clean: string;
  readonly unsure: string;
  readonly suspects: number;
}

const ANALYST = 'A. Nalyst';

const tableRow = (page: Page, position: number): Locator =>
  page.getByRole('grid', { name: 'Samples' }).locator(`[role="row"][aria-rowindex="${position + 1}"]`);

async function keyAt(page: Page, position: number): Promise<string> {
  const cell = tableRow(page, position).getByRole('gridcell').nth(1);
  await expect(cell).not.toHaveText('');
  return cell.innerText();
}

function schemaOf(name: string): Promise<ReturnType<Ajv2020['compile']>> {
  const ajv = new Ajv2020({ strict: true, validateFormats: false, allowUnionTypes: true });
  return readFile(join(repository, 'docs/schemas', name), 'utf8').then((text) =>
    ajv.compile(JSON.parse(text) as object),
  );
}

async function importByHand(page: Page): Promise<void> {
  const dialog = importDialog(page);
  await expect(dialog.getByLabel('What activations.npy is')).toHaveValue('activations');
  await expect(dialog.getByLabel('What images.npy is')).toHaveValue('images');
  await expect(dialog.getByLabel('What records.csv is')).toHaveValue('records');
  await expect(dialog.getByLabel('The set of records.csv')).toHaveValue('investigated');
  await expect(dialog.getByLabel('The set of trusted-activations.npy')).toHaveValue('trusted');
  await expect(dialog.getByLabel('The set of trusted-records.csv')).toHaveValue('trusted');
  for (const role of ['key', 'label', 'predicted', 'confidence'])
    await expect(dialog.getByLabel(`What column ${role} of records.csv is`)).toHaveValue(role);
  const column = dialog.getByLabel('What column loss_final of records.csv is');
  await expect(column).toHaveValue('loss');
  await column.focus();
  await page.keyboard.press('f');
  await expect(column).toHaveValue('feature');
  await dialog.getByRole('button', { name: 'Import' }).click();
  await imported(page);
}

/** Reads the findings: one alarmed class, in words. Returns its name. */
async function readFindings(page: Page): Promise<string> {
  const findings = page.getByRole('list', { name: 'Findings by class' });
  const alarmed = findings.getByRole('button').filter({ hasText: 'Alarm' });
  await expect(alarmed).toHaveCount(1);
  await expect(findings.getByRole('button').first()).toContainText('Alarm');
  const sentence = page.getByText(/^One class raises an alarm: /);
  await expect(sentence).toBeVisible();
  const name = /an alarm: (.+?)\. [\d,]+ samples? (is|are) put forward/.exec(await sentence.innerText())?.[1];
  expect(name).toBeTruthy();
  await expect(alarmed).toContainText(name ?? '');
  await expect(findings.getByText('Certificate', { exact: true })).toBeVisible();
  return name ?? '';
}

async function selectOnMap(page: Page): Promise<void> {
  await go(page, 'Map');
  const map = page.getByRole('application', { name: /^Map: PCA/ });
  await expect(map).toBeVisible();
  const left = [
    [0.02, 0.02],
    [0.5, 0.02],
    [0.5, 0.98],
    [0.02, 0.98],
  ] as const;
  const right = [
    [0.98, 0.02],
    [0.5, 0.02],
    [0.5, 0.98],
    [0.98, 0.98],
  ] as const;
  const top = [
    [0.02, 0.02],
    [0.98, 0.02],
    [0.98, 0.5],
    [0.02, 0.5],
  ] as const;
  await drag(page, map, left);
  await expect.poll(() => selectedCount(page)).toBeGreaterThan(0);
  const first = await selectedCount(page);
  await page.keyboard.down('Shift');
  await drag(page, map, right);
  await page.keyboard.up('Shift');
  await expect.poll(() => selectedCount(page)).toBeGreaterThan(first);
  const both = await selectedCount(page);
  await page.keyboard.down('Alt');
  await drag(page, map, top);
  await page.keyboard.up('Alt');
  await expect.poll(() => selectedCount(page)).toBeLessThan(both);
  const rest = await selectedCount(page);
  expect(rest).toBeGreaterThan(0);
  await page.keyboard.press('Alt+z');
  await expect.poll(() => selectedCount(page)).toBe(both);
  await page.getByRole('button', { name: 'Undo selection' }).click();
  await expect.poll(() => selectedCount(page)).toBe(first);
  await page.keyboard.press('Alt+Shift+z');
  await expect.poll(() => selectedCount(page)).toBe(both);
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await expect(inspector).toContainText(`${both.toLocaleString('en')} samples selected`);
}

async function decide(page: Page, alarmed: string): Promise<Decided> {
  await go(page, 'Suspects');
  await page.keyboard.press('Escape');
  const line = await page.getByText(/samples listed$/).innerText();
  const suspects = Number(/^[\d,]+/.exec(line)?.[0].replaceAll(',', ''));
  await expectReviewed(page, 0, suspects);
  await expect(tableRow(page, 1)).toContainText(alarmed);
  const keys: string[] = [];
  for (let position = 1; position <= 8; position++) keys.push(await keyAt(page, position));

  await page.keyboard.press('j');
  await expect(tableRow(page, 1)).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('x');
  await expect(tableRow(page, 1)).toContainText('poison');
  await expect(tableRow(page, 2)).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('c');
  await expect(tableRow(page, 2)).toContainText('clean');
  await page.keyboard.press('u');
  await expect(tableRow(page, 3)).toContainText('unsure');
  await expect(tableRow(page, 4)).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('k');
  await expect(tableRow(page, 3)).toHaveAttribute('aria-current', 'true');
  await expectReviewed(page, 3, suspects);

  await tableRow(page, 5).click();
  await tableRow(page, 8).click({ modifiers: ['Shift'] });
  await expect.poll(() => selectedCount(page)).toBe(4);
  await page.keyboard.press('Shift+X');
  await expect(page.getByText('4 samples marked poison.')).toBeVisible();
  await expectReviewed(page, 7, suspects);
  await page.keyboard.press('Control+z');
  await expectReviewed(page, 3, suspects);
  await page.keyboard.press('Control+Shift+z');
  await expectReviewed(page, 7, suspects);
  return { poison: [keys[0], ...keys.slice(4)], clean: keys[1], unsure: keys[2], suspects };
}

async function inspect(page: Page, key: string, alarmed: string): Promise<void> {
  await page.getByRole('button', { name: 'Gallery' }).click();
  const gallery = page.getByRole('grid', { name: 'Gallery' });
  await gallery.getByRole('gridcell', { name: key, exact: true }).click();
  await expect(page.getByRole('region', { name: /^Ordinary samples/ }).first()).toContainText(alarmed);
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await expect(inspector.getByRole('heading', { name: key })).toBeVisible();
  await expect(inspector.getByRole('img', { name: `Image of ${key}` })).toBeVisible();
  await expect(inspector.getByRole('region', { name: 'Scores' })).toContainText(alarmed);
  await expect(inspector.getByRole('region', { name: 'Scores' })).toContainText(/rank 1 of [\d,]+/);
  await expect(inspector.getByRole('region', { name: 'Nearest neighbours' }).getByRole('button')).toHaveCount(
    8,
  );
  await expect(inspector.getByRole('region', { name: 'Verdict' })).toContainText(ANALYST);
  await page.keyboard.press('n');
  const note = inspector.getByLabel('Note');
  await expect(note).toBeFocused();
  await page.keyboard.type('x c u: a bright patch');
  await page.keyboard.press('Control+Enter');
  await expect(note).not.toBeFocused();
  await page.getByRole('button', { name: 'Table', exact: true }).click();
}

function checkManifest(text: string, decided: Decided, hashes: ReadonlyMap<string, string>): void {
  const manifest = JSON.parse(text) as {
    counts: Record<string, number>;
    removed: string[];
    undecided: string[];
    unsure: string[];
    kept: string[];
    exportedBy: string;
    sources: { name: string; sha256: string }[];
  };
  expect([...manifest.removed].sort()).toEqual([...decided.poison].sort());
  expect(manifest.unsure).toEqual([decided.unsure]);
  expect(manifest.undecided).toHaveLength(decided.suspects - 7);
  expect(manifest.counts).toMatchObject({
    removed: decided.poison.length,
    keptUnsure: 1,
    keptClean: 1,
    keptUndecided: decided.suspects - 7,
  });
  expect(manifest.counts.before - manifest.counts.removed).toBe(manifest.counts.after);
  expect(manifest.kept).toHaveLength(manifest.counts.after);
  const kept = new Set(manifest.kept);
  for (const key of [...manifest.undecided, decided.unsure, decided.clean]) expect(kept.has(key)).toBe(true);
  for (const key of decided.poison) expect(kept.has(key)).toBe(false);
  expect(manifest.exportedBy).toBe(ANALYST);
  expect(manifest.sources.length).toBeGreaterThan(1);
  for (const { name, sha256 } of manifest.sources) {
    expect(name).not.toContain('trusted');
    expect(sha256).toBe(hashes.get(name));
  }
}

test('an investigation from the files to the hand-over @story', async ({ workbench }) => {
  const files = await sampleFiles(workbench.folder);
  const hashes = new Map<string, string>();
  for (const file of files)
    hashes.set(
      file.slice(workbench.folder.length + 1),
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    );

  await workbench.newCase('Dresses');
  const { page } = workbench;
  await giveName(page, ANALYST);
  await workbench.drop(files);
  await importByHand(page);
  await scan(page);
  const alarmed = await readFindings(page);
  await selectOnMap(page);
  const decided = await decide(page, alarmed);
  await inspect(page, decided.poison[0], alarmed);
  await expectReviewed(page, 7, decided.suspects);

  await go(page, 'Exports');
  const main = page.getByRole('main', { name: 'Exports' });
  const balance = (name: string): Locator =>
    main
      .locator('dl > div')
      .filter({ hasText: new RegExp(`^${name}`) })
      .getByRole('definition')
      .first();
  await expect(balance('Removed')).toHaveText('5');
  await expect(balance('Unsure')).toHaveText('1');
  await expect(balance('Undecided')).toHaveText((decided.suspects - 7).toLocaleString('en'));
  const write = (title: string, name: string): Promise<Buffer> =>
    workbench.exported(() => main.getByRole('button', { name: `Write ${title}` }).click(), name);

  const csv = (await write('Confirmed poison, CSV', 'poison.csv')).toString('utf8').trim().split(/\r?\n/);
  expect(csv[0]).toMatch(/^key,row_index,label,verdict,who,when,why,rank,score,p_value,methods,/);
  expect(
    csv
      .slice(1)
      .map((line) => line.split(',')[0])
      .sort(),
  ).toEqual([...decided.poison].sort());
  for (const line of csv.slice(1)) expect(line).toContain(`,${alarmed},poison,${ANALYST},`);

  const list: unknown = JSON.parse((await write('Confirmed poison, JSON', 'poison.json')).toString('utf8'));
  const isPoisonList = await schemaOf('poison-list.schema.json');
  expect(isPoisonList(list), JSON.stringify(isPoisonList.errors)).toBe(true);
  const { samples } = list as { samples: { key: string }[] };
  expect(samples.map(({ key }) => key).sort()).toEqual([...decided.poison].sort());

  const manifest = (await write('Sanitized manifest, JSON', 'manifest.json')).toString('utf8');
  const isManifest = await schemaOf('manifest.schema.json');
  expect(isManifest(JSON.parse(manifest)), JSON.stringify(isManifest.errors)).toBe(true);
  checkManifest(manifest, decided, hashes);

  const report = (await write('Hand-over report, HTML', 'report.html')).toString('utf8');
  expect(report).not.toMatch(/<script|javascript:|\son\w+=|<iframe|https?:\/\//i);
  for (const words of [ANALYST, alarmed, ...decided.poison, ...hashes.values()])
    expect(report).toContain(words);
  await atRest(page);

  await workbench.restart(join(workbench.folder, 'Dresses.bezoar'));
  const again = workbench.page;
  await expect(again.getByRole('main', { name: 'Exports' })).toBeVisible();
  await expectReviewed(again, 7, decided.suspects);
  await expect(again.getByRole('button', { name: 'Dresses' })).toBeVisible();
  await go(again, 'Suspects');
  await expect(tableRow(again, 1)).toContainText('poison');
  await expect(tableRow(again, 3)).toContainText('unsure');
  await tableRow(again, 1).click();
  await expect(again.getByRole('complementary', { name: 'Inspector' }).getByLabel('Note')).toHaveValue(
    'x c u: a bright patch',
  );
  await go(again, 'Audit');
  await again.getByRole('button', { name: 'Verify the chain' }).click();
  await expect(again.getByText(/^✓ /)).toBeVisible();
});
