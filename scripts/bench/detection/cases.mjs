import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ROOT } from '../../setup/prepare.mjs';
import { PlainError } from '../../setup/steps.mjs';

/**
 * What `case.json` says of a case, as far as it says it.
 * @typedef {object} About
 * @property {string} [about] what was done
 * @property {number} poisoned rows
 * @property {string | null} [target]
 * @property {number} [width]
 * @property {number} [epochs]
 * @property {string} [network]
 * @property {number} [classes]
 * @property {number} [test_accuracy]
 * @property {number | number[] | null} [attack_success]
 */

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {'measurement' | 'own'} kind
 * @property {string} folder
 * @property {About} about
 * @property {boolean} hasTrusted
 */

/** @typedef {{ name: string, kind: Case['kind'], reason: string }} Absent */

/** The measurement cases that the table is to show, in its order; `logs` holds no samples. */
const MEASUREMENT = ['badnets', 'blended', 'label_flip', 'text', 'clean'];
const MEASUREMENT_FOLDER = join(ROOT, '..', 'shared', 'cases');
const MAKER = join(ROOT, 'scripts', 'attack-cases.py');
const OWN_FOLDER = join(ROOT, '.cache', 'attack-cases');
const NEEDED = ['case.json', 'activations.npy', 'records.csv', 'truth.csv'];
const TAKEN = /^(case\.json|(trusted_)?(activations|logits|images)\.npy|(trusted_)?records\.csv|truth\.csv)$/;

/** Names of the cases that scripts/attack-cases.py makes, in its order. */
export function ownCaseNames() {
  return [...readFileSync(MAKER, 'utf8').matchAll(/^ {4}'([a-z-]+)': Case\(/gm)].map(([, name = '']) => name);
}

/**
 * Every case there is and every one that is not, with the reason.
 * @param {string | null} folder of own cases; null takes those of scripts/attack-cases.py
 */
export function findCases(folder) {
  if (folder !== null && !existsSync(folder)) throw new PlainError(`There is no folder ${folder} (--cases).`);
  /** @type {Case[]} */
  const found = [];
  /** @type {Absent[]} */
  const absent = [];
  for (const name of MEASUREMENT)
    take(name, 'measurement', join(MEASUREMENT_FOLDER, name), 'this measurement case is not on this machine');
  const own = folder ?? OWN_FOLDER;
  const there = existsSync(own)
    ? readdirSync(own, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.endsWith('.part'))
        .map(({ name }) => name)
    : [];
  for (const name of new Set([...(folder === null ? ownCaseNames() : []), ...there.sort()]))
    take(name, 'own', join(own, name), `not made yet: /usr/bin/python3 scripts/attack-cases.py ${name}`);
  return { found, absent };

  /**
   * @param {string} name
   * @param {Case['kind']} kind
   * @param {string} path
   * @param {string} reason why it is not there
   */
  function take(name, kind, path, reason) {
    const has = (/** @type {string} */ file) =>
      existsSync(join(path, file)) || existsSync(join(path, `${file}.gz`));
    const lacking = NEEDED.filter((file) => !has(file));
    if (!existsSync(path)) absent.push({ name, kind, reason });
    else if (lacking.length > 0)
      absent.push({ name, kind, reason: `unfinished: it lacks ${lacking.join(', ')}` });
    else {
      const about = JSON.parse(readFileSync(join(path, 'case.json'), 'utf8'));
      found.push({ name, kind, folder: path, about, hasTrusted: has('trusted_activations.npy') });
    }
  }
}

/**
 * The case's folder with every file unpacked: its own where nothing is packed, else one in `work`.
 * @param {Case} one
 * @param {string} work
 */
export async function unpacked({ name, folder }, work) {
  const files = readdirSync(folder);
  if (!files.some((file) => file.endsWith('.gz'))) return folder;
  const to = join(work, name);
  mkdirSync(to, { recursive: true });
  for (const file of files.filter((packed) => TAKEN.test(basename(packed, '.gz')))) {
    const source = createReadStream(join(folder, file));
    const target = createWriteStream(join(to, basename(file, '.gz')));
    await (file.endsWith('.gz') ? pipeline(source, createGunzip(), target) : pipeline(source, target));
  }
  return to;
}
