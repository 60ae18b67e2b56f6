import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The engine's entry: beside the built caller, or the source when run from source. */
export function engineEntryPath(): string {
  const built = join(import.meta.dirname, 'engine.js');
  return existsSync(built) ? built : join(import.meta.dirname, 'entry.ts');
}
