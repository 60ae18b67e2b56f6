import type { Page } from '@playwright/test';
import { expect } from './workbench.ts';

/** The name of what has the focus, and whether it shows that it has it; null between the last stop and the first. */
export function focus(page: Page): Promise<{ readonly name: string; readonly isShown: boolean } | null> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return null;
    // The edges of a dialog turn the focus back into it.
    if (element.className.includes('focus-trap')) return null;
    // Around a dialog is all of the window: the dialog itself shows it.
    const shows = element.querySelector(':scope.bp6-dialog-container > .bp6-dialog') ?? element;
    const { outlineStyle, outlineWidth } = getComputedStyle(shows);
    return {
      name: element.getAttribute('aria-label') ?? element.textContent,
      isShown: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0,
    };
  });
}

/** Types words into the command palette and runs the first command that has them. */
export async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Command' });
  await expect(field).toBeFocused();
  await page.keyboard.type(words);
  const commands = page.getByRole('listbox', { name: 'Commands' });
  await expect(commands.getByRole('option').first()).toContainText(new RegExp(words, 'i'));
  await page.keyboard.press('Enter');
  await expect(field).toBeHidden();
}

/** Walks by Tab until that has the focus; each stop on the way shows where it is. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  const stops: string[] = [];
  while (stops.length < 60) {
    await page.keyboard.press('Tab');
    const here = await focus(page);
    stops.push(here?.name ?? 'the window');
    if (here === null) continue;
    expect(here.isShown, `the focus on “${here.name}” is to be seen`).toBe(true);
    if (name.test(here.name)) return;
  }
  throw new Error(`Tab does not reach ${name}, only ${stops.join(', ')}.`);
}
