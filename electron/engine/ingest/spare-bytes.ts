/** Smaller ones cost nothing to take anew. */
const LEAST_BYTES = 1024 * 1024;
const MOST_KEPT = 8;

let kept: Uint8Array<ArrayBuffer>[] = [];

/**
 * Bytes to be overwritten, whatever is in them, at the start of a buffer of their own. For a file of many chunks those
 * that this thread was given back are used again: memory taken anew costs as much as reading into it.
 */
export function bytesToFill(length: number): Uint8Array<ArrayBuffer> {
  if (length >= LEAST_BYTES) {
    const spare = kept.pop();
    if (spare?.length === length) return spare;
    // Chunks of another size than those before.
    kept = [];
  }
  return new Uint8Array(length);
}

/** Takes a chunk back that nobody looks at any more. */
export function giveBack(bytes: Uint8Array<ArrayBuffer>): void {
  if (bytes.length >= LEAST_BYTES && bytes.length === bytes.buffer.byteLength && kept.length < MOST_KEPT)
    kept.push(bytes);
}
