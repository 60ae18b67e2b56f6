import type { LogMapping } from '../../../contract/logs.ts';
import { numberOf } from '../cell-values.ts';
import { ByteDictionary, hashBytes } from './byte-dictionary.ts';
import { EventTimeReader } from './event-time.ts';
import { nameOfPath, planColumns } from './log-columns.ts';
import type { BadLine, BlockOddities, ParsedBlock, ParsedColumn } from './log-messages.ts';

/** So many bad lines are kept with their reason. */
export const MOST_BAD_LINES = 1000;
/** A longer text is no category. */
const MOST_CATEGORY_BYTES = 4096;
/** A longer text is kept without its end; its file and line lead to the rest. */
const MOST_TEXT_BYTES = 2000;
const MOST_UNMAPPED = 20;
const NOT_FINITE = /^[+-]?(inf|infinity)$/i;
const SHOWN = 60;
/** So much of a bad line is kept. */
const BAD_TEXT_BYTES = 200;

type Kind = 'ignored' | 'number' | 'category' | 'text' | 'time' | 'fraction';

interface TextColumn {
  ends: Uint32Array<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Takes the values of one request after another into typed columns. For each line a scanner calls `begin`, then one
 * method for each field that the line has, then `end`. A line that is begun again or refused leaves nothing behind.
 */
export class RowWriter {
  rows = 0;
  readonly #kinds: readonly Kind[];
  readonly #names: readonly string[];
  /** Column of each field, -1 when ignored. */
  readonly #columnOf: Int32Array;
  readonly #times: readonly (EventTimeReader | null)[];
  readonly #scores: readonly { readonly column: number; readonly name: Uint8Array }[];
  readonly #predictedByScores: number;
  readonly #confidenceByScores: number;
  readonly #idColumn: number;
  readonly #rowColumn: number;
  readonly #labelTimeColumn: number;
  readonly #numbers: (Float64Array<ArrayBuffer> | null)[];
  readonly #codes: (Uint32Array<ArrayBuffer> | null)[];
  readonly #texts: (TextColumn | null)[];
  readonly #dictionaries: readonly (ByteDictionary | null)[];
  /** Levels of each dictionary that were posted already. */
  readonly #posted: Int32Array;
  /** The stamp of the row that set the column last. */
  readonly #setBy: Int32Array;
  readonly #idSalts: readonly [number, number];
  #idHashes: Uint32Array<ArrayBuffer>;
  #line: Uint32Array<ArrayBuffer>;
  #capacity = 4096;
  #stamp = 0;
  #problem: string | null = null;
  #rowNonFinite = '';
  #rowNonFiniteCount = 0;
  #rowZone = 0;
  #rowUnmapped = 0;
  #rowUnmappedNames: string[] = [];
  #rowCut = 0;

  #nonFinite = 0;
  #firstNonFinite: { row: number; column: string } | null = null;
  #zones = new Map<number, number>();
  #runZone = Number.NaN;
  #runRows = 0;
  #unmapped = 0;
  #unmappedNames = new Set<string>();
  #labelsEarly = 0;
  #cutTexts = 0;
  #bad: BadLine[] = [];
  #badCount = 0;
  #truncated = false;

