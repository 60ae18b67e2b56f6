import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wasmSourceHash } from './setup/wasm-sources.mjs';

/** Builds the WebAssembly twin of the kernels into a module that is committed: needs clang and lld (`apt-get install clang lld`). */
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'bezoar-wasm-'));
const output = join(folder, 'kernels.wasm');
const flags = [
  '--target=wasm32',
  '-msimd128',
  '-mbulk-memory',
  '-std=c++17',
  '-O3',
  '-ffp-contract=off',
  '-fno-math-errno',
  '-ffreestanding',
  '-fno-builtin',
  '-fno-exceptions',
  '-fno-rtti',
  '-nostdlib',
  '-fvisibility=hidden',
  '-Wl,--no-entry',
  '-Wl,-z,stack-size=1048576',
];
try {
  const source = join(root, 'native-workers', 'addons', 'wasm', 'exports.cc');
  const { status, error } = spawnSync('clang', [...flags, source, '-o', output], { stdio: 'inherit' });
  if (error) throw new Error(`clang could not be started: ${error.message}`);
  if (status !== 0) throw new Error('clang failed.');
  const bytes = readFileSync(output);
  writeFileSync(
    join(root, 'native-workers', 'addons', 'wasm', 'kernels-wasm.ts'),
    `/** Made by scripts/build-wasm.mjs from addons/native and addons/wasm; not edited by hand. */
export const sourceHash = '${wasmSourceHash(root)}';
export const wasmBase64 =
  '${bytes.toString('base64')}';
`,
  );
  process.stdout.write(`${bytes.length} bytes\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
