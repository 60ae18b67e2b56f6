import type { EventTable } from '../../native-workers/drift/event-table.ts';
import { draws } from './draws.ts';
import { DAY } from './simulate-log.ts';
import { takeRows } from './take-rows.ts';

/**
 * A log of whole days drawn with replacement from a log's own days of the same weekday, so that the requests of a day keep what they
 * have in common (drawing hours would lose the day effect). It begins on the day after the source ends.
 */
export function resampleDays(source: EventTable, days: number, seed: number): EventTable {
  const draw = draws(seed, 17);
  const first = Math.floor(source.time[0] / DAY);
  const last = Math.floor(source.time[source.rows - 1] / DAY);
  const byDay = new Map<number, number[]>();
  for (let row = 0; row < source.rows; row++) {
    const day = Math.floor(source.time[row] / DAY);
    const rows = byDay.get(day);
    if (rows === undefined) byDay.set(day, [row]);
    else rows.push(row);
  }
  const known = [...byDay.keys()];
  if (known.length === 0)
    throw new RangeError(`There are no days to draw from between ${first} and ${last}.`);
  const rows: number[] = [];
  const shifts: number[] = [];
  for (let d = 0; d < days; d++) {
    const day = last + 1 + d;
    const alike = known.filter((one) => one % 7 === day % 7);
    const chosen = (alike.length > 0 ? alike : known)[
      draw.index(alike.length > 0 ? alike.length : known.length)
    ];
    for (const row of byDay.get(chosen) ?? []) {
      rows.push(row);
      shifts.push((day - chosen) * DAY);
    }
  }
  return takeRows(source, rows, (_, i) => shifts[i]);
}
