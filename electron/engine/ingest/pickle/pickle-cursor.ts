import type { FileSource } from '../byte-source.ts';
import type { PickleValue } from './pickle-value.ts';

/** What is wrong with a pickle, at the opcode that was being read. */
export class PickleFault extends Error {}

/** Reads forward through a pickle, with every length checked against the bytes that are there. */
export interface Cursor {
  position(): number;
  /** A little-endian number without sign of 1, 2, 4 or 8 bytes. */
  number(bytes: 1 | 2 | 4 | 8): number;
  take(length: number): Uint8Array;
  text(length: number, encoding: 'utf8' | 'latin1'): string;
  /** Bytes that stay in the file. */
  bytes(length: number): PickleValue;
  /** To the next line feed. */
  line(encoding?: 'utf8' | 'latin1'): string;
  /** Whether the file goes on for so many bytes. */
  has(length: number): boolean;
}

const BLOCK = 256 * 1024;
const MOST_TEXT_BYTES = 64 * 1024 * 1024;
const MOST_LINE_BYTES = 16 * 1024 * 1024;

export function createCursor(source: FileSource, start: number): Cursor {
  let block = new Uint8Array(0);
  let blockAt = start;
  let at = start;
  let textBytes = 0;

  const expect = (length: number): void => {
    if (!(length <= source.bytes - at))
      throw new PickleFault(
        `it needs ${length} more bytes, and the file ends ${source.bytes - at} further on`,
      );
  };
  const take = (length: number): Uint8Array => {
    expect(length);
    const inBlock = at - blockAt;
    if (inBlock + length > block.length) {
      blockAt = at;
      block = source.readNow(at, Math.max(BLOCK, length));
      at += length;
      return block.subarray(0, length);
    }
    at += length;
    return block.subarray(inBlock, inBlock + length);
  };
  const number = (bytes: 1 | 2 | 4 | 8): number => {
    const taken = take(bytes);
    let value = 0;
    for (let index = bytes - 1; index >= 0; index -= 1) value = value * 256 + (taken[index] ?? 0);
    return value;
  };
  const textOf = (bytes: Uint8Array, encoding: 'utf8' | 'latin1'): string => {
    textBytes += bytes.length;
    if (textBytes > MOST_TEXT_BYTES)
      throw new PickleFault(`it holds more than ${MOST_TEXT_BYTES} bytes of text`);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
  };
  return {
    position: () => at,
    number,
    take,
    text: (length, encoding) => {
      if (length > MOST_TEXT_BYTES) throw new PickleFault(`a text claims ${length} bytes`);
      return textOf(take(length), encoding);
    },
    has: (length) => length <= source.bytes - at,
    bytes: (length) => {
      expect(length);
      at += length;
      return { kind: 'bytes', start: at - length, length };
    },
    line: (encoding = 'utf8') => {
      let from = at - blockAt;
      let end = from <= block.length ? block.indexOf(10, from) : -1;
      for (let length = BLOCK; end < 0 && length <= MOST_LINE_BYTES; length *= 2) {
        blockAt = at;
        block = source.readNow(at, length);
        from = 0;
        end = block.indexOf(10);
        if (block.length < length) break;
      }
      if (end < 0 || end - from > MOST_LINE_BYTES) throw new PickleFault('a line does not end');
      at = blockAt + end + 1;
      return textOf(block.subarray(from, end), encoding);
    },
  };
}
