/** The folders that the import rules speak of: a module elsewhere is bound by none of them. */
const RULED = [
  'electron/contract/',
  'electron/main/',
  'electron/supervisor/',
  'electron/preload/',
  'electron/engine/',
  'electron/cli/',
  'electron/serve/',
  'native-workers/',
  'renderer/',
];

/**
 * Compares what the import check saw with what the repository holds.
 * @param {string[]} listed source files of the repository
 * @param {string[]} seen modules of the import check
 * @returns {{ unseen: string[], unruledFolders: string[] }}
 */
export function moduleCoverage(listed, seen) {
  const known = new Set(seen);
  const unruled = listed.filter((file) => !RULED.some((folder) => file.startsWith(folder)));
  return {
    unseen: listed.filter((file) => !known.has(file)),
    unruledFolders: [...new Set(unruled.map((file) => file.slice(0, file.lastIndexOf('/') + 1)))].sort(),
  };
}
