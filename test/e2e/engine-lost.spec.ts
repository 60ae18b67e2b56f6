import { join } from 'node:path';
import { writeActivations, writeRecords } from '../fixtures/made-evidence.ts';
import { atRest, go, openInvestigation } from './steps.ts';
import { expect, test } from './workbench.ts';

test('the engine is killed in the middle of a scan', async ({ workbench }) => {
  const { page } = workbench;
  const activations = join(workbench.folder, 'activations.npy');
  const records = join(workbench.folder, 'records.csv');
  writeActivations(activations, 40_000, 64, 10);
  writeRecords(records, 40_000, 10);
  await openInvestigation(workbench, 'Killed', [activations, records]);

  const jobs = page.getByRole('region', { name: 'Jobs' });
  await page.keyboard.press('s');
  await expect(jobs.getByRole('status')).toContainText(/[a-z]/);
  await workbench.killEngine();
  await expect(
    page.getByRole('alert').filter({ hasText: 'stopped unexpectedly and is being restarted' }),
  ).toBeVisible();
  await expect(page.getByText(/engine is running again and “Killed” is open/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Killed' })).toBeVisible();
  await expect(page.getByRole('banner')).toContainText('saved');
  await go(page, 'Findings');
  await expect(page.getByRole('heading', { name: 'Not scanned yet' })).toBeVisible();

  await page.keyboard.press('Control+j');
  await expect(jobs.getByText('interrupted')).toBeVisible();
  await expect(jobs).toContainText('Nothing of it was kept');
  await jobs.getByRole('button', { name: /^Run .* again$/ }).click();
  await expect(page.getByRole('list', { name: 'Findings by class' })).toBeVisible({ timeout: 120_000 });
  await atRest(page);
  await expect(jobs.getByText('interrupted')).toBeHidden();
});
