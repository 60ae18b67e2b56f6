const DAY_SECONDS = 86_400n;
/** Days from 1970 to the last that Date can say. */
const MOST_DAYS = 100_000_000;

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Days since 1970-01-01 as YYYY-MM-DD, null beyond what a calendar of four-digit or expanded years says. */
export function dateText(days: number): string | null {
  if (!Number.isInteger(days) || Math.abs(days) > MOST_DAYS) return null;
  return new Date(days * 86_400_000).toISOString().replace(/T.*/, '');
}

function clockText(sinceMidnight: bigint, perSecond: number): string {
  const unit = BigInt(perSecond);
  const seconds = Number(sinceMidnight / unit);
  const fraction = sinceMidnight % unit;
  const digits = String(perSecond).length - 1;
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map(twoDigits)
    .join(':');
  return fraction === 0n || digits === 0 ? clock : `${clock}.${String(fraction).padStart(digits, '0')}`;
}

/**
 * A moment counted from 1970-01-01 as ISO 8601 text with all its digits; `utc` false leaves out the Z, because the clock
 * it was read from is not known. Null beyond the years that Date can say.
 */
export function timestampText(count: bigint, perSecond: number, utc: boolean): string | null {
  const day = BigInt(perSecond) * DAY_SECONDS;
  const rest = ((count % day) + day) % day;
  const date = dateText(Number((count - rest) / day));
  return date === null ? null : `${date}T${clockText(rest, perSecond)}${utc ? 'Z' : ''}`;
}

/** A time of day as HH:MM:SS with all its digits; null where it is not within one day. */
export function timeText(count: bigint, perSecond: number): string | null {
  return count < 0n || count >= BigInt(perSecond) * DAY_SECONDS ? null : clockText(count, perSecond);
}
