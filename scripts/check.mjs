import { join } from 'node:path';
import { runToEnd } from './setup/child-process.mjs';
import { environmentFor } from './setup/npm-command.mjs';
import { prepareTools, ROOT } from './setup/prepare.mjs';
import { createSteps, PlainError, seconds, sentenceOf } from './setup/steps.mjs';

const CHECKS = new Map([
  ['types', ['scripts/check-types.mjs']],
  ['lint', ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.']],
  ['imports', ['scripts/check-imports.mjs']],
  ['dead-code', ['node_modules/knip/bin/knip.js']],
  ['format', ['node_modules/prettier/bin/prettier.cjs', '--check', '.']],
]);

/** `npm run check [-- NAME ...]`: a line a check, and what a failing one said. */
async function check() {
  const names = process.argv.length > 2 ? process.argv.slice(2) : [...CHECKS.keys()];
  const node = await prepareTools(createSteps({ quiet: true }));
  let failed = 0;
  for (const name of names) {
    const [script, ...args] = CHECKS.get(name) ?? [];
    if (script === undefined) {
      throw new PlainError(`There is no check '${name}'. The checks: ${[...CHECKS.keys()].join(', ')}.`);
    }
    const begun = performance.now();
    const result = await runToEnd(node.path, [join(ROOT, script), ...args], {
      cwd: ROOT,
      env: { ...environmentFor(node.path), NO_COLOR: '1' },
    });
    const outcome = result.code === 0 ? 'in order' : `NOT in order\n${result.tail.replace(/^/gm, '  ')}`;
    process.stdout.write(`${name} (${seconds(performance.now() - begun)}): ${outcome}\n`);
    if (result.code !== 0) failed += 1;
  }
  return failed === 0 ? 0 : 1;
}

check().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`bezoar: ${sentenceOf(error)}\n`);
    process.exit(1);
  },
);
