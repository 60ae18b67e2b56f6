import type { HourCounts } from './hour-counts.ts';
import { HOUR } from './log-windows.ts';

/** Windows of one length side by side. */
export type LaneLength = 'hour' | 'day';

/** Requests and labels below which a window is pooled with the next one. */
const LEAST_ROWS: Readonly<Record<LaneLength, number>> = { hour: 30, day: 200 };
const HOURS: Readonly<Record<LaneLength, number>> = { hour: 1, day: 24 };

export function windowsPerDay(length: LaneLength): number {
  return 24 / HOURS[length];
}

/** Entries `from` to `to - 1` of the hour counts; [start, end) in milliseconds since 1970 UTC. */
export interface LaneWindow {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

export interface LaneWindows {
  readonly windows: readonly LaneWindow[];
  /** Windows with too few rows that were pooled with the next. */
  readonly pooled: number;
  /** Whole windows between the first and the last that have no row: they are skipped. */
  readonly empty: number;
}

/** A last window with too few rows stands alone. */
export function laneWindows({ hours, requests, labels }: HourCounts, length: LaneLength): LaneWindows {
  const size = HOURS[length];
  const windows: LaneWindow[] = [];
  let pooled = 0;
  let empty = 0;
  let from = 0;
  let rows = 0;
  for (let h = 0; h < hours.length; h++) {
    rows += requests[h] + labels[h];
    const window = Math.floor(hours[h] / size);
    const next = h + 1 < hours.length ? Math.floor(hours[h + 1] / size) : Infinity;
    if (next === window) continue;
    if (Number.isFinite(next)) empty += next - window - 1;
    if (rows < LEAST_ROWS[length] && Number.isFinite(next)) {
      pooled++;
      continue;
    }
    windows.push({
      from,
      to: h + 1,
      start: Math.floor(hours[from] / size) * size * HOUR,
      end: (window + 1) * size * HOUR,
    });
    from = h + 1;
    rows = 0;
  }
  return { windows, pooled, empty };
}
