import { join } from 'node:path';
import { runToEnd } from '../setup/child-process.mjs';
import { PlainError } from '../setup/steps.mjs';
import { readAbout } from './data-files.mjs';
import { startContestant } from './conversation.mjs';
import { median, ratioOf, verdictOf } from './verdict.mjs';

/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {import('./conversation.mjs').Contestant} Contestant */
/** @typedef {import('./conversation.mjs').Facts} Facts */

/**
 * @typedef {object} Setting
 * @property {string} node path of the Node program
 * @property {string | null} python path of a Python that has the peers; null where there is none
 * @property {string} engine
 * @property {string | null} blas core type that OpenBLAS is made to use
 * @property {number} runs
 * @property {string} folder of the data sets
 */

/**
 * @typedef {object} Result
 * @property {string} row
 * @property {string} engine
 * @property {string | null} forcedBlas
 * @property {string} date
 * @property {number} runs
 * @property {{ cpu: number, wall: number, peak: number, resting: number, versions: Record<string, string> }} ours medians
 * @property {{ cpu: number, wall: number, peak: number, resting: number, versions: Record<string, string>, blas: string | null } | null} peer
 * @property {number | null} ratio
 * @property {number | null} least
 * @property {number | null} most
 * @property {number | null} asked
 * @property {number | null} atMost
 * @property {import('./verdict.mjs').Verdict} verdict
 * @property {string[]} faults
 * @property {string} found
 */

const HERE = import.meta.dirname;

/**
 * Runs both sides by turns and judges the row.
 * @param {Row} row
 * @param {Setting} setting
 * @returns {Promise<Result>}
 */
export async function compare(row, setting) {
  const peer = await startPeer(row, setting);
  try {
    const args = [join(HERE, 'ours', row.ours), setting.folder, setting.engine, ...row.data];
    const ours = await startContestant(setting.node, args, oneThread(setting));
    try {
      return await alternate(row, setting, ours, peer);
    } finally {
      await ours.end();
    }
  } finally {
    await peer?.end();
  }
}

/**
 * @param {Row} row
 * @param {Setting} setting
 * @returns {Promise<Contestant | null>}
 */
async function startPeer(row, setting) {
  if (row.peer === 'wasm') {
    const args = [join(HERE, 'ours', row.ours), setting.folder, 'wasm', ...row.data];
    return startContestant(setting.node, args, oneThread(setting));
  }
  const script = join(HERE, 'peers', row.peer);
  const program = row.peer.endsWith('.py') ? setting.python : setting.node;
  return program === null
    ? null
    : startContestant(program, [script, setting.folder, ...row.data], oneThread(setting));
}

/**
 * @param {Row} row
 * @param {Setting} setting
 * @param {Contestant} ours
 * @param {Contestant | null} peer
 * @returns {Promise<Result>}
 */
