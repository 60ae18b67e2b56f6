import { setImmediate as nextTurn } from 'node:timers/promises';
import { BezoarError } from '../../../contract/errors.ts';
import type { EntryProposal } from '../../../contract/evidence.ts';
import type { OpenEvidence } from '../open-evidence.ts';
import type { ArrayEntry, ImageColumn } from '../reader.ts';
import { MOST_IMAGE_BYTES } from './image-header.ts';
import { ImageRows } from './image-rows.ts';
import { lookAtImage, storedSize, type ImageOrigin, type LookedAt } from './image-set.ts';
import { imagesEntry, type ImageTools } from './open-images.ts';

/** Images that a proposal is made after: the first, as the file is read in order. */
const LOOKED_AT = 64;

const originsOf = (file: string, { name, rows, bytes }: ImageColumn): ImageOrigin[] =>
  Array.from({ length: rows }, (_, row) => ({
    name: `${file}: row ${row} of ${name}`,
    read: () => {
      const image = bytes(row);
      if (image === null) return 'has no image';
      return image.length > MOST_IMAGE_BYTES
        ? `has ${image.length} bytes, and at most ${MOST_IMAGE_BYTES} are read`
        : image;
    },
  }));

/** An array made of a column of images, with what makes it. */
interface ImageColumnEntry extends ArrayEntry {
  readonly origins: () => ImageOrigin[];
  /** Of each of its parts. */
  readonly further: readonly (() => number)[];
}

/**
 * A file whose columns of images are arrays: those that cannot be taken refuse the import or stand as black ones, so that
 * image i stays that of record i.
 */
export function withImageColumns(file: OpenEvidence, tools: ImageTools): OpenEvidence {
  const { images = [] } = file.content;
  if (images.length === 0) return file;
  const made: ImageRows[] = [];
  const told: (() => string[])[] = [];
  const entryOf = (
    column: ImageColumn,
    origins: () => ImageOrigin[],
    rows: number,
    further: readonly (() => number)[],
  ): ImageColumnEntry => {
    let own: ImageRows | null = null;
    const rowsOnce = (): ImageRows => {
      if (own !== null) return own;
      own = new ImageRows(origins(), {
        source: `${file.name}: ${column.name}`,
        bad: tools.acceptBad ? 'black' : 'refuse',
        startDecoder: tools.startDecoder,
      });
      made.push(own);
      told.push(() => furtherImages(column.name, further));
      return own;
    };
    const entry = imagesEntry(
      column.name,
      () => own,
      () => Promise.resolve(rowsOnce()),
    );
    return {
      ...entry,
      get shape() {
        return own?.shape ?? [rows, 1, 1];
      },
      origins,
      further,
      together: (others) => {
        const all = others.map((other) => {
          if ('origins' in other) return other as ImageColumnEntry;
          throw new BezoarError(
            'evidence/malformed',
            `${file.name}: ${column.name} holds images, and in another part of the table it does not. Nothing was imported. ` +
              'Leave it out, or write the parts again.',
          );
        });
        const total = all.reduce((sum, { shape }) => sum + (shape[0] ?? 0), rows);
        return entryOf(
          column,
          () => [origins, ...all.map((one) => one.origins)].flatMap((one) => one()),
          total,
          [further, ...all.map((one) => one.further)].flat(),
        );
      },
    };
  };
  const entries = images.map((column) =>
    entryOf(
      column,
      () => originsOf(file.name, column),
      column.rows,
      column.further === undefined ? [] : [column.further],
    ),
  );
  return {
    ...file,
    content: { ...file.content, entries: [...file.content.entries, ...entries] },
    progress: () => made.at(-1)?.progress ?? null,
    notes: () => [
      ...(file.notes?.() ?? []),
      ...made.flatMap((rows) => rows.notes()),
      ...told.flatMap((one) => one()),
    ],
  };
}

/** What of the lists of a column was left out. */
function furtherImages(name: string, further: readonly (() => number)[]): string[] {
  if (further.length === 0) return [];
  const count = further.reduce((sum, one) => sum + one(), 0);
  return [
    `${name} holds lists of images: the first of each was taken, ${count} further ${count === 1 ? 'one was' : 'ones were'} left out.`,
  ];
}

/** What a column of images is taken for, by the first of them, and what is to be known of it. */
export async function proposeImageColumn(
  file: string,
  column: ImageColumn,
  first: boolean,
): Promise<{ entry: EntryProposal; says: string[] }> {
  const { name, rows } = column;
  const good: LookedAt[] = [];
  const bad: string[] = [];
  for (const origin of originsOf(file, { ...column, rows: Math.min(rows, LOOKED_AT) })) {
    const looked = await lookAtImage(origin);
    if (typeof looked === 'string') bad.push(`${origin.name} ${looked}`);
    else good.push(looked);
    await nextTurn();
  }
  const size = good.length === 0 ? null : storedSize(good);
  const problem =
    size === null ? `${file}: ${name} holds no image that can be taken: ${bad[0] ?? ''}.` : null;
  const { height, width, channels } = size ?? { height: 1, width: 1, channels: 1 };
  const says: string[] = [];
  if (column.further !== undefined)
    says.push(`${name}: lists of images, of which the first is taken as the image of its record.`);
  if (size?.resized === true)
    says.push(
      `${name}: images differ in size or are large, copies of about ${width} x ${height} pixels are kept.`,
    );
  if (bad.length > 0 && good.length > 0)
    says.push(
      `${name}: ${bad.length} of the first ${bad.length + good.length} images cannot be taken: ${bad[0] ?? ''}.`,
    );
  return {
    says,
    entry: {
      name,
      stored: 'uint8',
      dtype: problem === null && first ? 'uint8' : null,
      shape: [rows, height, width, ...(channels === 1 ? [] : [3])],
      roles: problem === null ? ['images'] : [],
      role: problem === null && first ? 'images' : null,
      columns: [],
      examples: [],
      problem,
    },
  };
}
