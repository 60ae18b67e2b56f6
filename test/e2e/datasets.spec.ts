import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mixHash } from '../../native-workers/numeric/hash.ts';
import { atRest, giveName, go, importDialog, imported, scan } from './steps.ts';
import { expect, repository, test } from './workbench.ts';

const SIDE = 16;

/** An uncompressed BMP of noise with a bar, upright or lying. */
function picture(index: number, upright: boolean): Buffer {
  const bytes = Buffer.alloc(54 + SIDE * SIDE * 3);
  bytes.write('BM');
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(SIDE, 18);
  bytes.writeInt32LE(SIDE, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let at = 0; at < SIDE * SIDE; at++) {
    const along = upright ? at % SIDE : Math.floor(at / SIDE);
    const light = (along > 5 && along < 10 ? 140 : 30) + (mixHash(index * 256 + at, 5) & 63);
    bytes.fill(light, 54 + 3 * at, 57 + 3 * at);
  }
  return bytes;
}

async function writePictures(folder: string): Promise<string> {
  const root = join(folder, 'shapes');
  for (const [name, upright] of [
    ['lying', false],
    ['upright', true],
  ] as const) {
    await mkdir(join(root, name), { recursive: true });
    for (let i = 0; i < 70; i++)
      await writeFile(join(root, name, `${i}.bmp`), picture(upright ? i : i + 1000, upright));
  }
  await writeFile(join(root, 'lying', 'broken.png'), '<svg/>');
  return root;
}

test('a folder of images is looked at, scanned by built-in features and never taken for the model’s', async ({
  workbench,
}) => {
  const { page } = workbench;
  const root = await writePictures(workbench.folder);
  await workbench.newCase('Shapes');
  await giveName(page, 'A. Nalyst');
  await workbench.drop([root]);
  const dialog = importDialog(page);
  await expect(dialog.getByText('141 images in 2 folders, each taken for a class.')).toBeVisible();
  await expect(dialog.getByLabel('What column label of shapes is')).toHaveValue('label');
  await expect(dialog.getByLabel('What column file of shapes is')).toHaveValue('key');
  await expect(dialog.getByLabel(/^Compute built-in features/)).toBeChecked();
  const leaveOut = dialog.getByLabel(/^Import around images that cannot be taken/);
  await expect(leaveOut).not.toBeChecked();
  // By keyboard: the box, and the form by Enter.
  await leaveOut.focus();
  await page.keyboard.press('Space');
  await expect(leaveOut).toBeChecked();
  await page.screenshot({ path: 'test-results/images-dialog.png' });
  await leaveOut.press('Enter');
  await imported(page);

  await go(page, 'Evidence');
  await expect(page.getByText(/^built-in features, not the model's: pixels reduced by PCA/)).toBeVisible();
  await expect(page.getByText('1 image of 141 could not be taken and was left out.')).toBeVisible();
  await expect(page.getByText(/^Could not be taken: lying\/broken\.png is an SVG drawing/)).toBeVisible();
  await workbench.drop([join(repository, 'test/fixtures/formats/models/branches.onnx')]);
  await expect(dialog.getByText(/leads out of the model's folder/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(dialog).toBeHidden();
  await atRest(page);
  const models = page.getByRole('region', { name: 'Models' });
  await expect(models.getByText('branches.onnx')).toBeVisible();
  await expect(models.getByRole('cell', { name: 'float32, n × 3' })).toBeVisible();
  await page.screenshot({ path: 'test-results/images-evidence.png', fullPage: true });

  await go(page, 'Findings');
  await expect(page.getByText(/This scan would read built-in features, not the model's/)).toBeVisible();
  await scan(page);
  await expect(page.getByText('◆ built-in features, not the model’s')).toBeVisible();
  await expect(page.getByText(/Measured on built-in features, not the model’s\.$/)).toBeVisible();
  await page.screenshot({ path: 'test-results/images-findings.png' });
});
