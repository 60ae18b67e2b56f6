import { isUtf8 } from 'node:buffer';
import { fieldTree, newNode, type FieldNode } from './field-tree.ts';
import type { LogMapping } from '../../../contract/logs.ts';
import { decimalAt } from './decimal-text.ts';
import type { RowWriter } from './row-writer.ts';

const [LF, CR, TAB, SPACE, QUOTE, BACKSLASH, COMMA, COLON] = [10, 13, 9, 32, 34, 92, 44, 58];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [123, 125, 91, 93];
const [MINUS, PLUS, POINT, ZERO, NINE, LOWER_E, UPPER_E] = [45, 43, 46, 48, 57, 101, 69];
const [LOWER_T, LOWER_F, LOWER_N, UPPER_N, UPPER_I] = [116, 102, 110, 78, 73];
const literal = (text: string): Uint8Array => Buffer.from(text);
const words = {
  true: literal('true'),
  false: literal('false'),
  null: literal('null'),
  nan: literal('NaN'),
  infinity: literal('Infinity'),
  minusInfinity: literal('-Infinity'),
};
/** Deeper values are left to JSON.parse. */
const MOST_DEPTH = 64;
/** So many keys that the mapping does not name are remembered at one place. */
const MOST_KNOWN_KEYS = 256;
const STRANGE_NUMBERS = /"(?:[^"\\]|\\.)*"|(?<![\w.+-])(?:-?Infinity|NaN)(?!\w)/g;

/**
 * Reads JSON Lines from bytes into a {@link RowWriter}. The values of the fields are taken from the bytes themselves while
 * the line is checked to be JSON; a line with escapes, double keys or anything unknown goes through JSON.parse, with the
 * same result. Beyond JSON, NaN and Infinity (as Python writes them) are numbers that are none.
 */
export class JsonLines {
  /** Lines that went through JSON.parse. */
  slowLines = 0;
  readonly #writer: RowWriter;
  readonly #root: FieldNode;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #serial = 0;
  #depth = 0;

  constructor(mapping: LogMapping, writer: RowWriter) {
    this.#writer = writer;
    this.#root = fieldTree(mapping);
  }

  /**
   * Takes all lines of a block, which starts where a line starts.
   * @param last the block ends with the file, so its last line may be unfinished
   * @returns line ends in the block
   */
  block(bytes: Uint8Array, last: boolean): number {
    this.#bytes = bytes;
    const checked = isUtf8(bytes);
    let start = 0;
    let line = 0;
    while (start < bytes.length) {
      if (bytes[start] === LF) {
        start += 1;
        line += 1;
        continue;
      }
      this.#at = start;
      this.#end = bytes.length;
      this.#writer.begin();
      if (checked && this.#fastLine()) {
        const reason = this.#writer.end(line);
        if (reason !== null) this.#writer.odd.bad(line, reason, bytes, start, this.#at);
        start = this.#at + 1;
      } else {
        const found = bytes.indexOf(LF, start);
        const end = found < 0 ? bytes.length : found;
        this.#slowLine(start, end, line, found < 0 && last);
        start = end + 1;
      }
      line += 1;
    }
    return bytes.length > 0 && bytes[bytes.length - 1] !== LF ? line - 1 : line;
  }

  /** Whether the line was taken; `#at` then stands at its line end. */
  #fastLine(): boolean {
    const bytes = this.#bytes;
    this.#serial += 1;
    this.#depth = 0;
    this.#space();
    if (bytes[this.#at] !== OPEN_OBJECT || !this.#object(this.#root)) return false;
    this.#space();
    return this.#at >= this.#end || bytes[this.#at] === LF;
  }

  #slowLine(start: number, end: number, line: number, unfinished: boolean): void {
    const writer = this.#writer;
    const bytes = this.#bytes.subarray(start, end);
    let value: unknown;
    this.slowLines += 1;
    const bad = (reason: string): void => {
      writer.odd.bad(line, reason, bytes, 0, bytes.length);
    };
    if (!isUtf8(bytes)) {
      bad('it is not UTF-8 text');
      return;
    }
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    if (text.trim() === '') return;
    try {
      value = parseLine(text);
    } catch {
      if (unfinished) writer.odd.truncated();
      bad(unfinished ? 'the file ends in the middle of this line' : 'it is not JSON');
      return;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      bad('it is no JSON object');
      return;
    }
    writer.begin();
    walk(this.#root, value, writer);
    const reason = writer.end(line);
    if (reason !== null) bad(reason);
  }

  #space(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let byte = bytes[at]; byte === SPACE || byte === TAB || byte === CR; byte = bytes[at]) at += 1;
    this.#at = at;
  }

