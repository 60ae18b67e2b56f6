import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildCurrent, sourceFiles, sourceHash } from './build.mjs';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bezoar-build-'));
  for (const folder of ['electron/main', 'renderer', 'docs', 'out'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'electron/main/main.ts'), 'one');
  writeFileSync(join(root, 'renderer/index.html'), 'two');
  writeFileSync(join(root, 'package-lock.json'), '{}');
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

test('the sources are the built folders and the configuration, without tests', () => {
  writeFileSync(join(root, 'electron/main/main.test.ts'), 'a test');
  writeFileSync(join(root, 'docs/page.md'), 'a page');
  expect(sourceFiles(root)).toEqual(['electron/main/main.ts', 'package-lock.json', 'renderer/index.html']);
});

test.each([
  ['a changed file', () => writeFileSync(join(root, 'renderer/index.html'), 'twice')],
  ['a new file', () => writeFileSync(join(root, 'renderer/new.tsx'), '')],
  [
    'a renamed file',
    () => renameSync(join(root, 'electron/main/main.ts'), join(root, 'electron/main/other.ts')),
  ],
  ['a changed lock', () => writeFileSync(join(root, 'package-lock.json'), '{ }')],
  [
    'text that moves from one file to the next',
    () => {
      writeFileSync(join(root, 'electron/main/main.ts'), 'on');
      writeFileSync(join(root, 'renderer/index.html'), 'etwo');
    },
  ],
])('%s changes the hash', (_name, change) => {
  const before = sourceHash(root);
  expect(sourceHash(root)).toBe(before);
  change();
  expect(sourceHash(root)).not.toBe(before);
});

test('a build counts only while its stamp is that of the sources', () => {
  expect(buildCurrent(root)).toBe(false);
  writeFileSync(join(root, 'out/.stamp'), sourceHash(root));
  expect(buildCurrent(root)).toBe(true);
  writeFileSync(join(root, 'renderer/index.html'), 'later');
  expect(buildCurrent(root)).toBe(false);
});
