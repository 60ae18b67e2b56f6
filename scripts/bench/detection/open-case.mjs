import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../../electron/engine/create-engine.ts';
import { invoke } from '../../../electron/engine/dispatch.ts';
import { grantFile } from '../../../electron/engine/grant-file.ts';
import { planImport } from '../../../electron/engine/import-plan.ts';

/** @typedef {import('../../../electron/engine/create-engine.ts').EngineInstance} EngineInstance */
/** @typedef {import('../../../electron/contract/evidence.ts').ArrayRole} ArrayRole */

/** What a case's files are; `truth.csv` is none of them. */
const FILES = /** @type {const} */ ([
  ['activations.npy', 'investigated', 'activations'],
  ['logits.npy', 'investigated', 'logits'],
  ['images.npy', 'investigated', 'images'],
  ['records.csv', 'investigated', 'records'],
  ['trusted_activations.npy', 'trusted', 'activations'],
  ['trusted_logits.npy', 'trusted', 'logits'],
  ['trusted_records.csv', 'trusted', 'records'],
]);

/**
 * Imports every file of a case into a case file of its own and works on it; all of it is gone afterwards.
 * @template Result
 * @param {string} folder
 * @param {number} threads
 * @param {(engine: EngineInstance) => Promise<Result>} work
 */
export async function withCase(folder, threads, work) {
  const temporary = mkdtempSync(join(tmpdir(), 'bezoar-detection-'));
  const engine = createEngine({
    userData: temporary,
    threads,
    kernels: null,
    publish: () => undefined,
    onCase: () => undefined,
    log: (text) => process.stderr.write(`${text}\n`),
  });
  try {
    const target = grantFile(engine.grants, join(temporary, 'case.bezoar'), 'write');
    await invoke(engine, 'case/create', { target });
    await importFiles(engine, folder);
    return await work(engine);
  } finally {
    await engine.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * @param {EngineInstance} engine
 * @param {string} folder
 */
async function importFiles(engine, folder) {
  const files = FILES.filter(([name]) => existsSync(join(folder, name)));
  const tokens = files.map(([name]) => grantFile(engine.grants, join(folder, name), 'read'));
  const { files: proposed } = await invoke(engine, 'evidence/propose', { files: tokens });
  const proposals = proposed.map((proposal) => {
    const [, dataset, role] = files[tokens.indexOf(proposal.token)] ?? [];
    if (dataset === undefined || role === undefined) return proposal;
    if (role === 'records') return { ...proposal, dataset };
    return { ...proposal, dataset, entries: proposal.entries.map((entry) => ({ ...entry, role })) };
  });
  const { job } = await invoke(engine, 'evidence/import', planImport(proposals));
  await ended(engine, job);
}

/**
 * @param {EngineInstance} engine
 * @param {string} id
 */
export async function ended(engine, id) {
  const job = await engine.jobs.ended(id);
  if (job.state !== 'done') throw new Error(job.failure?.sentence ?? `${job.title} was ${job.state}`);
  return job.result;
}

/**
 * Truth of the rows with these keys, 1 = poisoned. It is read to judge by, after a scan has ended.
 * @param {string} folder
 * @param {readonly string[]} keys
 */
export function readTruth(folder, keys) {
  const [head = '', ...lines] = readFileSync(join(folder, 'truth.csv'), 'utf8').trimEnd().split(/\r?\n/);
  const at = head.split(',').indexOf('poisoned');
  const truth = new Map(
    lines.map((line) => {
      const cells = line.split(',');
      return [cells[0], Number(cells[at])];
    }),
  );
  return Uint8Array.from(keys, (key) => {
    const poisoned = truth.get(key);
    if (poisoned !== 0 && poisoned !== 1) throw new Error(`truth.csv of ${folder} does not know ${key}`);
    return poisoned;
  });
}
