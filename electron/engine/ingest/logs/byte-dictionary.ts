import { randomInt } from 'node:crypto';

const FNV_PRIME = 0x01000193;

/** FNV-1a from a salted start, its bits mixed at the end; 32 bits, unsigned. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, salt: number): number {
  let hash = salt;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/**
 * Numbers the distinct texts of a column from 1, in the order in which they come, without making strings of them. The
 * salt keeps a made-up file from choosing texts that collide; no number depends on it.
 */
export class ByteDictionary {
  readonly #salt = randomInt(2 ** 32);
  #slots = new Int32Array(256);
  #hashes = new Uint32Array(128);
  #starts = new Uint32Array(129);
  #arena = new Uint8Array(4096);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of the text, given now where it is new. */
  code(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end, this.#salt);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const code = this.#slots[slot] ?? 0;
      if (code === 0) return this.#add(hash, slot, bytes, start, end);
      if (this.#hashes[code - 1] === hash && this.#equals(code, bytes, start, end)) return code;
      slot = (slot + 1) & mask;
    }
  }

  text(code: number): string {
    return Buffer.from(
      this.#arena.buffer,
      this.#starts[code - 1] ?? 0,
      (this.#starts[code] ?? 0) - (this.#starts[code - 1] ?? 0),
    ).toString('utf8');
  }

  #equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#starts[code - 1] ?? 0;
    const length = end - start;
    if ((this.#starts[code] ?? 0) - from !== length) return false;
    for (let i = 0; i < length; i += 1) if (this.#arena[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #add(hash: number, slot: number, bytes: Uint8Array, start: number, end: number): number {
    const used = this.#starts[this.#size] ?? 0;
    const length = end - start;
    if (used + length > this.#arena.length) {
      const larger = new Uint8Array(Math.max(2 * this.#arena.length, used + length));
      larger.set(this.#arena);
      this.#arena = larger;
    }
    for (let i = 0; i < length; i += 1) this.#arena[used + i] = bytes[start + i] ?? 0;
    if (this.#size === this.#hashes.length) {
      const hashes = new Uint32Array(2 * this.#size);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
      const starts = new Uint32Array(2 * this.#size + 1);
      starts.set(this.#starts);
      this.#starts = starts;
    }
    this.#hashes[this.#size] = hash;
    this.#size += 1;
    this.#starts[this.#size] = used + length;
    this.#slots[slot] = this.#size;
    if (2 * this.#size > this.#slots.length) this.#widen();
    return this.#size;
  }

  #widen(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let code = 1; code <= this.#size; code += 1) {
      let slot = (this.#hashes[code - 1] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = code;
    }
    this.#slots = slots;
  }
}
