/** What a byte of Snappy makes at most: a copy of 64 bytes takes 2. */
const MOST_PER_BYTE = 64;

/**
 * Unpacks Snappy (google/snappy, format_description.txt) of `length` unpacked bytes; null where it is damaged or of
 * another length.
 */
export function unpackSnappy(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> | null {
  let at = 0;
  let stated = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at];
    if (byte === undefined || scale > 2 ** 28) return null;
    at += 1;
    stated += (byte & 127) * scale;
    if (byte < 128) break;
  }
  if (stated !== length || length > bytes.length * MOST_PER_BYTE) return null;
  const out = new Uint8Array(length);
  let to = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    at += 1;
    if ((tag & 3) === 0) {
      let size = tag >> 2;
      if (size >= 60) {
        const width = size - 59;
        if (at + width > bytes.length) return null;
        size = 0;
        for (let k = width - 1; k >= 0; k -= 1) size = size * 256 + (bytes[at + k] ?? 0);
        at += width;
      }
      size += 1;
      if (size > bytes.length - at || size > length - to) return null;
      out.set(bytes.subarray(at, at + size), to);
      at += size;
      to += size;
      continue;
    }
    let size: number;
    let back: number;
    if ((tag & 3) === 1) {
      size = ((tag >> 2) & 7) + 4;
      back = ((tag >> 5) << 8) | (bytes[at] ?? 0);
      at += 1;
    } else {
      size = (tag >> 2) + 1;
      const width = (tag & 3) === 2 ? 2 : 4;
      back = 0;
      for (let k = width - 1; k >= 0; k -= 1) back = back * 256 + (bytes[at + k] ?? 0);
      at += width;
    }
    if (at > bytes.length || back === 0 || back > to || size > length - to) return null;
    if (back >= size) out.copyWithin(to, to - back, to - back + size);
    else for (let k = 0; k < size; k += 1) out[to + k] = out[to + k - back] ?? 0;
    to += size;
  }
  return to === length ? out : null;
}
