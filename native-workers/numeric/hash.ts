/** Mixes a key's hash with a purpose (murmur3's finaliser), so that folds and splits are independent of one another. */
export function mixHash(keyHash: number, purpose: number): number {
  let h = (keyHash ^ Math.imul(purpose, 0x9e3779b1)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