  constructor(mapping: LogMapping, idSalts: readonly [number, number]) {
    const { fields, zoneMinutes } = mapping;
    const { columns, columnOfField, predictedByScores, confidenceByScores } = planColumns(mapping);
    this.#idSalts = idSalts;
    this.#columnOf = columnOfField;
    this.#names = fields.map(({ path }) => nameOfPath(path));
    this.#kinds = fields.map(({ role }, at): Kind => {
      if (role === 'time' || role === 'label-time') return 'time';
      if (role === 'sampling-fraction') return 'fraction';
      return columns[columnOfField[at] ?? -1]?.type ?? 'ignored';
    });
    this.#times = fields.map(({ role, unit }) =>
      role === 'time' || role === 'label-time' ? new EventTimeReader(zoneMinutes, unit) : null,
    );
    this.#scores = columns.flatMap((column, at) =>
      column.role === 'score' && column.class !== null
        ? [{ column: at, name: Buffer.from(column.class) }]
        : [],
    );
    this.#predictedByScores = predictedByScores;
    this.#confidenceByScores = confidenceByScores;
    const columnWith = (role: string): number => columns.findIndex((column) => column.role === role);
    this.#idColumn = columnWith('request-id');
    this.#rowColumn = columnWith('row-in-request');
    this.#labelTimeColumn = columnWith('label-time');
    const n = this.#capacity;
    this.#numbers = columns.map(({ type }) => (type === 'number' ? new Float64Array(n) : null));
    this.#codes = columns.map(({ type }) => (type === 'category' ? new Uint32Array(n) : null));
    this.#texts = columns.map(({ type }) =>
      type === 'text' ? { ends: new Uint32Array(n), bytes: new Uint8Array(16 * n) } : null,
    );
    this.#dictionaries = columns.map(({ type }) => (type === 'category' ? new ByteDictionary() : null));
    this.#posted = new Int32Array(columns.length);
    this.#setBy = new Int32Array(columns.length);
    this.#idHashes = new Uint32Array(this.#idColumn < 0 ? 0 : 2 * n);
    this.#line = new Uint32Array(n);
  }

  /** Starts a row; what an unfinished one had set is forgotten. */
  begin(): void {
    this.#stamp += 1;
    this.#problem = null;
    this.#rowNonFinite = '';
    this.#rowNonFiniteCount = 0;
    this.#rowUnmapped = 0;
    if (this.#rowUnmappedNames.length > 0) this.#rowUnmappedNames = [];
    this.#rowCut = 0;
    if (this.rows === this.#capacity) this.#grow();
  }

  /** A JSON string or the cell of a CSV file, UTF-8 in `bytes` from `start` to `end`. Empty is missing. */
  text(field: number, bytes: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    const column = this.#columnOf[field] ?? -1;
    switch (this.#kinds[field]) {
      case 'category':
        this.#category(field, column, bytes, start, end);
        return;
      case 'text':
        this.#setText(column, bytes, start, end);
        return;
      case 'number':
        this.#setNumber(column, this.#numberInText(field, bytes, start, end));
        return;
      case 'time': {
        const reader = this.#times[field];
        if (reader === null || reader === undefined) return;
        const ms = reader.fromText(bytes, start, end);
        if (Number.isNaN(ms)) this.#refuse(field, quoted(bytes, start, end), 'time');
        else this.#setTime(column, ms, reader.zone);
        return;
      }
      case 'fraction':
        this.#fraction(field, column, this.#numberInText(field, bytes, start, end));
        return;
      case 'ignored':
      case undefined:
    }
  }

  /** A JSON number that stands in `bytes` from `start` to `end`. */
  number(field: number, value: number, bytes: Uint8Array, start: number, end: number): void {
    const column = this.#columnOf[field] ?? -1;
    switch (this.#kinds[field]) {
      case 'number':
        if (value - value === 0) this.#setNumber(column, value);
        else this.notFinite(field);
        return;
      case 'category':
      case 'text': {
        // Written as JavaScript writes it, so that 3, 3.0 and 3e0 are one class.
        if (!plainInteger(bytes, start, end)) {
          const written = Buffer.from(String(value));
          this.#textual(field, column, written, 0, written.length);
        } else this.#textual(field, column, bytes, start, end);
        return;
      }
      case 'time': {
        const reader = this.#times[field];
        if (reader === null || reader === undefined) return;
        const ms = reader.fromNumber(value);
        if (Number.isNaN(ms)) this.#refuse(field, String(value), 'time');
        else this.#setTime(column, ms, reader.zone);
        return;
      }
      case 'fraction':
        this.#fraction(field, column, value);
        return;
      case 'ignored':
      case undefined:
    }
  }

  boolean(field: number, value: boolean): void {
    const column = this.#columnOf[field] ?? -1;
    const kind = this.#kinds[field];
    if (kind === 'number') this.#setNumber(column, value ? 1 : 0);
    else if (kind === 'category' || kind === 'text') {
      const written = value ? TRUE : FALSE;
      this.#textual(field, column, written, 0, written.length);
    } else if (kind !== 'ignored') this.#refuse(field, String(value), kind === 'time' ? 'time' : 'number');
  }

  /** A number that is none: NaN, Infinity, or one too large for 64 bits. Kept as missing and counted. */
  notFinite(field: number): void {
    if (this.#kinds[field] === 'ignored') return;
    this.#rowNonFiniteCount += 1;
    if (this.#rowNonFinite === '') this.#rowNonFinite = this.#names[field] ?? '';
  }

  /** An object or an array where the mapping has a value. */
  composite(field: number): void {
    if (this.#kinds[field] !== 'ignored')
      this.#problem ??= `${JSON.stringify(this.#names[field])} holds an object or a list where one value was expected`;
  }

  /** A key that the mapping does not name. */
  unmapped(name: string): void {
    this.#rowUnmapped += 1;
    if (this.#unmappedNames.size < MOST_UNMAPPED) this.#rowUnmappedNames.push(name);
  }

  /**
   * Ends the row.
   * @param line of the block, from 0
   * @returns why it cannot be kept; null when it was
   */
  end(line: number): string | null {
    if (this.#problem !== null) return this.#problem;
    if (this.#setBy[0] !== this.#stamp) return `it has no time in ${JSON.stringify(this.#timeName())}`;
    this.#fillMissing();
    if (this.#predictedByScores >= 0 || this.#confidenceByScores >= 0) this.#fromScores();
    const row = this.rows;
    this.#line[row] = line;
    if (this.#idColumn >= 0) this.#hashId(row);
    if (this.#rowZone === this.#runZone) this.#runRows += 1;
    else this.#startZone(this.#rowZone);
    if (this.#labelTimeColumn >= 0) {
      const known = this.#numbers[this.#labelTimeColumn]?.[row] ?? Number.NaN;
      if (known < (this.#numbers[0]?.[row] ?? 0)) this.#labelsEarly += 1;
    }
    if (this.#rowNonFiniteCount > 0) {
      this.#nonFinite += this.#rowNonFiniteCount;
      this.#firstNonFinite ??= { row, column: this.#rowNonFinite };
    }
    this.#unmapped += this.#rowUnmapped;
    for (const name of this.#rowUnmappedNames)
      if (this.#unmappedNames.size < MOST_UNMAPPED) this.#unmappedNames.add(name.slice(0, SHOWN));
    this.#cutTexts += this.#rowCut;
    this.rows += 1;
    return null;
  }

  /** Notes a line that cannot be kept, which stands in `bytes` from `start` to `end`. */
  bad(line: number, reason: string, bytes: Uint8Array, start: number, end: number): void {
    this.#badCount += 1;
    if (this.#bad.length === MOST_BAD_LINES) return;
    this.#bad.push({ line, reason, text: textOf(bytes, start, Math.min(end, start + BAD_TEXT_BYTES)) });
  }

  /** The last line of the file ends in the middle. */
  truncated(): void {
    this.#truncated = true;
  }

  /** The rows since the last call, as arrays of their own. */
  take(
    index: number,
    lines: number,
    schema: Pick<BlockOddities, 'dropped' | 'unpaired' | 'timeless'>,
  ): ParsedBlock {
    const rows = this.rows;
    this.#startZone(Number.NaN);
    const block: ParsedBlock = {
      index,
      rows,
      lines,
      columns: this.#numbers.map((_, column) => this.#takeColumn(column, rows)),
      line: this.#line.slice(0, rows),
      file: null,
      idHashes: this.#idColumn < 0 ? null : this.#idHashes.slice(0, 2 * rows),
      oddities: {
        nonFinite: this.#nonFinite,
        firstNonFinite: this.#firstNonFinite,
        zones: [...this.#zones],
        unmapped: this.#unmapped,
        unmappedNames: [...this.#unmappedNames],
        labelsEarly: this.#labelsEarly,
        cutTexts: this.#cutTexts,
        ...schema,
      },
      bad: this.#bad,
      badCount: this.#badCount,
      truncated: this.#truncated,
    };
    this.rows = 0;
    this.#nonFinite = 0;
    this.#firstNonFinite = null;
    this.#zones = new Map();
    this.#unmapped = 0;
    this.#unmappedNames = new Set();
    this.#labelsEarly = 0;
    this.#cutTexts = 0;
    this.#bad = [];
    this.#badCount = 0;
    this.#truncated = false;
    return block;
  }

  #takeColumn(column: number, rows: number): ParsedColumn {
    const values = this.#numbers[column];
    if (values !== null && values !== undefined) return { type: 'number', values: values.slice(0, rows) };
    const codes = this.#codes[column];
    const dictionary = this.#dictionaries[column];
    if (codes && dictionary) {
      const fresh: string[] = [];
      for (let code = (this.#posted[column] ?? 0) + 1; code <= dictionary.size; code += 1)
        fresh.push(dictionary.text(code));
      this.#posted[column] = dictionary.size;
      return { type: 'category', codes: codes.slice(0, rows), fresh };
    }
    const text = this.#texts[column];
    if (!text) throw new Error(`column ${column} is of no type`);
    return {
      type: 'text',
      ends: text.ends.slice(0, rows),
      bytes: text.bytes.slice(0, text.ends[rows - 1] ?? 0),
    };
  }

  #timeName(): string {
    return this.#names[this.#columnOf.indexOf(0)] ?? 'time';
  }

  #refuse(field: number, shown: string, wanted: string): void {
    this.#problem ??= `${JSON.stringify(this.#names[field])} holds ${shown}, which is no ${wanted}`;
  }

  #setNumber(column: number, value: number): void {
    const values = this.#numbers[column];
    if (!values) return;
    values[this.rows] = value;
    this.#setBy[column] = this.#stamp;
  }

  #setTime(column: number, ms: number, zone: number): void {
    const values = this.#numbers[column];
    if (!values) return;
    values[this.rows] = ms;
    this.#setBy[column] = this.#stamp;
    if (column === 0) this.#rowZone = zone;
  }

  /** The number that a text writes; NaN for a missing one, and after a refusal. */
  #numberInText(field: number, bytes: Uint8Array, start: number, end: number): number {
    const fast = decimalAt(bytes, start, end);
    if (fast === fast) return fast;
    const cell = textOf(bytes, start, end);
    const value = numberOf(cell);
    if (value === null) return Number.NaN;
    if (value !== undefined) return value;
    if (NOT_FINITE.test(cell.trim()) || Math.abs(Number(cell)) === Infinity) this.notFinite(field);
    else this.#refuse(field, quoted(bytes, start, end), 'number');
    return Number.NaN;
  }

  #fraction(field: number, column: number, fraction: number): void {
    if (Number.isNaN(fraction)) return;
    if (fraction > 0 && fraction <= 1) this.#setNumber(column, 1 / fraction);
    else
      this.#problem ??= `${JSON.stringify(this.#names[field])} is ${fraction}, and a sampling fraction lies above 0 and at most at 1`;
  }

  #textual(field: number, column: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#kinds[field] === 'text') this.#setText(column, bytes, start, end);
    else this.#category(field, column, bytes, start, end);
  }

  #category(field: number, column: number, bytes: Uint8Array, start: number, end: number): void {
    const codes = this.#codes[column];
    const dictionary = this.#dictionaries[column];
    if (!codes || !dictionary) return;
    if (end - start > MOST_CATEGORY_BYTES) {
      this.#problem ??= `${JSON.stringify(this.#names[field])} holds ${end - start} bytes, and a category has at most ${MOST_CATEGORY_BYTES}`;
      return;
    }
    codes[this.rows] = dictionary.code(bytes, start, end);
    this.#setBy[column] = this.#stamp;
  }

  #setText(column: number, bytes: Uint8Array, start: number, whole: number): void {
    const text = this.#texts[column];
    if (!text) return;
    let end = whole;
    if (end - start > MOST_TEXT_BYTES) {
      this.#rowCut += 1;
      end = start + MOST_TEXT_BYTES;
      // Not in the middle of a character.
      while ((bytes[end] & 0xc0) === 0x80) end -= 1;
    }
    const from = this.rows === 0 ? 0 : (text.ends[this.rows - 1] ?? 0);
    const to = from + end - start;
    if (to > text.bytes.length) {
      const larger = new Uint8Array(Math.max(2 * text.bytes.length, to));
      larger.set(text.bytes);
      text.bytes = larger;
    }
    const into = text.bytes;
    if (end - start < 64) for (let i = start, o = from; i < end; i += 1, o += 1) into[o] = bytes[i] ?? 0;
    else into.set(bytes.subarray(start, end), from);
    text.ends[this.rows] = to;
    this.#setBy[column] = this.#stamp;
  }

  #fillMissing(): void {
    const row = this.rows;
    for (let column = 0; column < this.#setBy.length; column += 1) {
      if (this.#setBy[column] === this.#stamp) continue;
      const values = this.#numbers[column];
      const codes = this.#codes[column];
      const text = this.#texts[column];
      if (values) values[row] = Number.NaN;
      else if (codes) codes[row] = 0;
      else if (text) text.ends[row] = row === 0 ? 0 : (text.ends[row - 1] ?? 0);
    }
  }

  /** The class with the largest score, the first of equal ones, and that score. */
  #fromScores(): void {
    let best: Uint8Array | null = null;
    let most = Number.NEGATIVE_INFINITY;
    for (const { column, name } of this.#scores) {
      const value = this.#numbers[column]?.[this.rows] ?? Number.NaN;
      if (value > most) {
        most = value;
        best = name;
      }
    }
    if (best === null) return;
    if (this.#predictedByScores >= 0) this.#category(-1, this.#predictedByScores, best, 0, best.length);
    if (this.#confidenceByScores >= 0) this.#setNumber(this.#confidenceByScores, most);
  }

  /** Rows of one request share its id, so the row in it counts too. */
  #hashId(row: number): void {
    const text = this.#texts[this.#idColumn];
    if (!text) return;
    const from = row === 0 ? 0 : (text.ends[row - 1] ?? 0);
    const to = text.ends[row] ?? 0;
    const place = this.#rowColumn < 0 ? 0 : (this.#numbers[this.#rowColumn]?.[row] ?? 0) || 0;
    const [first, second] = this.#idSalts;
    // Zero says that there is no id.
    this.#idHashes[2 * row] =
      from === to ? 0 : hashBytes(text.bytes, from, to, first ^ Math.imul(place, 0x9e3779b1)) || 1;
    this.#idHashes[2 * row + 1] = from === to ? 0 : hashBytes(text.bytes, from, to, second + place);
  }

  #startZone(zone: number): void {
    if (this.#runRows > 0)
      this.#zones.set(this.#runZone, (this.#zones.get(this.#runZone) ?? 0) + this.#runRows);
    this.#runZone = zone;
    this.#runRows = Number.isNaN(zone) ? 0 : 1;
  }

  #grow(): void {
    this.#capacity *= 2;
    const n = this.#capacity;
    for (let column = 0; column < this.#numbers.length; column += 1) {
      const values = this.#numbers[column];
      const codes = this.#codes[column];
      const text = this.#texts[column];
      if (values) (this.#numbers[column] = new Float64Array(n)).set(values);
      if (codes) (this.#codes[column] = new Uint32Array(n)).set(codes);
      if (text) {
        const ends = new Uint32Array(n);
        ends.set(text.ends);
        text.ends = ends;
      }
    }
    const line = new Uint32Array(n);
    line.set(this.#line);
    this.#line = line;
    if (this.#idColumn >= 0) {
      const hashes = new Uint32Array(2 * n);
      hashes.set(this.#idHashes);
      this.#idHashes = hashes;
    }
  }
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');

const quoted = (bytes: Uint8Array, start: number, end: number): string =>
  JSON.stringify(textOf(bytes, start, end).slice(0, SHOWN));

const [ZERO, NINE, MINUS, POINT] = [48, 57, 45, 46];
const powersOfTen = Float64Array.from({ length: 16 }, (_, power) => 10 ** power);

/** Whether the bytes are an integer as JavaScript would write it. */
function plainInteger(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] === MINUS ? start + 1 : start;
  if (end - first > 15 || first === end) return false;
  if (bytes[first] === ZERO) return end - start === 1;
  for (let at = first; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > NINE) return false;
  }
  return true;
}

/**
 * The number that the bytes write with at most 15 digits and no exponent: an integer below 2^53 by a power of ten that
 * float64 holds, so the quotient is the nearest float64 (Clinger 1990). NaN for anything else.
 */
export function decimalAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative) at += 1;
  if (end - at > 16) return Number.NaN;
  let mantissa = 0;
  let digits = 0;
  let point = -1;
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + byte - ZERO;
      digits += 1;
    } else if (byte === POINT && point < 0) point = digits;
    else return Number.NaN;
  }
  if (digits === 0 || digits > 15) return Number.NaN;
  const value = point < 0 ? mantissa : mantissa / (powersOfTen[digits - point] ?? 1);
  return negative ? -value : value;
}