  /** An object from its bracket on; `node` null: nobody wants what is in it. */
  #object(node: FieldNode | null): boolean {
    const bytes = this.#bytes;
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) return false;
    this.#at += 1;
    this.#space();
    if (bytes[this.#at] === CLOSE_OBJECT) {
      this.#at += 1;
      this.#depth -= 1;
      return true;
    }
    let before: FieldNode | null = null;
    for (;;) {
      const child: FieldNode | null = node === null ? null : this.#key(node, before);
      if (child === null && (node !== null || !this.#skipString())) return false;
      before = child;
      this.#space();
      if (bytes[this.#at] !== COLON) return false;
      this.#at += 1;
      this.#space();
      if (!this.#value(child)) return false;
      this.#space();
      const byte = bytes[this.#at];
      this.#at += 1;
      if (byte === CLOSE_OBJECT) {
        this.#depth -= 1;
        return true;
      }
      if (byte !== COMMA) return false;
      this.#space();
    }
  }

  #list(node: FieldNode | null): boolean {
    const bytes = this.#bytes;
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) return false;
    this.#at += 1;
    this.#space();
    if (bytes[this.#at] === CLOSE_LIST) {
      this.#at += 1;
      this.#depth -= 1;
      return true;
    }
    for (let index = 0; ; index += 1) {
      const child = node === null ? null : childOf(node, String(index));
      if (child?.field === UNMAPPED) this.#writer.odd.unmapped(child.name);
      if (!this.#value(child)) return false;
      this.#space();
      const byte = bytes[this.#at];
      this.#at += 1;
      if (byte === CLOSE_LIST) {
        this.#depth -= 1;
        return true;
      }
      if (byte !== COMMA) return false;
      this.#space();
    }
  }

  /** The node of the key at hand, passed by; null where JSON.parse must look: no plain key, or one seen before. */
  #key(node: FieldNode, before: FieldNode | null): FieldNode | null {
    const bytes = this.#bytes;
    const guess = before === null ? node.first : before.after;
    let child: FieldNode;
    if (guess !== null && startsWith(bytes, this.#at, guess.key)) {
      child = guess;
      this.#at += guess.key.length;
    } else {
      const start = this.#at + 1;
      if (!this.#skipString()) return null;
      const key = Buffer.from(bytes.buffer, bytes.byteOffset + start, this.#at - 1 - start).toString('utf8');
      child = childOf(node, key);
      if (before === null) node.first = child;
      else before.after = child;
    }
    if (child.seen === this.#serial) return null;
    child.seen = this.#serial;
    if (child.field === UNMAPPED) this.#writer.odd.unmapped(child.name);
    return child;
  }

  #value(node: FieldNode | null): boolean {
    const bytes = this.#bytes;
    const field = node === null ? -1 : node.field;
    const byte = bytes[this.#at] ?? 0;
    switch (byte) {
      case QUOTE: {
        const start = this.#at + 1;
        if (!this.#skipString()) return false;
        if (field >= 0) this.#writer.text(field, bytes, start, this.#at - 1);
        return true;
      }
      case OPEN_OBJECT:
      case OPEN_LIST: {
        const inside = node === null || node.field === UNMAPPED || node.children.size === 0 ? null : node;
        if (field >= 0) this.#writer.composite(field);
        return byte === OPEN_OBJECT ? this.#object(inside) : this.#list(inside);
      }
      case LOWER_T:
      case LOWER_F: {
        if (!this.#word(byte === LOWER_T ? words.true : words.false)) return false;
        if (field >= 0) this.#writer.boolean(field, byte === LOWER_T);
        return true;
      }
      case LOWER_N:
        return this.#word(words.null);
      case UPPER_N:
      case UPPER_I: {
        if (!this.#word(byte === UPPER_N ? words.nan : words.infinity)) return false;
        if (field >= 0) this.#writer.notFinite(field);
        return true;
      }
      default:
        return this.#number(field);
    }
  }

  #word(word: Uint8Array): boolean {
    if (!startsWith(this.#bytes, this.#at, word)) return false;
    this.#at += word.length;
    return true;
  }

  /** Passes a string from its quotation mark; false where it has an escape or a control character, or does not end. */
  #skipString(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    if (bytes[at] !== QUOTE) return false;
    for (at += 1; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return true;
      }
      if (byte === BACKSLASH || byte < SPACE) return false;
    }
    return false;
  }

  #number(field: number): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    if (bytes[at] === MINUS) at += 1;
    if (bytes[at] === UPPER_I) {
      if (!this.#word(words.minusInfinity)) return false;
      if (field >= 0) this.#writer.notFinite(field);
      return true;
    }
    const first = at;
    at = digitsFrom(bytes, at);
    if (at === first || (bytes[first] === ZERO && at > first + 1)) return false;
    if (bytes[at] === POINT) {
      const fraction = at + 1;
      at = digitsFrom(bytes, fraction);
      if (at === fraction) return false;
    }
    if (bytes[at] === LOWER_E || bytes[at] === UPPER_E) {
      at += 1;
      if (bytes[at] === PLUS || bytes[at] === MINUS) at += 1;
      const exponent = at;
      at = digitsFrom(bytes, at);
      if (at === exponent) return false;
    }
    this.#at = at;
    if (field < 0) return true;
    const fast = decimalAt(bytes, start, at, POINT);
    const value =
      fast === fast
        ? fast
        : Number(Buffer.from(bytes.buffer, bytes.byteOffset + start, at - start).toString('latin1'));
    this.#writer.number(field, value, bytes, start, at);
    return true;
  }
}

/** Field of a key that the mapping does not name. */
const UNMAPPED = -2;

function childOf(node: FieldNode, key: string): FieldNode {
  const found = node.children.get(key);
  if (found !== undefined) return found;
  const made = newNode(node.name === '' ? key : `${node.name}.${key}`, key, UNMAPPED);
  if (node.children.size < MOST_KNOWN_KEYS) node.children.set(key, made);
  return made;
}

function startsWith(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i += 1) if (bytes[at + i] !== word[i]) return false;
  return true;
}

function digitsFrom(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let byte = bytes[at] ?? 0; byte >= ZERO && byte <= NINE; byte = bytes[at] ?? 0) at += 1;
  return at;
}

/** JSON.parse that takes NaN and Infinity for a number beyond all. */
export function parseLine(written: string): unknown {
  // Logs that were put one behind the other keep their byte order marks.
  const text = written.startsWith('\ufeff') ? written.slice(1) : written;
  try {
    return JSON.parse(text);
  } catch (error) {
    const mended = text.replace(STRANGE_NUMBERS, (found) => (found.startsWith('"') ? found : '1e999'));
    if (mended === text) throw error;
    return JSON.parse(mended);
  }
}

/** Gives the writer what a parsed record holds. Own keys alone count: `__proto__` is one like any other. */
export function walk(node: FieldNode, value: object, writer: RowWriter): void {
  for (const [key, one] of Object.entries(value)) {
    const child = node.children.get(key);
    if (child === undefined || child.field === UNMAPPED) {
      writer.odd.unmapped(node.name === '' ? key : `${node.name}.${key}`);
      continue;
    }
    if (typeof one === 'object' && one !== null) {
      if (child.field >= 0) writer.composite(child.field);
      if (child.children.size > 0) walk(child, one as object, writer);
    } else if (child.field >= 0) giveScalar(child.field, one, writer);
  }
}

/** Gives the writer one value as JSON.parse makes it. */
function giveScalar(field: number, value: unknown, writer: RowWriter): void {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    writer.text(field, bytes, 0, bytes.length);
  } else if (typeof value === 'number') {
    const bytes = Buffer.from(String(value));
    writer.number(field, value, bytes, 0, bytes.length);
  } else if (typeof value === 'boolean') writer.boolean(field, value);
  else if (value !== null && value !== undefined) writer.composite(field);
}
