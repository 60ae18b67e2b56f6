import { resolve } from 'node:path';

/** What the command line asks the app to open; Chromium's and Electron's own switches are passed over. */
export function parseAppArguments(
  argv: readonly string[],
  folder: string,
): { openCase: string | null; sample: string | null } {
  const at = argv.indexOf('--open-sample');
  const sample = at < 0 ? undefined : argv[at + 1];
  const named = argv.find((argument) => !argument.startsWith('-') && argument.endsWith('.bezoar'));
  return {
    openCase: named === undefined ? null : resolve(folder, named),
    sample: sample === undefined ? null : resolve(folder, sample),
  };
}
