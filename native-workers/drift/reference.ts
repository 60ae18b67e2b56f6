import type { EventTable } from './event-table.ts';
import { familiesOf } from './families.ts';
import { fitFamily, type FittedFamily } from './fit-family.ts';
import { codeTable, countHours, type HourCounts } from './hour-counts.ts';
import { mergeTables } from './merge-tables.ts';
import { CLASS_BINS, layOut, type ReferenceLayout } from './reference-layout.ts';
import { selfCheck, type SelfCheck } from './split-half.ts';

/** No expected time to a false alarm is promised from fewer days of reference. */
const LEAST_PROMISED_DAYS = 28;
/** More than a year to a false alarm needs so many days. */
const LONG_PROMISE_DAYS = 56;

/** What a model does when all is well, as plain JSON: exported and imported as it is. */
export interface BehaviourReference {
  readonly format: 1;
  readonly rows: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Days (UTC) with requests. */
  readonly days: number;
  readonly layout: ReferenceLayout;
  /** In the order of `familiesOf(layout)`. */
  readonly families: readonly FittedFamily[];
  /** Requests by group and fine bin of every number within classes, shape (numbers, groups, {@link CLASS_BINS}). */
  readonly classBins: readonly (readonly (readonly number[])[])[];
  /** Requests of each class by day (days since 1970 UTC), for the lagged lane: shape (days, classes + 1). */
  readonly daily: readonly { readonly day: number; readonly classes: readonly number[] }[];
  readonly selfCheck: SelfCheck;
}

/**
 * Fits the reference: shares, hour and weekday factors apart (168 cells on four weeks would be noise), each shrunk, and the dispersion
 * by length of window, the largest of which holds everywhere (a day effect is invisible in hours and adds up all the same).
 *
 * @param tables logs of good days, at least one row in all
 * @throws RangeError when there is no row; whatever `check` throws
 */
export function fitReference(tables: readonly EventTable[], check: () => void): BehaviourReference {
  const table = mergeTables(tables, check);
  if (table.rows === 0) throw new RangeError('No reference was made: its logs hold no request.');
  const layout = layOut(table, check);
  const coded = codeTable(table, layout, check);
  const counts = countHours(coded, table.labelTime, layout, check);
  const days = requestDays(counts);
  const families = familiesOf(layout);
  const fitted = families.map((family) => fitFamily(family, counts, days, check));
  return {
    format: 1,
    rows: table.rows,
    firstMs: table.time[0],
    lastMs: table.time[table.rows - 1],
    days,
    layout,
    families: fitted,
    classBins: coded.classNumbers.map((bins) => countByGroup(coded.groupOf, bins, layout.groups)),
    daily: dailyClasses(counts, layout.classes.length + 1),
    selfCheck: selfCheck(families, fitted, counts, check),
  };
}

/** How long to a false alarm a reference of this length supports, days; null: nothing is promised. */
export function promiseDays(days: number): number | null {
  return days < LEAST_PROMISED_DAYS ? null : days < LONG_PROMISE_DAYS ? 365 : 3650;
}

/** The promise as a sentence for an asked expected time to a false alarm. */
export function promiseSentence(days: number, falseAlarmDays: number): string {
  const most = promiseDays(days);
  if (most === null)
    return `The reference has ${days} days: below ${LEAST_PROMISED_DAYS} nothing is promised about false alarms. Add good days.`;
  if (falseAlarmDays > most)
    return `One false alarm in ${falseAlarmDays} days was asked for; a reference of ${days} days supports ${most}. ${LONG_PROMISE_DAYS} days or more support the longer time.`;
  return `At most one false alarm is expected in ${falseAlarmDays} days: about 63 % of quiet installations have one within that time.`;
}

function requestDays({ hours, requests }: HourCounts): number {
  const days = new Set<number>();
  hours.forEach((hour, h) => {
    if (requests[h] > 0) days.add(Math.floor(hour / 24));
  });
  return days.size;
}

/** Requests of each class by day. */
export function dailyClasses(
  { hours, requests, classes }: HourCounts,
  columns: number,
): BehaviourReference['daily'] {
  const days = new Map<number, number[]>();
  for (let h = 0; h < hours.length; h++) {
    if (requests[h] === 0) continue;
    const day = Math.floor(hours[h] / 24);
    const sums = days.get(day) ?? new Array<number>(columns).fill(0);
    for (let c = 0; c < columns; c++) sums[c] += classes[h * columns + c];
    days.set(day, sums);
  }
  return [...days].map(([day, sums]) => ({ day, classes: sums }));
}

/** Requests by group and bin, shape (groups, bins). */
function countByGroup(groupOf: Int32Array, bins: Uint8Array, groups: number): number[][] {
  const counts = Array.from({ length: groups }, () => new Array<number>(CLASS_BINS).fill(0));
  for (let i = 0; i < bins.length; i++) counts[groupOf[i]][bins[i]]++;
  return counts;
}
