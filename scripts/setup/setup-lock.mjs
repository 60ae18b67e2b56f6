import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A holder renews its lock this often; one that was silent for SILENT_MS while we watched is gone. */
const BEAT_MS = 2000;
const SILENT_MS = 120_000;
const POLL_MS = 200;

/**
 * Runs `work` while no other set-up of this folder does. A lock whose holder was killed is taken over once the
 * programs that the holder had started are gone too.
 * @template T
 * @param {string} path of the lock file
 * @param {() => void} onWait called once when another set-up holds the lock
 * @param {(accompany: (pid: number) => void) => Promise<T>} work accompany: names a program started under the lock
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}`;
  const pids = [process.pid];
  writeFileSync(own, tokenOf(pids));
  try {
    await acquire(path, own, onWait);
  } finally {
    rmSync(own, { force: true });
  }
  const beat = setInterval(() => {
    if (contentOf(path) === tokenOf(pids)) utimesSync(path, new Date(), new Date());
  }, BEAT_MS);
  try {
    return await work((pid) => {
      pids.push(pid);
      writeFileSync(path, tokenOf(pids));
    });
  } finally {
    clearInterval(beat);
    if (contentOf(path) === tokenOf(pids)) rmSync(path, { force: true });
  }
}

/**
 * @param {string} path
 * @param {string} own
 * @param {() => void} onWait
 */
async function acquire(path, own, onWait) {
  let seen = { token: '', beat: 0, since: performance.now() };
  for (let turn = 0; ; turn++) {
    // A link appears with its whole content or not at all.
    if (linked(own, path)) return;
    const token = contentOf(path);
    if (token === null) continue;
    const beat = beatOf(path);
    if (token !== seen.token || beat !== seen.beat) seen = { token, beat, since: performance.now() };
    const silent = performance.now() - seen.since > SILENT_MS;
    if ((silent || !isHeld(token)) && takeOver(path, own, token)) return;
    if (turn === 0) onWait();
    await wait(POLL_MS);
  }
}

/**
 * Only one waiter can link the mark of a dead holder, so two cannot both take its lock.
 * @param {string} path
 * @param {string} own
 * @param {string} deadToken
 */
function takeOver(path, own, deadToken) {
  const mark = `${path}.after-${deadToken.replaceAll(' ', '-')}`;
  if (!linked(own, mark)) {
    const heir = contentOf(mark);
    if (heir !== null && !isHeld(heir)) rmSync(mark, { force: true });
    return false;
  }
  try {
    if (contentOf(path) !== deadToken) return false;
    const copy = `${own}.new`;
    writeFileSync(copy, readFileSync(own));
    renameSync(copy, path);
    return true;
  } finally {
    rmSync(mark, { force: true });
  }
}

/**
 * @param {number[]} pids
 * @returns {string}
 */
function tokenOf(pids) {
  return pids.join(' ');
}

/** @param {string} token */
function isHeld(token) {
  return token.split(' ').some((pid) => isAlive(Number(pid)));
}

/** @param {string} from @param {string} to */
function linked(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} path */
function contentOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** @param {string} path */
function beatOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
