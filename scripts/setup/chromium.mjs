import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runToEnd } from './child-process.mjs';
import { PlainError } from './steps.mjs';

/** @typedef {import('./steps.mjs').Steps} Steps */

const LINUX_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * An installed Chromium or Chrome. BEZOAR_CHROMIUM names another one.
 * @returns {string | null}
 */
export function findChromium() {
  const named = process.env.BEZOAR_CHROMIUM;
  if (named !== undefined && named !== '') return existsSync(named) ? named : null;
  return candidates().find((path) => existsSync(path) && !isSnapStub(path)) ?? null;
}

/** @returns {string[]} */
function candidates() {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform === 'win32') {
    return [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
      .filter((folder) => folder !== undefined)
      .flatMap((folder) => [
        join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
        join(folder, 'Chromium', 'Application', 'chrome.exe'),
      ]);
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return LINUX_NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/**
 * Ubuntu's package of that name is a script that only tells to install a snap.
 * @param {string} path
 */
function isSnapStub(path) {
  const file = realpathSync(path);
  if (file.startsWith('/snap/') || existsSync('/snap/bin/chromium')) return false;
  return statSync(file).size < 20_000 && /snap install/.test(readFileSync(file, 'latin1'));
}

/**
 * The arguments that open an address in a window of its own.
 * @param {string} url
 * @param {string} profile folder
 * @param {boolean} asRoot as root Chromium refuses to start inside its sandbox
 * @returns {string[]}
 */
export function windowArguments(url, profile, asRoot) {
  return [
    `--app=${url}`,
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--no-default-browser-check',
    // Offline means offline: the browser's own services stay silent too.
    '--disable-sync',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-crash-reporter',
    '--window-size=1440,900',
    ...(asRoot ? ['--no-sandbox'] : []),
  ];
}

/** @returns {boolean} */
export function isRoot() {
  return process.getuid?.() === 0;
}

/**
 * How a Chromium comes onto this machine.
 * @param {string} osRelease the text of /etc/os-release, '' where there is none
 * @param {NodeJS.Platform} platform
 * @returns {{ command: string, byUs: boolean }} byUs: plain Debian, where apt-get as root does it
 */
export function chromiumInstallation(osRelease, platform) {
  if (platform === 'darwin') return { command: 'brew install --cask google-chrome', byUs: false };
  if (platform === 'win32') return { command: 'winget install Google.Chrome', byUs: false };
  const field = (/** @type {string} */ name) =>
    new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1]?.split(' ') ?? [];
  const names = [...field('ID'), ...field('ID_LIKE')];
  if (names.includes('ubuntu')) return { command: 'sudo snap install chromium', byUs: false };
  if (names.includes('debian')) {
    return {
      command: 'sudo apt-get install -y --no-install-recommends chromium fonts-liberation',
      byUs: true,
    };
  }
  if (names.includes('fedora')) return { command: 'sudo dnf install -y chromium', byUs: false };
  if (names.includes('arch')) return { command: 'sudo pacman -S chromium', byUs: false };
  return { command: 'install the package chromium with the package manager of this system', byUs: false };
}

/**
 * A Chromium for the tests: an installed one; as root on Debian it is installed.
 * @param {Steps} steps
 * @returns {Promise<string>}
 */
export async function ensureChromium(steps) {
  const found = findChromium();
  if (found !== null) return found;
  if (process.env.BEZOAR_CHROMIUM) {
    throw new PlainError(`BEZOAR_CHROMIUM names ${process.env.BEZOAR_CHROMIUM}, and there is no such file.`);
  }
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const way = chromiumInstallation(release, process.platform);
  if (!way.byUs || !isRoot()) {
    throw new PlainError(
      `The tests need a Chromium and none was found. Install one and start again:\n  ${way.command}`,
    );
  }
  await installPackages(steps, ['chromium', 'fonts-liberation']);
  const installed = findChromium();
  if (installed === null)
    throw new PlainError('apt-get installed chromium, and it is still not on the PATH.');
  return installed;
}

/**
 * A virtual screen for Electron's tests where there is none.
 * @param {Steps} steps
 * @returns {Promise<string | null>} xvfb-run, or null where it can neither be found nor installed
 */
export async function ensureVirtualScreen(steps) {
  const find = () =>
    (process.env.PATH ?? '')
      .split(delimiter)
      .map((folder) => join(folder, 'xvfb-run'))
      .find((path) => existsSync(path)) ?? null;
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (find() === null && isRoot() && chromiumInstallation(release, process.platform).byUs) {
    await installPackages(steps, ['xvfb', 'xauth']);
  }
  return find();
}

/**
 * @param {Steps} steps
 * @param {string[]} names
 */
async function installPackages(steps, names) {
  await steps.run(`apt-get installs ${names.join(', ')} (we are root on Debian)`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = ['install', '-y', '--no-install-recommends', ...names];
    // A fresh image has no package lists, an old one has stale ones.
    const update = await runToEnd('apt-get', ['update'], { env });
    const result = await runToEnd('apt-get', install, { env });
    if (result.code !== 0) {
      throw new PlainError(
        `apt-get ${install.join(' ')} failed (exit ${result.code}):\n${update.code === 0 ? '' : update.tail}\n${result.tail}`,
      );
    }
  });
}
