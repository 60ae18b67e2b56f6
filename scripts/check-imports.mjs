import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { moduleCoverage } from './checks/module-coverage.mjs';
import { runToEnd } from './setup/child-process.mjs';
import { ROOT } from './setup/prepare.mjs';

const FOLDERS = ['electron', 'native-workers', 'renderer'];

/** The import rules, and the proof that the tool that checks them has seen every module. */
async function checkImports() {
  const git = await runToEnd(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...FOLDERS],
    { cwd: ROOT },
  );
  if (git.code !== 0) throw new Error(`git ls-files failed:\n${git.tail}`);
  const listed = git.stdout
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file) && existsSync(join(ROOT, file)));
  const options = await extractDepcruiseOptions(join(ROOT, '.dependency-cruiser.cjs'));
  const { output } = await cruise(FOLDERS, { ...options, baseDir: ROOT });
  if (typeof output === 'string') throw new Error(`dependency-cruiser gave no report: ${output}`);
  const { modules, summary } = output;
  const inside = modules
    .map(({ source }) => source)
    .filter((file) => FOLDERS.some((folder) => file.startsWith(`${folder}/`)));
  const { unseen, unruledFolders } = moduleCoverage(listed, inside);
  const errors = summary.violations.filter(({ rule }) => rule.severity === 'error');
  for (const { from, to, rule } of errors) print(`${rule.name}: ${from} -> ${to}`);
  for (const file of unseen) print(`not seen by the import check: ${file}`);
  for (const folder of unruledFolders) print(`no import rule speaks of this folder: ${folder}`);
  print(
    `${listed.length} modules listed, ${listed.length - unseen.length} of them seen, ${errors.length} forbidden imports`,
  );
  return listed.length > 0 && errors.length + unseen.length + unruledFolders.length === 0 ? 0 : 1;
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await checkImports();
