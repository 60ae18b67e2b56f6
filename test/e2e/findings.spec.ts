import type { Locator, Page } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gaussianClasses } from '../conformance/gaussian-classes.ts';
import { writeEvidence } from '../fixtures/evidence-files.ts';
import { atRest, go, openInvestigation, scan, selectedCount } from './steps.ts';
import { expect, repository, test } from './workbench.ts';

/** Classes with a group in class-1 that lies far away and whose texts come from one template: a structure, no alarm. */
function withStructure(folder: string): string[] {
  const { input, planted } = gaussianClasses({
    seed: 11,
    perClass: 400,
    cols: 16,
    planted: { classIndex: 1, rows: 60, kind: 'displaced' },
  });
  const text = Array.from(planted, (flag, row) =>
    flag === 1
      ? `quote template number ${row % 9} as the agency sends it`
      : `report ${row % 50} on what was said in the ${['morning', 'evening'][row % 2]}`,
  );
  const files = writeEvidence(folder, input.investigated, input.classes, { columns: { text } });
  return [files.activations, files.records];
}

/** The same with labels flipped from class-3 to class-2, three losses that tell them, and trusted samples. */
function withFlips(folder: string): string[] {
  const { input } = gaussianClasses({ seed: 17, perClass: 400, cols: 16, trustedPerClass: 150 });
  const { investigated, trusted, classes } = input;
  if (trusted === null) throw new Error('no trusted set');
  const flipped = [...investigated.label.keys()].filter((row) => investigated.label[row] === 3).slice(0, 40);
  for (const row of flipped) investigated.label[row] = 2;
  const losses = (scale: number, step: number): number[] =>
    Array.from(investigated.label, (_, row) =>
      Number((scale * (flipped.includes(row) ? 8 : 0.2 + ((row * step) % 101) / 100)).toFixed(4)),
    );
  const columns = { loss_1: losses(1, 37), loss_2: losses(0.4, 53), loss_3: losses(0.1, 71) };
  const here = writeEvidence(folder, investigated, classes, { columns });
  const there = writeEvidence(folder, trusted, classes, { prefix: 'trusted' });
  return [here.activations, here.records, there.activations, there.records];
}

async function shoot(page: Page, name: string): Promise<void> {
  // Messages go by themselves, also between being seen and being clicked.
  const dismiss = page.getByRole('button', { name: 'Dismiss' });
  while ((await dismiss.count()) > 0)
    await dismiss
      .first()
      .click({ timeout: 1000 })
      .catch(() => undefined);
  const folder = join(repository, 'test-results', 'findings');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ animations: 'disabled', path: join(folder, `${name}.png`) });
}

const lineOf = (page: Page, name: string): Locator =>
  page
    .getByRole('list', { name: 'Findings by class' })
    .getByRole('listitem')
    .filter({ hasText: name })
    .first();

test('a structure that is judged natural is remembered, and not shown as new by the next scan', async ({
  workbench,
}) => {
  const files = withStructure(workbench.folder);
  await openInvestigation(workbench, 'Agency', files);
  const { page } = workbench;
  await scan(page);
  const rail = page.getByRole('navigation', { name: 'Case' });
  await expect(
    page.getByText(/^One class holds a tight group apart, without an error rate: class-1\./),
  ).toBeVisible();
  await expect(rail.getByRole('button', { name: 'Findings' })).toContainText('◆ 1');
  const line = lineOf(page, 'class-1');
  await expect(line).toContainText('Structure');
  await line.getByRole('button').first().click();
  const shares = page.getByRole('region', { name: 'What they share' });
  await expect(shares).toContainText('“agency”');
  await expect(line.getByText(/No error rate: a tight group apart from its class/)).toBeVisible();
  await shoot(page, 'structure-new');

  await line.getByRole('button', { name: 'Natural…' }).click();
  await line.getByLabel('Why is it natural?').fill('an agency’s quotes');
  await shoot(page, 'structure-why');
  await page.keyboard.press('Enter');
  await expect(line).toContainText('Known');
  await expect(line).toContainText('Judged natural by A. Nalyst (“an agency’s quotes”)');
  await expect(page.getByText(/^Nothing new was found in 1,600 samples\./)).toBeVisible();
  await expect(rail.getByRole('button', { name: 'Findings' })).not.toContainText('◆');
  await shoot(page, 'structure-known');

  await page.getByRole('button', { name: 'Scan again…' }).click();
  await page.getByRole('button', { name: /^Scan 1,600 samples/ }).click();
  await expect(page.getByText('scan #', { exact: false }).first()).toBeVisible();
  await expect
    .poll(() => page.getByLabel('Scan shown').locator('option').count(), { timeout: 120_000 })
    .toBe(2);
  await atRest(page);
  await expect(page.getByText(/^Nothing new was found in 1,600 samples\./)).toBeVisible();
  await expect(lineOf(page, 'class-1')).toContainText('Judged natural by A. Nalyst');
  await page.getByText(/^Looks taken/).click();
  await expect(page.getByText('none: as #', { exact: false })).toBeVisible();
  await shoot(page, 'structure-next-scan');

  await workbench.restart(join(workbench.folder, 'Agency.bezoar'));
  const again = workbench.page;
  await expect(again.getByText(/^Nothing new was found in 1,600 samples\./)).toBeVisible();
  const known = lineOf(again, 'class-1');
  await known.getByRole('button').first().click();
  await known.getByRole('button', { name: 'No longer' }).click();
  await expect(again.getByText(/^One class holds a tight group apart/)).toBeVisible();
  await expect(known).toContainText('Structure');
  await go(again, 'Audit');
  await expect(again.getByText('structure/judge-natural')).toBeVisible();
});

