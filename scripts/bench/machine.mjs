import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { runToEnd } from '../setup/child-process.mjs';
import { availableEngines } from '../../native-workers/engine.ts';

/** @typedef {{ processor: string, cores: number, memory: number, system: string, engines: import('../../native-workers/engines/kernels.ts').EngineName[] }} Machine */

/** @returns {Machine} */
export function thisMachine() {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
    system: `${process.platform}-${process.arch}`,
    engines: availableEngines(),
  };
}

/** The Python whose packages come from the system first: another one's may be of other versions. */
const PYTHONS = ['/usr/bin/python3', 'python3', 'python'];

/**
 * A Python that has every peer; null where there is none.
 * @returns {Promise<string | null>}
 */
export function pythonWithPeers() {
  return pythonWith('scipy, sklearn, umap, pynndescent');
}

/**
 * A Python that has these modules; null where there is none.
 * @param {string} modules
 * @param {string} [first] is asked before the usual ones
 * @returns {Promise<string | null>}
 */
export async function pythonWith(modules, first) {
  for (const python of first === undefined ? PYTHONS : [first, ...PYTHONS]) {
    if (python.startsWith('/') && !existsSync(python)) continue;
    try {
      const { code } = await runToEnd(python, ['-c', `import ${modules}`]);
      if (code === 0) return python;
    } catch {
      // Not installed under this name.
    }
  }
  return null;
}
