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
    // A window that is still busy after that is pictured as it is.
    const settled = page.locator('canvas').first().waitFor({ timeout: SETTLED_MS });
    await settled
      .then(() => page.waitForFunction(QUIET, null, { timeout: SETTLED_MS }))
      .catch(() => undefined);
    await page.screenshot({ path: file });
  } finally {
    await browser.close();
  }
}