test('losses, flips and thresholds are read, and lead to their samples', async ({ workbench }) => {
  const files = withFlips(workbench.folder);
  await openInvestigation(workbench, 'Flips', files);
  const { page } = workbench;
  await go(page, 'Findings');
  const beatrix = page.getByRole('checkbox', { name: /^Beatrix/ });
  await expect(beatrix).not.toBeChecked();
  await expect(page.getByText(/^Off unless you ask for it/)).toBeVisible();
  await beatrix.check();
  await shoot(page, 'scan-form');
  await page.getByRole('button', { name: /^Scan 1,600 samples/ }).click();
  await expect(page.getByRole('list', { name: 'Findings by class' })).toBeVisible({ timeout: 120_000 });
  await atRest(page);
  await expect(page.getByText(/^One class raises an alarm: class-2\./)).toBeVisible();
  await expect(page.getByText(/joined as one e-value: e = /)).toBeVisible();
  await shoot(page, 'flips-alarm');

  await page.getByText(/^Flip matrix/).click();
  const matrix = page.getByRole('table', { name: 'Given labels and what they look like' });
  const cell = matrix.getByRole('button', { name: /^◆/ });
  await cell.scrollIntoViewIfNeeded();
  await expect(cell).toHaveCount(1);
  await shoot(page, 'flip-matrix');
  const flips = Number((await cell.innerText()).replace(/\D/g, ''));
  expect(flips).toBeGreaterThan(20);
  await cell.click();
  await expect(page.getByRole('main', { name: 'Map' })).toBeVisible();
  await expect.poll(() => selectedCount(page)).toBe(flips);
  const inspector = page.getByRole('complementary', { name: 'Inspector' });
  await expect(inspector.getByRole('region', { name: 'How many may be clean' })).toContainText(
    /^Of the \d+ class-2 samples at most \d+ are clean/,
  );

  await page
    .getByRole('combobox', { name: 'Map', exact: true })
    .selectOption({ label: 'Losses · All samples · 1,600' });
  await expect(page.getByRole('application', { name: /^Map: Losses/ })).toBeVisible();
  await page
    .getByRole('group', { name: 'Corners' })
    .getByRole('button', { name: /^slow or never/ })
    .click();
  const corner = await selectedCount(page);
  expect(corner).toBeGreaterThanOrEqual(40);
  await shoot(page, 'loss-map');

  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  const curve = inspector.getByRole('img', {
    name: /^Losses over the training\. loss_1: 8, median of its class/,
  });
  await curve.scrollIntoViewIfNeeded();
  await expect(curve).toBeVisible();
  await shoot(page, 'loss-curve');

  await go(page, 'Spectrum');
  await expect(page.locator('.js-plotly-plot')).toHaveCount(3);
  const slider = page.getByRole('slider', { name: 'Threshold' });
  await slider.scrollIntoViewIfNeeded();
  await slider.fill('100');
  await expect(page.getByText(/samples at or beyond it, \d+ of them suspects/)).toBeVisible();
  await expect(page.getByText(/^Of the \d+ class-2 samples at most \d+ are clean/)).toBeVisible();
  await shoot(page, 'threshold');
  const beyond = Number(
    /^[\d,]+/
      .exec(await page.getByRole('status').filter({ hasText: 'at or beyond' }).innerText())?.[0]
      .replace(',', ''),
  );
  await page.getByRole('button', { name: 'Select them on the map' }).click();
  await expect.poll(() => selectedCount(page)).toBe(beyond);
});
