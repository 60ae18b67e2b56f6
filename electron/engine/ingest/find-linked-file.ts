import { opendir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BezoarError } from '../../contract/errors.ts';
import { fileSha256 } from '../case/file-sha256.ts';
import type { MatrixLink } from '../case/linked-file.ts';

const MOST_DEPTH = 12;
const MOST_ENTRIES = 1_000_000;

/**
 * The file that holds the bytes of a link, among these files and in these folders and what lies in them; links to other
 * places are not followed. Only files of its size are hashed, those of its name first.
 * @throws BezoarError evidence/link-not-found
 */
export async function findLinkedFile(
  { path: before, size, sha256 }: Pick<MatrixLink, 'path' | 'size' | 'sha256'>,
  paths: readonly string[],
): Promise<{ path: string; modifiedMs: number }> {
  const candidates: { path: string; modifiedMs: number }[] = [];
  let looked = 0;
  for (const given of paths)
    for await (const path of filesIn(given)) {
      looked += 1;
      if (looked > MOST_ENTRIES) break;
      const facts = await stat(path).catch(() => null);
      if (facts?.isFile() === true && facts.size === size)
        candidates.push({ path: await realpath(path), modifiedMs: Math.trunc(facts.mtimeMs) });
    }
  const named = ({ path }: { path: string }): number => (basename(path) === basename(before) ? 0 : 1);
  candidates.sort((a, b) => named(a) - named(b));
  for (const candidate of candidates) if ((await hashOf(candidate.path)) === sha256) return candidate;
  throw new BezoarError(
    'evidence/link-not-found',
    candidates.length === 0
      ? `None of the ${looked} files looked at has the ${size} bytes of ${basename(before)}. Nothing was changed. ` +
          'Choose the file itself, or a folder above it.'
      : `${candidates.length === 1 ? `${basename(candidates[0]?.path ?? '')} has` : `${candidates.length} files have`} the size of ` +
          `${basename(before)} and not its SHA-256 ${sha256}. Nothing was changed. The file that was linked is another one, or was altered since.`,
  );
}

async function* filesIn(path: string, depth = 0): AsyncGenerator<string> {
  const facts = await stat(path).catch(() => null);
  if (facts?.isDirectory() !== true) {
    yield path;
    return;
  }
  if (depth > MOST_DEPTH) return;
  const folder = await opendir(path).catch(() => null);
  if (folder === null) return;
  for await (const entry of folder) {
    if (entry.isDirectory()) yield* filesIn(join(path, entry.name), depth + 1);
    else if (entry.isFile()) yield join(path, entry.name);
  }
}

/** Null for a file that cannot be read. */
const hashOf = (path: string): Promise<string | null> => fileSha256(path).catch(() => null);
