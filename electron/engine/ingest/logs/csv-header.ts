import { BezoarError } from '../../../contract/errors.ts';
import { cellsOf } from './csv-cells.ts';

/** More columns than any log has; a file with more is none. */
const MOST_COLUMNS = 2000;
const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

/** The one of comma, semicolon, tab and bar that stands most often in the header outside quotation marks; a comma where none does. */
export function delimiterOfHeader(header: string): Delimiter {
  const bare = header.replace(/"[^"]*"/g, '');
  const counts = delimiters.map((one) => bare.split(one).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ',';
}

/**
 * The names of the columns from the bytes of the first record.
 * @throws BezoarError evidence/malformed, evidence/too-large
 */
export function csvHeader(file: string, bytes: Uint8Array, delimiter: string): string[] {
  const names = cellsOf(bytes, delimiter.charCodeAt(0));
  if (names.length === 1 && names[0].trim() === '')
    throw new BezoarError(
      'evidence/malformed',
      `${file} has no header. Nothing was imported. Its first line must hold the names of the columns.`,
    );
  if (names.length > MOST_COLUMNS)
    throw new BezoarError(
      'evidence/too-large',
      `${file}: its header names ${names.length} columns, and a log has at most ${MOST_COLUMNS}. Nothing was imported. ` +
        'Save it without the columns that are not needed.',
    );
  const named = names.map((name, at) => (name.trim() === '' ? `column ${at + 1}` : name.trim()));
  const seen = new Set<string>();
  const twice = named.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw new BezoarError(
      'evidence/malformed',
      `${file}: two columns are named ${JSON.stringify(twice)}. Nothing was imported. Give each column a name of its own.`,
    );
  return named;
}
