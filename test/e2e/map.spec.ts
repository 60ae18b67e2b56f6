import type { Locator, Page } from '@playwright/test';
import { join } from 'node:path';
import { writeActivations, writeRecords } from '../fixtures/made-evidence.ts';
import { atRest, go, openInvestigation } from './steps.ts';
import { expect, test } from './workbench.ts';
import type { Workbench } from './workbench.ts';

const DRAG_MS = 2_000;

/** A case with made clouds, and the PCA map of all of them on the screen. */
async function openMap(workbench: Workbench, rows: number): Promise<Locator> {
  const activations = join(workbench.folder, 'activations.npy');
  const records = join(workbench.folder, 'records.csv');
  writeActivations(activations, rows, 16, 10);
  writeRecords(records, rows, 10);
  await openInvestigation(workbench, 'Clouds', [activations, records]);
  const { page } = workbench;
  await go(page, 'Map');
  await page.getByRole('button', { name: /^Draw the PCA map/ }).click();
  const map = page.getByRole('application', { name: /^Map: PCA/ });
  await expect(map).toBeVisible({ timeout: 60_000 });
  await atRest(page);
  return map;
}

/** What a picture of the map shows: the share of pixels that are not its ground, and the pixels themselves. */
async function inkOf(page: Page, picture: Buffer, before: Buffer = picture) {
  return page.evaluate(
    async (encoded) => {
      const [first, second] = await Promise.all(
        encoded.map(async (text) => {
          const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
          const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
          if (!context) throw new Error('no 2-d canvas');
          context.drawImage(bitmap, 0, 0);
          return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
        }),
      );
      const far = (a: Uint8ClampedArray, i: number, b: Uint8ClampedArray, j: number): boolean =>
        Math.max(...[0, 1, 2].map((k) => Math.abs(a[i + k] - b[j + k]))) > 40;
      let ink = 0;
      let changed = 0;
      for (let at = 0; at < first.length; at += 4) {
        if (far(first, at, first, 0)) ink++;
        if (far(first, at, second, at)) changed++;
      }
      const pixels = first.length / 4;
      return { ink: ink / pixels, changed: changed / pixels };
    },
    [picture.toString('base64'), before.toString('base64')],
  );
}

/** Notes the time of every animation frame until it is asked for them. */
function watchFrames(page: Page): Promise<void> {
  return page.evaluate(() => {
    const times: number[] = [];
    const note = (at: number): void => {
      times.push(at);
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
    Object.assign(window, { frameTimes: times });
  });
}

const frameTimes = (page: Page): Promise<number[]> =>
  page.evaluate(() => (window as unknown as { frameTimes: number[] }).frameTimes.slice());

test('a map of 60,000 samples follows the hand @map', async ({ workbench }, testInfo) => {
  const { page } = workbench;
  const map = await openMap(workbench, 60_000);
  await page.getByRole('button', { name: 'Move', exact: true }).click();
  const box = await map.boundingBox();
  if (!box) throw new Error('The map is not on the screen.');
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const before = await map.screenshot();
  await page.mouse.move(centre.x, centre.y);
  await page.mouse.down();
  await watchFrames(page);
  const begun = Date.now();
  for (let elapsed = 0; elapsed < DRAG_MS; elapsed = Date.now() - begun) {
    const turn = (elapsed / DRAG_MS) * 4 * Math.PI;
    await page.mouse.move(centre.x + 120 * Math.sin(turn), centre.y + 80 * (1 - Math.cos(turn / 2)));
  }
  const times = await frameTimes(page);
  const during = await map.screenshot();
  await page.mouse.up();
  const frames = times
    .slice(1)
    .map((at, k) => at - times[k])
    .sort((a, b) => a - b);
  const quantile = (share: number): number => frames[Math.floor(share * (frames.length - 1))];
  const measured = { frames: frames.length, median: quantile(0.5), p95: quantile(0.95), most: frames.at(-1) };
  testInfo.annotations.push({ type: 'frames', description: JSON.stringify(measured) });
  const { ink, changed } = await inkOf(page, during, before);
  expect(ink, 'share of the map that holds points').toBeGreaterThan(0.02);
  expect(changed, 'share of the map that moved').toBeGreaterThan(0.02);
  // How fast is written down, not demanded: a busy machine is no fault of the map. That it draws while it is dragged is.
  expect(measured.frames).toBeGreaterThan(10);
});

test('a UMAP moves while it is drawn, and stays when it is done @map', async ({ workbench }) => {
  const { page } = workbench;
  await openMap(workbench, 20_000);
  await page.getByRole('button', { name: 'New map…' }).click();
  const order = page.getByRole('dialog', { name: 'New map' });
  await order.getByRole('button', { name: 'UMAP', exact: true }).click();
  await order.getByLabel('Neighbours (2 to 200)').fill('10');
  await order.getByRole('button', { name: 'Draw', exact: true }).click();
  const moving = page.getByRole('application', { name: 'Map: UMAP · being drawn' });
  await expect(moving).toBeVisible();
  const foot = page.getByText(/^20,000 samples, epoch \d+ of 400$/);
  await expect(foot).toBeVisible();
  const first = await moving.screenshot();
  const text = await foot.textContent();
  await expect(foot).not.toHaveText(text ?? '');
  const { changed } = await inkOf(page, await moving.screenshot(), first);
  expect(changed, 'share of the map that moved').toBeGreaterThan(0.01);
  const done = page.getByRole('application', { name: /^Map: UMAP · All samples · 20,000/ });
  await expect(done).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText(/^all 20,000 samples · bezoar-umap, 10 neighbours/)).toBeVisible();
  expect((await inkOf(page, await done.screenshot())).ink).toBeGreaterThan(0.01);
});

test('a lost WebGL2 context leaves the picture in place @webgl', async ({ workbench }) => {
  const { page } = workbench;
  // The app takes WebGL2 on a graphics card alone: here the software context claims to be one.
  await page.addInitScript(() => {
    const UNMASKED_RENDERER = 0x9246;
    const plain = Reflect.get(WebGL2RenderingContext.prototype, 'getParameter') as (name: number) => unknown;
    WebGL2RenderingContext.prototype.getParameter = function (this: WebGL2RenderingContext, name) {
      return name === UNMASKED_RENDERER ? 'Graphics card' : plain.call(this, name);
    };
  });
  await page.reload();
  const map = await openMap(workbench, 3_000);
  const view = page.getByRole('main', { name: 'Map' });
  await expect(view.getByText('drawn by WebGL2')).toBeVisible();
  const before = await map.screenshot();
  const lost = await map.locator('canvas').evaluateAll((canvases) =>
    canvases.some((canvas) => {
      const context = (canvas as HTMLCanvasElement).getContext('webgl2');
      context?.getExtension('WEBGL_lose_context')?.loseContext();
      return context !== null;
    }),
  );
  expect(lost).toBe(true);
  await expect(view.getByText('drawn in software: the graphics card went away')).toBeVisible();
  const { ink, changed } = await inkOf(page, await map.screenshot(), before);
  expect(ink).toBeGreaterThan(0.01);
  expect(changed, 'share of the map that looks otherwise in software').toBeLessThan(0.005);
});

test('a window without WebGL2 says so and draws the map @no-webgl', async ({ workbench }) => {
  const { page } = workbench;
  const map = await openMap(workbench, 3_000);
  await expect(page.getByText('drawn in software: this window has no WebGL2')).toBeVisible();
  const { ink } = await inkOf(page, await map.screenshot());
  expect(ink).toBeGreaterThan(0.01);
});
