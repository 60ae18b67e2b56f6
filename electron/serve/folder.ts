import { access, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { BezoarError } from '../contract/errors.ts';
import type { FolderEntry } from '../contract/host.ts';

/** The folder that the host was started on: all that a window may name, seen through real paths. */
export interface ServedFolder {
  /** @throws BezoarError file/outside-folder, file/not-granted */
  list(path: string): Promise<FolderEntry[]>;
  /** The real path of a file or folder inside; a folder has size 0. @throws BezoarError file/outside-folder, file/not-granted */
  entry(path: string): Promise<{ path: string; name: string; size: number }>;
  /** A path in the folder itself that no file has yet. */
  newFile(suggestedName: string, extension: string): Promise<string>;
}

export async function openServedFolder(root: string): Promise<ServedFolder> {
  const base = await realpath(root);

  const resolve = async (path: string): Promise<string> => {
    if (path.includes('\0') || path.split(/[/\\]/).includes('..')) throw outside();
    let real: string;
    try {
      real = await realpath(join(base, path));
    } catch {
      throw new BezoarError(
        'file/not-granted',
        `“${path.slice(0, 200)}” is not in the folder that Bezoar serves. Nothing was read. Look at the folder again.`,
      );
    }
    if (real !== base && !real.startsWith(base.endsWith(sep) ? base : base + sep)) throw outside();
    return real;
  };

  return {
    list: async (path) => {
      const folder = await resolve(path);
      let names: string[];
      try {
        names = await readdir(folder);
      } catch {
        throw new BezoarError(
          'file/not-granted',
          `The folder “${path.slice(0, 200)}” cannot be read. Check that it is a folder and that you may read it.`,
        );
      }
      const entries: FolderEntry[] = [];
      for (const name of names.filter((one) => !one.startsWith('.')).sort()) {
        try {
          const info = await stat(await resolve(join(relative(base, folder), name)));
          const kind = info.isDirectory() ? 'folder' : info.isFile() ? 'file' : null;
          const inside = [...relative(base, folder).split(sep), name].filter((part) => part !== '').join('/');
          if (kind !== null)
            entries.push({ name, path: inside, kind, size: kind === 'file' ? info.size : 0 });
        } catch {
          // A link that leads outside, or a file that vanished meanwhile, is not shown.
        }
      }
      return entries;
    },
    entry: async (path) => {
      const real = await resolve(path);
      const info = await stat(real);
      if (!info.isFile() && !info.isDirectory())
        throw new BezoarError(
          'file/not-granted',
          `“${path.slice(0, 200)}” is neither a file nor a folder. Nothing was read.`,
        );
      return { path: real, name: basename(path), size: info.isFile() ? info.size : 0 };
    },
    newFile: async (suggestedName, extension) => {
      const name = safeFileName(suggestedName);
      const stem = name.toLowerCase().endsWith(extension) ? name.slice(0, -extension.length) : name;
      for (let n = 1; ; n++) {
        const path = join(base, `${stem}${n === 1 ? '' : ` ${n}`}${extension}`);
        if (!(await exists(path))) return path;
      }
    },
  };
}

/** Leaves room for a number, an ending and a mark of an unfinished file below the 255 that file systems take. */
const MOST_NAME_BYTES = 200;
/** Names that Windows keeps for devices, whatever their ending. */
const DEVICE_NAME = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** A name that stands for a file in one folder on every platform, whatever was asked for; its ending is kept. */
export function safeFileName(name: string): string {
  const cleaned = name
    .toWellFormed()
    .replace(/[/\\:*?"<>|\u0000-\u001f\u007f]/g, '-')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .replace(DEVICE_NAME, '$1-');
  const ending = /\.[^.]{1,16}$/u.exec(cleaned)?.[0] ?? '';
  const stem = Buffer.from(cleaned.slice(0, cleaned.length - ending.length));
  const cut = stem.subarray(0, MOST_NAME_BYTES - Buffer.byteLength(ending));
  // A character that was cut through is left out.
  const kept = cut.length === stem.length ? stem.toString() : cut.toString().replace(/[\uFFFD\s.]+$/, '');
  return kept + ending === '' ? 'bezoar' : kept + ending;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

function outside(): BezoarError {
  return new BezoarError(
    'file/outside-folder',
    'This path leads out of the folder that Bezoar serves. Nothing was read. Start “serve” in the folder that holds the files.',
  );
}
