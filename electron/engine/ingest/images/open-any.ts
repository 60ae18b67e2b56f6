import { statSync } from 'node:fs';
import { BezoarError } from '../../../contract/errors.ts';
import type { TextReading } from '../../../contract/evidence.ts';
import type { ArrayToRead } from '../import-messages.ts';
import { openEvidence, type OpenEvidence } from '../open-evidence.ts';
import type { Cell, Table } from '../reader.ts';
import { withImageColumns } from './image-column.ts';
import { openImages, openNamedImages, type ImagePlace, type ImageTools } from './open-images.ts';

/** A folder of images, image files, or a file that a reader knows. @throws BezoarError evidence/... */
export async function openAny(
  path: string,
  more: readonly string[] | undefined,
  tools: ImageTools,
  reading?: TextReading,
): Promise<OpenEvidence> {
  const place = placeOf(path, more);
  return place === null
    ? withImageColumns(await openEvidence(path, reading), tools)
    : openImages(place, tools);
}

/** Where the images of an array lie; null where `path` is a file of another kind. */
function placeOf(path: string, more: readonly string[] | undefined): ImagePlace | null {
  if (more !== undefined) return { kind: 'files', paths: [path, ...more] };
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? { kind: 'folder', path } : null;
}

/** The arrays of a set whose images a column of its records names. */
export interface NamedImages {
  readonly files: readonly OpenEvidence[];
  open(array: ArrayToRead): Promise<OpenEvidence>;
  /** The same tables, parts of one, whose cells in those columns are kept as they are read. */
  capture(tables: readonly Table[]): readonly Table[];
}

export function namedImages(tools: ImageTools): NamedImages {
  const files: OpenEvidence[] = [];
  const columns = new Map<string, (string | null)[]>();
  const textOf = (cell: Cell | undefined): string | null =>
    cell === null || cell === undefined || cell === '' ? null : String(cell);
  return {
    files,
    open: async ({ path, more, column = '', names }) => {
      const place = placeOf(path, more) ?? { kind: 'files' as const, paths: [path] };
      const given = names ?? [];
      if (names === undefined) columns.set(column, []);
      const file = await openNamedImages(place, () => columns.get(column) ?? given, tools);
      files.push(file);
      return file;
    },
    capture: (tables) => {
      if (columns.size === 0) return tables;
      return tables.map((table, part) => {
        const places = [...columns].map(([name, cells]) => ({ at: placeOfColumn(table, name), cells }));
        return {
          ...table,
          // JSON names its columns as it goes.
          get header() {
            return table.header;
          },
          batches: async function* (only) {
            // The records may be read anew.
            if (part === 0) for (const { cells } of places) cells.length = 0;
            const wanted = only === undefined ? undefined : new Set([...only, ...places.map(({ at }) => at)]);
            for await (const batch of table.batches(wanted)) {
              for (const { at, cells } of places)
                for (const record of batch.records) cells.push(textOf(record?.[at]));
              yield batch;
            }
          },
        };
      });
    },
  };
}

function placeOfColumn({ header }: Table, name: string): number {
  const at = header.indexOf(name);
  if (at >= 0) return at;
  throw new BezoarError(
    'evidence/missing-column',
    `The records have no column named ${JSON.stringify(name)} that could name images; they have ${header.join(', ')}. ` +
      'Nothing was imported. Choose among these.',
  );
}
