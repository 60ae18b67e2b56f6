import { unpackLz4Block } from './lz4-block.ts';

const MAGIC = 0x184d2204;

/**
 * Unpacks an LZ4 frame (lz4_Frame_format.md) of `length` unpacked bytes. Checksums are passed over: the hash of the file
 * stands beside it. Null where the frame is damaged or of another length.
 */
export function unpackLz4Frame(frame: Uint8Array, length: number): Uint8Array<ArrayBuffer> | null {
  // A byte of LZ4 makes 255 at most.
  if (frame.length < 11 || length > frame.length * 255) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flags = frame[4] ?? 0;
  if (view.getUint32(0, true) !== MAGIC || flags >> 6 !== 1) return null;
  const checked = (flags & 0x10) !== 0;
  let at = 6 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0) + 1;
  const out = new Uint8Array(length);
  let to = 0;
  for (;;) {
    if (at + 4 > frame.length) return null;
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return to === length ? out : null;
    const size = word & 0x7fffffff;
    if (size > frame.length - at) return null;
    const block = frame.subarray(at, at + size);
    if (word >>> 31 === 1) {
      if (size > length - to) return null;
      out.set(block, to);
      to += size;
    } else {
      to = unpackLz4Block(block, out, to);
      if (to < 0) return null;
    }
    at += size + (checked ? 4 : 0);
  }
}
