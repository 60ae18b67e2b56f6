import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, repository, test } from './workbench.ts';
import { giveName } from './steps.ts';

const LOGS = ['baseline-log.jsonl.gz', 'incident-log.jsonl.gz'];

test('a model in production is judged by its logs, from the drop to the requests @story', async ({
  workbench,
}, info) => {
  test.setTimeout(120_000);
  const { page, folder } = workbench;
  const shot = async (name: string): Promise<void> => {
    await page.screenshot({ path: info.outputPath(`${name}.png`) });
  };
  const paths = LOGS.map((name) => join(folder, name));
  await Promise.all(LOGS.map((name, at) => cp(join(repository, 'assets/sample-incident', name), paths[at])));

  await workbench.newCase('Production');
  await giveName(page, 'A. Nalyst');
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(page.getByRole('heading', { name: 'No production log yet' })).toBeVisible();
  await shot('1-empty');

  await workbench.drop(paths);
  const dialog = page.getByRole('dialog', { name: 'Production logs' });
  await expect(dialog.getByLabel('The days of baseline-log.jsonl.gz')).toHaveValue('baseline');
  await expect(dialog.getByLabel('The days of incident-log.jsonl.gz')).toHaveValue('log');
  await expect(dialog.getByLabel('What prediction is')).toHaveValue('predicted');
  await expect(dialog.getByLabel('What latency_ms is')).toHaveValue('latency');
  await shot('2-dialog');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();

  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(page.getByRole('heading', { name: 'Not judged yet' })).toBeVisible({ timeout: 30_000 });
  await shot('3-baseline');
  await page.getByRole('button', { name: 'Make the baseline' }).click();
  const judge = page.getByRole('button', { name: 'Judge', exact: true });
  await expect(judge).toBeEnabled({ timeout: 60_000 });
  await shot('4-judge');
  await judge.click();

  await expect(
    page.getByText(/the model's behaviour changed in a way that looks like an attack/),
  ).toBeVisible({
    timeout: 60_000,
  });
  const alerts = page.getByRole('list', { name: 'Alerts' });
  await expect(alerts.getByRole('button', { expanded: true })).toContainText('t-shirt');
  await expect(alerts).toContainText('python-requests/2.31');
  await shot('5-alert');

  await alerts
    .getByRole('button', { name: /^Show its/ })
    .first()
    .click();
  const requests = page.getByRole('region', { name: 'Requests', exact: true });
  await expect(requests).toContainText('python-requests/2.31');
  await requests.scrollIntoViewIfNeeded();
  await shot('6-requests');

  await alerts.getByRole('button', { name: 'Acknowledge' }).first().click();
  await expect(alerts.getByRole('button', { expanded: true })).toContainText('acknowledged');
  await page.getByLabel('Metric').selectOption({ label: 'Requests' });
  await page.getByRole('figure').first().scrollIntoViewIfNeeded();
  await shot('7-timeline');

  // A drag over the timeline looks at that time, in the gauges and in the requests.
  const timeline = page.getByRole('figure', { name: 'Requests' });
  const plot = await timeline.locator('.nsewdrag').boundingBox();
  if (!plot) throw new Error('The timeline is not drawn.');
  await page.mouse.move(plot.x + plot.width * 0.6, plot.y + plot.height / 2);
  await page.mouse.down();
  await page.mouse.move(plot.x + plot.width * 0.7, plot.y + plot.height / 2, { steps: 5 });
  await page.mouse.up();
  await expect(page.getByRole('region', { name: 'Gauges' }).getByRole('heading')).toContainText('05 Jun');
  await expect(requests).toContainText('05 Jun 2026');
  await page.getByRole('button', { name: 'Look at all of it' }).click();
  await expect(page.getByText('Drag over the timeline')).toBeVisible();

  for (const panel of ['Baselines…', 'Incidents…', 'Rules…']) {
    await page.getByRole('button', { name: panel }).click();
    await shot(`8-${panel.slice(0, -1).toLowerCase()}`);
    await page.getByRole('button', { name: panel }).click();
  }
});
