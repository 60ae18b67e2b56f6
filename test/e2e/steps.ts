import type { Locator, Page } from '@playwright/test';
import { expect } from './workbench.ts';
import type { Workbench } from './workbench.ts';
import { command } from './by-keyboard.ts';

/** Answers the question for the analyst's name and waits until it is on record. */
export async function giveName(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Who investigates?' });
  await dialog.getByLabel('Your name').fill(name);
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(dialog).toBeHidden();
}

export const importDialog = (page: Page): Locator =>
  page.getByRole('dialog', { name: 'What are these files?' });

/** The place of a view in the rail. */
const place = (page: Page, view: string): Locator =>
  page.getByRole('navigation', { name: 'Case' }).getByRole('button', { name: view });

/** What the rail counts beside a view. */
export const railCount = (page: Page, view: string): Locator => place(page, view).locator('.bz-rail-count');

/** Leaves the case by its command; the file is then whole on the disk. */
export async function closeCase(page: Page): Promise<void> {
  await command(page, 'Close case');
  await expect(page.getByRole('main', { name: 'Welcome' })).toBeVisible();
}

/** Goes to a view by the rail; the view is there when this ends. */
export async function go(page: Page, view: string): Promise<void> {
  await place(page, view).click();
  await expect(page.getByRole('main', { name: view })).toBeVisible();
}

/** Waits until the evidence is in the case and nothing is at work. */
export async function imported(page: Page): Promise<void> {
  await expect(importDialog(page)).toBeHidden();
  await expect(page.getByRole('navigation', { name: 'Case' }).getByText('nothing yet')).toBeHidden({
    timeout: 60_000,
  });
  await atRest(page);
}

/** Waits until no job is at work. */
export async function atRest(page: Page): Promise<void> {
  await expect(page.getByRole('region', { name: 'Jobs' }).getByText('Nothing at work')).toBeVisible({
    timeout: 120_000,
  });
}

/** New case with these files in it, as the app proposes them. */
export async function openInvestigation(
  workbench: Workbench,
  name: string,
  files: readonly string[],
): Promise<void> {
  await workbench.newCase(name);
  await giveName(workbench.page, 'A. Nalyst');
  await workbench.drop(files);
  await importDialog(workbench.page).getByRole('button', { name: 'Import' }).click();
  await imported(workbench.page);
}

/** Scans by its key and waits for the findings. */
export async function scan(page: Page): Promise<void> {
  await page.keyboard.press('s');
  await expect(page.getByRole('list', { name: 'Findings by class' })).toBeVisible({ timeout: 120_000 });
  await atRest(page);
}

/** 'n of m reviewed' in the title bar. */
export async function expectReviewed(page: Page, reviewed: number, total: number): Promise<void> {
  await expect(page.getByRole('banner')).toContainText(
    `${reviewed.toLocaleString('en')} of ${total.toLocaleString('en')} reviewed`,
  );
}

/** How many samples the selection holds, as the bar says. */
export async function selectedCount(page: Page): Promise<number> {
  const text = await page.getByRole('toolbar', { name: 'Selection' }).getByRole('status').textContent();
  return Number(/^([\d,]+) selected/.exec(text ?? '')?.[1].replaceAll(',', '') ?? 0);
}

/** Drags along corners given as fractions of the element's box. */
export async function drag(
  page: Page,
  element: Locator,
  corners: readonly (readonly [number, number])[],
): Promise<void> {
  const box = await element.boundingBox();
  if (!box) throw new Error('The map is not on the screen.');
  const [first, ...rest] = corners.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const);
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const corner of rest) await page.mouse.move(...corner, { steps: 6 });
  await page.mouse.up();
}
