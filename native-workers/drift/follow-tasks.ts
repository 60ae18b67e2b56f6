import type { TaskContext } from '../task.ts';
import { behaviourAlarm, type BehaviourAlarmOptions, type BehaviourResult } from './behaviour-alarm.ts';
import type { EventTable } from './event-table.ts';
import { assembleTable, type FollowedChunk, type FollowedColumn } from './followed-table.ts';
import { codeTable, countHours, type HourCounts } from './hour-counts.ts';
import { joinHourCounts } from './join-hour-counts.ts';
import type { BehaviourReference } from './reference.ts';

/** Requests of an alert that a followed log keeps by rank. */
const MOST_ROWS = 1000;

export interface FollowedAlert {
  /** Its rows are cut to the first {@link MOST_ROWS}; `found` tells how many there were among the requests that are kept. */
  readonly alert: BehaviourResult['alerts'][number];
  readonly found: number;
  /** Place of each row among all rows of the chunks as they arrived, and its time. */
  readonly arrival: Int32Array;
  readonly time: Float64Array;
}

/**
 * Judges what a followed log has shown so far: hours that are only counted any more, then the requests that are kept.
 *
 * @param args.until end of the last closed window, ms since 1970 UTC; later requests are not looked at
 * @throws Cancelled
 */
export function judgeFollowed(
  {
    reference,
    earlier,
    chunks,
    columns,
    until,
    options,
  }: {
    readonly reference: BehaviourReference;
    readonly earlier: HourCounts | null;
    readonly chunks: readonly FollowedChunk[];
    readonly columns: readonly FollowedColumn[];
    readonly until: number;
    readonly options: BehaviourAlarmOptions;
  },
  ctx: TaskContext,
): { readonly alerts: readonly FollowedAlert[]; readonly lnE: number } {
  const { table, arrival } = assembleTable(chunks, columns, until);
  const result = behaviourAlarm(reference, [table], options, ctx, earlier);
  const shares = result.series.flatMap(({ lnE, lnThreshold }) =>
    lnE.length === 0 ? [] : [lnE[lnE.length - 1] / lnThreshold],
  );
  return {
    alerts: result.alerts.map((alert) => {
      const rows = alert.rows.slice(0, MOST_ROWS);
      return {
        alert: { ...alert, rows, scores: alert.scores.slice(0, MOST_ROWS) },
        found: alert.rows.length,
        arrival: rows.map((row) => arrival[row]),
        time: Float64Array.from(rows, (row) => table.time[row]),
      };
    }),
    lnE: Math.max(0, ...shares),
  };
}

/** The requests that are kept, as a table. */
export function assembleFollowed({
  chunks,
  columns,
  until,
}: {
  readonly chunks: readonly FollowedChunk[];
  readonly columns: readonly FollowedColumn[];
  readonly until: number;
}): EventTable {
  return assembleTable(chunks, columns, until).table;
}

/** The hours of a chunk that is no longer kept, added to those before. */
export function settleFollowed(
  {
    reference,
    earlier,
    chunk,
    columns,
  }: {
    readonly reference: BehaviourReference;
    readonly earlier: HourCounts | null;
    readonly chunk: FollowedChunk;
    readonly columns: readonly FollowedColumn[];
  },
  ctx: TaskContext,
): HourCounts {
  const check = (): void => {
    ctx.check();
  };
  const { table } = assembleTable([chunk], columns, Infinity);
  const coded = codeTable(table, reference.layout, check);
  const own = countHours(coded, table.labelTime, reference.layout, check);
  const settled = { ...own, rowFrom: new Int32Array(own.hours.length + 1) };
  return earlier === null ? settled : joinHourCounts(earlier, settled);
}
