import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from './child-process.mjs';
import { environmentFor } from './npm-command.mjs';
import { PlainError } from './steps.mjs';

/** @typedef {import('./steps.mjs').Steps} Steps */
/** @typedef {import('./node-runtime.mjs').NodeRuntime} NodeRuntime */

const SOURCE_FOLDERS = ['electron', 'native-workers', 'renderer'];
const SOURCE_FILES = ['electron.vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.json'];
const STAMP = join('out', '.stamp');

/**
 * Every file that the build is made from, as paths relative to the root, sorted. Tests are no part of it.
 * @param {string} root
 * @returns {string[]}
 */
export function sourceFiles(root) {
  const found = SOURCE_FILES.filter((file) => existsSync(join(root, file)));
  for (const folder of SOURCE_FOLDERS) {
    if (!existsSync(join(root, folder))) continue;
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) {
      if (!entry.isFile() || /\.test\.tsx?$/.test(entry.name)) continue;
      found.push(
        join(entry.parentPath, entry.name)
          .slice(root.length + 1)
          .replaceAll('\\', '/'),
      );
    }
  }
  return found.sort();
}

/**
 * @param {string} root
 * @returns {string} SHA-256 in hex over names and contents of the sources
 */
export function sourceHash(root) {
  const hash = createHash('sha256');
  for (const file of sourceFiles(root)) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @returns {boolean} whether out/ was built from the sources as they are
 */
export function buildCurrent(root) {
  try {
    return readFileSync(join(root, STAMP), 'utf8') === sourceHash(root);
  } catch {
    return false;
  }
}

/**
 * @param {string} root
 * @param {NodeRuntime} node
 * @param {Steps} steps
 * @param {(pid: number) => void} started
 */
export async function build(root, node, steps, started) {
  await steps.run('build', async () => {
    rmSync(join(root, STAMP), { force: true });
    // Taken before the build: a source that changes meanwhile makes the next start build again.
    const hash = sourceHash(root);
    const result = await runToEnd(
      node.path,
      [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'],
      { cwd: root, env: { ...environmentFor(node.path), NO_COLOR: '1' } },
      started,
    );
    if (result.code !== 0) {
      throw new PlainError(
        `The build failed (exit ${result.code ?? result.signal}). It said:\n${result.tail}`,
      );
    }
    mkdirSync(join(root, 'out'), { recursive: true });
    writeFileSync(join(root, `${STAMP}.new`), hash);
    renameSync(join(root, `${STAMP}.new`), join(root, STAMP));
  });
}
