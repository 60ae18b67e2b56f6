import { join } from 'node:path';
import { expect, test } from 'vitest';
import { wasmSourceHash as builtFrom } from '../../native-workers/engines/wasm/call.ts';
import { wasmSourceHash } from './wasm-sources.mjs';

test('the committed WebAssembly module was built from the sources as they are', () => {
  expect(builtFrom, 'Run `node scripts/build-wasm.mjs`.').toBe(
    wasmSourceHash(join(import.meta.dirname, '..', '..')),
  );
});
