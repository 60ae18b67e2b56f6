import type { LogMapping } from '../../../contract/logs.ts';
import { numberOf, type Decimal } from '../cell-values.ts';
import { ByteDictionary, hashBytes } from './byte-dictionary.ts';
import { decimalAt, plainInteger, POINT } from './decimal-text.ts';
import { EventTimeReader } from './event-time.ts';
import { nameOfPath, planColumns } from './log-columns.ts';
import type { BlockOddities, ParsedBlock, ParsedColumn } from './log-messages.ts';
import { RowOddities } from './row-oddities.ts';
import { TextBuilder } from './text-builder.ts';

/** A longer text is no category. */
const MOST_CATEGORY_BYTES = 4096;
const NOT_FINITE = /^[+-]?(inf|infinity)$/i;
const SHOWN = 60;
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const COMMA = 44;

type Kind = 'ignored' | 'number' | 'category' | 'text' | 'time' | 'fraction';

/**
 * Takes the values of one request after another into typed columns. For each line a scanner calls `begin`, then one
 * method for each field that the line has, then `end`. A line that is begun again or refused leaves nothing behind.
 */
export class RowWriter {
  rows = 0;
  readonly odd = new RowOddities();
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
  readonly #texts: readonly (TextBuilder | null)[];
  readonly #dictionaries: readonly (ByteDictionary | null)[];
  /** Levels of each dictionary that were posted already. */
  readonly #posted: Int32Array;
  /** The stamp of the row that set the column last. */
  readonly #setBy: Int32Array;
  readonly #decimal: Decimal;
  /** The byte in front of decimals. */
  readonly #decimalSign: number;
  readonly #idSalts: readonly [number, number];
  #idHashes: Uint32Array<ArrayBuffer>;
  #line: Uint32Array<ArrayBuffer>;
  #capacity = 4096;
  #stamp = 0;
  #problem: string | null = null;

