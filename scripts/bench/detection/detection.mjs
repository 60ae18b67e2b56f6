import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { atInterrupt, runToEnd } from '../../setup/child-process.mjs';
import { ROOT } from '../../setup/prepare.mjs';
import { PlainError, seconds } from '../../setup/steps.mjs';
import { thisMachine } from '../machine.mjs';
import { findCases, unpacked } from './cases.mjs';
import { ratesOf } from './judge.mjs';

/** @typedef {import('./cases.mjs').Case} Case */
/** @typedef {import('./cases.mjs').Absent} Absent */
/** @typedef {import('./measure-scan.mjs').Scanned} Scanned */
/** @typedef {import('./measure-halves.mjs').Half} Half */
/** @typedef {'with' | 'without'} Mode */
/** @typedef {Pick<Case, 'name' | 'kind' | 'about' | 'hasTrusted'>} KnownCase */
/** @typedef {{ case: string, mode: Mode, threads: number, date: string, scanned: Scanned | null, failure: string | null }} ScanOfCase */
/** @typedef {{ case: string, asked: number, date: string, halves: Half[] | null, failure: string | null }} HalvesOfCase */

/**
 * @typedef {object} Detection
 * @property {import('../machine.mjs').Machine} machine
 * @property {KnownCase[]} cases
 * @property {Absent[]} absent
 * @property {ScanOfCase[]} scans
 * @property {HalvesOfCase[]} halves
 */

const KEPT = join(ROOT, '.cache', 'bench', 'detection.json');
/** Random halves of the measurement case without poison, and of each own one. */
const HALVES = { measurement: 20, own: 10 };

/**
 * Scans every case in both modes and halves of the clean ones; each result is kept as soon as it is there.
 * @param {object} setting
 * @param {string} setting.node
 * @param {string | null} setting.folder of own cases; null takes those of scripts/attack-cases.py
 * @param {string[] | null} setting.only names of cases; null measures all and forgets what was kept
 * @param {number | null} setting.threads
 * @param {(line: string) => void} setting.say
 * @returns {Promise<Detection>}
 */
export async function measureDetection({ node, folder, only, threads, say }) {
  const { found, absent } = findCases(folder);
  const unknown = only?.find((name) => !found.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new PlainError(
      `There is no case '${unknown}' here. The cases: ${found.map(({ name }) => name).join(', ')}.`,
    );
  const before = only === null ? null : kept();
  /** @type {Detection} */
  const all = {
    machine: thisMachine(),
    cases: found.map(({ name, kind, about, hasTrusted }) => ({ name, kind, about, hasTrusted })),
    absent,
    scans: before?.scans ?? [],
    halves: before?.halves ?? [],
  };
  for (const { name, reason } of absent) say(`${name}: left out, ${reason}`);
  const work = mkdtempSync(join(tmpdir(), 'bezoar-detection-cases-'));
  const clear = () => rmSync(work, { recursive: true, force: true });
  atInterrupt(clear);
  const workers = threads ?? availableParallelism();
  try {
    for (const one of found.filter(({ name }) => only?.includes(name) ?? true)) {
      const at = await unpacked(one, work);
      for (const mode of /** @type {Mode[]} */ (one.hasTrusted ? ['with', 'without'] : ['without'])) {
        const scan = await scanCase(node, one.name, at, mode, workers);
        all.scans = [...all.scans.filter((old) => old.case !== one.name || old.mode !== mode), scan];
        keep(all);
        say(scanLine(scan));
      }
      if (one.about.poisoned === 0) {
        const halves = await scanHalves(node, one, at, workers);
        all.halves = [...all.halves.filter((old) => old.case !== one.name), halves];
        keep(all);
        say(halvesLine(halves));
      }
      if (at !== one.folder) rmSync(at, { recursive: true, force: true });
    }
  } finally {
    clear();
  }
  keep(all);
  return all;
}

/**
 * @param {string} node
 * @param {string} name
 * @param {string} folder
 * @param {Mode} mode
 * @param {number} threads
 * @returns {Promise<ScanOfCase>}
 */
async function scanCase(node, name, folder, mode, threads) {
  const { result, failure } = await printed(node, 'measure-scan.mjs', [folder, mode, String(threads)]);
  return { case: name, mode, threads, date: today(), scanned: result, failure };
}

/**
 * @param {string} node
 * @param {Case} one
 * @param {string} folder
 * @param {number} threads
 * @returns {Promise<HalvesOfCase>}
 */
async function scanHalves(node, { name, kind }, folder, threads) {
  const asked = HALVES[kind];
  const { result, failure } = await printed(node, 'measure-halves.mjs', [
    folder,
    String(asked),
    String(threads),
  ]);
  return { case: name, asked, date: today(), halves: result, failure };
}

/**
 * What a measuring process printed, or the last line of its complaints.
 * @param {string} node
 * @param {string} script
 * @param {string[]} args
 */
async function printed(node, script, args) {
  const { code, stdout, tail } = await runToEnd(node, [join(import.meta.dirname, script), ...args]);
  if (code === 0) return { result: JSON.parse(stdout.trimEnd().split('\n').pop() ?? ''), failure: null };
  const line = tail.split('\n').find((text) => /^\S*Error: /.test(text)) ?? tail.split('\n').pop() ?? '';
  return { result: null, failure: line === '' ? `it ended with ${code}` : line };
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

/** @returns {Detection | null} what was kept on this machine */
function kept() {
  if (!existsSync(KEPT)) return null;
  /** @type {Detection} */
  const all = JSON.parse(readFileSync(KEPT, 'utf8'));
  return all.machine.processor === thisMachine().processor ? all : null;
}

/** @param {Detection} all */
function keep(all) {
  mkdirSync(join(KEPT, '..'), { recursive: true });
  writeFileSync(KEPT, JSON.stringify(all, null, 1));
}

/** @param {ScanOfCase} scan */
function scanLine({ case: name, mode, scanned, failure }) {
  const title = `${name}, ${mode} a trusted set`;
  if (scanned === null) return `${title}: failed. ${failure}`;
  const { f1 } = ratesOf(scanned.flagged);
  const named = scanned.classes.filter(({ decision }) => decision === 'alarm' || decision === 'structure');
  return (
    `${title}: ${f1 === null ? '' : `F1 ${f1.toFixed(3)}, `}${scanned.flagged.flagged} flagged, ` +
    `${named.map((one) => `${one.decision} ${one.name} (${one.ways.join(', ')})`).join('; ') || 'dark'}, ` +
    `${seconds(1000 * scanned.seconds)}, ${(scanned.peak / 1e6).toFixed(0)} MB`
  );
}

/** @param {HalvesOfCase} halves */
function halvesLine({ case: name, halves, failure }) {
  if (halves === null) return `halves of ${name}: failed. ${failure}`;
  const sum = (/** @type {(half: Half) => number} */ of) =>
    halves.reduce((total, half) => total + of(half), 0);
  return (
    `${halves.length} scans of halves of ${name}: ${sum(({ alarms }) => alarms.length)} alarms, ` +
    `${sum(({ structures }) => structures.length)} structures, ${sum(({ flagged }) => flagged)} rows flagged`
  );
}
