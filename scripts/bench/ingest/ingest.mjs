import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from '../../setup/child-process.mjs';
import { ROOT } from '../../setup/prepare.mjs';
import { PlainError } from '../../setup/steps.mjs';
import { pythonWith } from '../machine.mjs';
import { median, ratioOf, verdictOf } from '../verdict.mjs';
import { makeLog } from './make-log.mjs';
import { makeMatrix } from './make-matrix.mjs';

/** @typedef {{ wall: number, cpu: number, peak: number }} Took wall and processor seconds, bytes */
/** @typedef {{ title: string, peerTitle: string, megabytes: number, ours: Took, peer: Took, ratio: number, least: number, most: number, asked: number | null, verdict: import('../verdict.mjs').Verdict, faults: string[], version: string, date: string }} Ingested */

const SOURCE = join(ROOT, '..', 'shared', 'cases', 'logs', 'baseline.jsonl.gz');
const ROWS = 1_000_000;
/** An import may take no more memory than this. */
const MOST_BYTES = 1.2e9;
/** Rows of 4 KiB: 1 GB. */
const MATRIX_ROWS = 244_140;
/** An import may take so many times the memory of its matrix. */
const MOST_OF_MATRIX = 1.3;
/** Sums of a million numbers, added in another order. */
const TOLERANCE = 1e-9;

const logs = /** @type {const} */ ([
  { name: 'jsonl', title: 'JSON Lines', peerTitle: 'pandas read_json(lines=True)', asked: 2.5 },
  { name: 'csv', title: 'CSV', peerTitle: 'pandas read_csv', asked: 1 / 3 },
]);

/**
 * A log of a million requests from its file to the case, and the same file into a pandas frame, by turns, each in a
 * process of its own.
 * @param {string} node
 * @param {number} runs
 * @param {import('../../setup/steps.mjs').Steps} steps
 * @returns {Promise<Ingested[]>}
 */