  constructor(mapping: LogMapping, idSalts: readonly [number, number]) {
    const { fields, zoneMinutes, format, reading } = mapping;
    const { columns, columnOfField, predictedByScores, confidenceByScores } = planColumns(mapping);
    // A schema says how its numbers are written.
    this.#decimal = (format === 'csv' ? reading?.decimal : undefined) ?? '.';
    this.#decimalSign = this.#decimal === ',' ? COMMA : POINT;
    this.#idSalts = idSalts;
    this.#columnOf = columnOfField;
    this.#names = fields.map(({ path }) => nameOfPath(path));
    this.#kinds = fields.map(({ role }, at): Kind => {
      if (role === 'time' || role === 'label-time') return 'time';
      if (role === 'sampling-fraction') return 'fraction';
      const column = columnOfField[at];
      return column < 0 ? 'ignored' : columns[column].type;
    });
    this.#times = fields.map(({ role, unit }) =>
      role === 'time' || role === 'label-time' ? new EventTimeReader(zoneMinutes, unit, this.#decimal) : null,
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
    this.#texts = columns.map(({ type }) => (type === 'text' ? new TextBuilder(n) : null));
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
    this.odd.begin();
    if (this.rows === this.#capacity) this.#grow();
  }

  /** A JSON string or the cell of a CSV file, UTF-8 in `bytes` from `start` to `end`. Empty is missing. */
  text(field: number, bytes: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    const column = this.#columnOf[field];
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
        if (reader === null) return;
        const ms = reader.fromText(bytes, start, end);
        if (Number.isNaN(ms)) this.#refuse(field, quoted(bytes, start, end), 'time');
        else this.#setTime(column, ms, reader.zone);
        return;
      }
      case 'fraction':
        this.#fraction(field, column, this.#numberInText(field, bytes, start, end));
        return;
      case 'ignored':
    }
  }

  /** A JSON number that stands in `bytes` from `start` to `end`. */
  number(field: number, value: number, bytes: Uint8Array, start: number, end: number): void {
    const column = this.#columnOf[field];
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
        if (reader === null) return;
        const ms = reader.fromNumber(value);
        if (Number.isNaN(ms)) this.#refuse(field, String(value), 'time');
        else this.#setTime(column, ms, reader.zone);
        return;
      }
      case 'fraction':
        this.#fraction(field, column, value);
        return;
      case 'ignored':
    }
  }

  boolean(field: number, value: boolean): void {
    const column = this.#columnOf[field];
    const kind = this.#kinds[field];
    if (kind === 'number') this.#setNumber(column, value ? 1 : 0);
    else if (kind === 'category' || kind === 'text') {
      const written = value ? TRUE : FALSE;
      this.#textual(field, column, written, 0, written.length);
    } else if (kind !== 'ignored') this.#refuse(field, String(value), kind === 'time' ? 'time' : 'number');
  }

  /** A number that is none: NaN, Infinity, or one too large for 64 bits. Kept as missing and counted. */
  notFinite(field: number): void {
    if (this.#kinds[field] !== 'ignored') this.odd.notFinite(this.#names[field]);
  }

  /** An object or an array where the mapping has a value. */
  composite(field: number): void {
    if (this.#kinds[field] !== 'ignored')
      this.#problem ??= `${JSON.stringify(this.#names[field])} holds an object or a list where one value was expected`;
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
    const time = this.#numbers[0]?.[row] ?? 0;
    const labelEarly =
      this.#labelTimeColumn >= 0 && (this.#numbers[this.#labelTimeColumn]?.[row] ?? Number.NaN) < time;
    this.odd.end(row, labelEarly);
    this.rows += 1;
    return null;
  }

  /** The rows since the last call, as arrays of their own. */
  take(
    index: number,
    lines: number,
    schema: Pick<BlockOddities, 'dropped' | 'unpaired' | 'timeless'>,
  ): ParsedBlock {
    const rows = this.rows;
    const { oddities, ...found } = this.odd.take();
    this.rows = 0;
    return {
      index,
      rows,
      lines,
      columns: this.#numbers.map((_, column) => this.#takeColumn(column, rows)),
      line: this.#line.slice(0, rows),
      file: null,
      idHashes: this.#idColumn < 0 ? null : this.#idHashes.slice(0, 2 * rows),
      oddities: { ...oddities, ...schema },
      ...found,
    };
  }

  #takeColumn(column: number, rows: number): ParsedColumn {
    const values = this.#numbers[column];
    if (values !== null) return { type: 'number', values: values.slice(0, rows) };
    const codes = this.#codes[column];
    const dictionary = this.#dictionaries[column];
    if (codes !== null && dictionary !== null) {
      const fresh: string[] = [];
      for (let code = this.#posted[column] + 1; code <= dictionary.size; code += 1)
        fresh.push(dictionary.text(code));
      this.#posted[column] = dictionary.size;
      return { type: 'category', codes: codes.slice(0, rows), fresh };
    }
    const text = this.#texts[column];
    if (text === null) throw new Error(`column ${column} is of no type`);
    return { type: 'text', ...text.take(rows) };
  }

  #timeName(): string {
    return this.#names[this.#columnOf.indexOf(0)];
  }

  #refuse(field: number, shown: string, wanted: string): void {
    this.#problem ??= `${JSON.stringify(this.#names[field])} holds ${shown}, which is no ${wanted}`;
  }

  #setNumber(column: number, value: number): void {
    const values = this.#numbers[column];
    if (values === null) return;
    values[this.rows] = value;
    this.#setBy[column] = this.#stamp;
  }

  #setTime(column: number, ms: number, zone: number): void {
    this.#setNumber(column, ms);
    if (column === 0) this.odd.zone(zone);
  }

  /** The number that a text writes; NaN for a missing one, and after a refusal. */
  #numberInText(field: number, bytes: Uint8Array, start: number, end: number): number {
    const fast = decimalAt(bytes, start, end, this.#decimalSign);
    if (fast === fast) return fast;
    const cell = textOf(bytes, start, end);
    const value = numberOf(cell, this.#decimal);
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
    if (codes === null || dictionary === null) return;
    if (end - start > MOST_CATEGORY_BYTES) {
      this.#problem ??= `${JSON.stringify(this.#names[field])} holds ${end - start} bytes, and a category has at most ${MOST_CATEGORY_BYTES}`;
      return;
    }
    codes[this.rows] = dictionary.code(bytes, start, end);
    this.#setBy[column] = this.#stamp;
  }

  #setText(column: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#texts[column]?.set(this.rows, bytes, start, end) === true) this.odd.cutText();
    this.#setBy[column] = this.#stamp;
  }

  #fillMissing(): void {
    const row = this.rows;
    for (let column = 0; column < this.#setBy.length; column += 1) {
      if (this.#setBy[column] === this.#stamp) continue;
      const values = this.#numbers[column];
      const codes = this.#codes[column];
      if (values !== null) values[row] = Number.NaN;
      else if (codes !== null) codes[row] = 0;
      else this.#texts[column]?.setMissing(row);
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
    if (text === null) return;
    const from = text.start(row);
    const to = text.end(row);
    const place = this.#rowColumn < 0 ? 0 : (this.#numbers[this.#rowColumn]?.[row] ?? 0) || 0;
    const [first, second] = this.#idSalts;
    const none = from === to;
    // Zero says that there is no id.
    this.#idHashes[2 * row] = none
      ? 0
      : hashBytes(text.bytes, from, to, first ^ Math.imul(place, 0x9e3779b1)) || 1;
    this.#idHashes[2 * row + 1] = none ? 0 : hashBytes(text.bytes, from, to, second + place);
  }

  #grow(): void {
    this.#capacity *= 2;
    const n = this.#capacity;
    for (const column of this.#numbers.keys()) {
      const values = this.#numbers[column];
      const codes = this.#codes[column];
      if (values !== null) (this.#numbers[column] = new Float64Array(n)).set(values);
      if (codes !== null) (this.#codes[column] = new Uint32Array(n)).set(codes);
      this.#texts[column]?.grow(n);
    }
    const line = new Uint32Array(n);
    line.set(this.#line);
    this.#line = line;
    if (this.#idColumn < 0) return;
    const hashes = new Uint32Array(2 * n);
    hashes.set(this.#idHashes);
    this.#idHashes = hashes;
  }
}

const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');

const quoted = (bytes: Uint8Array, start: number, end: number): string =>
  JSON.stringify(textOf(bytes, start, end).slice(0, SHOWN));
