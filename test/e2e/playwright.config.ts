import { defineConfig } from '@playwright/test';
import type { HostOptions } from './workbench.ts';

const electron = process.env.BEZOAR_ELECTRON;

/** The same specs on each host. Electron joins wherever its binary is there. */
export default defineConfig<HostOptions>({
  testDir: '.',
  outputDir: '../../test-results',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  projects: [
    { name: 'serve', use: { hostKind: 'serve', webgl: true }, grepInvert: /@no-webgl/ },
    {
      name: 'serve-without-webgl',
      use: { hostKind: 'serve', webgl: false },
      grep: /@map|@story|@no-webgl/,
      grepInvert: /@webgl/,
    },
    ...(electron
      ? [
          {
            name: 'electron',
            use: { hostKind: 'electron' as const, webgl: true },
            grepInvert: /@no-webgl/,
          },
        ]
      : []),
  ],
});
