import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { opendir, realpath } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { BezoarError } from '../../../contract/errors.ts';
import { IMAGE_NAME, MOST_IMAGE_BYTES } from './image-header.ts';

/** An image file of a folder or of a drop. */
export interface ImageFile {
  /** Path inside the folder, with '/'; the name alone for a file that was dropped by itself. */
  readonly name: string;
  readonly path: string;
}

export interface ImageTree {
  /** By name, in the order of code units. */
  readonly images: readonly ImageFile[];
  /** Files that are called something else, by name. */
  readonly others: readonly string[];
  /** Links of the file system, which are not followed. */
  readonly links: number;
}

const MOST_FILES = 2_000_000;
const MOST_DEPTH = 12;

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const unreadable = (name: string, error: unknown): BezoarError =>
  new BezoarError(
    'evidence/unreadable',
    `${name} cannot be read (${error instanceof Error ? error.message : String(error)}). Nothing was imported. ` +
      'See whether it is still there and you may read it.',
  );

/**
 * The files of a folder and of the folders in it. Links are not followed, names that begin with a dot are passed over.
 * @throws BezoarError evidence/unreadable, evidence/too-large
 */
export async function walkImages(root: string): Promise<ImageTree> {
  const images: ImageFile[] = [];
  const others: string[] = [];
  let links = 0;
  const walk = async (folder: string, inside: string, depth: number): Promise<void> => {
    const name = inside === '' ? basename(root) : `${basename(root)}/${inside}`;
    if (depth > MOST_DEPTH)
      throw new BezoarError(
        'evidence/too-large',
        `${name}: folders lie in one another deeper than ${MOST_DEPTH}. Nothing was imported. Drop the folder that holds the classes.`,
      );
    try {
      for await (const entry of await opendir(folder)) {
        if (entry.name.startsWith('.')) continue;
        const path = join(folder, entry.name);
        const file = inside === '' ? entry.name : `${inside}/${entry.name}`;
        if (entry.isSymbolicLink()) links += 1;
        else if (entry.isDirectory()) await walk(path, file, depth + 1);
        else if (entry.isFile()) {
          if (IMAGE_NAME.test(entry.name)) images.push({ name: file, path });
          else others.push(file);
          if (images.length + others.length > MOST_FILES)
            throw new BezoarError(
              'evidence/too-large',
              `${basename(root)} holds more than ${MOST_FILES} files. Nothing was imported. Drop a part of it.`,
            );
        }
      }
    } catch (error) {
      if (error instanceof BezoarError) throw error;
      throw unreadable(name, error);
    }
  };
  await walk(root, '', 1);
  return {
    images: images.sort((a, b) => byCodeUnit(a.name, b.name)),
    others: others.sort(byCodeUnit),
    links,
  };
}

/**
 * The file that a cell of the records names inside a folder, or why it names none, as the end of a sentence. What leads
 * out of the folder, by an absolute path, by `..` or by a link, is never touched.
 *
 * @param root the real path of the folder
 */
export async function fileInside(root: string, named: string): Promise<{ path: string } | string> {
  const parts = named.split(/[\\/]/);
  if (named === '') return 'names no file';
  if (named.includes('\0') || parts[0] === '' || /^[a-z]:/i.test(named) || parts.includes('..'))
    return 'names a path that leads out of the folder';
  const kept = parts.filter((part) => part !== '' && part !== '.');
  // Paths are often written from one folder above.
  const ways = kept[0] === basename(root) ? [kept, kept.slice(1)] : [kept];
  for (const way of ways) {
    let real: string;
    try {
      real = await realpath(join(root, ...way));
    } catch {
      continue;
    }
    if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep))
      return 'names a link that leads out of the folder';
    return { path: real };
  }
  return 'names a file that is not in the folder';
}

/** All bytes of an image file, or why it is not taken, as the end of a sentence that begins with its name. */
export function readImageFile(path: string): Uint8Array<ArrayBuffer> | string {
  let file: number | undefined;
  try {
    // Without waiting: a named pipe that nobody writes to would hold the import for ever. Nor by a link put there meanwhile.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
    const stat = fstatSync(file);
    if (!stat.isFile()) return 'is not a file';
    if (stat.size > MOST_IMAGE_BYTES)
      return `has ${stat.size} bytes, and at most ${MOST_IMAGE_BYTES} are read`;
    const bytes = new Uint8Array(stat.size);
    let done = 0;
    while (done < bytes.length) {
      const got = readSync(file, bytes, done, bytes.length - done, done);
      if (got === 0) return 'became shorter while it was read';
      done += got;
    }
    return bytes;
  } catch (error) {
    return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
