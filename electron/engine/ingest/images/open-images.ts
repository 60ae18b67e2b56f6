import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { BezoarError } from '../../../contract/errors.ts';
import type { OpenEvidence } from '../open-evidence.ts';
import type { ArrayEntry, Cell, Table } from '../reader.ts';
import type { StartDecoder } from './decoder-process.ts';
import { fileInside, readImageFile, walkImages, type ImageFile } from './image-files.ts';
import { labelOf } from './image-layout.ts';
import { ImageRows } from './image-rows.ts';
import type { ImageOrigin, LookedAt } from './image-set.ts';

/** Where images lie: in a folder and those within it, or as files that were given one by one. */
export type ImagePlace =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'files'; readonly paths: readonly string[] };

export interface ImageTools {
  readonly startDecoder: StartDecoder;
  /** Images that cannot be taken are left out; else they refuse the import. */
  readonly acceptBad: boolean;
}

/** The array of a set of images. */
export const IMAGES_ENTRY = 'images';
const BATCH = 500;

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What a place is called. */
const placeName = (place: ImagePlace): string =>
  place.kind === 'folder' ? basename(place.path) : `${place.paths.length} image files`;

async function filesOf(place: ImagePlace): Promise<{ files: readonly ImageFile[]; notes: string[] }> {
  if (place.kind === 'files') {
    const files = place.paths.map((path) => ({ name: basename(path), path }));
    return { files: files.sort((a, b) => byCodeUnit(a.name, b.name)), notes: [] };
  }
  const { images, others, links } = await walkImages(place.path);
  const notes: string[] = [];
  if (others.length > 0)
    notes.push(
      `${others.length.toLocaleString('en-US')} ${others.length === 1 ? 'file is' : 'files are'} no image by name and left out, such as ${others[0] ?? ''}.`,
    );
  if (links > 0)
    notes.push(`${links.toLocaleString('en-US')} ${links === 1 ? 'link was' : 'links were'} not followed.`);
  return { files: images, notes };
}

const originOf = ({ name, path }: ImageFile): ImageOrigin => ({ name, read: () => readImageFile(path) });

/** The records of images in a folder: what is known of each file. */
function tableOf(files: readonly ImageFile[], rows: ImageRows): Table {
  const labelled = files.some((file) => labelOf(file) !== null);
  const labels = new Map(files.map((file) => [file.name, labelOf(file)]));
  const cells = (name: string, looked: LookedAt): Cell[] => [
    name,
    ...(labelled ? [labels.get(name) ?? null] : []),
    looked.width,
    looked.height,
    looked.bytes,
    looked.kind,
    looked.sha256,
  ];
  return {
    header: [...imageColumns(labelled)],
    typed: true,
    decimal: '.',
    rows: null,
    says: 'images, one a sample',
    notes: [],
    reading: {},
    batches: async function* () {
      let firstRow = 0;
      for (;;) {
        const found = await rows.look(BATCH);
        if (found.length === 0) return;
        const records = found.map(({ origin, looked }) => cells(origin.name, looked));
        yield { firstRow, records, lines: null, bad: [] };
        firstRow += found.length;
      }
    },
  };
}

/** The columns that the samples of a folder of images have. */
export const imageColumns = (labelled: boolean): readonly string[] => [
  'file',
  ...(labelled ? ['label'] : []),
  'width',
  'height',
  'bytes',
  'format',
  'sha256',
];

/** @param rows null until they are known, which `prepare` waits for */
export const imagesEntry = (
  name: string | null,
  rows: () => ImageRows | null,
  prepare: () => Promise<ImageRows>,
): ArrayEntry => ({
  name,
  dtype: 'uint8',
  stored: 'uint8',
  get shape() {
    return rows()?.shape ?? [1, 1, 1];
  },
  problem: null,
  prepare: async () => {
    await (await prepare()).lookAtAll();
  },
  chunks: async function* (rowsPerChunk) {
    yield* (await prepare()).chunks(rowsPerChunk);
  },
});

function evidenceOf(
  name: string,
  format: string,
  content: OpenEvidence['content'],
  rows: () => ImageRows | null,
  notes: readonly string[],
): OpenEvidence {
  return {
    name,
    format,
    compression: null,
    content,
    get size() {
      return rows()?.size ?? 0;
    },
    position: () => rows()?.bytes ?? 0,
    progress: () => rows()?.progress ?? null,
    notes: () => [...(rows()?.notes() ?? []), ...notes],
    sha256: () => rows()?.sha256() ?? '',
    close: () => undefined,
  };
}

/**
 * The images of a place as records (file, label by folder, size, format, hash) and an array, row by row in the order of
 * their names. @throws BezoarError evidence/unreadable, evidence/too-large, evidence/malformed
 */
export async function openImages(place: ImagePlace, tools: ImageTools): Promise<OpenEvidence> {
  const name = placeName(place);
  const { files, notes } = await filesOf(place);
  if (files.length === 0)
    throw new BezoarError(
      'evidence/unknown-format',
      `${name} holds no images by name. Nothing was imported. Images are .png, .jpg, .webp, .gif, .bmp or .tif files.`,
    );
  const rows = new ImageRows(files.map(originOf), {
    source: name,
    bad: tools.acceptBad ? 'leave out' : 'refuse',
    startDecoder: tools.startDecoder,
  });
  const entry = imagesEntry(
    IMAGES_ENTRY,
    () => rows,
    () => Promise.resolve(rows),
  );
  return evidenceOf(
    name,
    place.kind === 'folder' ? 'image-folder' : 'image-files',
    { entries: [entry], table: tableOf(files, rows), findings: [] },
    () => rows,
    notes,
  );
}

/**
 * Images that a column of the records names, one for each record, found in a place and nowhere else.
 *
 * @param names of each record, known once the records were read
 */
export async function openNamedImages(
  place: ImagePlace,
  names: () => readonly (string | null)[],
  tools: ImageTools,
): Promise<OpenEvidence> {
  const source = placeName(place);
  const root = place.kind === 'folder' ? await realpath(place.path) : '';
  const given = new Map(place.kind === 'files' ? place.paths.map((path) => [basename(path), path]) : []);
  const find = async (named: string | null): Promise<{ path: string } | string> => {
    if (named === null) return 'names no file';
    if (place.kind === 'folder') return fileInside(root, named);
    const path = given.get(named.split(/[\\/]/).at(-1) ?? '');
    return path === undefined ? 'names a file that was not given' : { path };
  };
  let rows: ImageRows | null = null;
  const made = (): ImageRows => {
    if (rows !== null) return rows;
    const origins = names().map((named, row): ImageOrigin => {
      const origin = named ?? `row ${row}`;
      return {
        name: origin,
        read: async () => {
          const found = await find(named);
          return typeof found === 'string' ? found : readImageFile(found.path);
        },
      };
    });
    rows = new ImageRows(origins, {
      source,
      bad: tools.acceptBad ? 'black' : 'refuse',
      startDecoder: tools.startDecoder,
    });
    return rows;
  };
  const entry = imagesEntry(
    null,
    () => rows,
    () => Promise.resolve(made()),
  );
  return evidenceOf(
    source,
    place.kind === 'folder' ? 'image-folder' : 'image-files',
    { entries: [entry], table: null, findings: [] },
    () => rows,
    [],
  );
}
