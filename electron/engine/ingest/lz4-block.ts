/**
 * Unpacks one LZ4 block (lz4_Block_format.md) into `out` from `start` on; matches may reach back before it.
 * Returns where what was written ends, or -1 where the block is damaged or does not fit.
 */
export function unpackLz4Block(block: Uint8Array, out: Uint8Array, start: number): number {
  let at = 0;
  let to = start;
  /** What follows a length of 15, or -1 where the block breaks off. */
  const longer = (): number => {
    let sum = 0;
    for (;;) {
      const byte = block[at];
      if (byte === undefined) return -1;
      at += 1;
      sum += byte;
      if (byte !== 255) return sum;
    }
  };
  for (;;) {
    const token = block[at];
    if (token === undefined) return -1;
    at += 1;
    let literals = token >> 4;
    if (literals === 15) {
      const more = longer();
      if (more < 0) return -1;
      literals += more;
    }
    if (literals > block.length - at || literals > out.length - to) return -1;
    out.set(block.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    // The last sequence has no match.
    if (at === block.length) return to;
    if (at + 2 > block.length) return -1;
    const back = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    let length = token & 15;
    if (length === 15) {
      const more = longer();
      if (more < 0) return -1;
      length += more;
    }
    length += 4;
    if (back === 0 || back > to || length > out.length - to) return -1;
    // A match may overlap what it makes, which repeats it.
    if (back >= length) out.copyWithin(to, to - back, to - back + length);
    else for (let k = 0; k < length; k += 1) out[to + k] = out[to + k - back] ?? 0;
    to += length;
  }
}
