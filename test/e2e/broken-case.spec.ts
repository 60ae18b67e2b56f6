import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from './workbench.ts';

test('a file that is no case is said and left as it is', async ({ workbench }) => {
  const path = join(workbench.folder, 'Broken.bezoar');
  const content = 'These are notes, and no case at all.\n'.repeat(200);
  await writeFile(path, content);
  await workbench.restart(path);
  await expect(workbench.page.getByRole('alert')).toContainText('Broken.bezoar');
  await expect(workbench.page.getByRole('heading', { name: 'Open an investigation' })).toBeVisible();
  expect(await readFile(path, 'utf8')).toBe(content);
});
