import { expect, test } from 'vitest';
import { moduleCoverage } from './module-coverage.mjs';

test('a module that was not seen and a folder without a rule are named', () => {
  const listed = [
    'electron/main/main.ts',
    'electron/extra/a.ts',
    'electron/extra/b.ts',
    'renderer/app/main.tsx',
  ];
  expect(
    moduleCoverage(listed, ['electron/main/main.ts', 'electron/extra/a.ts', 'electron/extra/b.ts']),
  ).toEqual({
    unseen: ['renderer/app/main.tsx'],
    unruledFolders: ['electron/extra/'],
  });
  expect(moduleCoverage(['native-workers/worker.ts'], ['native-workers/worker.ts'])).toEqual({
    unseen: [],
    unruledFolders: [],
  });
});
