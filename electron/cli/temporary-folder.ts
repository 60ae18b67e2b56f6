import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for this command alone, gone with it: at its end, and when it is interrupted. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bezoar-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [signal, code] of [
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(signal, () => process.exit(code));
  return folder;
}
