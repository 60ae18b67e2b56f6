import { uniformDraws } from './tests/monte-carlo.ts';
import type { EventTable } from './event-table.ts';
import { DAY, firstRowAt, HOUR } from './log-windows.ts';

/** The attacks of a drill: what an attacker with a backdoor on one class does to production. */
export const DRILL_ATTACKS = [
  'burst',
  'low-and-slow',
  'calibrated-confidence',
  'cheap-latency',
  'common-feature',
] as const;
export type DrillAttackName = (typeof DRILL_ATTACKS)[number];

export interface DrillPlan {
  /** Null: nothing is injected, the clean log that false alarms are counted on. */
  readonly attack: DrillAttackName | null;
  /** Index into the table's classes. */
  readonly target: number;
  /** Length of the drilled log, days. */
  readonly days: number;
  /** Quiet days before the attack begins. */
  readonly quietDays: number;
  readonly seed: number;
  /** Number of the repeat. */
  readonly repeat: number;
}

export interface DrilledLog {
  readonly table: EventTable;
  /** 1 for an injected request, shape (rows,). */
  readonly attacked: Uint8Array;
  /** When the first injected request came, ms since 1970 UTC; NaN without one. */
  readonly beganMs: number;
}

const PURPOSE = 0x6472696c;
/** Requests of the burst as a share of a mean day's; it lasts two hours. */
const BURST_SHARE = 0.13;
/** Of the ramp, which reaches this share of a day's requests on its last day. */
const RAMP_SHARE = 0.03;
const RAMP_DAYS = 7;
const ONE_CLIENT = 0.9;

/** Requests a day that a plan injects at its height, by the mean day of the log. */
export function attackRequests(attack: DrillAttackName, perDay: number): number {
  return Math.round((attack === 'burst' || attack === 'cheap-latency' ? BURST_SHARE : RAMP_SHARE) * perDay);
}

/**
 * A log of whole days drawn from a log's own (of the same weekday where it has one), so that days keep what they have in common, with
 * an attack among them. The injected requests are copies of requests of the same hour whose prediction is the target:
 *
 * - `burst`: two hours, the confidence of the target's surest requests, nine in ten from one client;
 * - `low-and-slow`: a ramp from nothing to 3 % of the requests over seven days, as sure;
 * - `calibrated-confidence`: the same ramp with the target's own confidences;
 * - `cheap-latency`: the burst with latency and resources drawn from the fast half of the log;
 * - `common-feature`: the ramp with the most frequent level of every category and features from the middle of the log.
 *
 * @throws RangeError when the log has no whole request to draw from
 */
export function drillLog(source: EventTable, plan: DrillPlan): DrilledLog {
  if (source.rows === 0) throw new RangeError('No drill was made: the log holds no request.');
  const { attack, days, quietDays, seed, repeat } = plan;
  const draw = uniformDraws(seed, PURPOSE, repeat);
  const pick = (n: number): number => Math.min(n - 1, Math.floor(draw() * n));
  const sourceDays = wholeDays(source);
  const startDay = Math.floor(source.time[source.rows - 1] / DAY) + 1;
  const drawn: { row: number; time: number; attacked: boolean }[] = [];
  const dayRows: { from: number; to: number; shift: number }[] = [];
  for (let d = 0; d < days; d++) {
    const weekday = (startDay + d) % 7;
    const alike = sourceDays.filter(({ day }) => day % 7 === weekday);
    const among = alike.length > 0 ? alike : sourceDays;
    const { day, from, to } = among[pick(among.length)];
    const shift = (startDay + d - day) * DAY;
    dayRows.push({ from, to, shift });
    for (let row = from; row < to; row++)
      drawn.push({ row, time: source.time[row] + shift, attacked: false });
  }
  const perDay = source.rows / sourceDays.length;
  const inject = (row: number, time: number): number => drawn.push({ row, time, attacked: true });
  if (attack === 'burst' || attack === 'cheap-latency') {
    const begin = (startDay + quietDays) * DAY + (9 + pick(10)) * HOUR;
    const { from, to } = dayRows[Math.min(quietDays, days - 1)];
    const count = attackRequests(attack, perDay);
    for (let i = 0; i < count; i++) inject(from + pick(to - from), begin + draw() * 2 * HOUR);
  } else if (attack !== null) {
    const height = attackRequests(attack, perDay);
    for (let d = quietDays; d < days; d++) {
      const count = Math.round(height * Math.min(1, (d - quietDays + 1) / RAMP_DAYS));
      const { from, to, shift } = dayRows[d];
      // At the times of the log's own requests: the ramp follows the traffic.
      for (let i = 0; i < count; i++) {
        const row = from + pick(to - from);
        inject(row, source.time[row] + shift + draw() * 1000);
      }
    }
  }
  drawn.sort((a, b) => a.time - b.time);
  const rows = Int32Array.from(drawn, ({ row }) => row);
  const attacked = Uint8Array.from(drawn, (one) => (one.attacked ? 1 : 0));
  const first = attacked.indexOf(1);
  return {
    table: attackTable(
      source,
      rows,
      Float64Array.from(drawn, ({ time }) => time),
      attacked,
      plan,
      pick,
    ),
    attacked,
    beganMs: first < 0 ? NaN : drawn[first].time,
  };
}

