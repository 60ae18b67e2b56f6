import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  followFile,
  identityOf,
  type FileEvents,
  type FollowedFile,
  type LineBlock,
} from './followed-file.ts';

/** What is compressed is a file that was finished before: logs are followed as they are written. */
const FINISHED = /\.(gz|zst|bz2|xz|zip)$/i;

export interface FollowedBlock extends LineBlock {
  readonly name: string;
  /** Which of the files it is of, counted as they were first seen. */
  readonly file: number;
}

/** A file, or every file of a folder, that others write to. */
export interface FollowedSource {
  next(): FollowedBlock | null;
  behind(): number;
  missing(): boolean;
  events(): FileEvents;
  close(): void;
}

/**
 * Follows a file, or the files of a folder: those that come later are read from their start, in the order of their names. A file
 * of the folder that only changes its name is not read again.
 *
 * @param fromStart false: what is there already is skipped
 */
export function followSource(path: string, fromStart: boolean): FollowedSource {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const files: { readonly name: string; readonly followed: FollowedFile }[] = isFolder
    ? []
    : [{ name: basename(path), followed: followFile(path, fromStart) }];
  let looked = false;

  /** Takes in what is new in the folder. */
  const look = (): void => {
    for (const name of isFolder ? namesIn(path) : []) {
      if (files.some((one) => one.name === name)) continue;
      const full = join(path, name);
      const stats = statSync(full, { throwIfNoEntry: false });
      if (stats === undefined || files.some(({ followed }) => followed.identities.has(identityOf(stats))))
        continue;
      files.push({ name, followed: followFile(full, fromStart || looked) });
    }
    looked = true;
  };

  const nextOfFiles = (): FollowedBlock | null => {
    for (const [file, { name, followed }] of files.entries()) {
      const block = followed.next();
      if (block !== null) return { ...block, name, file };
    }
    return null;
  };

  return {
    next: () => {
      // What is known first: a file that takes a known one's place is opened by it, not found as a new one.
      const block = nextOfFiles();
      if (block !== null || !isFolder) return block;
      look();
      return nextOfFiles();
    },
    behind: () => files.reduce((sum, { followed }) => sum + followed.behind(), 0),
    missing: () =>
      isFolder ? namesIn(path).length === 0 : files.every(({ followed }) => followed.missing()),
    events: () => {
      const sum: FileEvents = { rotated: 0, truncated: 0, lostBytes: 0, longLines: 0 };
      for (const { followed } of files)
        for (const key of ['rotated', 'truncated', 'lostBytes', 'longLines'] as const)
          sum[key] += followed.events[key];
      return sum;
    },
    close: () => {
      for (const { followed } of files) followed.close();
    },
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !FINISHED.test(entry.name))
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}
