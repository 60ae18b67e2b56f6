import { BezoarError } from '../../../contract/errors.ts';
import type { FileSource } from '../byte-source.ts';
import { openHdf5, type Hdf5File } from '../hdf5/hdf5-library.ts';
import { LZF_FILTER, lzfBlocks } from '../hdf5/lzf-chunks.ts';
import {
  baseAddress,
  chunkTreeAddress,
  contiguousAddress,
  headerMessages,
  MESSAGE,
  signatureAt,
  typeOfMessage,
  type StoredType,
} from '../hdf5/object-header.ts';
import { defineReader, type ArrayChunk, type ArrayEntry } from '../reader.ts';
import { storedBytes, swapBytes } from '../stored-values.ts';
import { bytesOfShape, shapeProblem, unreadableEntry } from './npy.ts';
import { rowOrder, stridedRows } from './strided-rows.ts';

const MOST_ENTRIES = 10_000;
const MOST_DEPTH = 32;
/** gzip, shuffle, a checksum, LZF. */
const FILTERS: readonly number[] = [1, 2, 3, LZF_FILTER];
/** Rows are read in blocks of about this size, whole chunks of the file at a time. */
const BLOCK_BYTES = 32 * 1024 * 1024;
/** A block of whole chunks that needs more than this is refused. */
const MOST_BLOCK_BYTES = 512 * 1024 * 1024;
/** Chunks that were never written take no room: values may be more than the file has bytes, but not so many times. */
const MOST_RATIO = 200;
const ALWAYS_FINE = 64 * 1024 * 1024;

interface Values {
  readonly path: string;
  readonly shape: readonly number[];
  readonly type: StoredType;
  readonly width: number;
}

interface Opened {
  readonly source: FileSource;
  readonly file: Hdf5File;
  readonly base: number;
}

/** The datasets of a file, group by group. Links are listed and not followed. */
function listEntries(opened: Opened): ArrayEntry[] {
  const { source, file } = opened;
  const entries: ArrayEntry[] = [];
  const seen = new Set<number>();
  const unreadable = (path: string, stored: string, shape: readonly number[], problem: string): void => {
    const name = path.slice(1);
    entries.push(
      unreadableEntry(name, stored, shape, `${source.name}: ${name} ${problem}. Nothing was imported of it.`),
    );
  };
  const visit = (group: string, depth: number): void => {
    if (depth > MOST_DEPTH) return;
    for (const name of file.names(group)) {
      if (entries.length >= MOST_ENTRIES) return;
      const path = `${group === '/' ? '' : group}/${name}`;
      const target = file.link(path);
      if (target !== null) {
        unreadable(path, 'link', [], `is a link to ${JSON.stringify(target)}, which is not followed`);
        continue;
      }
      const kind = file.kind(path);
      if (kind === 'other') continue;
      const address = file.address(path);
      if (seen.has(address)) continue;
      seen.add(address);
      if (kind === 'group') {
        visit(path, depth + 1);
        continue;
      }
      try {
        const found = entryOf(opened, path, address);
        if ('problem' in found) unreadable(path, found.stored, found.shape, found.problem);
        else entries.push(found.entry);
      } catch (error) {
        if (!(error instanceof BezoarError)) throw error;
        entries.push(unreadableEntry(path.slice(1), 'damaged', [], error.message));
      }
    }
  };
  seen.add(file.address('/'));
  visit('/', 0);
  return entries;
}

type Found =
  | { readonly entry: ArrayEntry }
  | { readonly stored: string; readonly shape: readonly number[]; readonly problem: string };

