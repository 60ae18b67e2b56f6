import { readDeltas } from './delta.ts';
import { hybridReader } from './hybrid.ts';
import type { Leaf } from './metadata.ts';
import { ParquetFault } from './thrift.ts';

/** Values as they are stored: numbers of their own type, truth values as 0 and 1, bytes for everything else. */
export type RawValues =
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | readonly Uint8Array[];

/** The next so many values that are there. @throws ParquetFault where there are fewer */
export type ReadValues = (count: number) => RawValues;

/** What the texts of a page may take where each repeats the beginning of the one before it. */
const MOST_REPEATED = 1024 * 1024 * 1024;

const broken = (): ParquetFault => new ParquetFault('the values of a page break off');

const [PLAIN, RLE, DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY, BYTE_STREAM_SPLIT] = [
  0, 3, 5, 6, 7, 9,
];

const widthOf = ({ type, length }: Leaf): number =>
  type === 'INT32' || type === 'FLOAT'
    ? 4
    : type === 'INT64' || type === 'DOUBLE'
      ? 8
      : type === 'INT96'
        ? 12
        : length;

/** Bytes of values of one width as the numbers that they are. `bytes` are at the start of a buffer. */
function asNumbers({ type }: Leaf, { buffer }: Uint8Array<ArrayBuffer>, count: number): RawValues {
  if (type === 'INT32') return new Int32Array(buffer, 0, count);
  if (type === 'INT64') return new BigInt64Array(buffer, 0, count);
  return type === 'FLOAT' ? new Float32Array(buffer, 0, count) : new Float64Array(buffer, 0, count);
}

const cut = (bytes: Uint8Array, width: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, at) => bytes.subarray(at * width, (at + 1) * width));

/** PLAIN: values one after another. */
export function plainReader(leaf: Leaf, page: Uint8Array, from: number): ReadValues {
  let at = from;
  if (leaf.type === 'BOOLEAN') {
    let bit = from * 8;
    return (count) => {
      if (bit + count > page.length * 8) throw broken();
      const values = new Uint8Array(count);
      for (let k = 0; k < count; k += 1, bit += 1) values[k] = ((page[bit >> 3] ?? 0) >> (bit & 7)) & 1;
      return values;
    };
  }
  if (leaf.type === 'BYTE_ARRAY') {
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    return (count) => {
      const values: Uint8Array[] = [];
      for (let k = 0; k < count; k += 1) {
        if (at + 4 > page.length) throw broken();
        const length = view.getUint32(at, true);
        at += 4;
        if (length > page.length - at) throw broken();
        values.push(page.subarray(at, at + length));
        at += length;
      }
      return values;
    };
  }
  const width = widthOf(leaf);
  const bytesOnly = leaf.type === 'INT96' || leaf.type === 'FIXED_LEN_BYTE_ARRAY';
  return (count) => {
    if (count * width > page.length - at) throw broken();
    const bytes = new Uint8Array(page.subarray(at, at + count * width));
    at += count * width;
    return bytesOnly ? cut(bytes, width, count) : asNumbers(leaf, bytes, count);
  };
}

/** Hands out what was made at once. */
function handedOut(all: RawValues): ReadValues {
  let at = 0;
  return (count) => {
    if (count > all.length - at) throw broken();
    at += count;
    return all.slice(at - count, at);
  };
}

function deltaLengths(page: Uint8Array, from: number, most: number): { values: Uint8Array[]; end: number } {
  const { values: lengths, end } = readDeltas(page, from, most);
  let at = end;
  const values: Uint8Array[] = [];
  for (const length of lengths) {
    if (length < 0n || length > BigInt(page.length - at)) throw broken();
    values.push(page.subarray(at, at + Number(length)));
    at += Number(length);
  }
  return { values, end: at };
}

function deltaBytes(page: Uint8Array, from: number, most: number): Uint8Array[] {
  const { values: kept, end } = readDeltas(page, from, most);
  const { values: added } = deltaLengths(page, end, most);
  if (added.length !== kept.length) throw broken();
  let last: Uint8Array = new Uint8Array(0);
  let total = 0;
  return added.map((rest, at) => {
    const same = kept[at] ?? 0n;
    if (same < 0n || same > BigInt(last.length)) throw broken();
    const value = new Uint8Array(Number(same) + rest.length);
    total += value.length;
    if (total > MOST_REPEATED)
      throw new ParquetFault(`the texts of a page take more than ${MOST_REPEATED} bytes`);
    value.set(last.subarray(0, Number(same)));
    value.set(rest, Number(same));
    last = value;
    return value;
  });
}

function streamSplit(leaf: Leaf, page: Uint8Array, from: number): RawValues {
  const width = widthOf(leaf);
  const count = Math.floor((page.length - from) / width);
  const bytes = new Uint8Array(count * width);
  for (let part = 0; part < width; part += 1)
    for (let k = 0; k < count; k += 1) bytes[k * width + part] = page[from + part * count + k] ?? 0;
  return leaf.type === 'FIXED_LEN_BYTE_ARRAY' ? cut(bytes, width, count) : asNumbers(leaf, bytes, count);
}

/**
 * The values of a data page in any encoding but the dictionary's.
 * @param most values that there can be
 * @throws ParquetFault
 */
export function valuesReader(
  leaf: Leaf,
  encoding: number,
  page: Uint8Array,
  from: number,
  most: number,
): ReadValues {
  const { type } = leaf;
  const bytes = type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY';
  switch (encoding) {
    case PLAIN:
      return plainReader(leaf, page, from);
    case RLE: {
      if (type !== 'BOOLEAN' || from + 4 > page.length) break;
      const length = new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(from, true);
      const read = hybridReader(page, from + 4, Math.min(page.length, from + 4 + length), 1);
      return (some) => {
        const values = new Uint8Array(some);
        read(values, 0, some);
        return values;
      };
    }
    case DELTA_BINARY_PACKED: {
      if (type !== 'INT32' && type !== 'INT64') break;
      const { values } = readDeltas(page, from, most);
      return handedOut(type === 'INT64' ? values : Int32Array.from(values, Number));
    }
    case DELTA_LENGTH_BYTE_ARRAY:
      if (type !== 'BYTE_ARRAY') break;
      return handedOut(deltaLengths(page, from, most).values);
    case DELTA_BYTE_ARRAY:
      if (!bytes) break;
      return handedOut(deltaBytes(page, from, most));
    case BYTE_STREAM_SPLIT:
      if (type === 'BOOLEAN' || type === 'BYTE_ARRAY' || type === 'INT96') break;
      return handedOut(streamSplit(leaf, page, from));
  }
  throw new ParquetFault(
    `column ${leaf.path.join('.')} is written in encoding ${encoding}, which is not read for ${type}`,
  );
}
