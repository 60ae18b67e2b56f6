import type { Condition, Reason, Subgroup } from './alert.ts';
import type { EventTable } from './event-table.ts';
import { countInWords, numberInWords, pInWords } from './in-words.ts';
import type { HeldLog } from './held-log.ts';
import { DAY, HOUR } from './log-windows.ts';
import type { Change } from './read-episodes.ts';
import { scanWindows } from './scan-statistic.ts';
import { searchSubgroups, type SubgroupInput } from './subgroup-search.ts';

const PERMUTATIONS = 99;
/** Rows of each side that a search looks at, taken at even distances. */
const MOST_ROWS = 2000;
const LEAST_OTHERS = 100;
const MINUTE = 60_000;
const MINUTE_OF_DAY = 'minute of day';
/** From so many days on the time of day says something about the requests; before it says when the alarm was. */
const LEAST_DAYS = 3;
const BIN = 5 * MINUTE;
const LONGEST_STRETCH = 4 * HOUR;
const SUBGROUP_DRAWS = 0x5ab6;
const SCAN_DRAWS = 0x5ca1;

/** Requests that an alert is about, those of its windows and others like them. */
export interface RowsOfInterest {
  /** Rows of the log, rising. */
  readonly rows: Int32Array;
  /** When each counted, ms: the time of the request, or of the label. */
  readonly at: (row: number) => number;
  /** Columns of classes that are conditions beside the categories. */
  readonly conditions: readonly ('prediction' | 'label')[];
}

/**
 * The subgroup that explains an alert's requests against those like them outside its windows; null where there are too few of either, or
 * where none stands out.
 */
export function explainingSubgroup(
  log: HeldLog,
  change: Change,
  { rows, at, conditions }: RowsOfInterest,
  seed: number,
): Subgroup | null {
  const { counts, table } = log;
  const flaggedHours = new Set<number>();
  for (const { from, to } of change.spans) for (let h = from; h < to; h++) flaggedHours.add(counts.hours[h]);
  const hourOf = (row: number): number => Math.floor(at(row) / HOUR);
  const inside = rows.filter((row) => flaggedHours.has(hourOf(row)));
  const outside = rows.filter((row) => !flaggedHours.has(hourOf(row)));
  if (outside.length < LEAST_OTHERS || inside.length === 0) return null;
  const chosen = Int32Array.from([...evenly(inside), ...evenly(outside)]);
  // Windows that are permuted: hours where the alert is shorter than a day, else days.
  const days = new Set([...flaggedHours].map((hour) => Math.floor(hour / 24)));
  const unit = flaggedHours.size < 24 ? 1 : 24;
  const place = new Map<number, number>();
  for (const hour of counts.hours) {
    const window = Math.floor(hour / unit);
    if (!place.has(window)) place.set(window, place.size);
  }
  const flagged = new Uint8Array(place.size);
  for (const hour of flaggedHours) flagged[place.get(Math.floor(hour / unit)) ?? 0] = 1;
  const original = (row: number): number => log.original?.[row] ?? row;
  const input: SubgroupInput = {
    rows: chosen.length,
    windowOf: Int32Array.from(chosen, (row) => place.get(Math.floor(hourOf(row) / unit)) ?? 0),
    windows: place.size,
    flagged,
    categorical: [
      ...conditions.map((name) => ({ name, levels: table.classes, codes: classCodes(table, name) })),
      ...table.categorical,
    ].map(({ name, levels, codes }) => ({
      name,
      levels,
      codes: Int32Array.from(chosen, (row) => codes[original(row)]),
    })),
    numeric: [
      ...table.numeric.map(({ name, values }) => ({
        name,
        values: Float64Array.from(chosen, (row) => values[original(row)]),
      })),
      ...(days.size >= LEAST_DAYS
        ? [{ name: MINUTE_OF_DAY, values: Float64Array.from(chosen, (row) => minuteOfDay(at(row))) }]
        : []),
    ],
  };
  const [best] = searchSubgroups(
    input,
    { permutations: PERMUTATIONS, seed, purpose: SUBGROUP_DRAWS },
    log.check,
  );
  if (best === undefined) return null;
  const holds = (row: number): boolean =>
    best.conditions.every((condition) => meets(log, original(row), at(row), condition));
  const found = inside.filter(holds).length;
  const others = outside.filter(holds).length;
  const expected = (inside.length * (others + 0.5)) / (outside.length + 1);
  return {
    sentence: `${best.conditions.map(conditionInWords).join(' and ')}: ${countInWords(found, 'request')} of ${countInWords(inside.length, 'request')}, where ${numberInWords(expected)} are expected (${pInWords(best.pValue ?? 1, 1 / (PERMUTATIONS + 1))}).`,
    conditions: best.conditions,
    rows: found,
    expected,
    score: best.score,
    pValue: best.pValue,
  };
}

