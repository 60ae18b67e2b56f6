import type { LogUnit } from '../../../contract/logs.ts';
import type { Decimal } from '../cell-values.ts';

/** What a time said of its zone: minutes east of UTC, or one of these. */
export const ZONELESS = 10_000;
export const EPOCH = 20_000;

const DAY_MS = 86_400_000;
/** The years 1 to 9999; a time of another one is none. */
const [LEAST_MS, MOST_MS] = [-62_135_596_800_000, 253_402_300_799_999];
const perMillisecond: Readonly<Record<Exclude<LogUnit, 's'>, number>> = { ms: 1, us: 1e3, ns: 1e6 };
const [ZERO, NINE, DASH, PLUS, COLON, DOT, COMMA, SPACE] = [48, 57, 45, 43, 58, 46, 44, 32];
const [UPPER_T, LOWER_T, UPPER_Z, LOWER_Z] = [84, 116, 90, 122];
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant, days_from_civil). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  );
}

/**
 * The unit of an epoch time by its size: seconds up to 1e11 (the year 5138), milliseconds up to 1e14, microseconds up to
 * 1e17, nanoseconds beyond; so milliseconds are told from 1973 on.
 */
export function unitBySize(value: number): LogUnit {
  const size = Math.abs(value);
  return size < 1e11 ? 's' : size < 1e14 ? 'ms' : size < 1e17 ? 'us' : 'ns';
}

/**
 * An epoch time as milliseconds since 1970 UTC. Whole milliseconds are exact.
 * @param unit null: told by the size
 * @returns NaN for what no calendar knows
 */
function epochMilliseconds(value: number, unit: LogUnit | null): number {
  const known = unit ?? unitBySize(value);
  const ms = known === 's' ? value * 1000 : value / perMillisecond[known];
  return ms >= LEAST_MS && ms <= MOST_MS ? ms : Number.NaN;
}

/**
 * Reads times of one column from bytes: ISO 8601 with any offset (also with a space for the T, a comma for the point, or
 * the date alone), or an epoch number as text. Keeps the day that it read last, because the next time is of the same one.
 */
export class EventTimeReader {
  /** Of the time read last: minutes east of UTC, {@link ZONELESS} or {@link EPOCH}. */
  zone = ZONELESS;
  readonly #zoneMinutes: number;
  readonly #unit: LogUnit | null;
  readonly #decimal: Decimal;
  #dayKey = -1;
  #dayMs = 0;

  /**
   * @param zoneMinutes minutes east of UTC of a time that names no zone
   * @param unit of epoch numbers, null: by size
   * @param decimal of epoch numbers that are written as text
   */
  constructor(zoneMinutes: number, unit: LogUnit | null, decimal: Decimal = '.') {
    this.#zoneMinutes = zoneMinutes;
    this.#unit = unit;
    this.#decimal = decimal;
  }

