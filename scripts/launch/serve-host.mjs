import { join } from 'node:path';
import { endChild, lastLines, startChild } from '../setup/child-process.mjs';
import { ROOT } from '../setup/prepare.mjs';
import { PlainError } from '../setup/steps.mjs';

/** @typedef {import('../setup/node-runtime.mjs').NodeRuntime} NodeRuntime */

const READY_MS = 30_000;

/**
 * The address in the line that the serve host prints once it listens.
 * @param {string} line
 * @returns {string | null}
 */
export function addressIn(line) {
  try {
    const parsed = JSON.parse(line);
    return typeof parsed?.url === 'string' ? parsed.url : null;
  } catch {
    return null;
  }
}

/**
 * Starts the serve host.
 * @param {NodeRuntime} node
 * @param {string[]} args what it is to open
 * @returns {Promise<{ url: string, exit: Promise<import('../setup/child-process.mjs').Exit>, end: () => Promise<void>, log: () => string }>}
 */
export async function startServeHost(node, args) {
  const { child, exit } = startChild(
    node.path,
    [join(ROOT, 'out', 'main', 'serve.js'), ...args, '--port', '0'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const log = lastLines(15);
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => log.add(text));
  /** @type {Promise<string>} */
  const address = new Promise((resolve) => {
    let rest = '';
    child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const url = addressIn(line);
        if (url !== null) resolve(url);
      }
    });
  });
  /** @type {NodeJS.Timeout | undefined} */
  let limit;
  const late = new Promise((_resolve, reject) => {
    limit = setTimeout(
      () => reject(new PlainError(`The serve host did not answer within 30 s.\n${log.text()}`)),
      READY_MS,
    );
  });
  const ended = exit.then(({ code, signal }) => {
    throw new PlainError(`The serve host ended at once (exit ${code ?? signal}). It said:\n${log.text()}`);
  });
  ended.catch(() => undefined);
  late.catch(() => undefined);
  try {
    const url = /** @type {string} */ (await Promise.race([address, late, ended]));
    return { url, exit, end: () => endChild(child), log: log.text };
  } catch (error) {
    await endChild(child);
    throw error;
  } finally {
    clearTimeout(limit);
  }
}
