import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'electron/**/*.test.ts',
      'native-workers/**/*.test.ts',
      'renderer/**/*.test.ts',
      'scripts/**/*.test.ts',
      'test/{golden,conformance,faults}/**/*.test.ts',
    ],
    pool: 'forks',
    testTimeout: 60_000,
  },
});
