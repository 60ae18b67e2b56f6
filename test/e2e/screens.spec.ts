import type { Page } from '@playwright/test';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { go, importDialog, imported, giveName, scan } from './steps.ts';
import { expect, repository, sampleFiles, test } from './workbench.ts';

const documented: Readonly<Record<string, string>> = {
  'dark-map': 'map',
  'dark-findings': 'findings',
  'dark-suspects': 'suspects',
  'dark-evidence': 'evidence',
};

/** Waits until the window stands still, then keeps the picture among the results, and for the docs when asked. */
async function shoot(page: Page, folder: string, name: string): Promise<void> {
  // Messages come and go by themselves: none of them belongs into a picture.
  for (const dismiss of await page.getByRole('button', { name: 'Dismiss' }).all()) await dismiss.click();
  await expect(page.locator('[aria-busy="true"], .bz-thumbnail:not(:has(canvas))')).toHaveCount(0);
  await page.mouse.move(640, 12);
  const picture = await page.screenshot({ animations: 'disabled' });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.png`), picture);
  if (process.env.UPDATE_SCREENSHOTS !== '1' || !(name in documented)) return;
  const images = join(repository, 'docs/images');
  await mkdir(images, { recursive: true });
  await writeFile(join(images, `${documented[name]}.png`), picture);
}

async function theme(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('radio', { name, exact: true }).check();
  await page.keyboard.press('Escape');
  await expect(page.locator('html')).toHaveAttribute('data-theme', name.toLowerCase());
}

test('every view in dark and light', async ({ workbench }) => {
  const { page } = workbench;
  const folder = join(repository, 'test-results', 'screens');
  const files = await sampleFiles(workbench.folder);
  await shoot(page, folder, 'first-welcome');
  await workbench.newCase('Sample incident');
  await giveName(page, 'A. Nalyst');
  await shoot(page, folder, 'first-empty');
  await workbench.drop(files);
  await expect(importDialog(page)).toBeVisible();
  await shoot(page, folder, 'first-import');
  await importDialog(page).getByRole('button', { name: 'Import', exact: true }).click();
  await imported(page);
  await shoot(page, folder, 'first-unscanned');
  await scan(page);
  await page.getByRole('button', { name: 'Select them on the map' }).click();
  await expect(page.getByRole('application', { name: /^Map/ })).toBeVisible();
  await page.keyboard.press('j');
  for (const verdict of ['x', 'x', 'c', 'u', 'x']) await page.keyboard.press(verdict);
  await page.keyboard.press('Escape');

  for (const name of ['Dark', 'Light']) {
    await theme(page, name);
    const shot = (what: string): Promise<void> => shoot(page, folder, `${name.toLowerCase()}-${what}`);
    await go(page, 'Evidence');
    await shot('evidence');
    await go(page, 'Findings');
    await shot('findings');
    await page.getByRole('button', { name: 'All of it' }).click();
    await expect(page.getByRole('img', { name: /^mean of/ })).toHaveCount(2);
    await page.getByRole('region', { name: 'What they share' }).scrollIntoViewIfNeeded();
    await shot('shares');
    await page.getByRole('button', { name: 'Less', exact: true }).click();
    await page.getByText(/^Methods’ agreement/).click();
    await page.getByRole('button', { name: 'Select on the map' }).first().scrollIntoViewIfNeeded();
    await shot('agreement');
    await page.getByText(/^Methods’ agreement/).click();
    await page.getByRole('button', { name: 'Scan again…' }).click();
    await expect(page.getByRole('heading', { name: 'What could be seen' })).toBeVisible();
    await page.getByRole('heading', { name: 'What could be seen' }).scrollIntoViewIfNeeded();
    await page.getByText('Parameters', { exact: true }).first().click();
    await expect(page.getByLabel('reduction')).toBeVisible();
    await shot('scan-form');
    await page.getByRole('button', { name: 'Scan again…' }).click();
    await go(page, 'Map');
    await expect(page.getByRole('region', { name: 'Nearest neighbours' }).getByRole('button')).toHaveCount(8);
    await shot('map');
    await page.getByRole('button', { name: 'Score', exact: true }).click();
    await expect(page.getByLabel('Score of')).toBeVisible();
    await shot('map-score');
    await page.getByRole('button', { name: 'Label', exact: true }).click();
    await go(page, 'Suspects');
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await expect(page.getByRole('grid', { name: 'Samples' }).getByRole('row').nth(1)).toBeVisible();
    await shot('suspects');
    await page.keyboard.press('Control+a');
    await page.keyboard.press('w');
    const traits = page.getByRole('dialog', { name: 'What 90 samples share' });
    await expect(traits.getByText(/^Of the 90 t-shirt samples at most \d+ are clean/)).toBeVisible();
    await expect(traits.getByRole('img', { name: /^mean of/ })).toHaveCount(2);
    await shot('traits');
    await page.keyboard.press('Escape');
    await expect(traits).toBeHidden();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Gallery' }).click();
    await expect(page.getByRole('grid', { name: 'Gallery' }).getByRole('gridcell').first()).toBeVisible();
    await shot('gallery');
    await go(page, 'Spectrum');
    await expect(page.getByText(/scores of/i).last()).toBeVisible();
    await expect(page.locator('.js-plotly-plot')).toHaveCount(3);
    await shot('spectrum');
    await go(page, 'Exports');
    await shot('exports');
    await go(page, 'Audit');
    await shot('audit');
    await page.keyboard.press('Control+j');
    await shot('jobs');
    await page.keyboard.press('Control+j');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox', { name: 'Command' })).toBeVisible();
    await shot('palette');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('combobox', { name: 'Command' })).toBeHidden();
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
    await shot('keys');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog', { name: 'Keys' })).toBeHidden();
  }
});
