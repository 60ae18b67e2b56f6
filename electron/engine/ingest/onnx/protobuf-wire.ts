import type { FileSource } from '../byte-source.ts';

/** One field of a protobuf message; what it means is for who knows the message. */
export interface WireField {
  readonly number: number;
  /** 0: a varint, 1: eight bytes, 2: `length` bytes, 5: four bytes. */
  readonly wire: 0 | 1 | 2 | 5;
  /** Of a varint, as a signed 64-bit number; exact while it is a safe integer. 0 for the other kinds. */
  readonly value: number;
  /** Where the content begins in the file. */
  readonly at: number;
  readonly length: number;
}

/** What is wrong with the bytes, and at which byte of the file. */
export class WireError extends Error {
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(what);
    this.name = 'WireError';
    this.offset = offset;
  }
}

const WINDOW = 64 * 1024;
const VARINT_BYTES = 10;

/** Reads protobuf messages of a file by position, a window at a time: memory does not grow with what the file claims. */
export class WireFile {
  readonly #source: FileSource;
  #window = new Uint8Array(0);
  #start = 0;

  constructor(source: FileSource) {
    this.#source = source;
  }

  #load(offset: number, length: number): void {
    if (offset >= this.#start && offset + length <= this.#start + this.#window.length) return;
    this.#start = offset;
    this.#window = this.#source.readNow(offset, Math.max(WINDOW, length));
  }

  #byte(offset: number): number {
    this.#load(offset, 1);
    return this.#window[offset - this.#start] ?? 0;
  }

  /** The varint at `offset` and where it ends. @throws WireError when it does not end before `to` */
  #varint(offset: number, to: number): { value: number; end: number } {
    let low = 0;
    let high = 0n;
    for (let at = 0; at < VARINT_BYTES; at += 1) {
      if (offset + at >= to) throw new WireError('a number is cut off', offset);
      const byte = this.#byte(offset + at);
      if (at < 4) low += (byte & 0x7f) * 2 ** (7 * at);
      else high |= BigInt(byte & 0x7f) << BigInt(7 * at);
      if (byte < 0x80)
        return {
          value: high === 0n ? low : Number(BigInt.asIntN(64, high | BigInt(low))),
          end: offset + at + 1,
        };
    }
    throw new WireError('a number does not end', offset);
  }

  /** The fields of the message that lies from byte `from` up to `to`. @throws WireError */
  *fields(from: number, to: number): Generator<WireField> {
    let at = from;
    while (at < to) {
      const key = this.#varint(at, to);
      const number = Math.floor(key.value / 8);
      const wire = key.value & 7;
      if (number < 1 || number > 0x1fffffff) throw new WireError('a field has no valid number', at);
      if (wire === 0) {
        const { value, end } = this.#varint(key.end, to);
        yield { number, wire, value, at: key.end, length: end - key.end };
        at = end;
        continue;
      }
      let length: number;
      let content = key.end;
      if (wire === 1) length = 8;
      else if (wire === 5) length = 4;
      else if (wire === 2) {
        const claimed = this.#varint(key.end, to);
        length = claimed.value;
        content = claimed.end;
      } else throw new WireError(`a field is of kind ${wire}, which is not read`, at);
      if (length < 0 || length > to - content)
        throw new WireError(
          `field ${number} claims ${length} bytes, and its message ends ${to - content} bytes on`,
          at,
        );
      yield { number, wire, value: 0, at: content, length };
      at = content + length;
    }
  }

  /** The varints of a packed field. @throws WireError */
  *packed({ at, length }: WireField): Generator<number> {
    let offset = at;
    while (offset < at + length) {
      const { value, end } = this.#varint(offset, at + length);
      yield value;
      offset = end;
    }
  }

  /** The field as text, at most `most` bytes of it. @throws WireError when it is no UTF-8 */
  text({ at, length }: WireField, most: number): string {
    const cut = length > most;
    const taken = Math.min(length, most);
    this.#load(at, taken);
    const bytes = this.#window.subarray(at - this.#start, at - this.#start + taken);
    try {
      // Cut within a character, the rest of it is left out.
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
    } catch {
      throw new WireError('a text is not UTF-8', at);
    }
  }
}
