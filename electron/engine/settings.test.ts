import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { availableEngines } from '../../native-workers/engine.ts';
import { engineNamed, storedEngine } from './kernel-engines.ts';
import { changeSettings, readSettings } from './settings.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-settings-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('keeps what was chosen, in a folder that is not there yet', async () => {
  const userData = join(folder, 'new');
  expect(readSettings(userData).kernels).toBeNull();
  await changeSettings(userData, { kernels: 'wasm' });
  expect(storedEngine(userData)).toBe('wasm');
  await changeSettings(userData, { kernels: null });
  expect(storedEngine(userData)).toBeNull();
});

it.each(['', '{', '[]', '{"kernels": 3}', '{"kernels": "of another machine"}'])(
  'takes the best engine when the file holds %s',
  (text) => {
    writeFileSync(join(folder, 'settings.json'), text);
    expect(storedEngine(folder)).toBeNull();
  },
);

it('refuses an engine that is not here, and names those that are', () => {
  expect(() => engineNamed('abacus')).toThrow(`Here there are: ${availableEngines().join(', ')}.`);
});
