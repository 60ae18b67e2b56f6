import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../../electron/engine/create-engine.ts';
import { invoke } from '../../../electron/engine/dispatch.ts';
import { grantFile } from '../../../electron/engine/grant-file.ts';
import { planImport } from '../../../electron/engine/import-plan.ts';
import { mixHash } from '../../../native-workers/numeric/hash.ts';

export const ROWS = 1_000_000;
export const COLS = 512;
const CLASSES = 10;
const LATENT = 12;
const BLOCK = 4096;

/** A number between -1 and 1 that follows from its place alone. @param {number} at @param {number} purpose */
const draw = (at, purpose) => mixHash(at, purpose) / 2 ** 31 - 1;

/**
 * Writes 1,000,000 x 512 activations as after a ReLU (class means, latent factors of falling scale, noise) with their records.
 * @param {string} activations @param {string} records
 */
function writeEvidence(activations, records) {
  const means = Float32Array.from({ length: CLASSES * COLS }, (_, i) => 2 * draw(i, 1));
  const loads = Float32Array.from(
    { length: LATENT * COLS },
    (_, i) => draw(i, 2) * 2 ** -(Math.floor(i / COLS) / 4),
  );
  const file = openSync(activations, 'w');
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${ROWS}, ${COLS}), }`.padEnd(117) + '\n';
  writeSync(
    file,
    Buffer.concat([
      Buffer.from([0x93]),
      Buffer.from('NUMPY\x01\x00', 'latin1'),
      Buffer.from([118, 0]),
      Buffer.from(header, 'latin1'),
    ]),
  );
  const lines = openSync(records, 'w');
  writeSync(lines, 'key,label\n');
  const block = new Float32Array(BLOCK * COLS);
  for (let from = 0; from < ROWS; from += BLOCK) {
    const rows = Math.min(BLOCK, ROWS - from);
    let text = '';
    for (let r = 0; r < rows; r++) {
      const row = from + r;
      const label = mixHash(row, 3) % CLASSES;
      text += `k${row},class-${label}\n`;
      const factors = Float32Array.from({ length: LATENT }, (_, l) => 2 * draw(row * LATENT + l, 4));
      for (let j = 0; j < COLS; j++) {
        let value = means[label * COLS + j] + 0.6 * draw(row * COLS + j, 5);
        for (let l = 0; l < LATENT; l++) value += factors[l] * loads[l * COLS + j];
        block[r * COLS + j] = Math.max(0, value);
      }
    }
    writeSync(file, new Uint8Array(block.buffer, 0, 4 * rows * COLS));
    writeSync(lines, text);
  }
  closeSync(file);
  closeSync(lines);
}

/**
 * Imports the evidence into a case, as the app does.
 * @param {string} folder
 * @param {string} path of the case
 */
export async function makeCase(folder, path) {
  const [activations, records] = [join(folder, 'million.npy'), join(folder, 'million.csv')];
  writeEvidence(activations, records);
  const engine = createEngine({
    userData: folder,
    threads: 2,
    kernels: null,
    publish: () => undefined,
    onCase: () => undefined,
    log: (text) => process.stderr.write(`${text}\n`),
  });
  try {
    rmSync(`${path}.new`, { force: true });
    await invoke(engine, 'case/create', { target: grantFile(engine.grants, `${path}.new`, 'write') });
    const files = [activations, records].map((file) => grantFile(engine.grants, file, 'read'));
    const { files: proposals } = await invoke(engine, 'evidence/propose', { files });
    const { job } = await invoke(engine, 'evidence/import', planImport(proposals));
    const { state, failure } = await engine.jobs.ended(job);
    if (state !== 'done') throw new Error(failure?.sentence ?? `the import was ${state}`);
    await invoke(engine, 'case/close', {});
  } finally {
    await engine.close();
  }
  renameSync(`${path}.new`, path);
  rmSync(activations);
  rmSync(records);
}
