import type { LogMapping } from '../../../contract/logs.ts';
import { csvBytes, type CsvBytes } from './csv-bytes.ts';
import { cellsOf } from './csv-cells.ts';
import { fieldTree, type FieldNode } from './field-tree.ts';
import { parseLine, walk } from './json-lines.ts';
import type { BlockToParse, ParsedBlock } from './log-messages.ts';
import { recordEnd } from './record-ends.ts';
import type { RowWriter } from './row-writer.ts';
import {
  UnreadableLine,
  type LogSchema,
  type PlacedRequest,
  type SchemaReader,
} from './schemas/log-schema.ts';

const LF = 10;

/** Reads a log in one of the recognised schemas: each line through JSON.parse (or as a CSV record) and its schema. */
export class SchemaLines {
  readonly #writer: RowWriter;
  readonly #root: FieldNode;
  readonly #schema: LogSchema;
  readonly #reader: SchemaReader;
  /** Null: a line of JSON each. */
  readonly #csv: CsvBytes | null;
  /** The file at hand and how many lines of it came before the block. */
  #file = -1;
  #linesBefore = 0;
  /** File of each row, where a request is put together from several lines. */
  #files: number[] = [];

  constructor(mapping: LogMapping, schema: LogSchema, writer: RowWriter) {
    this.#writer = writer;
    this.#root = fieldTree(mapping);
    this.#schema = schema;
    this.#reader = schema.reader();
    this.#csv = csvBytes(mapping);
  }

  parse({ index, file, bytes, last, rest }: BlockToParse): ParsedBlock {
    if (file.index !== this.#file) this.#linesBefore = file.header?.lines ?? 0;
    this.#file = file.index;
    let lines = 0;
    if (rest) this.#write(this.#reader.rest(), 0, bytes, 0, 0);
    for (let start = 0; start < bytes.length;) {
      const ended = this.#csv === null ? bytes.indexOf(LF, start) + 1 : recordEnd(bytes, start, this.#csv);
      const end = ended === 0 ? bytes.length : ended;
      this.#line(file, bytes, start, end, lines, ended === 0 && last);
      for (let at = bytes.indexOf(LF, start); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) lines += 1;
      start = end;
    }
    this.#linesBefore += lines;
    const { pairs } = this.#schema;
    const block = this.#writer.take(index, lines, {
      dropped: this.#reader.dropped(),
      unpaired: this.#reader.unpaired(),
      timeless: this.#reader.timeless(),
    });
    const files = pairs ? Uint32Array.from(this.#files) : null;
    this.#files = [];
    return { ...block, file: files };
  }

  #line(
    file: BlockToParse['file'],
    bytes: Uint8Array,
    start: number,
    end: number,
    line: number,
    unfinished: boolean,
  ): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
    if (text.trim() === '') return;
    let value: unknown;
    try {
      value =
        file.header === null || this.#csv === null
          ? parseLine(text)
          : recordOf(file.header.names, cellsOf(bytes.subarray(start, end), this.#csv));
    } catch {
      if (unfinished) this.#writer.odd.truncated();
      const reason = unfinished ? 'the file ends in the middle of this line' : 'it is not JSON';
      this.#writer.odd.bad(line, reason, bytes, start, end);
      return;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#writer.odd.bad(line, 'it is no JSON object', bytes, start, end);
      return;
    }
    try {
      const place = { file: file.index, line: this.#linesBefore + line + 1, fileTimeMs: file.modifiedMs };
      this.#write(this.#reader.take(value, place), line, bytes, start, end);
    } catch (error) {
      if (!(error instanceof UnreadableLine)) throw error;
      this.#writer.odd.bad(line, error.message, bytes, start, end);
    }
  }

  #write(
    requests: readonly PlacedRequest[],
    line: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    for (const { record, place } of requests) {
      this.#writer.begin();
      walk(this.#root, record, this.#writer);
      const reason = this.#writer.end(this.#schema.pairs ? place.line : line);
      if (reason !== null) this.#writer.odd.bad(line, reason, bytes, start, end);
      else if (this.#schema.pairs) this.#files.push(place.file);
    }
  }
}

const recordOf = (names: readonly string[], cells: readonly string[]): object =>
  Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
