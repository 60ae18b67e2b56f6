import type { FileSource } from '../byte-source.ts';
import type { Feature } from '../hugging-face/features.ts';
import { imageHeader } from '../images/image-header.ts';
import { bytesReader } from './column-reader.ts';
import type { ImageColumn } from '../reader.ts';
import type { Leaf, ParquetMetadata } from './metadata.ts';

/** Rows that a column is told by, and that are passed over at a time. */
const SOME = 100;

/** A column of image files: its name, and where its bytes lie. */
export interface ImageLeaf {
  readonly name: string;
  readonly leaf: Leaf;
}

/**
 * The columns that hold image files, or lists of them: those that the writer says are images, and those whose first value
 * is one. Structs {bytes, path} go by their own name.
 *
 * @throws ParquetFault
 */
export function imageLeaves(
  source: FileSource,
  { rows, leaves, rowGroups }: ParquetMetadata,
  features: ReadonlyMap<string, Feature>,
): ImageLeaf[] {
  return leaves.flatMap((leaf) => {
    if (leaf.type !== 'BYTE_ARRAY' || leaf.meaning.kind !== 'plain' || leaf.repeated > 1) return [];
    const inStruct = leaf.path.length > 1 && leaf.path.at(-1) === 'bytes';
    const name = (inStruct ? leaf.path.slice(0, -1) : leaf.path).join('.');
    const told = features.get(name)?.kind;
    if (told === 'audio') return [];
    const first = bytesReader(source, leaf, rowGroups)
      .rows(Math.min(rows, SOME))
      .map(firstOf)
      .find((bytes) => bytes !== null);
    // Names of files alone, without the files, are no images.
    if (first === undefined) return [];
    return told === 'image' || typeof imageHeader(first) !== 'string' ? [{ name, leaf }] : [];
  });
}

/** The image of a cell: of a list the first that is there. */
function firstOf(cell: Uint8Array | null | (Uint8Array | null)[]): Uint8Array | null {
  return Array.isArray(cell) ? (cell.find((one) => one !== null) ?? null) : cell;
}

/** Gives the image of a row, null where there is none; cheap for rows in order, from the front for one before the last. */
export function bytesByRow(
  source: FileSource,
  leaf: Leaf,
  { rowGroups }: ParquetMetadata,
): Required<Pick<ImageColumn, 'bytes' | 'further'>> {
  let column = bytesReader(source, leaf, rowGroups);
  let next = 0;
  let further = 0;
  /** Rows whose further images are counted: they may be read again. */
  let counted = 0;
  const bytes = (row: number): Uint8Array | null => {
    if (row < next) {
      column = bytesReader(source, leaf, rowGroups);
      next = 0;
    }
    while (next < row) {
      const step = Math.min(SOME, row - next);
      column.rows(step);
      next += step;
    }
    const [cell] = column.rows(1);
    next += 1;
    if (Array.isArray(cell) && row === counted)
      further += Math.max(0, cell.filter((one) => one !== null).length - 1);
    if (row === counted) counted += 1;
    // A copy of its own: a view would carry the whole page along to the decoder.
    return firstOf(cell ?? null)?.slice() ?? null;
  };
  return { bytes, further: () => further };
}
