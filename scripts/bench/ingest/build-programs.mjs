import { join } from 'node:path';
import { build } from 'vite';
import config from '../../../electron.vite.config.ts';
import { ROOT } from '../../setup/prepare.mjs';

/** Programs of the benchmark that run as the product is shipped. */
const PROGRAMS = ['import-log', 'import-matrix'];

/**
 * Builds these programs together with the product's own entries, its worker threads among them, and prints their folder.
 * From sources a thread takes some 150 ms to start, most of it to take the types out of them. A process of its own: the
 * memory of whoever starts a program counts as that program's.
 */
const outDir = join(ROOT, '.cache', 'bench', 'built');
const { main } = typeof config === 'object' && 'main' in config ? config : {};
const options = main?.build?.rolldownOptions;
const programs = PROGRAMS.map((name) => [name, join(import.meta.dirname, `${name}.mjs`)]);
await build({
  root: ROOT,
  configFile: false,
  logLevel: 'error',
  build: {
    ssr: true,
    outDir,
    target: 'node24',
    rolldownOptions: {
      ...options,
      input: {
        .../** @type {Record<string, string>} */ (options?.input),
        ...Object.fromEntries(programs),
      },
    },
  },
});
process.stdout.write(JSON.stringify({ folder: outDir }));
