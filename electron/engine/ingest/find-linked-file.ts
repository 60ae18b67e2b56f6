import { opendir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BezoarError } from '../../contract/errors.ts';
import { fileSha256 } from '../case/file-sha256.ts';
import type { MatrixLink } from '../case/linked-file.ts';

const MOST_DEPTH = 12;
const MOST_ENTRIES = 1_000_000;

export type Sought = Pick<MatrixLink, 'path' | 'size' | 'sha256'>;

export interface FoundFile {
  readonly path: string;
  /** When it was last changed, before it was hashed: whole milliseconds. */
  readonly modifiedMs: number;
}

export interface LinkedFileSearch {
  /** By SHA-256 in hexadecimal. */
  readonly found: ReadonlyMap<string, FoundFile>;
  /** Files and folders that were looked at. */
  readonly entries: number;
  /** Whether more was there than is looked at. */
  readonly cut: boolean;
  /** How many files have a size, in bytes, that was looked for. */
  readonly ofSize: ReadonlyMap<number, number>;
  /** Files that were read and hashed. */
  readonly hashed: number;
}

/**
 * The files that hold the bytes of links, among these files and in these folders and what lies in them; links to other
 * places are not followed. Sizes are compared before anything is hashed; only files of a size that is looked for are
 * hashed, each once, those of the name that is looked for first.
 * @param mostEntries files and folders that are looked at, all paths together
 */
export async function findLinkedFiles(
  sought: readonly Sought[],
  paths: readonly string[],
  mostEntries: number = MOST_ENTRIES,
): Promise<LinkedFileSearch> {
  const candidates = new Map<number, Map<string, FoundFile>>(sought.map(({ size }) => [size, new Map()]));
  let entries = 0;
  let cut = false;
  for await (const path of entriesIn(paths)) {
    if (entries === mostEntries) {
      cut = true;
      break;
    }
    entries += 1;
    const facts = await stat(path).catch(() => null);
    const ofSize = facts?.isFile() === true ? candidates.get(facts.size) : undefined;
    if (facts === null || ofSize === undefined) continue;
    const real = await realpath(path).catch(() => null);
    if (real !== null) ofSize.set(real, { path: real, modifiedMs: Math.trunc(facts.mtimeMs) });
  }
  const found = new Map<string, FoundFile>();
  const hashes = new Map<string, string | null>();
  for (const { path: before, size, sha256 } of sought) {
    const named = ({ path }: FoundFile): number => (basename(path) === basename(before) ? 0 : 1);
    const inOrder = [...(candidates.get(size)?.values() ?? [])].sort((a, b) => named(a) - named(b));
    for (const candidate of inOrder) {
      if (found.has(sha256)) break;
      const { path } = candidate;
      if (!hashes.has(path)) hashes.set(path, await hashOf(path));
      if (hashes.get(path) === sha256) found.set(sha256, candidate);
    }
  }
  const ofSize = new Map([...candidates].map(([size, files]) => [size, files.size]));
  return { found, entries, cut, ofSize, hashed: hashes.size };
}

/** @throws BezoarError evidence/link-not-found */
export async function findLinkedFile(sought: Sought, paths: readonly string[]): Promise<FoundFile> {
  const search = await findLinkedFiles([sought], paths);
  const file = search.found.get(sought.sha256);
  if (file !== undefined) return file;
  throw new BezoarError('evidence/link-not-found', `${whyNotFound(sought, search)} Nothing was changed.`);
}

/** In a sentence or two, what a search found in place of a file, and what to do now. */
export function whyNotFound(
  { path, size, sha256 }: Sought,
  { entries, cut, ofSize }: LinkedFileSearch,
): string {
  const name = basename(path);
  const same = ofSize.get(size) ?? 0;
  const more = cut ? ` There is more than the ${entries} files and folders that are looked at.` : '';
  if (same === 0)
    return (
      `None of the ${entries} files and folders looked at has the ${size} bytes of ${name}.${more} ` +
      'Choose the file itself, or a folder above it.'
    );
  return (
    `${same === 1 ? 'One file has' : `${same} files have`} the size of ${name} and not its SHA-256 ${sha256}.${more} ` +
    'The file that was linked is another one, or was altered since.'
  );
}

async function* entriesIn(paths: readonly string[], depth = 0): AsyncGenerator<string> {
  for (const path of paths) {
    yield path;
    if (depth > MOST_DEPTH || (await stat(path).catch(() => null))?.isDirectory() !== true) continue;
    const folder = await opendir(path).catch(() => null);
    if (folder === null) continue;
    for await (const entry of folder) {
      const within = join(path, entry.name);
      if (entry.isDirectory()) yield* entriesIn([within], depth + 1);
      else if (entry.isFile()) yield within;
    }
  }
}

/** Null for a file that cannot be read. */
const hashOf = (path: string): Promise<string | null> => fileSha256(path).catch(() => null);