function evenly(rows: Int32Array): Int32Array {
  if (rows.length <= MOST_ROWS) return rows;
  return Int32Array.from({ length: MOST_ROWS }, (_, i) => rows[Math.floor((i * rows.length) / MOST_ROWS)]);
}

function minuteOfDay(at: number): number {
  return Math.floor((((at % DAY) + DAY) % DAY) / MINUTE);
}

function classCodes({ predicted, label }: EventTable, column: string): Int32Array {
  return column === 'label' && label !== null ? label : predicted;
}

function meets({ table }: HeldLog, row: number, at: number, { column, level, from, to }: Condition): boolean {
  if (level !== null) {
    const category = table.categorical.find(({ name }) => name === column);
    if (category !== undefined) return category.levels[category.codes[row]] === level;
    return table.classes[classCodes(table, column)[row]] === level;
  }
  const value =
    column === MINUTE_OF_DAY
      ? minuteOfDay(at)
      : (table.numeric.find(({ name }) => name === column)?.values[row] ?? NaN);
  return value >= (from ?? -Infinity) && value < (to ?? Infinity);
}

function conditionInWords({ column, level, from, to }: Condition): string {
  if (level !== null) return `${column} ${level}`;
  const number =
    column === MINUTE_OF_DAY ? clock : (value: number): string => String(Number(value.toPrecision(6)));
  const name = column === MINUTE_OF_DAY ? 'time of day (UTC)' : column;
  if (from === null) return `${name} below ${number(to ?? NaN)}`;
  return to === null ? `${name} from ${number(from)}` : `${name} from ${number(from)} to below ${number(to)}`;
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(Math.round(minute % 60)).padStart(2, '0')}`;
}

/**
 * Where in time the requests of a class are thickest against those of the other classes: by the clock where the change spans days, else
 * by the minute. Null where no stretch stands out.
 */
export function thickestStretch(
  log: HeldLog,
  change: Change,
  classIndex: number,
  seed: number,
): Reason | null {
  const { counts, coded } = log;
  const days = new Set<number>();
  for (const { from, to } of change.spans)
    for (let h = from; h < to; h++) days.add(Math.floor(counts.hours[h] / 24));
  const folded = days.size >= LEAST_DAYS;
  const first = folded ? 0 : change.windowStart - HOUR;
  const bins = folded ? DAY / BIN : Math.ceil((change.windowEnd + HOUR - first) / BIN);
  const own = new Int32Array(bins);
  const others = new Float64Array(bins).fill(0.5);
  const add = (row: number): void => {
    const at = coded.time[row];
    const bin = Math.floor((folded ? ((at % DAY) + DAY) % DAY : at - first) / BIN);
    if (bin < 0 || bin >= bins) return;
    if (coded.classOf[row] === classIndex) own[bin]++;
    else others[bin]++;
  };
  if (folded) {
    for (const { from, to } of change.spans)
      for (let row = counts.rowFrom[from]; row < counts.rowFrom[to]; row++) add(row);
  } else {
    for (let h = 0; h < counts.hours.length; h++) {
      const start = counts.hours[h] * HOUR;
      if (start < first - HOUR || start > change.windowEnd + HOUR) continue;
      for (let row = counts.rowFrom[h]; row < counts.rowFrom[h + 1]; row++) add(row);
    }
  }
  const total = own.reduce((sum, one) => sum + one, 0);
  const found = scanWindows(
    own,
    others,
    LONGEST_STRETCH / BIN,
    { permutations: total <= MOST_ROWS ? PERMUTATIONS : 0, seed, purpose: SCAN_DRAWS },
    log.check,
  );
  if (found === null || found.score < Math.log(20 * bins) || (found.pValue ?? 0) > 0.01) return null;
  const from = first + found.from * BIN;
  const to = first + found.to * BIN;
  const minute = (at: number): string =>
    folded ? clock(minuteOfDay(at)) : new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return {
    sentence: `They are thickest from ${minute(from)} to ${minute(to)} UTC${folded ? ' of the day' : ''}: ${countInWords(found.observed, 'request')}, where ${numberInWords(found.expected)} are expected.`,
    towards: 'neither',
    value: found.observed / found.expected,
    pValue: found.pValue,
  };
}
