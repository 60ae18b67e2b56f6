import { createHash } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runToEnd } from './child-process.mjs';
import { cacheFolder } from './user-folders.mjs';

/** @typedef {import('./steps.mjs').Steps} Steps */
/** @typedef {import('./node-runtime.mjs').NodeRuntime} NodeRuntime */
/** @typedef {{ executable: string } | { absent: string }} ElectronBinary absent: why, as the end of a sentence */

const OFFICIAL = 'https://github.com/electron/electron/releases/download/';
const CONNECT_MS = 20_000;
const STALL_MS = 30_000;
const RETRY_AFTER_MS = 3_600_000;

/**
 * The program's path inside Electron's own folder.
 * @param {NodeJS.Platform} [platform]
 * @returns {string}
 */
function electronProgram(platform = process.platform) {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

/**
 * Where a release's archive is fetched from.
 * @param {string} version
 * @param {string} archive
 * @param {NodeJS.ProcessEnv} [env] ELECTRON_MIRROR, as Electron's own installer reads it
 * @returns {string}
 */
export function downloadAddress(version, archive, env = process.env) {
  const mirror = env.ELECTRON_MIRROR ?? env.npm_config_electron_mirror ?? OFFICIAL;
  return `${mirror.replace(/\/*$/, '/')}v${version}/${archive}`;
}

/**
 * Whether a remembered failure still stands: the same address, less than an hour ago.
 * @param {{ at: number, address: string }} failure at: milliseconds since 1970
 * @param {string} address
 * @param {number} now
 * @returns {boolean}
 */
export function failureStands(failure, address, now) {
  return failure.address === address && now >= failure.at && now - failure.at < RETRY_AFTER_MS;
}

/**
 * Electron's program where it is already, without fetching anything.
 * @param {string} root
 * @returns {ElectronBinary}
 */
function findElectron(root) {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override !== undefined) {
    const executable = join(override, electronProgram());
    return existsSync(executable)
      ? { executable }
      : { absent: `ELECTRON_OVERRIDE_DIST_PATH names no ${executable}` };
  }
  const version = electronVersion(root);
  const cached = join(electronFolder(version), electronProgram());
  if (existsSync(cached)) return { executable: cached };
  const dist = join(root, 'node_modules', 'electron', 'dist');
  const installed = join(dist, electronProgram());
  if (existsSync(installed) && textOf(join(dist, 'version'))?.trim().replace(/^v/, '') === version) {
    return { executable: installed };
  }
  return { absent: `Electron ${version} is not on this machine` };
}

/**
 * Electron's program, fetched where it is missing. Not to be had is an answer, not a failure; it is
 * remembered for an hour, so that a machine without a way out does not wait at each start.
 * @param {string} root
 * @param {NodeRuntime} node
 * @param {Steps} steps
 * @returns {Promise<ElectronBinary>}
 */
export async function ensureElectron(root, node, steps) {
  const found = findElectron(root);
  if ('executable' in found || process.env.ELECTRON_OVERRIDE_DIST_PATH !== undefined) return found;
  const version = electronVersion(root);
  const archive = `electron-v${version}-${process.platform}-${process.arch}.zip`;
  const address = downloadAddress(version, archive);
  const home = electronFolder(version);
  const memory = `${home}.failed.json`;
  const failure = rememberedFailure(memory);
  if (failure !== null && failureStands(failure, address, Date.now())) {
    const minutes = Math.ceil((failure.at + RETRY_AFTER_MS - Date.now()) / 60_000);
    return { absent: `${failure.reason}; tried again in ${minutes} min` };
  }
  return steps.run(
    `Electron ${version} from ${new URL(address).host}`,
    async () => {
      try {
        await fetchElectron(root, node, address, archive, home);
        return findElectron(root);
      } catch (error) {
        const reason = reasonOf(error);
        writeFileSync(memory, JSON.stringify({ at: Date.now(), address, reason }));
        return { absent: reason };
      }
    },
    (result) => ('absent' in result ? 'not to be had' : 'done'),
  );
}

/**
 * @param {string} root
 * @param {NodeRuntime} node
 * @param {string} address
 * @param {string} archive
 * @param {string} home
 */
async function fetchElectron(root, node, address, archive, home) {
  mkdirSync(dirname(home), { recursive: true });
  const work = mkdtempSync(join(dirname(home), 'fetch-'));
  try {
    const zip = join(work, archive);
    const sums = JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'checksums.json'), 'utf8'));
    await download(address, zip, sums[archive]);
    const fresh = join(work, 'dist');
    mkdirSync(fresh);
    await unzip(root, node, zip, fresh);
    if (!existsSync(join(fresh, electronProgram())))
      throw new Error(`${archive} holds no ${electronProgram()}`);
    try {
      renameSync(fresh, home);
    } catch (error) {
      // Another set-up was first with the same folder.
      if (!existsSync(home)) throw error;
    }
    rmSync(`${home}.failed.json`, { force: true });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * @param {string} address
 * @param {string} file
 * @param {string | undefined} sha256 in hex
 */
export async function download(address, file, sha256) {
  if (sha256 === undefined) throw new Error('Electron publishes no archive for this machine');
  const control = new AbortController();
  const host = new URL(address).host;
  let limit = setTimeout(() => control.abort(new Error(`no answer from ${host} within 20 s`)), CONNECT_MS);
  try {
    const answer = await fetch(address, { signal: control.signal, redirect: 'follow' });
    if (!answer.ok || answer.body === null) throw new Error(`${host} answered ${answer.status}`);
    const hash = createHash('sha256');
    const watch = new Transform({
      transform(chunk, _encoding, done) {
        clearTimeout(limit);
        limit = setTimeout(() => control.abort(new Error(`${host} stopped sending`)), STALL_MS);
        hash.update(chunk);
        done(null, chunk);
      },
    });
    const body = Readable.fromWeb(/** @type {import('node:stream/web').ReadableStream} */ (answer.body));
    await pipeline(body, watch, createWriteStream(file), { signal: control.signal });
    const found = hash.digest('hex');
    if (found !== sha256)
      throw new Error(`what ${host} sent has SHA-256 ${found}, not ${sha256}, and was thrown away`);
  } catch (error) {
    throw control.signal.aborted ? control.signal.reason : error;
  } finally {
    clearTimeout(limit);
  }
}

/**
 * By the unpacker that Electron's own installer uses; its addon wants the chosen Node.
 * @param {string} root
 * @param {NodeRuntime} node
 * @param {string} zip
 * @param {string} folder
 */
async function unzip(root, node, zip, folder) {
  const program = `require('@electron-internal/extract-zip').extract(process.argv[1], { dir: process.argv[2] })`;
  const result = await runToEnd(node.path, ['-e', program, zip, folder], { cwd: root });
  if (result.code !== 0) throw new Error(`the archive could not be unpacked: ${result.tail}`);
}

/** @param {string} root @returns {string} */
function electronVersion(root) {
  return JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')).version;
}

/** @param {string} version */
function electronFolder(version) {
  return join(cacheFolder(), 'electron', version);
}

/** @param {string} file @returns {{ at: number, address: string, reason: string } | null} */
function rememberedFailure(file) {
  try {
    return JSON.parse(textOf(file) ?? 'null');
  } catch {
    return null;
  }
}

/** @param {string} file */
function textOf(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/**
 * The innermost cause in one line: `fetch failed` alone says nothing.
 * @param {unknown} error
 * @returns {string}
 */
function reasonOf(error) {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? error.cause : error;
  return (inner.message || /** @type {NodeJS.ErrnoException} */ (inner).code || error.message).replace(
    /\s+/g,
    ' ',
  );
}