  /** @returns milliseconds since 1970-01-01 UTC, NaN where it is no time */
  fromNumber(value: number): number {
    this.zone = EPOCH;
    return epochMilliseconds(value, this.#unit);
  }

  /** The same of the text in `bytes` from `start` to `end`. */
  fromText(bytes: Uint8Array, start: number, end: number): number {
    let from = start;
    let to = end;
    while (from < to && bytes[from] === SPACE) from += 1;
    while (to > from && bytes[to - 1] === SPACE) to -= 1;
    if (to - from >= 10 && bytes[from + 4] === DASH) return this.#iso(bytes, from, to);
    return this.#epochText(bytes, from, to);
  }

  #iso(bytes: Uint8Array, from: number, to: number): number {
    this.zone = ZONELESS;
    const year = digits(bytes, from, 4);
    const month = digits(bytes, from + 5, 2);
    const day = digits(bytes, from + 8, 2);
    if (year < 0 || month < 0 || day < 0 || bytes[from + 7] !== DASH) return Number.NaN;
    const key = (year * 100 + month) * 100 + day;
    if (key !== this.#dayKey) {
      const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
      if (month < 1 || month > 12 || day < 1 || day > (monthDays[month - 1] ?? 0) + leap) return Number.NaN;
      this.#dayKey = key;
      this.#dayMs = daysFromCivil(year, month, day) * DAY_MS;
    }
    if (to - from === 10) return this.#dayMs - this.#zoneMinutes * 60_000;
    const separator = bytes[from + 10];
    if (separator !== UPPER_T && separator !== SPACE && separator !== LOWER_T) return Number.NaN;
    const hour = digits(bytes, from + 11, 2);
    const minute = digits(bytes, from + 14, 2);
    if (to - from < 16 || hour < 0 || hour > 23 || bytes[from + 13] !== COLON || minute < 0 || minute > 59)
      return Number.NaN;
    let at = from + 16;
    let ms = (hour * 60 + minute) * 60_000;
    if (at < to && bytes[at] === COLON) {
      const second = digits(bytes, at + 1, 2);
      // 60: a leap second, which is the first of the next minute.
      if (at + 3 > to || second < 0 || second > 60) return Number.NaN;
      at += 3;
      ms += second * 1000;
      if (at < to && (bytes[at] === DOT || bytes[at] === COMMA)) {
        const first = at + 1;
        let fraction = 0;
        let scale = 1;
        for (at = first; at < to && isDigit(bytes[at]); at += 1)
          if (at < first + 9) {
            fraction = fraction * 10 + (bytes[at] ?? 0) - ZERO;
            scale *= 10;
          }
        if (at === first) return Number.NaN;
        ms += (fraction * 1000) / scale;
      }
    }
    while (at < to && bytes[at] === SPACE) at += 1;
    const offset = at === to ? ZONELESS : zoneOf(bytes, at, to);
    if (Number.isNaN(offset)) return Number.NaN;
    this.zone = offset;
    return this.#dayMs + ms - (offset === ZONELESS ? this.#zoneMinutes : offset) * 60_000;
  }

  #epochText(bytes: Uint8Array, from: number, to: number): number {
    this.zone = EPOCH;
    if (from === to || to - from > 40) return Number.NaN;
    const written = String.fromCharCode(...bytes.subarray(from, to));
    const text = this.#decimal === ',' ? written.replace(',', '.') : written;
    if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return Number.NaN;
    const value = Number(text);
    const unit = this.#unit ?? unitBySize(value);
    // More digits than a float64 holds: the last ones stand for fractions of a millisecond and are read apart.
    const finer = unit === 'ns' ? 6 : unit === 'us' ? 3 : 0;
    if (finer > 0 && /^\d{16,19}$/.test(text)) {
      const ms = Number(text.slice(0, -finer)) + Number(text.slice(-finer)) / 10 ** finer;
      return ms <= MOST_MS ? ms : Number.NaN;
    }
    return epochMilliseconds(value, unit);
  }
}

/** Whether a text is a time that names its day. */
export function isTime(text: string): boolean {
  const bytes = Buffer.from(text);
  const reader = new EventTimeReader(0, null);
  return !Number.isNaN(reader.fromText(bytes, 0, bytes.length)) && reader.zone !== EPOCH;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE;

/** The number that `count` digits at `at` write, -1 where one is none. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i += 1) {
    const digit = (bytes[i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Z, UTC, GMT, +hh, +hhmm or +hh:mm as minutes east of UTC; NaN for anything else. */
function zoneOf(bytes: Uint8Array, at: number, to: number): number {
  const first = bytes[at];
  if (to - at === 1) return first === UPPER_Z || first === LOWER_Z ? 0 : Number.NaN;
  if (first !== PLUS && first !== DASH) {
    const name = String.fromCharCode(...bytes.subarray(at, Math.min(to, at + 4)));
    return name === 'UTC' || name === 'GMT' ? 0 : Number.NaN;
  }
  const hours = digits(bytes, at + 1, 2);
  const colon = bytes[at + 3] === COLON ? 1 : 0;
  const minutes = to - at === 3 ? 0 : digits(bytes, at + 3 + colon, 2);
  const whole = to - at === 3 || to - at === 5 + colon;
  if (!whole || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
  return (first === DASH ? -1 : 1) * (hours * 60 + minutes);
}
