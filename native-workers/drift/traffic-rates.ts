import type { EventTable } from './event-table.ts';
import { DAY, HOUR } from './log-windows.ts';

/** Hours of a week, Monday 00:00 UTC first. 1970-01-01 was a Thursday. */
const WEEK_HOURS = 168;
const THURSDAY = 3;

/** How many requests an hour a baseline lets expect. */
export interface TrafficRates {
  /** Requests an hour by hour of the week, or the same for every day where there are under two weeks, shape (168,). */
  readonly hourly: Float64Array;
  /** Variance of an hour's requests by their mean, at least 1. */
  readonly dispersion: number;
  readonly byWeekday: boolean;
}

function hourOfWeek(hour: number): number {
  const shifted = (hour + THURSDAY * 24) % WEEK_HOURS;
  return shifted < 0 ? shifted + WEEK_HOURS : shifted;
}

/**
 * Rates from the whole hours of a log; null where there are fewer than 24 of them.
 *
 * @throws RangeError where the log spans more than 100,000 hours
 */
export function trafficRates({ time, rows }: Pick<EventTable, 'time' | 'rows'>): TrafficRates | null {
  if (rows === 0) return null;
  const first = Math.ceil(time[0] / HOUR);
  const end = Math.floor(time[rows - 1] / HOUR);
  const hours = end - first;
  if (hours < 24) return null;
  if (hours > 100_000)
    throw new RangeError(
      'No rates were made: the baseline spans more than 100,000 hours. Look at its first and last time.',
    );
  const counts = new Float64Array(hours);
  for (let i = 0; i < rows; i++) {
    const hour = Math.floor(time[i] / HOUR) - first;
    if (hour >= 0 && hour < hours) counts[hour]++;
  }
  const byWeekday = hours * HOUR >= 14 * DAY;
  const place = (hour: number): number => (byWeekday ? hourOfWeek(hour) : hourOfWeek(hour) % 24);
  const sums = new Float64Array(WEEK_HOURS);
  const times = new Float64Array(WEEK_HOURS);
  counts.forEach((count, h) => {
    sums[place(first + h)] += count;
    times[place(first + h)]++;
  });
  const hourly = Float64Array.from({ length: WEEK_HOURS }, (_, h) => {
    const at = byWeekday ? h : h % 24;
    return times[at] > 0 ? sums[at] / times[at] : 0;
  });
  let [squares, freedom] = [0, -times.filter((n) => n > 0).length];
  counts.forEach((count, h) => {
    const mean = hourly[hourOfWeek(first + h)];
    if (mean > 0) squares += (count - mean) ** 2 / mean;
    freedom++;
  });
  return { hourly, dispersion: freedom > 0 ? Math.max(1, squares / freedom) : 1, byWeekday };
}

/** Requests to expect from one time to another, ms since 1970 UTC. */
export function expectedRequests({ hourly }: TrafficRates, from: number, to: number): number {
  let expected = 0;
  for (let hour = Math.floor(from / HOUR); hour * HOUR < to; hour++) {
    const share = (Math.min(to, (hour + 1) * HOUR) - Math.max(from, hour * HOUR)) / HOUR;
    expected += share * hourly[hourOfWeek(hour)];
  }
  return expected;
}
