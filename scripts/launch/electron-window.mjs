import { endChild, endsByInterrupt, lastLines, startChild } from '../setup/child-process.mjs';
import { isRoot } from '../setup/chromium.mjs';
import { ROOT } from '../setup/prepare.mjs';

/** @typedef {import('../setup/steps.mjs').Steps} Steps */

/** The line that main prints once its window shows the application. */
const READY_LINE = 'bezoar: window ready';
const READY_MS = 20_000;

/**
 * Opens the application in Electron and stays until it is closed.
 * @param {string} executable
 * @param {string} sample folder of the working copy
 * @param {Steps} steps
 * @returns {Promise<{ shown: true, code: number } | { shown: false }>} not shown: said, with the log's last lines
 */
export async function openInElectron(executable, sample, steps) {
  const root = isRoot() && process.platform === 'linux';
  if (root) steps.say('running as root: Electron is started with --no-sandbox');
  const args = [...(root ? ['--no-sandbox'] : []), ROOT, '--open-sample', sample];
  const { child, exit } = startChild(executable, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = lastLines(15);
  let printed = '';
  const ready = new Promise((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      log.add(text);
      printed = (printed + text).slice(-1000);
      if (printed.includes(READY_LINE)) resolve('ready');
    });
  });
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => log.add(text));
  /** @type {NodeJS.Timeout | undefined} */
  let limit;
  const late = new Promise((resolve) => {
    limit = setTimeout(() => resolve('late'), READY_MS);
  });
  const ended = exit.then(
    ({ code, signal }) => `ended at once (exit ${code ?? signal})`,
    (error) => `could not be started: ${error instanceof Error ? error.message : String(error)}`,
  );
  const outcome = await Promise.race([ready, late, ended]);
  clearTimeout(limit);
  if (outcome !== 'ready') {
    await endChild(child);
    const why = outcome === 'late' ? 'did not show its window within 20 s' : outcome;
    steps.say(`Electron ${why}. Its last lines:\n${indented(log.text())}`);
    return { shown: false };
  }
  endsByInterrupt();
  const { code, signal } = await exit;
  if (code !== 0)
    steps.say(`the application ended with ${code ?? signal}. Its last lines:\n${indented(log.text())}`);
  return { shown: true, code: code ?? 1 };
}

/** @param {string} text */
function indented(text) {
  return (text === '' ? '(it printed nothing)' : text).replace(/^/gm, '  ');
}
