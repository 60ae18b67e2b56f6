import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MAX_LOG_BYTES = 1024 * 1024;

/** Appends dated lines to `userData/bezoar.log`; what is over a megabyte becomes `bezoar.old.log`. */
export function openLogFile(userData: string): (line: string) => void {
  const path = join(userData, 'bezoar.log');
  return (line) => {
    try {
      mkdirSync(userData, { recursive: true });
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES)
        renameSync(path, join(userData, 'bezoar.old.log'));
      appendFileSync(path, `${new Date().toISOString()} ${line}\n`);
    } catch {
      // A log that cannot be written must not end what it is about.
    }
  };
}