export async function measureIngest(node, runs, steps) {
  if (!existsSync(SOURCE))
    throw new PlainError(
      'The log that this is measured on is not there (../shared/cases/logs/baseline.jsonl.gz).',
    );
  const python = await pythonWith('pandas');
  if (python === null)
    throw new PlainError('pandas is not installed. Install it: apt-get install python3-pandas.');
  const folder = mkdtempSync(join(tmpdir(), 'bezoar-bench-ingest-'));
  try {
    const paths = { jsonl: join(folder, 'log.jsonl'), csv: join(folder, 'log.csv') };
    const programs = await steps.run('building what is measured', async () => {
      const { folder: built } = await told(node, [join(import.meta.dirname, 'build-programs.mjs')]);
      return /** @type {string} */ (built);
    });
    await steps.run(`a log of ${ROWS} requests`, async () => makeLog(SOURCE, ROWS, paths));
    const found = [];
    for (const log of logs) {
      const path = paths[log.name];
      /** @type {Took[]} */
      const ours = [];
      /** @type {Took[]} */
      const peers = [];
      let faults = /** @type {string[]} */ ([]);
      let version = '';
      for (let run = 0; run < runs; run++) {
        const peer = await told(python, [join(import.meta.dirname, '..', 'peers', 'read_log.py'), path]);
        const own = await told(node, [join(programs, 'import-log.js'), path, join(folder, 'log.bezoar')]);
        ours.push(own);
        peers.push(peer);
        version = peer.version;
        faults = [
          ...disagreements(own.facts, peer.facts),
          ...(own.peak > MOST_BYTES ? [`it took ${own.peak} bytes of memory`] : []),
        ];
        steps.say(`${log.title}: ${peer.wall.toFixed(2)} s against ${own.wall.toFixed(2)} s`);
      }
      const walls = [peers.map(({ wall }) => wall), ours.map(({ wall }) => wall)];
      const ratios = ratioOf(walls[0], walls[1]);
      found.push({
        title: `${ROWS.toLocaleString('en')} requests as ${log.title}`,
        peerTitle: log.peerTitle,
        megabytes: statSync(path).size / 1e6,
        ours: medians(ours),
        peer: medians(peers),
        ...ratios,
        asked: log.asked,
        verdict: verdictOf({ ratio: ratios.ratio, asked: log.asked, runs, claims: true, faults }),
        faults,
        version,
        date: new Date().toISOString().slice(0, 10),
      });
    }
    for (const path of Object.values(paths)) rmSync(path);
    return [...found, ...(await measureMatrix(node, runs, folder, programs, steps))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A matrix of 1 GB beside a plain read of its file with its SHA-256, by turns, each in a process of its own: kept in its
 * file, and taken into the case, where it is written to the disk too, which nothing is asked of.
 * @param {string} node
 * @param {number} runs
 * @param {string} folder
 * @param {string} programs their folder
 * @param {import('../../setup/steps.mjs').Steps} steps
 * @returns {Promise<Ingested[]>}
 */
async function measureMatrix(node, runs, folder, programs, steps) {
  const path = join(folder, 'matrix.npy');
  await steps.run('a matrix of 1 GB', async () => makeMatrix(path, MATRIX_ROWS));
  const bytes = statSync(path).size;
  const ways = [
    { title: 'a .npy matrix that stays in its file', linkOver: ['0'], asked: 1 / 1.5 },
    { title: 'a .npy matrix into the case', linkOver: [], asked: null },
  ];
  const found = [];
  for (const { title, linkOver, asked } of ways) {
    /** @type {Took[]} */
    const ours = [];
    /** @type {Took[]} */
    const peers = [];
    /** @type {string[]} */
    const faults = [];
    let version = '';
    for (let run = 0; run < runs; run++) {
      const peer = await told(node, [join(import.meta.dirname, '..', 'peers', 'read-and-hash.mjs'), path]);
      const target = join(folder, 'matrix.bezoar');
      const own = await told(node, [join(programs, 'import-matrix.js'), path, target, ...linkOver]);
      ours.push(own);
      peers.push(peer);
      version = peer.version;
      if (own.facts.sha256 !== peer.facts.sha256) faults.push('the hashes differ');
      if (own.peak > MOST_OF_MATRIX * bytes) faults.push(`it took ${own.peak} bytes of memory`);
      steps.say(`${title}: ${peer.wall.toFixed(2)} s against ${own.wall.toFixed(2)} s`);
    }
    const ratios = ratioOf(
      peers.map(({ wall }) => wall),
      ours.map(({ wall }) => wall),
    );
    found.push({
      title,
      peerTitle: 'plain read and SHA-256 in Node',
      megabytes: bytes / 1e6,
      ours: medians(ours),
      peer: medians(peers),
      ...ratios,
      asked,
      verdict: verdictOf({ ratio: ratios.ratio, asked, runs, claims: true, faults }),
      faults,
      version,
      date: new Date().toISOString().slice(0, 10),
    });
  }
  return found;
}

/**
 * What a process of its own prints.
 * @param {string} program
 * @param {string[]} args
 */
async function told(program, args) {
  const { code, stdout, tail } = await runToEnd(program, args);
  if (code !== 0) throw new PlainError(`${args[0]} failed:\n${tail}`);
  return JSON.parse(stdout);
}

/** @param {Took[]} all */
const medians = (all) => ({
  wall: median(all.map(({ wall }) => wall)),
  cpu: median(all.map(({ cpu }) => cpu)),
  peak: median(all.map(({ peak }) => peak)),
});

/**
 * @param {Record<string, number>} ours
 * @param {Record<string, number>} peers
 */
function disagreements(ours, peers) {
  return Object.keys(peers)
    .filter((name) => !(Math.abs(ours[name] - peers[name]) <= TOLERANCE * Math.abs(peers[name])))
    .map((name) => `${name}: ours ${ours[name]}, the peer's ${peers[name]}`);
}
