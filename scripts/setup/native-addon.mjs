import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arch, env, platform } from 'node:process';
import { runToEnd } from './child-process.mjs';

/** @typedef {import('./steps.mjs').Steps} Steps */

const SOURCES = join('native-workers', 'addons', 'native');
export const FLAGS = [
  '-std=c++17',
  '-O3',
  '-ffp-contract=off',
  '-fno-math-errno',
  '-fno-exceptions',
  '-fno-rtti',
  '-fPIC',
  '-fvisibility=hidden',
  '-Wall',
  '-Wextra',
  '-Wno-psabi',
];

/** Flags of each unit: one a table of an instruction set, as module.cc dispatches them. */
export const UNITS = [
  { file: 'module.cc', flags: [] },
  { file: 'kernels_baseline.cc', flags: [] },
  ...(arch === 'x64'
    ? [
        { file: 'kernels_avx2.cc', flags: ['-mavx2', '-mfma', '-mf16c'] },
        {
          file: 'kernels_avx512.cc',
          flags: ['-mavx512f', '-mavx512bw', '-mavx512vl', '-mavx512dq', '-mavx2', '-mfma', '-mf16c'],
        },
      ]
    : []),
];

/** @param {string} root */
export function addonPath(root) {
  return join(root, 'out', 'addons', `kernels-${platform}-${arch}.node`);
}

/**
 * @param {string} root
 * @returns {string} SHA-256 in hex over the addon's sources and how they are compiled
 */
function addonHash(root) {
  const hash = createHash('sha256').update(JSON.stringify([FLAGS, UNITS, platform, arch]));
  for (const file of readdirSync(join(root, SOURCES)).sort()) {
    if (!/\.(cc|h)$/.test(file)) continue;
    hash.update(`${file}\0`).update(readFileSync(join(root, SOURCES, file)));
  }
  return hash.digest('hex');
}

/**
 * Whether the addon stands as these sources make it.
 * @param {string} root
 */
export function addonCurrent(root) {
  try {
    const stamp = readFileSync(`${addonPath(root)}.stamp`, 'utf8');
    return stamp === addonHash(root) && existsSync(addonPath(root));
  } catch {
    return false;
  }
}

/**
 * The first C++ compiler that answers.
 * @returns {Promise<string | null>}
 */
export async function compiler() {
  if (platform === 'win32') return null;
  for (const name of [env.CXX, 'c++', 'g++', 'clang++']) {
    if (!name) continue;
    const answer = await runToEnd(name, ['--version'], {}).catch(() => null);
    if (answer?.code === 0) return name;
  }
  return null;
}

/**
 * Compiles the kernels' addon where a compiler is found. Without one, or when it fails, the WebAssembly engine does the work:
 * that is said in one line and is no failure.
 * @param {string} root
 * @param {Steps} steps
 * @param {(pid: number) => void} [started]
 */
export async function buildAddon(root, steps, started = () => undefined) {
  const cxx = await compiler();
  if (cxx === null) {
    steps.note('no C++ compiler: the kernels run in WebAssembly (install g++ for the faster engine)');
    return;
  }
  await steps.run(
    'kernels',
    async () => {
      const folder = join(root, 'out', 'addons');
      const objects = join(folder, `objects-${process.pid}`);
      mkdirSync(objects, { recursive: true });
      try {
        const hash = addonHash(root);
        const include = join(root, 'node_modules', 'node-api-headers', 'include');
        const compiled = UNITS.map(({ file }) => join(objects, `${file}.o`));
        for (const [at, { file, flags }] of UNITS.entries()) {
          const source = join(root, SOURCES, file);
          const args = [...FLAGS, ...flags, '-I', include, '-c', source, '-o', compiled[at]];
          const { code, tail } = await runToEnd(cxx, args, {}, started);
          if (code !== 0) return { failure: tail };
        }
        const target = addonPath(root);
        const link = platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-s'];
        const { code, tail } = await runToEnd(
          cxx,
          [...link, ...compiled, '-o', `${target}.new`],
          {},
          started,
        );
        if (code !== 0) return { failure: tail };
        renameSync(`${target}.new`, target);
        writeFileSync(`${target}.stamp`, hash);
        return { failure: null };
      } finally {
        rmSync(objects, { recursive: true, force: true });
      }
    },
    ({ failure }) =>
      failure === null ? 'done' : `not compiled, they run in WebAssembly. ${cxx} said:\n${failure}\n`,
  );
}
