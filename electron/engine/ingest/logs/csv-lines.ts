import { isUtf8 } from 'node:buffer';
import { BezoarError } from '../../../contract/errors.ts';
import type { LogMapping } from '../../../contract/logs.ts';
import { csvBytes, plainCsv, type CsvBytes } from './csv-bytes.ts';
import { cellsOf } from './csv-cells.ts';
import { headerAgain, otherHeader } from './csv-header.ts';
import type { RowWriter } from './row-writer.ts';

const [LF, CR] = [10, 13];
const STRAY_QUOTE = 'a quotation mark stands where none may be';

/**
 * Reads the records of a CSV file from bytes of UTF-8 into a {@link RowWriter}. A quotation mark opens a cell only as its
 * first byte; elsewhere it makes the record a bad line that ends at its line end. A header that stands again among the
 * records is left out and counted.
 */
export class CsvLines {
  readonly #writer: RowWriter;
  readonly #mapping: LogMapping;
  readonly #csv: CsvBytes;
  /** Field of each column of the file at hand, -1 where the mapping names none. */
  #fieldOf = new Int32Array(0);
  #file = '';
  #header: readonly string[] = [];
  /** The name of the column of the time. */
  readonly #time: string;
  #headersAgain = 0;
  #scratch = new Uint8Array(256);

  constructor(mapping: LogMapping, writer: RowWriter) {
    this.#writer = writer;
    this.#mapping = mapping;
    this.#csv = csvBytes(mapping) ?? plainCsv(',');
    this.#time = mapping.fields.find(({ role }) => role === 'time')?.path[0] ?? '';
  }

  /** The columns of the file whose blocks come next. @throws BezoarError evidence/missing-column */
  header(file: string, names: readonly string[]): void {
    const wanted = this.#mapping.fields;
    const absent = wanted.find(({ path, role }) => role === 'time' && !names.includes(path[0] ?? ''));
    if (absent !== undefined)
      throw new BezoarError(
        'evidence/missing-column',
        `${file} has no column named ${JSON.stringify(absent.path[0])}, which the mapping takes for the time; it has ` +
          `${names.join(', ')}. Nothing was imported. Import it with a mapping of its own.`,
      );
    this.#file = file;
    this.#header = names;
    this.#fieldOf = Int32Array.from(names, (name) => {
      const field = wanted.findIndex(({ path }) => path.length === 1 && path[0] === name);
      return field;
    });
  }

  /**
   * Takes all records of a block, which starts where a record starts.
   * @param last the block ends with the file, so its last record may be unfinished
   * @returns line ends in the block
   */
  block(bytes: Uint8Array, last: boolean): number {
    const checked = isUtf8(bytes);
    let at = 0;
    let line = 0;
    while (at < bytes.length) {
      if (bytes[at] === LF) {
        at += 1;
        line += 1;
        continue;
      }
      const record = this.#record(bytes, at);
      const closed = record.end < bytes.length;
      const unfinished = last && !closed;
      if (!record.blank) {
        let reason = record.reason;
        if (!checked && !isUtf8(bytes.subarray(at, record.end))) reason = 'it is not UTF-8 text';
        if (reason !== null && unfinished) {
          this.#writer.odd.truncated();
          reason = 'the file ends in the middle of this line';
        }
        reason ??= this.#writer.end(line);
        // No header is a request: its name for the time is no time.
        if (reason !== null && !this.#isHeader(bytes.subarray(at, record.end)))
          this.#writer.odd.bad(line, reason, bytes, at, record.end);
      }
      at = record.end + 1;
      line += record.lines + (closed ? 1 : 0);
    }
    return line;
  }

  /** Headers that stood again among the records since the last call. */
  takeHeadersAgain(): number {
    const count = this.#headersAgain;
    this.#headersAgain = 0;
    return count;
  }

  #isHeader(record: Uint8Array): boolean {
    const header = headerAgain(cellsOf(record, this.#csv), this.#header, this.#time);
    if (header === 'other') throw otherHeader(this.#file);
    if (header === 'same') this.#headersAgain += 1;
    return header === 'same';
  }

  /** Gives the cells of the record at `start` to the writer. `end` is its line end, or the end of the bytes. */
  #record(
    bytes: Uint8Array,
    start: number,
  ): { end: number; lines: number; reason: string | null; blank: boolean } {
    const writer = this.#writer;
    const fieldOf = this.#fieldOf;
    const { delimiter, quote, escape } = this.#csv;
    const length = bytes.length;
    let at = start;
    let lines = 0;
    let column = 0;
    let reason: string | null = null;
    writer.begin();
    for (;;) {
      let from = at;
      let to = at;
      let cell = bytes;
      if (bytes[at] === quote) {
        from = at + 1;
        let marked = 0;
        for (at = from; ; at += 1) {
          const byte = bytes[at];
          if (byte === quote) {
            if (bytes[at + 1] !== quote) break;
            marked += 1;
            at += 1;
          } else if (byte === escape && (bytes[at + 1] === quote || bytes[at + 1] === escape)) {
            marked += 1;
            at += 1;
          } else if (byte === LF) lines += 1;
          if (at >= length)
            return { end: length, lines, reason: 'a quoted cell is not closed', blank: false };
        }
        to = at;
        at += 1;
        if (marked > 0) {
          cell = this.#unmarked(bytes, from, to);
          to = to - from - marked;
          from = 0;
        }
        if (at < length && bytes[at] !== delimiter && bytes[at] !== LF && bytes[at] !== CR)
          reason ??= STRAY_QUOTE;
        while (at < length && bytes[at] !== delimiter && bytes[at] !== LF) at += 1;
      } else {
        for (;;) {
          const byte = bytes[at];
          if (byte === delimiter || byte === LF || at >= length) break;
          if (byte === quote) reason ??= STRAY_QUOTE;
          at += 1;
        }
        to = at;
        if (bytes[at - 1] === CR && to > from && (at >= length || bytes[at] === LF)) to -= 1;
      }
      const field = fieldOf[column] ?? -1;
      if (field >= 0) writer.text(field, cell, from, to);
      else if (column < this.#header.length) writer.odd.unmapped(this.#header[column] ?? '');
      column += 1;
      if (at < length && bytes[at] === delimiter) {
        at += 1;
        continue;
      }
      const blank = column === 1 && to === from && cell === bytes && bytes[start] !== quote;
      if (column !== this.#header.length && !blank)
        reason ??= `it has ${column} cells where the header names ${this.#header.length}`;
      return { end: at, lines, reason, blank };
    }
  }

  /** The text of a wrapped cell with one mark for each that was doubled or escaped. */
  #unmarked(bytes: Uint8Array, from: number, to: number): Uint8Array {
    const { quote, escape } = this.#csv;
    if (this.#scratch.length < to - from) this.#scratch = new Uint8Array(2 * (to - from));
    let out = 0;
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at];
      if (byte === quote || (byte === escape && (bytes[at + 1] === quote || bytes[at + 1] === escape)))
        at += 1;
      this.#scratch[out] = bytes[at] ?? 0;
      out += 1;
    }
    return this.#scratch;
  }
}
