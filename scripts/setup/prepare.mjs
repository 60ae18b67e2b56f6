import { join } from 'node:path';
import { build, buildCurrent } from './build.mjs';
import { dependenciesCurrent, installDependencies } from './dependencies.mjs';
import { ensureElectron } from './electron-binary.mjs';
import { addonCurrent, buildAddon } from './native-addon.mjs';
import { ensureNode } from './node-runtime.mjs';
import { withLock } from './setup-lock.mjs';

/** @typedef {import('./steps.mjs').Steps} Steps */
/** @typedef {import('./node-runtime.mjs').NodeRuntime} NodeRuntime */
/** @typedef {import('./electron-binary.mjs').ElectronBinary} ElectronBinary */

/** The repository. */
export const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Node and the packages: enough for the checks.
 * @param {Steps} steps
 * @returns {Promise<NodeRuntime>}
 */
export async function prepareTools(steps) {
  const node = await ensureNode(steps);
  if (!dependenciesCurrent(ROOT, node)) {
    await alone(steps, async (started) => {
      if (!dependenciesCurrent(ROOT, node)) await installDependencies(ROOT, node, steps, started);
    });
  }
  return node;
}

/**
 * Node, the packages, the kernels' addon and the build: enough for the command line and the serve host.
 * @param {Steps} steps
 * @returns {Promise<NodeRuntime>}
 */
export async function prepareEngine(steps) {
  const node = await prepareTools(steps);
  if (!addonCurrent(ROOT) || !buildCurrent(ROOT)) {
    await alone(steps, async (started) => {
      if (!addonCurrent(ROOT)) await buildAddon(ROOT, steps, started);
      if (!buildCurrent(ROOT)) await build(ROOT, node, steps, started);
    });
  }
  return node;
}

/**
 * Everything, Electron too: its download goes on while the build runs.
 * @param {Steps} steps
 * @returns {Promise<{ node: NodeRuntime, electron: ElectronBinary }>}
 */
export async function prepareApp(steps) {
  const node = await prepareTools(steps);
  const [electron] = await Promise.all([ensureElectron(ROOT, node, steps), prepareEngine(steps)]);
  return { node, electron };
}

/**
 * @param {Steps} steps
 * @param {(started: (pid: number) => void) => Promise<void>} work
 */
function alone(steps, work) {
  const lock = join(ROOT, '.cache', 'setup.lock');
  return withLock(lock, () => steps.say('another set-up of this folder is at work; waiting for it'), work);
}
