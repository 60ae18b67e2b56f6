import { lstatSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileToken } from '../../../contract/case.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { DatasetRole, FileProposal, TextReading } from '../../../contract/evidence.ts';
import { columnKinds, type ColumnKind } from '../column-kinds.ts';
import { proposeColumns } from '../propose-columns.ts';
import type { Cell } from '../reader.ts';
import { IMAGE_NAME } from './image-header.ts';
import { readImageFile, walkImages, type ImageFile } from './image-files.ts';
import { labelOf, setsOfFolder } from './image-layout.ts';
import { lookAtImage, storedSize, type LookedAt } from './image-set.ts';
import { IMAGES_ENTRY, imageColumns } from './open-images.ts';

/** A file or folder that was given, and what names it to the engine. */
export interface Given {
  readonly token: FileToken;
  readonly path: string;
  readonly known?: Known;
}

/** What is known of a file, in place of what is told from it. */
export interface Known {
  readonly dataset?: DatasetRole | undefined;
  readonly use?: 'records' | 'table' | 'arrays' | undefined;
  readonly reading?: TextReading | undefined;
}

/** Images of one set. */
export interface GivenImages extends Given {
  readonly name: string;
  readonly files: readonly ImageFile[];
  /** Of images that were dropped one by one: the tokens of the others; null for a folder. */
  readonly more: readonly FileToken[] | null;
  readonly says: readonly string[];
}

/** What a drop holds once its folders are opened. */
export interface Unfolded {
  readonly files: readonly Given[];
  readonly images: readonly GivenImages[];
  /** Folders that give nothing, and why. */
  readonly refused: readonly (Given & { readonly problem: string })[];
}

/** Files beside unsorted images that may say what they are. */
const RECORDS = /\.(csv|tsv|txt|jsonl?|ndjson|parquet|arrow|feather)(\.(gz|zst))?$/i;
/** Of a folder that holds other files than images so many are looked into. */
const MOST_FILES = 1024;
/** Images that a proposal is made after. */
const SAMPLED = 64;

const counted = (n: number, one: string, many: string): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

/**
 * Opens the folders of a drop: parts named train, test and the like are sets of their own; records that lie beside unsorted
 * images, and the files of a folder without images, are looked into like files that were dropped; image files that were
 * dropped one by one are one set.
 *
 * @param grant names a file within a folder that was given
 */
export async function unfoldDrop(
  given: readonly Given[],
  grant: (path: string) => FileToken,
): Promise<Unfolded> {
  const files: Given[] = [];
  const images: GivenImages[] = [];
  const refused: (Given & { problem: string })[] = [];
  const single: Given[] = [];
  for (const one of given) {
    if (!(statSync(one.path, { throwIfNoEntry: false })?.isDirectory() ?? false)) {
      (IMAGE_NAME.test(one.path) ? single : files).push(one);
      continue;
    }
    try {
      const opened = await unfoldFolder(one, grant);
      files.push(...opened.files);
      images.push(...opened.images);
    } catch (error) {
      if (!(error instanceof BezoarError)) throw error;
      refused.push({ ...one, problem: error.message });
    }
  }
  const [first, ...others] = single;
  if (first !== undefined)
    images.push({
      ...first,
      name: single.length === 1 ? basename(first.path) : counted(single.length, 'image file', 'image files'),
      files: single.map(({ path }) => ({ name: basename(path), path })),
      more: others.map(({ token }) => token),
      says: [],
    });
  return { files, images, refused };
}

async function unfoldFolder(
  { token, path }: Given,
  grant: (path: string) => FileToken,
): Promise<Pick<Unfolded, 'files' | 'images'>> {
  const tree = await walkImages(path);
  const inside = (names: readonly string[]): Given[] =>
    names.map((name) => ({ token: grant(join(path, name)), path: join(path, name) }));
  if (tree.images.length === 0) {
    // Tables in parts may lie in folders of their own.
    const top = tree.others.filter((name) => !name.includes('/') || RECORDS.test(name)).slice(0, MOST_FILES);
    if (top.length === 0)
      throw new BezoarError(
        'evidence/unknown-format',
        `${basename(path)} holds no file that Bezoar reads. Nothing was imported. Drop the folder that the files lie in.`,
      );
    return { files: inside(top), images: [] };
  }
  const files: Given[] = [];
  const images = setsOfFolder(tree.images).map((set): GivenImages => {
    const within = set === '' ? '' : `${set}/`;
    const own = tree.images
      .filter(({ name }) => name.startsWith(within))
      .map((image) => ({ name: image.name.slice(within.length), path: image.path }));
    const others = tree.others.filter((name) => name.startsWith(within));
    const says: string[] = [];
    let left = others.length;
    // Images in one folder beside records are named by them; several folders are classes.
    if (new Set(own.map(labelOf)).size <= 1) {
      const records = others.filter((name) => !name.slice(within.length).includes('/') && RECORDS.test(name));
      files.push(...inside(records));
      left -= records.length;
    }
    if (left > 0) says.push(`${counted(left, 'other file is', 'other files are')} left out.`);
    if (tree.links > 0) says.push(`${counted(tree.links, 'link is', 'links are')} not followed.`);
    return {
      token: set === '' ? token : grant(join(path, set)),
      path: join(path, set),
      name: set === '' ? basename(path) : `${basename(path)}/${set}`,
      files: own,
      more: null,
      says,
    };
  });
  return { files, images };
}

