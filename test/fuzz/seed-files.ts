import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { SeedFile } from './fuzz-entry.ts';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'formats');

/** Files that the formats' own libraries wrote (test/fixtures/formats, beside the scripts that wrote them). */
export const written = (...names: readonly string[]): readonly SeedFile[] =>
  names.map((name) => ({ name: basename(name), bytes: readFileSync(join(FOLDER, name)) }));
