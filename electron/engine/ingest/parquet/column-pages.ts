import type { FileSource } from '../byte-source.ts';
import { bitsFor, hybridReader, type ReadLevels } from './hybrid.ts';
import type { ColumnChunk, Leaf } from './metadata.ts';
import { plainReader, valuesReader, type RawValues, type ReadValues } from './page-values.ts';
import { countIn, numberIn, ParquetFault, readStruct, structIn, type ThriftStruct } from './thrift.ts';
import { MOST_PAGE_BYTES, unpackPage } from './unpack-page.ts';

/** A data page, ready to be read from its front. */
export interface DataPage {
  /** Entries of its levels: values, missing ones among them. */
  readonly entries: number;
  readonly repetition: ReadLevels | null;
  readonly definition: ReadLevels | null;
  /** Places in the dictionary, or the values themselves. */
  readonly indices: ReadLevels | null;
  readonly values: ReadValues | null;
}

const [DATA, INDEX, DICTIONARY, DATA_V2] = [0, 1, 2, 3];
const [PLAIN_DICTIONARY, RLE, BIT_PACKED, RLE_DICTIONARY] = [2, 3, 4, 8];
const HEAD = 4096;
const MOST_HEAD = 1024 * 1024;

interface PageHead {
  readonly struct: ThriftStruct;
  /** Of what follows the head. */
  readonly offset: number;
  readonly packed: number;
  readonly unpacked: number;
}

function readHead(source: FileSource, offset: number, end: number): PageHead {
  for (let length = HEAD; ; length *= 16) {
    const bytes = source.readNow(offset, Math.min(length, end - offset));
    try {
      const { struct, end: after } = readStruct(bytes, 0);
      const [unpacked, packed] = [countIn(struct, 2), countIn(struct, 3)];
      if (unpacked > MOST_PAGE_BYTES)
        throw new ParquetFault(`a page claims ${unpacked} bytes, and at most ${MOST_PAGE_BYTES} are read`);
      if (packed > end - offset - after)
        throw new ParquetFault('a page claims more bytes than its column has');
      return { struct, offset: offset + after, packed, unpacked };
    } catch (error) {
      // Statistics in a head may be long.
      if (length >= MOST_HEAD || length >= end - offset) throw error;
    }
  }
}

/** The pages of a column chunk in order; `dictionary` is told before the pages that use it. @throws ParquetFault */
export function* dataPages(
  source: FileSource,
  leaf: Leaf,
  chunk: ColumnChunk,
  dictionary: (values: RawValues) => void,
): Generator<DataPage> {
  const end = chunk.offset + chunk.size;
  let seen = 0;
  let words: number | null = null;
  for (let offset = chunk.offset; seen < chunk.values;) {
    if (offset >= end)
      throw new ParquetFault(`column ${leaf.path.join('.')} ends after ${seen} of ${chunk.values} values`);
    const head = readHead(source, offset, end);
    offset = head.offset + head.packed;
    const kind = countIn(head.struct, 1);
    if (kind === INDEX) continue;
    const bytes = source.readNow(head.offset, head.packed);
    if (bytes.length < head.packed) throw new ParquetFault('a page breaks off');
    if (kind === DICTIONARY) {
      const of = structIn(head.struct, 7);
      if (of === undefined || words !== null)
        throw new ParquetFault('a column has two dictionaries, or one without a head');
      const page = unpackPage(chunk.codec, bytes, head.unpacked);
      words = countIn(of, 1);
      dictionary(plainReader(leaf, page, 0)(words));
      continue;
    }
    const page =
      kind === DATA
        ? firstKind(leaf, chunk, head, bytes)
        : kind === DATA_V2
          ? secondKind(leaf, chunk, head, bytes)
          : null;
    if (page === null) throw new ParquetFault(`a page is of the unknown kind ${kind}`);
    if (page.entries > chunk.values - seen)
      throw new ParquetFault(`column ${leaf.path.join('.')} holds more values than it says`);
    if (page.indices !== null && words === null)
      throw new ParquetFault('a page needs a dictionary, and there is none');
    seen += page.entries;
    yield page;
  }
}

const isDictionary = (encoding: number): boolean =>
  encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY;

/** @param most values that there can be; how many of them are missing, the levels say */
function contentOf(
  leaf: Leaf,
  encoding: number,
  page: Uint8Array,
  from: number,
  most: number,
): Pick<DataPage, 'indices' | 'values'> {
  if (!isDictionary(encoding))
    return { indices: null, values: valuesReader(leaf, encoding, page, from, most) };
  const width = page[from];
  // A page of missing values alone may have nothing here.
  if (width === undefined) return { indices: null, values: plainReader(leaf, page, from) };
  if (width > 32) throw new ParquetFault(`a page has indices of ${width} bits`);
  return { indices: hybridReader(page, from + 1, page.length, width), values: null };
}

function firstKind(leaf: Leaf, { codec }: ColumnChunk, head: PageHead, bytes: Uint8Array): DataPage {
  const of = structIn(head.struct, 5);
  if (of === undefined) throw new ParquetFault('a page has no head of its own');
  const page = unpackPage(codec, bytes, head.unpacked);
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const entries = countIn(of, 1);
  let at = 0;
  const levels = (most: number, encoding: number): ReadLevels | null => {
    if (most === 0) return null;
    if (encoding === BIT_PACKED)
      throw new ParquetFault('its levels are written in an encoding that was given up long ago');
    if (encoding !== RLE) throw new ParquetFault(`its levels are written in encoding ${encoding}`);
    if (at + 4 > page.length) throw new ParquetFault('the levels of a page break off');
    const length = view.getUint32(at, true);
    at += 4;
    if (length > page.length - at) throw new ParquetFault('the levels of a page break off');
    at += length;
    return hybridReader(page, at - length, at, bitsFor(most));
  };
  const repetition = levels(leaf.repeated, numberIn(of, 4) ?? RLE);
  const definition = levels(leaf.defined, numberIn(of, 3) ?? RLE);
  return { entries, repetition, definition, ...contentOf(leaf, countIn(of, 2), page, at, entries) };
}

function secondKind(leaf: Leaf, { codec }: ColumnChunk, head: PageHead, bytes: Uint8Array): DataPage {
  const of = structIn(head.struct, 8);
  if (of === undefined) throw new ParquetFault('a page has no head of its own');
  const [entries, nulls] = [countIn(of, 1), countIn(of, 2)];
  const [definitionBytes, repetitionBytes] = [countIn(of, 5), countIn(of, 6)];
  const levels = repetitionBytes + definitionBytes;
  if (nulls > entries || levels > bytes.length || levels > head.unpacked)
    throw new ParquetFault('the levels of a page break off');
  const rest = bytes.subarray(levels);
  const length = head.unpacked - levels;
  // A page without values may have none, which is no stream of the codec.
  const page = of.get(7) === false || length === 0 ? rest : unpackPage(codec, rest, length);
  return {
    entries,
    repetition: leaf.repeated === 0 ? null : hybridReader(bytes, 0, repetitionBytes, bitsFor(leaf.repeated)),
    definition:
      leaf.defined === 0 ? null : hybridReader(bytes, repetitionBytes, levels, bitsFor(leaf.defined)),
    ...contentOf(leaf, countIn(of, 4), page, 0, entries - nulls),
  };
}
