import { statSync } from 'node:fs';

/** Which file stands at a path, whatever links lead to it; null for none. */
export function fileIdentity(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}/${found.ino}`;
}
