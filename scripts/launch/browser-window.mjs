import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { atInterrupt, endsByInterrupt, lastLines, startChild } from '../setup/child-process.mjs';
import { findChromium, isRoot, windowArguments } from '../setup/chromium.mjs';
import { cacheFolder } from '../setup/user-folders.mjs';
import { startServeHost } from './serve-host.mjs';

/** @typedef {import('../setup/steps.mjs').Steps} Steps */
/** @typedef {import('../setup/node-runtime.mjs').NodeRuntime} NodeRuntime */

/** A browser that ends with a failure this early never showed its window. */
const EARLY_MS = 5000;

/**
 * Opens the serve host in a browser window and stays until the window is closed.
 * @param {NodeRuntime} node
 * @param {string} sample folder of the working copy
 * @param {Steps} steps
 * @returns {Promise<number>} exit code
 */
export async function openInBrowser(node, sample, steps) {
  const chromium = findChromium();
  // The end of a window that is not our child is known to the host alone.
  const host = await startServeHost(node, [
    '--open-sample',
    sample,
    '--root',
    sample,
    ...(chromium === null ? ['--exit-when-closed'] : []),
  ]);
  endsByInterrupt();
  let closing = false;
  const died = host.exit.then(({ code, signal }) => {
    if (code === 0) return 0;
    if (!closing) steps.say(`the serve host ended with ${code ?? signal}. Its last lines:\n${host.log()}`);
    return 1;
  });
  const shown = showIn(chromium, host.url, steps).then((closed) => (closed ? 0 : died));
  const code = await Promise.race([shown, died]);
  closing = true;
  await host.end();
  return code;
}

/**
 * @param {string | null} chromium
 * @param {string} url
 * @param {Steps} steps
 * @returns {Promise<boolean>} true once the window was closed; false where nobody can tell
 */
async function showIn(chromium, url, steps) {
  if (chromium !== null && (await closedChromium(chromium, url, steps))) return true;
  if (await opensDefaultBrowser(url)) {
    steps.say('opened in the default browser; Ctrl+C here ends Bezoar');
  } else {
    steps.say('no browser could be started. Open this address in one; Ctrl+C here ends Bezoar:');
    process.stdout.write(`${url}\n`);
  }
  return false;
}

/**
 * @param {string} chromium
 * @param {string} url
 * @param {Steps} steps
 * @returns {Promise<boolean>} whether there was a window, and it was closed
 */
async function closedChromium(chromium, url, steps) {
  const profile = newProfile(chromium);
  const remove = () => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  atInterrupt(remove);
  if (isRoot()) steps.say('running as root: Chromium is started with --no-sandbox');
  steps.say(`the window is a window of ${chromium}; closing it ends Bezoar`);
  const begun = performance.now();
  const { child, exit } = startChild(chromium, windowArguments(url, profile, isRoot()), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log = lastLines(10);
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => log.add(text));
  try {
    const { code, signal } = await exit;
    if (code === 0 || performance.now() - begun > EARLY_MS) return true;
    steps.say(`${chromium} ended at once (exit ${code ?? signal}). Its last lines:\n${log.text()}`);
  } catch (error) {
    steps.say(`${chromium} could not be started: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    remove();
  }
  return false;
}

/**
 * A profile of its own for each window: a shared one hands the address to a running Chromium and ends at once,
 * and the one-time token would stay in its history.
 * @param {string} chromium
 */
function newProfile(chromium) {
  // A snap sees no hidden folder of the home.
  const snap = realpathSync(chromium).startsWith('/snap/') || realpathSync(chromium) === '/usr/bin/snap';
  const parent = snap
    ? join(homedir(), 'snap', 'chromium', 'common', 'bezoar')
    : join(cacheFolder(), 'window');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'profile-'));
}

/**
 * @param {string} url
 * @returns {Promise<boolean>}
 */
async function opensDefaultBrowser(url) {
  /** @type {[string, string[]]} */
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]];
  const { exit } = startChild(command, args, { stdio: 'ignore' });
  return exit.then(
    ({ code }) => code === 0,
    () => false,
  );
}
