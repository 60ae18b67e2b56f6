import * as zlib from 'node:zlib';
import { unpackLz4Frame } from '../lz4-frame.ts';
import { ArrowFault } from './flatbuffer.ts';

const [LZ4_FRAME, ZSTD] = [0, 1];
const MOST_BUFFER_BYTES = 1024 * 1024 * 1024;

function byZstd(bytes: Uint8Array, length: number): Uint8Array | null {
  if (!('zstdDecompressSync' in zlib))
    throw new ArrowFault('it is packed with zstd, which this version of Node does not know');
  try {
    return zlib.zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) });
  } catch {
    return null;
  }
}

/**
 * A buffer as it was before the codec (Arrow, Message.fbs, BodyCompression): the unpacked length stands before it, -1 where
 * it was left as it is.
 * @param codec null where the batch is not packed
 * @throws ArrowFault
 */
export function unpackBuffer(codec: number | null, bytes: Uint8Array): Uint8Array {
  if (codec === null || bytes.length === 0) return bytes;
  if (bytes.length < 8) throw new ArrowFault('a packed buffer has no length');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true));
  const packed = bytes.subarray(8);
  if (length === -1) return packed;
  if (length < 0 || length > MOST_BUFFER_BYTES)
    throw new ArrowFault(
      `a buffer claims ${length} unpacked bytes, and at most ${MOST_BUFFER_BYTES} are read`,
    );
  if (length === 0) return new Uint8Array(0);
  if (codec !== LZ4_FRAME && codec !== ZSTD)
    throw new ArrowFault(`it is packed with codec ${codec}, which is not read`);
  const out = codec === LZ4_FRAME ? unpackLz4Frame(packed, length) : byZstd(packed, length);
  if (out?.length !== length)
    throw new ArrowFault('a packed buffer is damaged or of another length than it says');
  return out;
}
