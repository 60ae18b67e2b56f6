/** A longer text is kept without its end; its file and line lead to the rest. */
const MOST_BYTES = 2000;
/** Shorter texts are copied byte by byte, which is faster than a call. */
const COPIED = 64;

/** The texts of a column, row after row, packed. */
export class TextBuilder {
  #ends: Uint32Array<ArrayBuffer>;
  #bytes: Uint8Array<ArrayBuffer>;

  constructor(rows: number) {
    this.#ends = new Uint32Array(rows);
    this.#bytes = new Uint8Array(16 * rows);
  }

  /** Makes room for so many rows. */
  grow(rows: number): void {
    const ends = new Uint32Array(rows);
    ends.set(this.#ends);
    this.#ends = ends;
  }

  /** Sets the text of a row, all before it being set. @returns whether its end was cut off */
  set(row: number, bytes: Uint8Array, start: number, whole: number): boolean {
    let end = whole;
    if (end - start > MOST_BYTES) {
      end = start + MOST_BYTES;
      // Not in the middle of a character.
      while ((bytes[end] & 0xc0) === 0x80) end -= 1;
    }
    const from = this.start(row);
    const to = from + end - start;
    if (to > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, to));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    const into = this.#bytes;
    if (end - start < COPIED) for (let i = start, o = from; i < end; i += 1, o += 1) into[o] = bytes[i];
    else into.set(bytes.subarray(start, end), from);
    this.#ends[row] = to;
    return end < whole;
  }

  setMissing(row: number): void {
    this.#ends[row] = this.start(row);
  }

  /** All texts packed, those of a row from {@link start} to {@link end}. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  start(row: number): number {
    return row === 0 ? 0 : this.#ends[row - 1];
  }

  end(row: number): number {
    return this.#ends[row];
  }

  /** The first rows as arrays of their own. */
  take(rows: number): { ends: Uint32Array<ArrayBuffer>; bytes: Uint8Array<ArrayBuffer> } {
    return { ends: this.#ends.slice(0, rows), bytes: this.#bytes.slice(0, this.start(rows)) };
  }
}
