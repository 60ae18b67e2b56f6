import { join } from 'node:path';
import { runToEnd } from './setup/child-process.mjs';
import { ROOT } from './setup/prepare.mjs';
import { seconds } from './setup/steps.mjs';

const PROJECTS = [
  'electron',
  'electron/contract',
  'electron/preload',
  'native-workers',
  'renderer',
  'test',
  'scripts',
];
const AT_ONCE = 2;

const waiting = [...PROJECTS];
let failed = 0;

async function checkNext() {
  for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
    const begun = performance.now();
    const tsc = join(ROOT, 'node_modules', 'typescript', 'lib', 'tsc.js');
    const { code, stdout } = await runToEnd(process.execPath, [tsc, '-p', project], { cwd: ROOT });
    if (code !== 0) failed += 1;
    const outcome = code === 0 ? 'clean' : `failed\n${stdout.trimEnd()}`;
    process.stdout.write(`tsc -p ${project} (${seconds(performance.now() - begun)}): ${outcome}\n`);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, checkNext));
process.exitCode = failed === 0 ? 0 : 1;
