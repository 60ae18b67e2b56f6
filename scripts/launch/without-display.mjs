import { mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../setup/child-process.mjs';
import { findChromium } from '../setup/chromium.mjs';
import { ROOT } from '../setup/prepare.mjs';
import { PlainError } from '../setup/steps.mjs';
import { scanArguments } from './sample-copy.mjs';
import { takeScreenshot } from './screenshot.mjs';
import { startServeHost } from './serve-host.mjs';
import { summaryInWords } from './summary-in-words.mjs';

/** @typedef {import('../setup/steps.mjs').Steps} Steps */
/** @typedef {import('../setup/node-runtime.mjs').NodeRuntime} NodeRuntime */

const CASE_FILE = 'Sample incident.bezoar';

/**
 * Investigates the sample without a window: scans it, says what was found, leaves the exports and a picture.
 * @param {NodeRuntime} node
 * @param {string} sample folder of the working copy
 * @param {string} out folder, made anew
 * @param {Steps} steps
 */
export async function investigateWithoutDisplay(node, sample, out, steps) {
  mkdirSync(out, { recursive: true });
  const caseFile = join(out, CASE_FILE);
  for (const name of [CASE_FILE, `${CASE_FILE}-wal`, `${CASE_FILE}-shm`])
    rmSync(join(out, name), { force: true });
  await steps.run('scan of the sample incident', () =>
    commandLine(node, scanArguments(sample, out, caseFile), 'The scan of the sample incident failed'),
  );
  await steps.run('exports', () =>
    commandLine(node, ['export', caseFile, '--out', out], 'The exports of the sample incident failed'),
  );
  const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
  process.stdout.write(`${summaryInWords(summary).join('\n')}\n`);
  const picture = join(out, 'window.png');
  const chromium = findChromium();
  if (chromium === null) {
    steps.say('no Chromium is installed: no screenshot');
  } else {
    try {
      await steps.run('screenshot of the window', async () => {
        const host = await startServeHost(node, [caseFile, '--root', out]);
        try {
          await takeScreenshot(chromium, host.url, picture);
        } finally {
          await host.end();
        }
      });
    } catch (error) {
      steps.say(`the screenshot is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const files = readdirSync(out).filter((name) => statSync(join(out, name)).isFile());
  process.stdout.write(`Written to ${out}: ${files.join(', ')}\n`);
}

/**
 * @param {NodeRuntime} node
 * @param {string[]} args
 * @param {string} failure
 */
async function commandLine(node, args, failure) {
  const cli = join(ROOT, 'out', 'main', 'cli.js');
  const { exit } = startChild(node.path, [cli, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const { code, signal } = await exit;
  if (code !== 0) throw new PlainError(`${failure} (exit ${code ?? signal}).`);
}
