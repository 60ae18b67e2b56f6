import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasDisplay } from './launch/display.mjs';
import { startChild } from './setup/child-process.mjs';
import { ensureChromium, ensureVirtualScreen } from './setup/chromium.mjs';
import { environmentFor } from './setup/npm-command.mjs';
import { prepareApp, prepareEngine, ROOT } from './setup/prepare.mjs';
import { createSteps, seconds, sentenceOf } from './setup/steps.mjs';
import { countPlaywright, countVitest, settle, sum, summaryLine } from './testing/report-counts.mjs';
import { testArguments } from './testing/test-arguments.mjs';

/** @typedef {import('./testing/report-counts.mjs').Counts} Counts */
/** @typedef {import('./setup/node-runtime.mjs').NodeRuntime} NodeRuntime */

const steps = createSteps();

/** `npm test`: sets everything up, runs every test, ends with the line of the counts. */
async function test() {
  const begun = performance.now();
  const { parts, rest } = testArguments(process.argv.slice(2));
  const reports = mkdtempSync(join(tmpdir(), 'bezoar-test-'));
  /** @type {Counts[]} */
  const counts = [];
  try {
    sayWhatIsLeftOut();
    const endToEnd = parts.includes('e2e');
    const chromium = endToEnd ? await ensureChromium(steps) : null;
    const { node, electron } = endToEnd
      ? await prepareApp(steps)
      : { node: await prepareEngine(steps), electron: null };
    steps.note(`set-up took ${seconds(performance.now() - begun)}`);
    if (parts.includes('unit')) counts.push(await runUnit(node, rest, join(reports, 'vitest.json')));
    if (chromium !== null && electron !== null) {
      counts.push(await runEndToEnd(node, chromium, electron, rest, join(reports, 'playwright.json')));
    }
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
  const total = sum(counts);
  if (total.passed + total.failed === 0) steps.say('no test ran');
  steps.note(`the tests took ${seconds(performance.now() - begun)}, set-up included`);
  process.stdout.write(`${summaryLine(total)}\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/**
 * @param {NodeRuntime} node
 * @param {string[]} rest
 * @param {string} report
 */
function runUnit(node, rest, report) {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...rest];
  return runCounted(
    'unit tests',
    [node.path, vitest, ...args],
    environmentFor(node.path),
    report,
    countVitest,
  );
}

/**
 * @param {NodeRuntime} node
 * @param {string} chromium
 * @param {import('./setup/electron-binary.mjs').ElectronBinary} electron
 * @param {string[]} rest
 * @param {string} report
 */
async function runEndToEnd(node, chromium, electron, rest, report) {
  const playwright = join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js');
  const command = [
    node.path,
    playwright,
    'test',
    '-c',
    'test/e2e/playwright.config.ts',
    '--reporter=list,json',
    ...rest,
  ];
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...environmentFor(node.path),
    BEZOAR_CHROMIUM: chromium,
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
  };
  if ('executable' in electron) {
    env.BEZOAR_ELECTRON = electron.executable;
    if (!hasDisplay()) {
      const screen = await ensureVirtualScreen(steps);
      if (screen !== null) command.unshift(screen, '-a', '-s', '-screen 0 1440x900x24');
    }
  } else if (process.env.REQUIRE_ELECTRON === '1') {
    steps.say(`REQUIRE_ELECTRON=1, and Electron is not to be had (${electron.absent}): counted as a failure`);
  } else {
    steps.say(`the Electron run is left out (${electron.absent})`);
  }
  const counts = await runCounted('end-to-end tests', command, env, report, countPlaywright);
  const missing = 'absent' in electron && process.env.REQUIRE_ELECTRON === '1';
  return missing ? { ...counts, failed: counts.failed + 1 } : counts;
}

/**
 * Runs a runner to its end and counts its report.
 * @template Report
 * @param {string} title
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env
 * @param {string} report file
 * @param {(report: Report) => Counts} count
 * @returns {Promise<Counts>}
 */
async function runCounted(title, [program = '', ...args], env, report, count) {
  return steps.run(title, async () => {
    const { exit } = startChild(program, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
    const { code, signal } = await exit;
    const counts = existsSync(report) ? count(JSON.parse(readFileSync(report, 'utf8'))) : null;
    if (counts === null) steps.say(`${title}: the runner ended with ${code ?? signal} and left no report`);
    const settled = settle(counts, code);
    if (counts !== null && settled.failed > counts.failed) {
      steps.say(
        `${title}: the runner failed (exit ${code ?? signal}) though no test did: counted as one failure`,
      );
    }
    return settled;
  });
}

/** The cases with known truth are too large for the repository; tests that need them skip themselves. */
function sayWhatIsLeftOut() {
  if (existsSync(join(ROOT, '..', 'shared', 'cases'))) return;
  const needing = readdirSync(join(ROOT, 'test'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(test|spec)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file, 'utf8').includes('shared/cases'))
    .map((file) => file.slice(ROOT.length + 1));
  if (needing.length === 0) return;
  steps.say(`left out, because ../shared/cases is absent: ${needing.join(', ')}`);
}

test().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`bezoar: ${sentenceOf(error)}\n`);
    process.exit(1);
  },
);
