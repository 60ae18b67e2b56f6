import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { PlainError } from '../setup/steps.mjs';

/**
 * Copies the sample incident to the person's own folder. What is there already stays as it is, so a case in
 * work is kept; a file that was damaged or changed is put right again. The original is only read.
 * @param {string} original
 * @param {string} copy
 */
export function copySample(original, copy) {
  if (!existsSync(join(original, 'activations.npy'))) {
    throw new PlainError(`The sample incident is missing: ${original} holds no activations.npy.`);
  }
  mkdirSync(copy, { recursive: true });
  for (const name of readdirSync(original)) {
    const from = join(original, name);
    const to = join(copy, name);
    if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) continue;
    copyFileSync(from, `${to}.part`);
    renameSync(`${to}.part`, to);
  }
}

/** Which file of the sample goes behind which option of `scan`. */
const SCAN_FILES = /** @type {const} */ ([
  ['--activations', 'activations.npy'],
  ['--records', 'records.csv'],
  ['--trusted-activations', 'trusted-activations.npy'],
  ['--trusted-records', 'trusted-records.csv'],
  ['--logits', 'logits.npy'],
  ['--trusted-logits', 'trusted-logits.npy'],
  ['--images', 'images.npy'],
]);

/**
 * The command line's arguments that scan the sample.
 * @param {string} sample folder
 * @param {string} out folder
 * @param {string} caseFile
 * @returns {string[]}
 */
export function scanArguments(sample, out, caseFile) {
  const files = SCAN_FILES.filter(([, name]) => existsSync(join(sample, name)));
  return [
    'scan',
    ...files.flatMap(([option, name]) => [option, join(sample, name)]),
    '--case',
    caseFile,
    '--out',
    out,
  ];
}
