import { BezoarError } from '../../contract/errors.ts';

/** How a file of delimited text is written. */
export interface CsvSyntax {
  readonly delimiter: ',' | ';' | '\t' | '|';
  /** What a cell is wrapped in that holds delimiters or line ends. */
  readonly quote: '"' | "'" | 'none';
  /** How a quotation mark within a wrapped cell is written: twice, or after a backslash. */
  readonly escape: 'doubled' | 'backslash';
}

export interface CsvRecord {
  /** As written, without what wrapped them. No more than {@link MOST_COLUMNS} are kept. */
  readonly cells: readonly string[];
  /** How many there were. */
  readonly width: number;
  /** Line of the file on which it begins, the first being 1. */
  readonly line: number;
  /** What is wrong with its quotation marks or its number of cells, or null. */
  readonly fault: string | null;
  /** Its beginning, as written, where it has a fault. */
  readonly text: string;
}

export const MOST_RECORD_LENGTH = 16 * 1024 * 1024;
/** More columns than any case keeps; a file with more is no table of records. */
export const MOST_COLUMNS = 10_000;
const SHOWN = 200;
const [LF, CR, BACKSLASH] = [10, 13, 92];

const FOLLOWED = 'something follows the closing quotation mark of a cell';

/** Line ends between two places: line feeds, carriage returns, or both together. */
function lineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LF || (code === CR && text.charCodeAt(at + 1) !== LF)) count += 1;
  }
  return count;
}

/**
 * Cuts delimited text into records, block by block. Line feeds, carriage returns and both together end a record wherever
 * they stand: a file put together from two systems mixes them. Empty lines are no records. A quotation mark within a cell
 * that does not begin with one is a character like others, as spreadsheets and pandas have it. A record of another number of
 * cells than `expected` has a fault; null takes any number.
 */
export function csvSplitter(
  name: string,
  { delimiter, quote, escape }: CsvSyntax,
  expected: number | null,
): { push(block: string): CsvRecord[]; end(): CsvRecord[] } {
  const delimiterCode = delimiter.charCodeAt(0);
  const quoteCode = quote === 'none' ? -1 : quote.charCodeAt(0);
  const backslash = quote !== 'none' && escape === 'backslash';
  let rest = '';
  let line = 1;

  /** The end of a wrapped cell: of its text and of the whole, or null where the text ends before it. */
  const closing = (text: string, from: number): { value: string; at: number } | null => {
    let value = '';
    let start = from;
    for (let at = from; ;) {
      const mark = text.indexOf(quote, at);
      if (mark < 0) return null;
      if (backslash) {
        let slash = at;
        while (slash < mark && text.charCodeAt(slash) !== BACKSLASH) slash += 1;
        if (slash < mark) {
          const next = text.charCodeAt(slash + 1);
          if (next === quoteCode || next === BACKSLASH) {
            value += text.slice(start, slash);
            start = slash + 1;
          }
          at = slash + 2;
          continue;
        }
      }
      if (text.charCodeAt(mark + 1) !== quoteCode)
        return {
          value: start === from ? text.slice(from, mark) : value + text.slice(start, mark),
          at: mark + 1,
        };
      value += text.slice(start, mark + 1);
      start = mark + 2;
      at = start;
    }
  };

  const split = (text: string, last: boolean): CsvRecord[] => {
    const records: CsvRecord[] = [];
    const length = text.length;
    let begin = 0;
    while (begin < length) {
      const cells: string[] = [];
      let width = 0;
      let fault: string | null = null;
      let at = begin;
      let lines = 1;
      let whole = false;
      for (;;) {
        let value: string;
        if (at < length && text.charCodeAt(at) === quoteCode) {
          const closed = closing(text, at + 1);
          if (closed === null) {
            if (!last) break;
            throw new BezoarError(
              'evidence/malformed',
              `${name}: line ${line}: a quoted field is not closed before the file ends. Nothing was imported. ` +
                'Mend that line, or choose that no quotation marks are used.',
            );
          }
          // What follows the mark is not known yet.
          if (closed.at >= length && !last) break;
          value = closed.value;
          lines += lineEnds(text, at, closed.at);
          at = closed.at;
          if (at < length) {
            const code = text.charCodeAt(at);
            if (code !== delimiterCode && code !== LF && code !== CR) fault ??= FOLLOWED;
          }
        } else value = '';
        const from = at;
        let code = -1;
        while (at < length) {
          code = text.charCodeAt(at);
          if (code === delimiterCode || code === LF || code === CR) break;
          at += 1;
        }
        if (at > from) value = value === '' ? text.slice(from, at) : value + text.slice(from, at);
        width += 1;
        if (width <= MOST_COLUMNS) cells.push(value);
        if (at >= length) {
          whole = last;
          break;
        }
        at += 1;
        if (code === delimiterCode) continue;
        if (code === CR) {
          if (at >= length && !last) break;
          if (text.charCodeAt(at) === LF) at += 1;
        }
        whole = true;
        break;
      }
      if (!whole) break;
      if (at - begin > MOST_RECORD_LENGTH) throw tooLong(name, line);
      if (expected !== null && width !== expected)
        fault ??= `this record has ${width} cells, and the header has ${expected}`;
      const empty = width === 1 && cells[0] === '' && text.charCodeAt(begin) !== quoteCode;
      if (!empty)
        records.push({
          cells,
          width,
          line,
          fault,
          text: fault === null ? '' : text.slice(begin, Math.min(at, begin + SHOWN)),
        });
      line += lines;
      begin = at;
    }
    rest = text.slice(begin);
    if (rest.length > MOST_RECORD_LENGTH) throw tooLong(name, line);
    return records;
  };

  return {
    /** The records that are whole with this block. @throws BezoarError evidence/malformed, evidence/too-large */
    push: (block: string): CsvRecord[] => split(rest + block, false),
    /** The last record, where no line end follows it. */
    end: (): CsvRecord[] => split(rest, true),
  };
}

const tooLong = (name: string, line: number): BezoarError =>
  new BezoarError(
    'evidence/too-large',
    `${name}: line ${line}: a record is longer than 16 MB. Nothing was imported. A quotation mark may be missing its partner.`,
  );
