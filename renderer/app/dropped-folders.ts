import type { DroppedFolder } from '../../electron/contract/host.ts';

/** Files of a dropped folder, at most; more are for the folder dialog of the machine that holds them. */
const MOST_FILES = 2_000_000;

/** The folders of a drop with the files in them. Called in the drop handler itself: afterwards the items are gone. */
export function droppedFolders(items: DataTransferItemList): Promise<DroppedFolder[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry());
  const folders = entries.filter((entry): entry is FileSystemDirectoryEntry => entry?.isDirectory === true);
  return Promise.all(folders.map(filesOf));
}

async function filesOf(root: FileSystemDirectoryEntry): Promise<DroppedFolder> {
  const files: { path: string; file: File }[] = [];
  const walk = async (folder: FileSystemDirectoryEntry, inside: string): Promise<void> => {
    for (const entry of await entriesOf(folder)) {
      if (entry.name.startsWith('.') || files.length >= MOST_FILES) continue;
      const path = `${inside}${entry.name}`;
      if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, `${path}/`);
      else files.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
    }
  };
  await walk(root, '');
  return { name: root.name, files };
}

/** All entries of a folder; the browser gives a hundred at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return found;
    found.push(...some);
  }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
