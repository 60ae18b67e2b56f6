import { isAscii, isUtf8 } from 'node:buffer';

/** Bytes of the character that begins with this one, in UTF-8; 1 also for what begins none. */
const lengthFrom = (first: number): number =>
  first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

/**
 * Text of 8 bits as UTF-8, block by block: UTF-8 stays as it is, Windows-1252 (which holds Latin-1) is turned into it. Which
 * of them it is tells the first byte outside ASCII: whether a character of UTF-8 begins with it.
 */
export class CsvText {
  /** Null while every byte was ASCII. */
  encoding: 'utf-8' | 'windows-1252' | null;
  /** Bytes of the text before the one that told the encoding. */
  toldAt = 0;
  readonly #decoder = new TextDecoder('windows-1252', { fatal: true });
  /** The beginning of a character that the last block ended in. */
  #kept: Uint8Array = new Uint8Array(0);

  constructor(given: 'utf-8' | 'windows-1252' | null) {
    this.encoding = given;
  }

  take(block: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.encoding === 'utf-8') return block;
    if (this.encoding === 'windows-1252') return this.#decoded(block);
    const bytes = this.#kept.length === 0 ? block : new Uint8Array(Buffer.concat([this.#kept, block]));
    this.#kept = new Uint8Array(0);
    if (isAscii(bytes)) {
      this.toldAt += bytes.length;
      return bytes;
    }
    const first = bytes.findIndex((byte) => byte > 127);
    const end = first + lengthFrom(bytes[first] ?? 0);
    if (end > bytes.length) {
      this.toldAt += first;
      this.#kept = bytes.slice(first);
      return bytes.subarray(0, first);
    }
    this.toldAt += first;
    this.encoding = isUtf8(bytes.subarray(first, end)) ? 'utf-8' : 'windows-1252';
    return this.take(bytes);
  }

  /** What is left at the end. */
  end(): Uint8Array<ArrayBuffer> {
    if (this.#kept.length === 0) return new Uint8Array(0);
    this.encoding = 'windows-1252';
    return this.#decoded(this.#kept);
  }

  #decoded(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    return isAscii(bytes)
      ? new Uint8Array(bytes)
      : new Uint8Array(Buffer.from(this.#decoder.decode(bytes, { stream: true })));
  }
}
