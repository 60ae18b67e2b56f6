const [LF, QUOTE] = [10, 34];

/** Where the last whole line in the first `length` bytes ends, its line end included; 0 where none does. */
export const lastLineEnd = (bytes: Uint8Array, length: number): number =>
  bytes.subarray(0, length).lastIndexOf(LF) + 1;

/**
 * The same of the records of a CSV file, whose quoted cells may hold line ends. The bytes start where a record starts.
 * A quotation mark opens a cell only as its first byte, as for the reader of the records.
 */
export function lastRecordEnd(bytes: Uint8Array, length: number, delimiter: number): number {
  const here = bytes.subarray(0, length);
  if (!here.includes(QUOTE)) return here.lastIndexOf(LF) + 1;
  let end = 0;
  for (let next = recordEnd(here, 0, delimiter); next > 0; next = recordEnd(here, next, delimiter))
    end = next;
  return end;
}

/** Where the record that starts at `start` ends, its line end included; 0 where it does not. */
export function recordEnd(bytes: Uint8Array, start: number, delimiter: number): number {
  let quoted = false;
  let cellStart = true;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (quoted) {
      if (byte !== QUOTE) continue;
      if (bytes[at + 1] === QUOTE) at += 1;
      else quoted = false;
      continue;
    }
    if (byte === LF) return at + 1;
    if (byte === QUOTE && cellStart) quoted = true;
    cellStart = byte === delimiter;
  }
  return 0;
}