/** Evenly from all of them, the first among them. */
const sampled = (files: readonly ImageFile[]): ImageFile[] => {
  const step = Math.max(1, files.length / SAMPLED);
  return Array.from({ length: Math.min(files.length, SAMPLED) }, (_, i) => files[Math.floor(i * step)]);
};

async function bytesOf(files: readonly ImageFile[]): Promise<number> {
  let bytes = 0;
  for (const [at, { path }] of files.entries()) {
    if (at % 1000 === 999) await nextTurn();
    bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/** What a set of images is taken for, by some of them; and how many classes its folders are. */
export async function lookAtImages(
  { token, name, files, more, says }: GivenImages,
  plain: Omit<FileProposal, 'token' | 'name' | 'size' | 'format' | 'problem'>,
): Promise<{ proposal: FileProposal; labels: number | null }> {
  const labels = new Set(files.map(labelOf).filter((label) => label !== null));
  const labelled = labels.size > 0;
  const good: LookedAt[] = [];
  const records: Cell[][] = [];
  const bad: string[] = [];
  const looked = sampled(files);
  for (const file of looked) {
    const facts = await lookAtImage({ name: file.name, read: () => readImageFile(file.path) });
    await nextTurn();
    if (typeof facts === 'string') {
      bad.push(`${file.name} ${facts}`);
      continue;
    }
    good.push(facts);
    const { width, height, bytes, kind, sha256 } = facts;
    records.push([file.name, ...(labelled ? [labelOf(file)] : []), width, height, bytes, kind, sha256]);
  }
  const base = {
    ...plain,
    token,
    name,
    size: await bytesOf(files),
    format: more === null ? 'image-folder' : 'image-files',
    more: more === null ? null : [...more],
    rows: files.length,
  };
  if (good.length === 0)
    return {
      labels: null,
      proposal: {
        ...base,
        role: null,
        problem: `${name} holds no image that can be taken: ${bad[0] ?? ''}.`,
      },
    };
  const size = storedSize(good);
  const told = [...says];
  told.unshift(
    labelled
      ? `${counted(files.length, 'image', 'images')} in ${counted(labels.size, 'folder', 'folders')}, each taken for a class.`
      : `${counted(files.length, 'image', 'images')} without labels.`,
  );
  if (size.resized)
    told.push(
      `They differ in size or are large: copies of about ${size.width} x ${size.height} pixels are kept, and the size of each as columns.`,
    );
  if (bad.length > 0)
    told.push(
      `${counted(bad.length, 'image', 'images')} of ${looked.length} looked at cannot be taken: ${bad[0] ?? ''}.`,
    );
  return {
    labels: labelled ? labels.size : null,
    proposal: {
      ...base,
      role: 'records',
      // Bezoar made these columns: what they are is known.
      columns: proposeColumns(imageColumns(labelled), records, kindsOf(records)).map((column) => ({
        ...column,
        role: column.name === 'file' ? 'key' : column.name === 'label' ? 'label' : 'feature',
      })),
      says: told,
      entries: [
        {
          name: IMAGES_ENTRY,
          stored: 'uint8',
          dtype: 'uint8',
          shape: [files.length, size.height, size.width, ...(size.channels === 1 ? [] : [3])],
          roles: ['images'],
          role: 'images',
          columns: [],
          examples: [],
          problem: null,
        },
      ],
      problem: null,
    },
  };
}

function kindsOf(records: readonly (readonly Cell[])[]): (at: number) => ColumnKind {
  const kinds = columnKinds({ typed: true, decimal: '.' });
  kinds.add({ firstRow: 0, records, lines: null, bad: [] });
  return (at) => kinds.of(at);
}

/** Whether the cells of a column are names of images. */
const namesImages = (examples: readonly string[]): boolean =>
  examples.length > 0 && examples.every((cell) => IMAGE_NAME.test(cell));

/** The first cells of the columns of a set, in the drop or in the case; the key of a set in the case is named ''. */
export interface FirstCells {
  readonly rows: number;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly examples: readonly string[] }[];
}

/**
 * Images of a set whose records name them are taken by that column, not as records of their own.
 *
 * @param inCase of the set in the case that files of that role are added to
 */
export function joinImages(
  files: readonly FileProposal[],
  inCase: (role: DatasetRole) => FirstCells | null,
): FileProposal[] {
  return files.map((file) => {
    if (!file.format.startsWith('image-') || file.role !== 'records') return file;
    const records = files.find(
      (other) =>
        other.dataset === file.dataset && other.role === 'records' && !other.format.startsWith('image-'),
    );
    const set: FirstCells | null =
      records === undefined
        ? inCase(file.dataset)
        : { name: records.name, rows: records.rows ?? file.rows ?? 0, columns: records.columns ?? [] };
    const column = set?.columns.find(({ examples }) => namesImages(examples));
    if (set === null || column === undefined) return file;
    const called = column.name === '' ? 'the key' : `column ${column.name}`;
    return {
      ...file,
      role: 'arrays',
      rows: set.rows,
      columns: null,
      imageColumn: column.name,
      says: [
        `The images that ${called} of ${set.name} names, looked for here and nowhere else.`,
        ...file.says,
      ],
      entries: file.entries.map((entry) => ({
        ...entry,
        name: null,
        shape: [set.rows, ...entry.shape.slice(1)],
      })),
    };
  });
}
