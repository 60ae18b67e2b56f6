import type { LogMapping } from '../../../contract/logs.ts';

/** The bytes that part a CSV file into records and cells. All of them are below 128, so UTF-8 is read by them as it is. */
export interface CsvBytes {
  readonly delimiter: number;
  /** Wraps a cell; -1: nothing does. */
  readonly quote: number;
  /** Makes a mark in a wrapped cell one of its characters; -1: marks are doubled. */
  readonly escape: number;
}

const [QUOTE, BACKSLASH] = [34, 92];

/** RFC 4180 with another delimiter. */
export const plainCsv = (delimiter: string): CsvBytes => ({
  delimiter: delimiter.charCodeAt(0),
  quote: QUOTE,
  escape: -1,
});

/** Those of a mapping; null where its files hold a request a line. */
export function csvBytes({ delimiter, reading }: Pick<LogMapping, 'delimiter' | 'reading'>): CsvBytes | null {
  if (delimiter === null) return null;
  const { quote = '"', escape = 'doubled' } = reading ?? {};
  return {
    delimiter: delimiter.charCodeAt(0),
    quote: quote === 'none' ? -1 : quote.charCodeAt(0),
    escape: quote !== 'none' && escape === 'backslash' ? BACKSLASH : -1,
  };
}
