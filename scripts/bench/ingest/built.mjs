import { join } from 'node:path';
import { build } from 'vite';
import config from '../../../electron.vite.config.ts';
import { ROOT } from '../../setup/prepare.mjs';

/** Programs of the benchmark that run as the product is shipped. */
const PROGRAMS = ['import-log', 'import-matrix'];

/**
 * Builds these programs together with the product's own entries, its worker threads among them: from sources a thread
 * takes some 150 ms to start, most of it to take the types out of them.
 * @returns {Promise<string>} the folder with the programs as NAME.js
 */
export async function buildPrograms() {
  const outDir = join(ROOT, '.cache', 'bench', 'built');
  const { main } = typeof config === 'object' && 'main' in config ? config : {};
  const options = main?.build?.rolldownOptions;
  const programs = PROGRAMS.map((name) => [name, join(import.meta.dirname, `${name}.mjs`)]);
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      outDir,
      target: 'node24',
      rolldownOptions: {
        ...options,
        input: { .../** @type {Record<string, string>} */ (options?.input), ...Object.fromEntries(programs) },
      },
    },
  });
  return outDir;
}
