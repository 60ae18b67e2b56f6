/** Pairs of bytes that may be added up before the sums must be folded to stay whole in 32 bits. */
const STEP = 360;

const folded = (sum: number): number => (sum & 0xffff) + (sum >>> 16);

/** Fletcher's checksum over 16-bit words, their higher byte first, as HDF5's filter 3 stores it; a last single byte is a higher one. */
export function fletcher32(bytes: Uint8Array): number {
  let [sum, sums] = [0, 0];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 2 * STEP);
    for (; at < end; at += 2) {
      sum += (bytes[at] << 8) | (bytes[at + 1] ?? 0);
      sums += sum;
    }
    sum = folded(sum);
    sums = folded(sums);
  }
  return ((folded(sums) << 16) | folded(sum)) >>> 0;
}

/** Whether the last four bytes are the checksum of those before; some writers stored the bytes of each half the other way round. */
export function hasFletcher32(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const [a, b, c, d] = bytes.subarray(-4);
  const sum = fletcher32(bytes.subarray(0, -4));
  return (
    sum === ((d << 24) | (c << 16) | (b << 8) | a) >>> 0 ||
    sum === ((c << 24) | (d << 16) | (a << 8) | b) >>> 0
  );
}
