import { isUtf8 } from 'node:buffer';
import { BezoarError } from '../../contract/errors.ts';
import type { TextReading } from '../../contract/evidence.ts';
import type { ByteSource } from './byte-source.ts';

export type TextEncoding = NonNullable<TextReading['encoding']>;

/** In the words of whoever made the file. */
export const encodingNames: Readonly<Record<TextEncoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 (little-endian)',
  'utf-16be': 'UTF-16 (big-endian)',
  'windows-1252': 'Windows-1252 (Latin-1)',
};

const BLOCK = 1024 * 1024;
/** So much of the beginning tells UTF-16 without a byte order mark. */
const HEAD = 4096;
/** The longest character of UTF-8. */
const LONGEST = 4;

const notText = (name: string, what: string): BezoarError =>
  new BezoarError(
    'evidence/malformed',
    `${name}: ${what}. Nothing was imported. Choose another encoding for it, or save it as UTF-8 text.`,
  );

/** What the first bytes say, or null where the rest has to be looked at. */
function byFirstBytes(name: string, head: Uint8Array): TextEncoding | null {
  const [a, b, c, d] = head;
  if (a === 0xff && b === 0xfe && c === 0 && d === 0)
    throw notText(name, 'it is UTF-32 text, which is not read');
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  const zeros = [0, 0];
  for (let at = 0; at < head.length; at += 1) if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  // Every other byte of plain letters in UTF-16 is zero.
  if (odd * 4 > head.length && even === 0) return 'utf-16le';
  if (even * 4 > head.length && odd === 0) return 'utf-16be';
  if (even + odd > 0) throw notText(name, `byte ${head.indexOf(0)} is a NUL, so this is not text`);
  return null;
}

/** Bytes of a character that begins with this one; 1 also for what begins none. */
const lengthFrom = (first: number): number =>
  first >= 0xf5 || first < 0xc2 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

/** Bytes at the end that may be the beginning of a character that goes on in the next block. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back < LONGEST && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) !== 0x80) return lengthFrom(byte) > back ? back : 0;
  }
  return 0;
}

/** Offset of the first byte at or after `from` that is not UTF-8; `from` may lie within a character. */
async function firstNotUtf8(source: ByteSource, from: number): Promise<number> {
  const start = Math.max(0, from - LONGEST + 1);
  const bytes = await source.read(start, BLOCK + LONGEST);
  let first = 0;
  while (first < from - start && ((bytes[first] ?? 0) & 0xc0) === 0x80) first += 1;
  let [good, bad] = [first, bytes.length];
  while (good < bad) {
    const middle = Math.ceil((good + bad) / 2);
    const part = bytes.subarray(first, middle);
    if (isUtf8(part.subarray(0, part.length - unfinished(part)))) good = middle;
    else bad = middle - 1;
  }
  return start + good;
}

async function isWholeUtf8(source: ByteSource): Promise<boolean> {
  let kept = new Uint8Array(0);
  for (let offset = 0; ;) {
    const block = await source.read(offset, BLOCK);
    if (block.length === 0) return kept.length === 0;
    offset += block.length;
    const bytes = kept.length === 0 ? block : new Uint8Array(Buffer.concat([kept, block]));
    const whole = bytes.length - unfinished(bytes);
    if (!isUtf8(bytes.subarray(0, whole))) return false;
    kept = bytes.slice(whole);
  }
}

/**
 * How the text of a file is encoded: by its byte order mark, by where the zero bytes of UTF-16 lie, else UTF-8 when the
 * whole file is valid UTF-8, else Windows-1252, which holds Latin-1.
 * @throws BezoarError evidence/malformed where it is no text
 */
export async function encodingOf(source: ByteSource): Promise<TextEncoding> {
  const known = byFirstBytes(source.name, await source.read(0, HEAD));
  return known ?? ((await isWholeUtf8(source)) ? 'utf-8' : 'windows-1252');
}

/**
 * The text of a file in blocks, without its byte order mark.
 * @throws BezoarError evidence/malformed, naming the byte, where it is not text of this encoding or holds a NUL
 */
export async function* textBlocks(source: ByteSource, encoding: TextEncoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const wide = encoding.startsWith('utf-16');
  for (let offset = 0; ;) {
    const block = await source.read(offset, BLOCK);
    if (!wide) {
      const zero = block.indexOf(0);
      if (zero >= 0) throw notText(source.name, `byte ${offset + zero} is a NUL, so this is not text`);
    }
    let text: string;
    try {
      text = decoder.decode(block, { stream: block.length > 0 });
    } catch {
      const what = encodingNames[encoding];
      if (block.length === 0)
        throw notText(source.name, `it ends within a character of ${what}, at byte ${offset}`);
      throw notText(
        source.name,
        encoding === 'utf-8'
          ? `byte ${await firstNotUtf8(source, offset)} is not ${what}`
          : `the text up to byte ${offset + block.length} is not ${what}`,
      );
    }
    if (wide && text.includes('\0'))
      throw notText(source.name, `a NUL stands before byte ${offset + block.length}, so this is not text`);
    if (block.length === 0) {
      if (text !== '') yield text;
      return;
    }
    offset += block.length;
    if (text !== '') yield text;
  }
}
