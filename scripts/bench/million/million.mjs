import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../../setup/child-process.mjs';
import { ROOT } from '../../setup/prepare.mjs';
import { PlainError } from '../../setup/steps.mjs';
import { COLS, makeCase, ROWS } from './make-case.mjs';

/** @typedef {{ mode: string, asked: number | null, steps: import('./measure.mjs').Step[], date: string }} MillionRows */

/** Most bytes asked for beside the matrix's own where it is in memory, and in all where it is streamed. */
const ASKED = { streamed: 600e6, resident: 4 * ROWS * COLS + 1.5e9, map: null };

/** Whether a way took more memory than asked. @param {MillionRows} way */
export const tooMuch = ({ asked, steps }) => asked !== null && steps.some(({ peak }) => peak > asked);

/**
 * 1,000,000 x 512 through the kernels, each mode in a process of its own.
 * @param {string} node
 * @param {import('../../setup/steps.mjs').Steps} steps
 * @returns {Promise<MillionRows[]>}
 */
export async function millionRows(node, steps) {
  const folder = join(ROOT, '.cache', 'bench', 'million');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'million.bezoar');
  if (!existsSync(path)) await steps.run('a case of 1,000,000 x 512', () => makeCase(folder, path));
  const found = [];
  for (const [mode, asked] of Object.entries(ASKED)) {
    const { code, stdout, tail } = await runToEnd(node, [
      join(import.meta.dirname, 'measure.mjs'),
      path,
      mode,
    ]);
    if (code !== 0) throw new PlainError(`${mode}: the measurement failed:\n${tail}`);
    found.push({ mode, asked, steps: JSON.parse(stdout), date: new Date().toISOString().slice(0, 10) });
    steps.say(`${mode}: ${stdout.trim()}`);
  }
  rmSync(`${path}.user`, { recursive: true, force: true });
  return found;
}
