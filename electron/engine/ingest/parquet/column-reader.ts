import type { Cell } from '../reader.ts';
import type { FileSource } from '../byte-source.ts';
import { cellsOf } from './cells.ts';
import { dataPages, type DataPage } from './column-pages.ts';
import type { Leaf, RowGroup } from './metadata.ts';
import type { RawValues } from './page-values.ts';
import { ParquetFault } from './thrift.ts';

/** Reads a column from its front, over all row groups. */
export interface ColumnReader<T = Cell> {
  /** What the next rows hold, null where it is missing; a list is an array of its elements. @throws ParquetFault */
  rows(count: number): (T | null | (T | null)[])[];
}

/** What stored values are to whoever reads them. */
type Made<T> = (leaf: Leaf, values: RawValues) => readonly T[];

/** Entries of levels that are read at a time. */
const SOME = 65_536;

/** The values of a page in order, missing ones passed over. */
type TakeCells<T> = (count: number) => readonly T[];

/** A column as one stream of pages: those of a row group after those of the one before. */
function* pagesOf<T>(
  source: FileSource,
  leaf: Leaf,
  rowGroups: readonly RowGroup[],
  made: Made<T>,
): Generator<{ page: DataPage; take: TakeCells<T> }> {
  for (const group of rowGroups) {
    const chunk = group.chunks[leaf.index];
    if (chunk === undefined) throw new ParquetFault('a row group lacks a column');
    let words: readonly T[] = [];
    const pages = dataPages(source, leaf, chunk, (values) => {
      words = made(leaf, values);
    });
    for (const page of pages) yield { page, take: takerOf(leaf, page, () => words, made) };
  }
}

function takerOf<T>(
  leaf: Leaf,
  { indices, values }: DataPage,
  words: () => readonly T[],
  made: Made<T>,
): TakeCells<T> {
  if (indices === null) return (count) => (values === null ? [] : made(leaf, values(count)));
  return (count) => {
    const at = new Int32Array(count);
    indices(at, 0, count);
    const dictionary = words();
    return Array.from(at, (index) => {
      const cell = dictionary[index];
      if (cell === undefined)
        throw new ParquetFault(`a page names word ${index} of a dictionary of ${dictionary.length}`);
      return cell;
    });
  };
}

/** Entry by entry: whether a row begins with it, how far it is defined, and its cell where it is there. */
interface Entries<T> {
  readonly count: number;
  readonly repetition: Uint8Array;
  readonly definition: Uint8Array;
  /** Of the entries that are there, in order. */
  readonly cells: readonly T[];
}

function* entriesOf<T>(
  source: FileSource,
  leaf: Leaf,
  rowGroups: readonly RowGroup[],
  made: Made<T>,
): Generator<Entries<T>> {
  for (const { page, take } of pagesOf(source, leaf, rowGroups, made)) {
    for (let done = 0; done < page.entries;) {
      const count = Math.min(SOME, page.entries - done);
      const repetition = new Uint8Array(count);
      page.repetition?.(repetition, 0, count);
      const definition = new Uint8Array(count).fill(leaf.defined);
      page.definition?.(definition, 0, count);
      let present = 0;
      for (const level of definition) {
        if (level > leaf.defined)
          throw new ParquetFault('the levels of a page are higher than its column has');
        if (level === leaf.defined) present += 1;
      }
      yield { count, repetition, definition, cells: take(present) };
      done += count;
    }
  }
}

/** The cells of a column. @param rowGroups from the first on */
export const columnReader = (source: FileSource, leaf: Leaf, rowGroups: readonly RowGroup[]): ColumnReader =>
  readerOf(source, leaf, rowGroups, cellsOf);

/** The values of a column of bytes (BYTE_ARRAY) as they lie in their pages. @param rowGroups from the first on */
export const bytesReader = (
  source: FileSource,
  leaf: Leaf,
  rowGroups: readonly RowGroup[],
): ColumnReader<Uint8Array> =>
  readerOf(source, leaf, rowGroups, (_, values) => values as readonly Uint8Array[]);

function readerOf<T>(
  source: FileSource,
  leaf: Leaf,
  rowGroups: readonly RowGroup[],
  made: Made<T>,
): ColumnReader<T> {
  const entries = entriesOf(source, leaf, rowGroups, made);
  let now: Entries<T> | null = null;
  let at = 0;
  let cell = 0;
  /** Whether there is an entry to read. */
  const ready = (): boolean => {
    while (now === null || at >= now.count) {
      const next = entries.next();
      if (next.done) return false;
      now = next.value;
      at = 0;
      cell = 0;
    }
    return true;
  };
  const missing = (): ParquetFault =>
    new ParquetFault(`column ${leaf.path.join('.')} ends before its last row`);
  const taken = (): T | null => {
    if (!ready() || now === null) throw missing();
    const there = now.definition[at] === leaf.defined;
    at += 1;
    if (!there) return null;
    cell += 1;
    return now.cells[cell - 1] ?? null;
  };
  const list = (): T | null | (T | null)[] => {
    if (!ready() || now === null) throw missing();
    if (now.repetition[at] !== 0) throw new ParquetFault('a list goes on where a row must begin');
    const level = now.definition[at] ?? 0;
    if (level < leaf.elementDefined) {
      at += 1;
      return level < leaf.listDefined ? null : [];
    }
    const elements: (T | null)[] = [taken()];
    while (ready() && now.repetition[at] !== 0) elements.push(taken());
    return elements;
  };
  const next = leaf.repeated === 0 ? taken : list;
  return { rows: (count) => Array.from({ length: count }, next) };
}
