import * as zlib from 'node:zlib';
import { unpackLz4Block } from '../lz4-block.ts';
import { unpackSnappy } from './snappy.ts';
import { ParquetFault } from './thrift.ts';

const codecs = ['uncompressed', 'snappy', 'gzip', 'lzo', 'brotli', 'lz4', 'zstd', 'lz4-raw'] as const;
/** Pages are about a megabyte; the largest that are read. */
export const MOST_PAGE_BYTES = 256 * 1024 * 1024;

function lz4Raw(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> | null {
  // A byte of LZ4 makes 255 at most.
  if (length > bytes.length * 255) return null;
  const out = new Uint8Array(length);
  return unpackLz4Block(bytes, out, 0) === length ? out : null;
}

/** The old codec LZ4: blocks as Hadoop frames them, with both lengths before each, big-endian; or one bare block. */
function lz4Hadoop(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> | null {
  if (length > bytes.length * 255) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Uint8Array(length);
  let at = 0;
  let to = 0;
  while (at + 8 <= bytes.length) {
    const [whole, packed] = [view.getUint32(at), view.getUint32(at + 4)];
    at += 8;
    if (packed > bytes.length - at || whole > length - to) break;
    if (unpackLz4Block(bytes.subarray(at, at + packed), out, to) !== to + whole) break;
    at += packed;
    to += whole;
  }
  return at === bytes.length && to === length ? out : lz4Raw(bytes, length);
}

function byZlib(unpack: () => Uint8Array, length: number): Uint8Array | null {
  try {
    const out = unpack();
    return out.length === length ? out : null;
  } catch {
    return null;
  }
}

/**
 * The bytes of a page as they were before the codec (parquet-format, Compression.md).
 * @throws ParquetFault where they are damaged or of another length than `length`
 */
export function unpackPage(codec: number, bytes: Uint8Array, length: number): Uint8Array {
  const name = codecs[codec];
  const bound = { maxOutputLength: Math.max(1, length) };
  let out: Uint8Array | null;
  switch (name) {
    case 'uncompressed':
      out = bytes.length === length ? bytes : null;
      break;
    case 'snappy':
      out = unpackSnappy(bytes, length);
      break;
    case 'gzip':
      out = byZlib(() => zlib.gunzipSync(bytes, bound), length);
      break;
    case 'brotli':
      out = byZlib(() => zlib.brotliDecompressSync(bytes, bound), length);
      break;
    case 'zstd':
      if (!('zstdDecompressSync' in zlib))
        throw new ParquetFault('it is packed with zstd, which this version of Node does not know');
      out = byZlib(() => zlib.zstdDecompressSync(bytes, bound), length);
      break;
    case 'lz4':
      out = lz4Hadoop(bytes, length);
      break;
    case 'lz4-raw':
      out = lz4Raw(bytes, length);
      break;
    case 'lzo':
    case undefined:
      throw new ParquetFault(`it is packed with ${name ?? `codec ${codec}`}, which is not read`);
  }
  if (out === null)
    throw new ParquetFault(`a page packed with ${name} is damaged or of another length than it says`);
  return out;
}
