import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCaseFile } from '../../electron/engine/case/open-case-file.ts';
import { go, openInvestigation } from './steps.ts';
import { expect, sampleFiles, test } from './workbench.ts';

const fileName = 'Second opinion.bezoar';

/** The open case as another analyst left it: a copy of the file, with verdicts of theirs. */
async function theirs(casePath: string, target: string): Promise<{ keys: string[] }> {
  await cp(casePath, target);
  const other = openCaseFile(target, { proposedActor: 'B. Nalyst' });
  const set = other.datasets.active('investigated');
  if (set === null) throw new Error('the case holds no samples');
  other.setAnalyst('B. Nalyst');
  other.verdicts.set(set.id, [10, 11, 12], 'poison', 'a square in the corner');
  other.verdicts.set(set.id, [13], 'clean', '');
  other.verdicts.set(set.id, [20], 'clean', 'only dark');
  other.datasets.setNote(set.id, 30, 'ask the supplier');
  const keys = other.datasets.keys(set.id);
  other.close();
  return { keys };
}

test('another analyst’s case is compared, conflicts are decided, verdicts taken over and undone', async ({
  workbench,
}) => {
  const { page, folder } = workbench;
  const files = await sampleFiles(folder);
  await openInvestigation(workbench, 'Ours', files);
  await go(page, 'Evidence');
  // A case is compared once it is closed.
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('combobox', { name: 'Command' })).toBeFocused();
  await page.keyboard.type('Close case');
  await expect(page.getByRole('listbox', { name: 'Commands' }).getByRole('option').first()).toContainText(
    'Close case',
  );
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main', { name: 'Welcome' })).toBeVisible();
  const ours = join(folder, 'Ours.bezoar');
  const path = join(folder, `to-drop-${fileName}`);
  const { keys } = await theirs(ours, path);
  const own = openCaseFile(ours, { proposedActor: 'A. Nalyst' });
  own.verdicts.set(own.datasets.active('investigated')?.id ?? 0, [20], 'poison', 'bright');
  own.close();
  await workbench.restart(ours);

  const window = workbench.page;
  // What is dropped before the case is there is dropped on no case.
  await expect(window.getByRole('button', { name: /^Evidence/ })).toBeVisible();
  await expect(window.getByText('6,000 samples').first()).toBeVisible();
  await workbench.drop([path]);
  const asked = window.getByRole('dialog', { name: 'Another case' });
  await expect(asked.getByRole('button', { name: 'Open it' })).toBeVisible();
  const compare = asked.getByRole('button', { name: 'Compare with this case' });
  await expect(compare).toBeFocused();
  await window.screenshot({ path: 'test-results/comparison-asked.png' });
  await compare.press('Enter');

  const dialog = window.getByRole('dialog', { name: 'Compare with another case' });
  await expect(dialog.getByText(/^Both cases hold the same records/)).toBeVisible({ timeout: 60_000 });
  await expect(dialog.getByText(/^✓ Its audit was checked\./)).toBeVisible();
  await expect(dialog.getByText('in both cases').first()).toBeVisible();
  const take = dialog.getByRole('button', { name: /^Take over/ });
  await expect(take).toBeDisabled();
  await window.screenshot({ path: 'test-results/comparison.png' });
  // By keyboard: the conflict, then the form by Enter.
  const holds = dialog.getByLabel(`Whose verdict on ${keys[20]} holds`);
  await holds.focus();
  await window.keyboard.type('take');
  await expect(holds).toHaveValue('theirs');
  await expect(dialog.getByText('all decided')).toBeVisible();
  await dialog.getByLabel(`Take the verdict on ${keys[12]} over`).focus();
  await window.keyboard.press('Space');
  await expect(take).toHaveText('Take over 4 verdicts');
  await window.screenshot({ path: 'test-results/comparison-decided.png' });
  await take.press('Enter');
  await expect(dialog).toBeHidden();
  await go(window, 'Exports');
  await expect(window.getByText(/^2 of 6,000 samples are confirmed as poison/)).toBeVisible();
  await go(window, 'Audit');
  await expect(window.getByText('verdict/take-over')).toBeVisible();
  await window.keyboard.press('ControlOrMeta+z');
  await go(window, 'Exports');
  await expect(window.getByText(/^1 of 6,000 samples are confirmed as poison/)).toBeVisible();
});

test('a portable case holds what was decided and says so; what is no case is said', async ({ workbench }) => {
  const { page, folder } = workbench;
  await openInvestigation(workbench, 'Whole', await sampleFiles(folder));
  await go(page, 'Suspects');
  await page.getByRole('button', { name: 'List all 6,000 samples' }).click();
  await expect(page.getByText('6,000 samples listed')).toBeVisible();
  await page.keyboard.press('j');
  for (const key of ['x', 'x', 'c']) await page.keyboard.press(key);
  await go(page, 'Exports');
  await expect(page.getByText(/^3 of [\d,]+ samples$/)).toBeVisible();
  const bytes = await workbench.exported(
    () => page.getByRole('button', { name: 'Write Portable case' }).click(),
    'Whole-portable.bezoar',
  );
  expect(bytes.subarray(0, 15).toString('latin1')).toBe('SQLite format 3');
  await expect(page.getByRole('cell', { name: 'Portable case' })).toBeVisible();
  await page.screenshot({ path: 'test-results/portable-export.png', fullPage: true });

  const broken = join(folder, 'broken-copy.bezoar');
  await writeFile(broken, (await readFile(join(folder, 'Whole-portable.bezoar'))).subarray(0, 100_000));
  await workbench.drop([broken]);
  await page.getByRole('button', { name: 'Compare with this case' }).press('Enter');
  await expect(page.getByText(/is damaged: it was cut off at byte 100000/).first()).toBeVisible();

  await workbench.restart(join(folder, 'Whole-portable.bezoar'));
  const part = workbench.page;
  await part.getByRole('dialog', { name: 'Who investigates?' }).getByLabel('Your name').fill('B. Nalyst');
  await part.keyboard.press('Enter');
  await expect(part.getByRole('note')).toContainText(/^Portable case: 3 of [\d,]+ samples of Whole\./);
  await go(part, 'Evidence');
  await expect(part.getByRole('columnheader', { name: 'SHA-256' })).toBeVisible();
  await part.screenshot({ path: 'test-results/portable-evidence.png' });
  await go(part, 'Suspects');
  await part.getByRole('button', { name: 'List all 3 samples' }).click();
  await expect(part.getByText('3 samples listed')).toBeVisible();
  await part.screenshot({ path: 'test-results/portable-suspects.png' });
  await part.keyboard.press('s');
  await expect(part.getByText(/This is a portable case with 3 of/)).toBeVisible();
});
