import { existsSync } from 'node:fs';
import { PlainError } from '../setup/steps.mjs';
import { runToEnd } from '../setup/child-process.mjs';
import { pythonWithPeers } from './machine.mjs';

/** @typedef {import('../setup/steps.mjs').Steps} Steps */

const PACKAGES = ['python3-sklearn', 'umap-learn', 'python3-scipy', 'python3-threadpoolctl'];

/**
 * `npm run bench -- setup`: installs the Python peers from Debian, or says what a person must do.
 * @param {Steps} steps
 */
export async function setUpPeers(steps) {
  const there = await pythonWithPeers();
  if (there !== null) {
    steps.say(`the Python peers are there (${there})`);
    return;
  }
  const command = `apt-get install --yes --no-install-recommends ${PACKAGES.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get'))
    throw new PlainError(
      'The Python peers are missing, and apt is not on this machine. Install Python 3 with scipy, scikit-learn and ' +
        'umap-learn; the JavaScript peers need nothing.',
    );
  if (process.getuid?.() !== 0)
    throw new PlainError(`The Python peers are missing. Install them as root: sudo ${command}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await steps.run('Python peers', async () => {
    await apt(['update'], env);
    await apt(['install', '--yes', '--no-install-recommends', ...PACKAGES], env);
    if ((await pythonWithPeers()) === null)
      throw new PlainError('apt installed the Python peers, and yet Python cannot import them.');
  });
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function apt(args, env) {
  const { code, tail } = await runToEnd('/usr/bin/apt-get', args, { env });
  if (code !== 0) throw new PlainError(`apt-get ${args[0]} failed:\n${tail}`);
}