/** First row and row past the last of every day (UTC), the first and the last left out where others are there: they may be parts. */
function wholeDays(table: EventTable): { day: number; from: number; to: number }[] {
  const first = Math.floor(table.time[0] / DAY);
  const last = Math.floor(table.time[table.rows - 1] / DAY);
  const all: { day: number; from: number; to: number }[] = [];
  for (let day = first; day <= last; day++) {
    const from = firstRowAt(table, day * DAY);
    const to = firstRowAt(table, (day + 1) * DAY);
    if (to > from) all.push({ day, from, to });
  }
  const startsLate = table.time[0] - first * DAY > HOUR;
  const endsEarly = (last + 1) * DAY - table.time[table.rows - 1] > HOUR;
  const inner = all.filter(({ day }) => !(day === first && startsLate) && !(day === last && endsEarly));
  return inner.length > 0 ? inner : all;
}

/** The drawn rows as a table, with what the attack changes in its own. */
function attackTable(
  source: EventTable,
  rows: Int32Array,
  time: Float64Array,
  attacked: Uint8Array,
  { attack, target }: DrillPlan,
  pick: (n: number) => number,
): EventTable {
  const ofTarget = [...source.predicted.keys()].filter((row) => source.predicted[row] === target);
  const injected = [...attacked.keys()].filter((row) => attacked[row] === 1);
  const sure = attack !== 'calibrated-confidence';
  /** The category with the most levels stands for the client. */
  const most = Math.max(0, ...source.categorical.map(({ levels }) => levels.length));
  const clients = source.categorical.findIndex(({ levels }) => levels.length === most);
  const client = injected.map(() => pick(100) < 100 * ONE_CLIENT);
  return {
    rows: rows.length,
    time,
    classes: source.classes,
    predicted: Int32Array.from(rows, (row, at) => (attacked[at] === 1 ? target : source.predicted[row])),
    // Nobody labels what an attacker sends.
    label:
      source.label === null
        ? null
        : Int32Array.from(rows, (row, at) => (attacked[at] === 1 ? -1 : (source.label?.[row] ?? -1))),
    labelTime:
      source.labelTime === null
        ? null
        : Float64Array.from(rows, (row, at) =>
            attacked[at] === 1 ? NaN : (source.labelTime?.[row] ?? NaN) + time[at] - source.time[row],
          ),
    numeric: source.numeric.map((column) => {
      const { name, role } = column;
      const values = Float64Array.from(rows, (row) => column.values[row]);
      const change = (from: Float64Array): void => {
        if (from.length === 0) return;
        for (const at of injected) values[at] = from[pick(from.length)];
      };
      if (role === 'confidence') {
        const own = sorted(column.values, ofTarget);
        change(sure ? own.subarray(Math.floor(0.9 * own.length)) : own);
      } else if ((role === 'latency' || role === 'resource') && attack === 'cheap-latency') {
        const all = sorted(column.values, null);
        change(all.subarray(0, Math.ceil(all.length / 2)));
      } else if (role === 'feature' && attack === 'common-feature') {
        const all = sorted(column.values, null);
        change(all.subarray(Math.floor(0.25 * all.length), Math.ceil(0.75 * all.length)));
      }
      return { name, role, values };
    }),
    categorical: source.categorical.map((column, place) => {
      const codes = Int32Array.from(rows, (row) => column.codes[row]);
      if (attack !== 'common-feature' && place !== clients)
        return { name: column.name, levels: column.levels, codes };
      const counts = new Int32Array(column.levels.length);
      for (const code of column.codes) if (code >= 0) counts[code]++;
      const order = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
      // Who does not know which client is the commonest uses another one.
      const level = order[attack === 'common-feature' ? 0 : Math.min(1, order.length - 1)] ?? -1;
      injected.forEach((at, number) => {
        if (attack === 'common-feature' || client[number]) codes[at] = level;
      });
      return { name: column.name, levels: column.levels, codes };
    }),
  };
}

/** Values that are there, of all rows or of some, rising. */
function sorted(values: Float64Array, rows: readonly number[] | null): Float64Array {
  const chosen = rows === null ? values : Float64Array.from(rows, (row) => values[row]);
  return chosen.filter((value) => !Number.isNaN(value)).sort();
}
