import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BezoarError } from '../../../contract/errors.ts';

/** A log of more files than this is no drop on a window. */
const MOST_FILES = 20_000;
const MOST_DEPTH = 16;

/** A file of a log: where it is, and what it is called in the case. */
export interface LogFile {
  readonly path: string;
  readonly name: string;
}

const natural = new Intl.Collator('en', { numeric: true });
/** In natural order (2 before 10), equal ones by code unit. */
const byName = (a: string, b: string): number => natural.compare(a, b) || (a < b ? -1 : 1);

/**
 * The files that were dropped, folders replaced by what is in them: in natural order of their names, without hidden
 * files and without following links.
 * @throws BezoarError evidence/too-large
 */
export function logFiles(paths: readonly string[]): LogFile[] {
  const files: LogFile[] = [];
  const walk = (folder: string, prefix: string, depth: number): void => {
    for (const name of readdirSync(folder).sort(byName)) {
      if (name.startsWith('.')) continue;
      const path = join(folder, name);
      const stat = lstatSync(path);
      if (stat.isDirectory() && depth < MOST_DEPTH) walk(path, `${prefix}${name}/`, depth + 1);
      else if (stat.isFile()) add(path, prefix + name);
    }
  };
  const add = (path: string, name: string): void => {
    files.push({ path, name });
    if (files.length > MOST_FILES)
      throw new BezoarError(
        'evidence/too-large',
        `There are more than ${MOST_FILES} files in what was dropped. Nothing was imported. Drop the days that matter.`,
      );
  };
  for (const path of [...paths].sort((a, b) => byName(basename(a), basename(b)))) {
    const stat = statSync(path, { throwIfNoEntry: false });
    // A file that is gone is told of when it is opened.
    if (stat?.isDirectory() === true) walk(path, `${basename(path)}/`, 1);
    else add(path, basename(path));
  }
  return files;
}
