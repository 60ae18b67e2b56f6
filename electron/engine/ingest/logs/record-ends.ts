import type { CsvBytes } from './csv-bytes.ts';

const LF = 10;

/** Where the last whole line in the first `length` bytes ends, its line end included; 0 where none does. */
export const lastLineEnd = (bytes: Uint8Array, length: number): number =>
  bytes.subarray(0, length).lastIndexOf(LF) + 1;

/**
 * The same of the records of a CSV file, whose quoted cells may hold line ends. The bytes start where a record starts.
 * A quotation mark opens a cell only as its first byte, as for the reader of the records.
 */
export function lastRecordEnd(bytes: Uint8Array, length: number, csv: CsvBytes): number {
  const here = bytes.subarray(0, length);
  if (csv.quote < 0 || !here.includes(csv.quote)) return here.lastIndexOf(LF) + 1;
  let end = 0;
  for (let next = recordEnd(here, 0, csv); next > 0; next = recordEnd(here, next, csv)) end = next;
  return end;
}

/** Where the record that starts at `start` ends, its line end included; 0 where it does not. */
export function recordEnd(bytes: Uint8Array, start: number, { delimiter, quote, escape }: CsvBytes): number {
  let quoted = false;
  let cellStart = true;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === escape && (bytes[at + 1] === quote || bytes[at + 1] === escape)) at += 1;
      else if (byte === quote) {
        if (bytes[at + 1] === quote) at += 1;
        else quoted = false;
      }
      continue;
    }
    if (byte === LF) return at + 1;
    if (cellStart && byte === quote) quoted = true;
    cellStart = byte === delimiter;
  }
  return 0;
}
