/** Of a frame's descriptor: bytes that the size of its content takes, and of its dictionary's number. */
const CONTENT_SIZE = [0, 2, 4, 8];
const DICTIONARY = [0, 1, 2, 4];

const littleEndian = (bytes: readonly number[]): number =>
  bytes.reduceRight((value, byte) => value * 256 + byte, 0);

/** Bytes that are collected before it is known what follows, or bytes that are passed over. */
type Part =
  | { readonly kind: 'magic' | 'skippable' | 'descriptor' | 'block'; readonly bytes: number }
  | { readonly kind: 'body'; readonly bytes: number; readonly next: Part | null };

const MAGIC: Part = { kind: 'magic', bytes: 4 };
const BLOCK_HEADER: Part = { kind: 'block', bytes: 3 };

/** Passed over, then `next`; null is the end of the frame. */
const body = (bytes: number, next: Part | null): Part => ({ kind: 'body', bytes, next });

/**
 * Cuts the bytes of a zstd file where its frames end (RFC 8878, 3.1): a file may hold many, by `pzstd`, by `zstd -c >>` or of
 * rotated logs, and the decoder of Node leaves out what stands behind the end of a frame in the bytes that it is handed at once.
 * What is no frame is handed on as it is, for the decoder to refuse.
 *
 * @returns gives the pieces of the next bytes; no piece reaches across the end of a frame
 */
export function zstdFrames(): (bytes: Uint8Array) => Uint8Array[] {
  let part: Part = MAGIC;
  let collected: number[] = [];
  let passed = 0;
  let checksum = 0;
  let noFrame = false;

  /** What follows a part that is complete; null at the end of a frame. */
  const after = (done: Part): Part | null => {
    if (done.kind === 'body') return done.next;
    const value = littleEndian(collected);
    if (done.kind === 'magic') {
      if (value === 0xfd2fb528) return { kind: 'descriptor', bytes: 1 };
      if (value >= 0x184d2a50 && value <= 0x184d2a5f) return { kind: 'skippable', bytes: 4 };
      noFrame = true;
      return MAGIC;
    }
    if (done.kind === 'skippable') return body(value, null);
    if (done.kind === 'descriptor') {
      const single = (value & 32) !== 0;
      checksum = (value & 4) !== 0 ? 4 : 0;
      const size = CONTENT_SIZE[value >> 6] ?? 0;
      const contentSize = single && size === 0 ? 1 : size;
      return body((single ? 0 : 1) + (DICTIONARY[value & 3] ?? 0) + contentSize, BLOCK_HEADER);
    }
    const repeated = ((value >> 1) & 3) === 1;
    const last = (value & 1) !== 0;
    return body(repeated ? 1 : value >> 3, last ? body(checksum, null) : BLOCK_HEADER);
  };

  return (bytes) => {
    const pieces: Uint8Array[] = [];
    let start = 0;
    let at = 0;
    while (at < bytes.length && !noFrame) {
      const taken = Math.min(part.bytes - passed, bytes.length - at);
      if (part.kind !== 'body') collected.push(...bytes.subarray(at, at + taken));
      at += taken;
      passed += taken;
      // Parts of no bytes at all are complete as they begin.
      while (passed === part.bytes && !noFrame) {
        const next = after(part);
        collected = [];
        passed = 0;
        part = next ?? MAGIC;
        if (next !== null) continue;
        pieces.push(bytes.subarray(start, at));
        start = at;
      }
    }
    if (start < bytes.length) pieces.push(bytes.subarray(start));
    return pieces;
  };
}
