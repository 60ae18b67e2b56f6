import { BezoarError } from '../../../contract/errors.ts';
import type { FileSource } from '../byte-source.ts';
import { classNames, type ClassNames } from '../hugging-face/class-names.ts';
import { FEATURES_KEY, featuresOf } from '../hugging-face/features.ts';
import { listEntry, type ListColumn } from '../list-entries.ts';
import { columnReader } from '../parquet/column-reader.ts';
import { bytesByRow, imageLeaves } from '../parquet/image-columns.ts';
import { readMetadata, type Leaf, type ParquetMetadata } from '../parquet/metadata.ts';
import { ParquetFault } from '../parquet/thrift.ts';
import { defineReader, type Cell, type ImageColumn, type Table, type TableBatch } from '../reader.ts';

const BATCH = 1000;
const MAGIC = 'PAR1';

/** Turns what is wrong with the file into a refusal that names it. */
function refusing<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ParquetFault)) throw error;
    throw new BezoarError(
      'evidence/malformed',
      `${name}: ${error.message}. Nothing was imported. Write the file again, or save it as CSV.`,
    );
  }
}

/** Lists of numbers of one kind are vectors. */
function vectorDtype({ type, meaning, repeated }: Leaf): ListColumn['dtype'] | null {
  if (repeated !== 1) return null;
  if (type === 'FLOAT') return 'float32';
  if (type === 'DOUBLE') return 'float64';
  if (meaning.kind === 'float16') return 'float16';
  if (meaning.kind !== 'plain') return null;
  return type === 'INT32' ? 'int32' : type === 'INT64' ? 'int64' : null;
}

const nameOf = ({ path }: Leaf): string => path.join('.');

/** The length of the first list that is there, looked for among the first rows. */
function firstWidth(source: FileSource, leaf: Leaf, { rows, rowGroups }: ParquetMetadata): number | null {
  const first = columnReader(source, leaf, rowGroups).rows(Math.min(rows, BATCH));
  const list = first.find((cell) => Array.isArray(cell) && cell.length > 0);
  return Array.isArray(list) ? list.length : null;
}

const asCell = (cell: Cell | readonly Cell[]): Cell =>
  Array.isArray(cell) ? JSON.stringify(cell) : (cell as Cell);

/**
 * Parquet: every encoding and codec that is in use, columns in structs under names with dots, lists of numbers as arrays,
 * other lists as JSON text, image files in a column (of lists the first) as images, classes by the names that Hugging Face `datasets` puts
 * beside them. Row groups are read page by page.
 */
export const parquetReader = defineReader({
  access: 'anywhere',
  id: 'parquet',
  sniff: (head) => Buffer.from(head.subarray(0, 4)).toString('latin1') === MAGIC,
  named: /\.(parquet|parq|pq)$/i,
  open: (source) =>
    Promise.resolve().then(() =>
      refusing(source.name, () => {
        const metadata = readMetadata(source);
        const features = featuresOf(metadata.notes.get(FEATURES_KEY));
        const pictures = imageLeaves(source, metadata, features);
        const images = pictures.map(({ name, leaf }): ImageColumn => {
          const { bytes, further } = bytesByRow(source, leaf, metadata);
          return {
            name,
            rows: metadata.rows,
            bytes: (row) => refusing(source.name, () => bytes(row)),
            ...(leaf.repeated > 0 && { further }),
          };
        });
        const leaves = metadata.leaves.filter(
          (leaf) => leaf.repeated <= 1 && !pictures.some((picture) => picture.leaf === leaf),
        );
        const classes = leaves.map((leaf) => classNames(source.name, nameOf(leaf), features));
        const twice = leaves.find(
          (leaf, at) => leaves.findIndex((other) => nameOf(other) === nameOf(leaf)) !== at,
        );
        if (twice !== undefined)
          throw new ParquetFault(`two columns are named ${JSON.stringify(nameOf(twice))}`);
        const entries = leaves.flatMap((leaf) => {
          const dtype = features.get(nameOf(leaf))?.kind === 'classes' ? null : vectorDtype(leaf);
          const width = dtype === null || metadata.rows === 0 ? null : firstWidth(source, leaf, metadata);
          if (dtype === null || width === null) return [];
          const read = () => {
            const column = columnReader(source, leaf, metadata.rowGroups);
            return (count: number) => refusing(source.name, () => column.rows(count));
          };
          return [listEntry(source.name, { name: nameOf(leaf), dtype, rows: metadata.rows, width, read })];
        });
        const table: Table = {
          header: leaves.map(nameOf),
          typed: true,
          decimal: '.',
          rows: metadata.rows,
          says: `Parquet, ${metadata.rowGroups.length} row group${metadata.rowGroups.length === 1 ? '' : 's'}`,
          notes: metadata.leaves
            .filter(({ repeated }) => repeated > 1)
            .map((leaf) => `${nameOf(leaf)} holds lists within lists, which are not kept.`),
          reading: {},
          lists: leaves.filter(({ repeated }) => repeated === 1).map(nameOf),
          classes: leaves.map(nameOf).filter((_, at) => classes[at] !== null),
          batches: (only) => batchesOf(source, leaves, classes, metadata, only),
        };
        return { entries, images, table, findings: [] };
      }),
    ),
});

async function* batchesOf(
  source: FileSource,
  leaves: readonly Leaf[],
  classes: readonly (ClassNames | null)[],
  { rows, rowGroups }: ParquetMetadata,
  only?: ReadonlySet<number>,
): AsyncGenerator<TableBatch> {
  const columns = leaves.map((leaf, at) =>
    only === undefined || only.has(at) ? columnReader(source, leaf, rowGroups) : null,
  );
  for (let firstRow = 0; firstRow < rows; firstRow += BATCH) {
    const count = Math.min(BATCH, rows - firstRow);
    const cells = refusing(source.name, () => columns.map((column) => column?.rows(count) ?? null));
    const records = Array.from({ length: count }, (_, row) =>
      cells.map((column, at) => {
        const cell = column?.[row] ?? null;
        const named = classes[at];
        return asCell(named === null ? cell : named(cell, firstRow + row));
      }),
    );
    yield { firstRow, records, lines: null, bad: [] };
    await Promise.resolve();
  }
}
