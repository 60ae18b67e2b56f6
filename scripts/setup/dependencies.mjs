import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from './child-process.mjs';
import { environmentFor, npmScript } from './npm-command.mjs';
import { PlainError } from './steps.mjs';

/** @typedef {import('./steps.mjs').Steps} Steps */
/** @typedef {import('./node-runtime.mjs').NodeRuntime} NodeRuntime */

const STAMP = join('node_modules', '.bezoar-setup.json');

/**
 * What the installed packages depend on: the lock, the machine's kind, Node's major version.
 * @param {string} lock the text of package-lock.json
 * @param {string} nodeVersion
 * @returns {string} SHA-256 in hex
 */
export function dependencyHash(lock, nodeVersion) {
  const major = nodeVersion.split('.')[0] ?? '';
  return createHash('sha256')
    .update(JSON.stringify([lock, major, process.platform, process.arch]))
    .digest('hex');
}

/**
 * @param {string} root
 * @param {NodeRuntime} node
 * @returns {boolean} whether the installed packages are those of the lock
 */
export function dependenciesCurrent(root, node) {
  try {
    const stamp = JSON.parse(readFileSync(join(root, STAMP), 'utf8'));
    return stamp.hash === dependencyHash(readFileSync(join(root, 'package-lock.json'), 'utf8'), node.version);
  } catch {
    return false;
  }
}

/**
 * Installs what the lock names. An interrupted installation leaves no stamp and is done again.
 * @param {string} root
 * @param {NodeRuntime} node
 * @param {Steps} steps
 * @param {(pid: number) => void} started
 */
export async function installDependencies(root, node, steps, started) {
  await steps.run('packages by npm ci', async () => {
    rmSync(join(root, STAMP), { force: true });
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    const result = await runToEnd(
      node.path,
      [npmScript(), 'ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'],
      {
        cwd: root,
        env: environmentFor(node.path),
      },
      started,
    );
    if (result.code !== 0) {
      throw new PlainError(
        `npm ci failed (exit ${result.code ?? result.signal}). Check the network and npm's registry setting and` +
          ` start again; what was fetched is kept in npm's cache. npm said:\n${result.tail}`,
      );
    }
    writeFileSync(
      join(root, STAMP),
      JSON.stringify({ hash: dependencyHash(lock, node.version), node: node.version }),
    );
  });
}
