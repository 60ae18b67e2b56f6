import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { resolve } from 'node:path';

const here = import.meta.dirname;

// Every Node-side entry lands flat in out/main, so that an entry finds its sibling (worker, engine) by name.
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rolldownOptions: {
        input: {
          main: resolve(here, 'electron/main/main.ts'),
          engine: resolve(here, 'electron/engine/entry.ts'),
          cli: resolve(here, 'electron/cli/main.ts'),
          serve: resolve(here, 'electron/serve/main.ts'),
          worker: resolve(here, 'native-workers/worker.ts'),
          'image-decoder': resolve(here, 'electron/engine/ingest/images/image-decoder.ts'),
          'checkpoint-worker': resolve(here, 'electron/engine/case/checkpoint-worker.ts'),
          'import-worker': resolve(here, 'electron/engine/ingest/import-worker.ts'),
          'value-check-worker': resolve(here, 'electron/engine/ingest/value-check-worker.ts'),
          'other-case-worker': resolve(here, 'electron/engine/compare/other-case-worker.ts'),
          'look-worker': resolve(here, 'electron/engine/ingest/look-worker.ts'),
          'log-read-worker': resolve(here, 'electron/engine/ingest/logs/log-read-worker.ts'),
          'log-look-worker': resolve(here, 'electron/engine/ingest/logs/log-look-worker.ts'),
          'log-parse-worker': resolve(here, 'electron/engine/ingest/logs/log-parse-worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rolldownOptions: {
        input: { preload: resolve(here, 'electron/preload/preload.ts') },
        // A sandboxed preload must be CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(here, 'renderer'),
    plugins: [react()],
    build: {
      outDir: resolve(here, 'out/renderer'),
      rolldownOptions: { input: { index: resolve(here, 'renderer/index.html') } },
      assetsInlineLimit: 0,
    },
  },
});
