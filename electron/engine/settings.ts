import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ThemeName } from '../contract/settings.ts';

/** What a person chose for every case. */
const StoredSettings = z.object({
  theme: ThemeName.catch('system'),
  /** The engine of the kernels; null takes the best of the machine. */
  kernels: z.string().nullable().catch(null),
});
type StoredSettings = z.infer<typeof StoredSettings>;

const FILE = 'settings.json';

/** The settings; those that are missing or damaged are the defaults. */
export function readSettings(userData: string): StoredSettings {
  let stored: unknown = {};
  try {
    stored = JSON.parse(readFileSync(join(userData, FILE), 'utf8'));
  } catch {
    // No file yet, or none that can be read.
  }
  return StoredSettings.safeParse(stored).data ?? StoredSettings.parse({});
}

/** Writes some settings; the others stay. */
export async function changeSettings(userData: string, change: Partial<StoredSettings>): Promise<void> {
  await mkdir(userData, { recursive: true });
  const file = join(userData, FILE);
  writeFileSync(`${file}.new`, JSON.stringify({ ...readSettings(userData), ...change }));
  renameSync(`${file}.new`, file);
}
