import { command, tabTo } from './by-keyboard.ts';
import { expectReviewed, importDialog, imported } from './steps.ts';
import { expect, sampleFiles, test } from './workbench.ts';

test('the whole investigation by keyboard alone', async ({ workbench }) => {
  const { page } = workbench;
  const files = await sampleFiles(workbench.folder);
  await workbench.newCase('By hand', () => command(page, 'New case'));
  const name = page.getByLabel('Your name');
  await expect(name).toBeFocused();
  await page.keyboard.press('Control+a');
  // Letters that are commands elsewhere: none of them may fire from a field.
  await page.keyboard.type('sxcu g m');
  await expect(name).toHaveValue('sxcu g m');
  await page.keyboard.press('Enter');
  await expect(name).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Nothing to scan yet' })).toBeVisible();

  // Dropping is the pointer's way; the dialog of the system has a keyboard of its own.
  await workbench.drop(files);
  await expect(importDialog(page)).toBeVisible();
  await expect(importDialog(page).getByRole('button', { name: 'Import', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await imported(page);
  await page.keyboard.press('s');
  await expect(page.getByRole('list', { name: 'Findings by class' })).toBeVisible({ timeout: 120_000 });

  for (const [key, title] of [
    ['e', 'Evidence'],
    ['m', 'Map'],
    ['p', 'Spectrum'],
    ['x', 'Exports'],
    ['a', 'Audit'],
    ['s', 'Suspects'],
    ['f', 'Findings'],
  ]) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await expect(page.getByRole('main', { name: title })).toBeVisible();
  }

  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keys' });
  await expect(sheet.getByText('Mark this sample poison')).toBeVisible();
  await page.keyboard.press('x');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();

  await page.keyboard.press('g');
  await page.keyboard.press('s');
  const listed = await page.getByText(/samples listed$/).innerText();
  const suspects = Number(/^[\d,]+/.exec(listed)?.[0].replaceAll(',', ''));
  await expectReviewed(page, 0, suspects);
  await page.keyboard.press('/');
  const search = page.getByRole('searchbox', { name: 'Search' });
  await expect(search).toBeFocused();
  await page.keyboard.type('xcu');
  await expect(search).toHaveValue('xcu');
  await expect(page.getByText(/No sample passes the filters|samples? listed/).first()).toBeVisible();
  await expectReviewed(page, 0, suspects);
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Escape');
  await expect(search).not.toBeFocused();
  await expect(page.getByText(listed, { exact: true })).toBeVisible();

  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('c');
  await page.keyboard.press('u');
  await expectReviewed(page, 3, suspects);
  await page.keyboard.press('n');
  const note = page.getByRole('complementary', { name: 'Inspector' }).getByLabel('Note');
  await expect(note).toBeFocused();
  await page.keyboard.type('xcu');
  await page.keyboard.press('Escape');
  await expect(note).not.toBeFocused();
  await expectReviewed(page, 3, suspects);

  await page.keyboard.press('Control+Shift+A');
  await page.keyboard.press('Shift+U');
  await expect(page.getByText(`${suspects.toLocaleString('en')} samples marked unsure.`)).toBeVisible();
  await expectReviewed(page, suspects, suspects);
  await page.keyboard.press('Control+z');
  await expectReviewed(page, 3, suspects);
  await page.keyboard.press('Escape');

  await page.keyboard.press('g');
  await page.keyboard.press('x');
  await expect(page.getByRole('main', { name: 'Exports' })).toBeVisible();
  await tabTo(page, /^Write Confirmed poison, CSV$/);
  const csv = await workbench.exported(() => page.keyboard.press('Enter'), 'poison.csv');
  expect(csv.toString('utf8').trim().split(/\r?\n/)).toHaveLength(2);

  await command(page, 'Close case');
  await expect(page.getByRole('heading', { name: 'Open an investigation' })).toBeVisible();
  await tabTo(page, /^By hand/);
  await page.keyboard.press('Enter');
  await expectReviewed(page, 3, suspects);
  await expect(page.getByRole('main', { name: 'Exports' })).toBeVisible();
});
