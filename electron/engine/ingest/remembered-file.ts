import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** So many are remembered; the oldest is forgotten. */
const MOST = 200;

/** What is remembered beside the settings, the newest first. */
export interface RememberedFile<T> {
  read(): T[];
  /** These first, then those of before that they do not stand for. */
  remember(fresh: readonly T[], isReplaced: (earlier: T) => boolean): void;
}

/** A file of mappings; one that is damaged or cannot be written only means that nothing is remembered. */
export function openRememberedFile<T>(
  userData: string,
  name: string,
  mapping: z.ZodType<T>,
): RememberedFile<T> {
  const path = join(userData, name);
  const stored = z.object({ mappings: z.array(mapping) });
  const read = (): T[] => {
    try {
      return stored.parse(JSON.parse(readFileSync(path, 'utf8'))).mappings;
    } catch {
      return [];
    }
  };
  return {
    read,
    remember: (fresh, isReplaced) => {
      const mappings = [...fresh, ...read().filter((one) => !isReplaced(one))].slice(0, MOST);
      try {
        mkdirSync(userData, { recursive: true });
        writeFileSync(`${path}.new`, JSON.stringify({ mappings }));
        renameSync(`${path}.new`, path);
      } catch {
        return;
      }
    },
  };
}