function entryOf({ source, file, base }: Opened, path: string, address: number): Found {
  const { shape, chunks, filters, virtual, names } = file.dataset(path);
  const messages = headerMessages(source, base, address);
  const not = (problem: string, stored = 'not read'): Found => ({ stored, shape: shape ?? [], problem });
  if (shape === null) return not('holds no values');
  const told = messages.filter(({ type }) => type === MESSAGE.datatype);
  const [datatype] = told;
  if (datatype === undefined || told.length > 1 || datatype.shared)
    return not('has a dtype that is kept elsewhere in the file, which is not read');
  const type = typeOfMessage(datatype.body, names);
  if (typeof type === 'string') return not(`holds ${type}`, type);
  const { dtype, bigEndian } = type;
  const wrong = shapeProblem(shape);
  if (wrong !== null) return not(`cannot be taken: ${wrong}`, dtype);
  if (virtual || messages.some(({ type: kind }) => kind === MESSAGE.externalFiles))
    return not('keeps its values in other files, which are not opened', dtype);
  const other = filters.find(({ id }) => !FILTERS.includes(id));
  if (other !== undefined)
    return not(
      `is packed with ${JSON.stringify(other.name)} (filter ${other.id}), and gzip, shuffle and LZF are read`,
      dtype,
    );
  const name = path.slice(1);
  const place = `${source.name}: ${name}`;
  const width = storedBytes[dtype];
  const bytes = bytesOfShape(place, shape, width);
  if (bytes > Math.max(ALWAYS_FINE, MOST_RATIO * source.bytes))
    throw new BezoarError(
      'evidence/too-large',
      `${place} claims ${bytes} bytes in a file of ${source.bytes}. Nothing was imported. The file was cut off or is damaged; write it again.`,
    );
  const values: Values = { path, shape, type, width };
  const contiguous = chunks === null ? contiguousAddress(messages) : null;
  let read: (rowsPerChunk: number) => AsyncIterable<ArrayChunk>;
  if (contiguous !== null) {
    if (base + contiguous + bytes > source.bytes)
      return not(
        `would end at byte ${base + contiguous + bytes}, and the file ends at ${source.bytes}`,
        dtype,
      );
    const strided = {
      source: { ...source, name: place },
      start: base + contiguous,
      shape,
      strides: rowOrder(shape),
      width,
    };
    read = (rowsPerChunk) => stridedRows(strided, rowsPerChunk);
  } else if (filters.some(({ id }) => id === LZF_FILTER)) {
    const tree = chunkTreeAddress(messages);
    if (tree === null || chunks === null)
      return not(
        'is packed with LZF in the layout of newer files, which is not read; pack it with gzip',
        dtype,
      );
    const ids = filters.map(({ id }) => id);
    read = (rowsPerChunk) =>
      inBlocks(
        place,
        values,
        chunks[0] ?? 1,
        rowsPerChunk,
        lzfBlocks({ source, base, tree, chunks, ids, place, shape, width }),
      );
  } else {
    read = (rowsPerChunk) =>
      inBlocks(place, values, chunks?.[0] ?? 1, rowsPerChunk, (first, rows) =>
        file.read(path, first, rows, shape, width),
      );
  }
  return {
    entry: {
      name,
      dtype,
      stored: dtype,
      shape,
      problem: null,
      ...(contiguous !== null && !bigEndian ? { place: base + contiguous } : {}),
      chunks: async function* (rowsPerChunk) {
        for await (const chunk of read(rowsPerChunk)) {
          if (bigEndian) swapBytes(chunk.bytes, width);
          yield chunk;
        }
      },
    },
  };
}

type ReadBlock = (firstRow: number, rows: number) => Uint8Array<ArrayBuffer>;

/** Rows in blocks that hold whole chunks of the file, so that none is unpacked twice. */
async function* inBlocks(
  place: string,
  { shape, width }: Values,
  chunkRows: number,
  rowsPerChunk: number,
  read: ReadBlock,
): AsyncGenerator<ArrayChunk> {
  const [total = 0, ...rest] = shape;
  const rowBytes = rest.reduce((product, length) => product * length, width);
  const step = Math.min(total, Math.max(1, chunkRows));
  if (step * rowBytes > MOST_BLOCK_BYTES)
    throw new BezoarError(
      'evidence/too-large',
      `${place} is stored in chunks of ${chunkRows} rows, ${step * rowBytes} bytes of values at a time, and ${MOST_BLOCK_BYTES} are the most that Bezoar takes. ` +
        'Nothing was imported. Write it again in smaller chunks.',
    );
  const rowsPerBlock = Math.max(1, Math.floor(BLOCK_BYTES / (step * rowBytes))) * step;
  let left = new Uint8Array(0);
  let firstRow = 0;
  for (let first = 0; first < total; first += rowsPerBlock) {
    const block = read(first, Math.min(rowsPerBlock, total - first));
    const joined = left.length === 0 ? block : new Uint8Array(left.length + block.length);
    if (joined !== block) {
      joined.set(left);
      joined.set(block, left.length);
    }
    const rows = joined.length / rowBytes;
    const last = first + rowsPerBlock >= total;
    let at = 0;
    for (; at < rows && (last || rows - at >= rowsPerChunk); at += Math.min(rowsPerChunk, rows - at)) {
      const some = Math.min(rowsPerChunk, rows - at);
      yield { firstRow, rows: some, bytes: joined.slice(at * rowBytes, (at + some) * rowBytes) };
      firstRow += some;
      await Promise.resolve();
    }
    left = joined.slice(Math.min(at, rows) * rowBytes);
  }
}

/** HDF5 by the library that its authors write, in WebAssembly, where nothing but this file can be opened. */
export const hdf5Reader = defineReader({
  access: 'anywhere',
  id: 'hdf5',
  sniff: (head) => signatureAt(head) >= 0,
  named: /\.(h5|hdf5|he5)$/i,
  open: async (source) => {
    const base = baseAddress(source);
    const file = await openHdf5(source);
    try {
      const entries = listEntries({ source, file, base });
      return {
        entries,
        table: null,
        findings: [],
        close: () => {
          file.close();
        },
      };
    } catch (error) {
      file.close();
      throw error;
    }
  },
});
