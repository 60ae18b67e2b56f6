import type { EventTable } from './event-table.ts';
import type { LogWindow } from './monitor.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Eleven years of hours: more come from a clock that was wrong once. */
export const MOST_WINDOWS = 100_000;

/** The first row at or after a time (ms since 1970 UTC); `rows` where there is none. */
export function firstRowAt({ time, rows }: Pick<EventTable, 'time' | 'rows'>, at: number): number {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Windows of one length side by side from the first row to the last, beginning at multiples of the length since 1970 UTC: hours
 * begin on the hour, days at midnight UTC. Windows without a row are among them. None for an empty table.
 *
 * @param length ms, above 0
 */
export function tumblingWindows(table: Pick<EventTable, 'time' | 'rows'>, length: number): LogWindow[] {
  if (!(length > 0))
    throw new RangeError(`A window of ${length} ms was asked for: it lasts longer than 0 ms.`);
  if (table.rows === 0) return [];
  const last = table.time[table.rows - 1];
  if ((last - table.time[0]) / length > MOST_WINDOWS)
    throw new RangeError(
      `No windows were made: from the first request to the last there are more than ${MOST_WINDOWS} windows of ${length} ms. Look at the log's first and last time.`,
    );
  const windows: LogWindow[] = [];
  let from = 0;
  for (let start = Math.floor(table.time[0] / length) * length; start <= last; start += length) {
    const to = firstRowAt(table, start + length);
    windows.push({ start, end: start + length, from, to });
    from = to;
  }
  return windows;
}

/**
 * Windows of `count` rows, one after every `every` rows from the first full one on; empty for fewer rows than that. A window
 * ends a millisecond after its last row.
 */
export function rowWindows(
  { time, rows }: Pick<EventTable, 'time' | 'rows'>,
  count: number,
  every: number,
): LogWindow[] {
  if (!(count >= 1 && every >= 1))
    throw new RangeError(`Windows of ${count} rows, every ${every}, were asked for: both are 1 or more.`);
  const windows: LogWindow[] = [];
  for (let to = count; to <= rows; to += every)
    windows.push({ start: time[to - count], end: time[to - 1] + 1, from: to - count, to });
  return windows;
}
