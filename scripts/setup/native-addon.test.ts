import { join } from 'node:path';
import { expect, it } from 'vitest';
import { availableEngines } from '../../native-workers/engine.ts';
import { addonCurrent, compiler } from './native-addon.mjs';

const cxx = await compiler();

it.skipIf(cxx === null)('where a compiler is, the addon of these sources is there and is loaded', () => {
  expect(addonCurrent(join(import.meta.dirname, '..', '..'))).toBe(true);
  expect(availableEngines()).toContain('native-baseline');
});