async function alternate(row, setting, ours, peer) {
  const [oursRuns, peerRuns] = [
    /** @type {import('./conversation.mjs').Cost[]} */ ([]),
    /** @type {import('./conversation.mjs').Cost[]} */ ([]),
  ];
  for (let run = 0; run < setting.runs; run++) {
    if (peer !== null) peerRuns.push(await peer.run());
    oursRuns.push(await ours.run());
  }
  const oursFacts = await ours.facts();
  const peerFacts = await peer?.facts();
  if (row.judgesMaps && peerFacts !== undefined) await judgeMaps(row, setting, oursFacts, peerFacts);
  const faults = [];
  const disagreement = peerFacts === undefined ? null : row.agree(oursFacts, peerFacts);
  if (disagreement !== null) faults.push(disagreement);
  const grown = row.mostMegabytes === undefined ? 0 : await megabytesOfOneRun(row, setting);
  if (row.mostMegabytes !== undefined && grown > row.mostMegabytes)
    faults.push(`One run took ${grown.toFixed(0)} MB; at most ${row.mostMegabytes} are asked.`);

  const measured =
    peer === null
      ? { ratio: null, least: null, most: null }
      : ratioOf(
          peerRuns.map(({ cpu }) => cpu),
          oursRuns.map(({ cpu }) => cpu),
        );
  const asked = askedOf(row, setting.engine, peer?.ready.blas ?? null);
  const { ratio } = measured;
  const atMost = row.askedAtMost ?? null;
  const claims = row.data.every((name) => readAbout(setting.folder, name).source !== 'generated');
  return {
    row: row.name,
    engine: setting.engine,
    forcedBlas: setting.blas,
    date: new Date().toISOString().slice(0, 10),
    runs: setting.runs,
    ours: { ...summary(oursRuns), resting: ours.ready.resting, versions: ours.ready.versions },
    peer:
      peer === null
        ? null
        : {
            ...summary(peerRuns),
            resting: peer.ready.resting,
            versions: peer.ready.versions,
            blas: peer.ready.blas,
          },
    ...measured,
    asked,
    atMost,
    verdict:
      ratio === null
        ? 'no claim'
        : verdictOf({
            ratio: atMost === null ? ratio : atMost / ratio,
            asked: atMost === null ? asked : 1,
            runs: setting.runs,
            claims,
            faults,
          }),
    faults,
    found: peerFacts === undefined ? '' : row.say(oursFacts, peerFacts),
  };
}

/**
 * What one run takes above the process with its data, in a process of its own.
 * @param {Row} row
 * @param {Setting} setting
 */
async function megabytesOfOneRun(row, setting) {
  const args = [join(HERE, 'ours', row.ours), setting.folder, setting.engine, ...row.data];
  const alone = await startContestant(setting.node, args, { ...oneThread(setting), BEZOAR_BENCH_COLD: '1' });
  try {
    const { peak } = await alone.run();
    return (peak - alone.ready.resting) / 1e6;
  } finally {
    await alone.end();
  }
}

/**
 * Adds the maps' trustworthiness to what both sides found, where Python is there.
 * @param {Row} row
 * @param {Setting} setting
 * @param {Facts} ours
 * @param {Facts} peer
 */
async function judgeMaps(row, setting, ours, peer) {
  if (setting.python === null) return;
  const args = [join(HERE, 'peers', 'trustworthiness.py'), setting.folder, row.data[0], ours.map, peer.map];
  const { code, stdout, tail } = await runToEnd(setting.python, args.map(String));
  if (code !== 0) throw new PlainError(`The maps could not be judged:\n${tail}`);
  [ours.trustworthiness, peer.trustworthiness] = JSON.parse(stdout);
}

/** @param {readonly import('./conversation.mjs').Cost[]} runs */
function summary(runs) {
  return {
    cpu: median(runs.map(({ cpu }) => cpu)),
    wall: median(runs.map(({ wall }) => wall)),
    peak: runs[runs.length - 1].peak,
  };
}

/**
 * What is asked of this engine against this linear algebra; only AVX-512 and AVX2 are asked anything.
 * @param {Row} row
 * @param {string} engine
 * @param {string | null} blas
 */
export function askedOf(row, engine, blas) {
  const set = engine === 'native-avx512' ? 'avx512' : engine === 'native-avx2' ? 'avx2' : null;
  if (set === null) return null;
  const fast = /skylakex|cooperlake|sapphirerapids/i.test(blas ?? '');
  return ((fast ? row.askedOfFastBlas : undefined) ?? row.asked)?.[set] ?? null;
}

/**
 * One thread for every library that would take more.
 * @param {Setting} setting
 * @returns {NodeJS.ProcessEnv}
 */
function oneThread({ blas }) {
  const one = Object.fromEntries(
    [
      'OPENBLAS_NUM_THREADS',
      'OMP_NUM_THREADS',
      'MKL_NUM_THREADS',
      'BLIS_NUM_THREADS',
      'NUMBA_NUM_THREADS',
      'UV_THREADPOOL_SIZE',
    ].map((name) => [name, '1']),
  );
  return { ...process.env, ...one, ...(blas === null ? {} : { OPENBLAS_CORETYPE: blas }) };
}
