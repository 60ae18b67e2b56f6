import { BezoarError } from '../../../contract/errors.ts';
import { numberOf } from '../cell-values.ts';
import type { CsvBytes } from './csv-bytes.ts';
import { cellsOf } from './csv-cells.ts';
import { isTime } from './event-time.ts';

/** More columns than any log has; a file with more is none. */
const MOST_COLUMNS = 2000;
const MARK = '\ufeff';

/** The columns of a CSV file, and whether its first record names them. */
export interface CsvColumns {
  readonly names: readonly string[];
  readonly named: boolean;
}

/**
 * The columns of a file from the bytes of its first record: named by it, else numbered, or those of the file before where
 * that record goes on as its records do, as when a log was cut by its size.
 * @param named whether the first record of the log names the columns
 * @param before the columns of the first file of the log
 * @throws BezoarError evidence/malformed, evidence/too-large
 */
export function csvColumns(
  file: string,
  bytes: Uint8Array,
  csv: CsvBytes,
  named: boolean,
  before: readonly string[] | null = null,
): CsvColumns {
  const cells = cellsOf(bytes, csv);
  if (cells.length === 1 && cells[0].trim() === '')
    throw new BezoarError(
      'evidence/malformed',
      `${file} has no header. Nothing was imported. Its first line must hold the names of the columns.`,
    );
  if (cells.length > MOST_COLUMNS)
    throw new BezoarError(
      'evidence/too-large',
      `${file}: its header names ${cells.length} columns, and a log has at most ${MOST_COLUMNS}. Nothing was imported. ` +
        'Save it without the columns that are not needed.',
    );
  if (!named) return { names: before ?? cells.map((_, at) => `column ${at + 1}`), named: false };
  if (before !== null && goesOn(cells, before)) return { names: before, named: false };
  const names = namesIn(cells);
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw new BezoarError(
      'evidence/malformed',
      `${file}: two columns are named ${JSON.stringify(twice)}. Nothing was imported. Give each column a name of its own.`,
    );
  return { names, named: true };
}

const namesIn = (cells: readonly string[]): string[] =>
  cells.map((name, at) => (name.trim() === '' ? `column ${at + 1}` : name.trim()));

/** Whether cells are a request and no names: as many as the columns, none of their names, and a time or numbers among them. */
function goesOn(cells: readonly string[], names: readonly string[]): boolean {
  const known = new Set(names);
  return (
    cells.length === names.length &&
    !cells.some((cell) => known.has(cell.trim())) &&
    cells.some((cell) => isTime(cell) || typeof numberOf(cell) === 'number')
  );
}

/**
 * Whether a record within a file is a header, as when logs were put one behind the other: `same` names the columns of the
 * file, `other` names columns in another order or other ones.
 * @param time the name of the column of the time, which every header of the log holds
 */
export function headerAgain(
  cells: readonly string[],
  names: readonly string[],
  time: string,
): 'same' | 'other' | null {
  const here = namesIn(unmarked(cells));
  const known = new Set(names);
  const shared = new Set(here.filter((name) => known.has(name)));
  if (!shared.has(time) || shared.size < 2 || 2 * shared.size < here.length) return null;
  return here.length === names.length && here.every((name, at) => name === names[at]) ? 'same' : 'other';
}

/** Whether cells are nothing but names of the columns, whatever their order. */
export function areNames(cells: readonly string[], names: ReadonlySet<string>): boolean {
  return cells.length > 1 && unmarked(cells).every((cell) => names.has(cell.trim()));
}

/** Without the byte order mark of the file that the record was the first of. */
const unmarked = (cells: readonly string[]): string[] =>
  cells.map((cell, at) => (at === 0 && cell.startsWith(MARK) ? cell.slice(1) : cell));

/** Refuses a log in which a header of another order or of other columns stands among the records. */
export const otherHeader = (file: string): BezoarError =>
  new BezoarError(
    'evidence/malformed',
    `${file}: among its records stands a header that names the columns in another order, or others, so what follows it ` +
      'cannot be told from what is before it. Nothing was imported. Cut the file at that line and drop both parts.',
  );
