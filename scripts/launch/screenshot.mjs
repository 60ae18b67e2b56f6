import { isRoot } from '../setup/chromium.mjs';

const SETTLED_MS = 20_000;
const QUIET = `document.querySelector('[aria-busy="true"], [role="progressbar"]') === null`;

/**
 * A picture of the window as it is once the case is open and its map is drawn.
 * @param {string} chromium
 * @param {string} url
 * @param {string} file PNG
 */
export async function takeScreenshot(chromium, url, file) {
  // Only known once the packages are installed.
  const { chromium: driver } = await import('@playwright/test');
  const browser = await driver.launch({
    executablePath: chromium,
    chromiumSandbox: !isRoot(),
    args: ['--use-angle=swiftshader'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(url);
    await openMap(page);
    await page.screenshot({ path: file });
  } finally {
    await browser.close();
  }
}

/**
 * Answers the question for a name, if it is asked, and goes to the map. A window that does not get there in time is
 * pictured as it is.
 * @param {import('@playwright/test').Page} page
 */
async function openMap(page) {
  const timeout = SETTLED_MS;
  const name = page.getByRole('dialog', { name: 'Who investigates?' });
  const map = page.getByRole('button', { name: /^Map/ });
  try {
    await name.or(map).first().waitFor({ timeout });
    if (await name.isVisible()) await name.getByRole('button', { name: 'Continue' }).click({ timeout });
    await map.click({ timeout });
    await page.locator('canvas').first().waitFor({ timeout });
    await page.waitForFunction(QUIET, null, { timeout });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'TimeoutError')) throw error;
  }
}
