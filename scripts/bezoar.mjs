import { constants } from 'node:os';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { releaseSignals } from './setup/child-process.mjs';
import { prepareEngine, ROOT } from './setup/prepare.mjs';
import { createSteps, sentenceOf } from './setup/steps.mjs';

/** `npm run --silent bezoar -- ...`: sets up what is missing and becomes the command line. */
async function run() {
  const node = await prepareEngine(createSteps({ quiet: true }));
  releaseSignals();
  const child = spawn(node.path, [join(ROOT, 'out', 'main', 'cli.js'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    // npm starts us in the repository; paths are meant from the folder the person stands in.
    cwd: process.env.INIT_CWD ?? process.cwd(),
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    // A terminal has told the child already.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
}

run().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`bezoar: ${sentenceOf(error)}\n`);
    process.exit(1);
  },
);
