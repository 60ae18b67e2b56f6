/**
 * Unpacks LZF as h5py writes it: runs of 1 to 32 plain bytes, and references back of 3 to 264 bytes within the last
 * 8192. Returns null where the bytes are not such, or give another length than `length`.
 */
export function unpackLzf(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> | null {
  const out = new Uint8Array(length);
  let at = 0;
  let to = 0;
  while (at < packed.length) {
    const control = packed[at] ?? 0;
    at += 1;
    if (control < 32) {
      const run = control + 1;
      if (at + run > packed.length || to + run > length) return null;
      out.set(packed.subarray(at, at + run), to);
      at += run;
      to += run;
      continue;
    }
    let run = control >> 5;
    if (run === 7) {
      run += packed[at] ?? 0;
      at += 1;
    }
    const back = ((control & 31) << 8) + (packed[at] ?? 0) + 1;
    at += 1;
    run += 2;
    if (at > packed.length || back > to || to + run > length) return null;
    // The run may reach into what it is itself writing.
    for (let count = 0; count < run; count += 1, to += 1) out[to] = out[to - back] ?? 0;
  }
  return to === length ? out : null;
}

/** Undoes HDF5's shuffle, which puts all first bytes of the values first, then all second bytes, ... */
export function unshuffle(bytes: Uint8Array, width: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length);
  const count = Math.floor(bytes.length / width);
  for (let byte = 0; byte < width; byte += 1)
    for (let value = 0; value < count; value += 1)
      out[value * width + byte] = bytes[byte * count + value] ?? 0;
  // What is no whole value is left as it was.
  out.set(bytes.subarray(count * width), count * width);
  return out;
}
