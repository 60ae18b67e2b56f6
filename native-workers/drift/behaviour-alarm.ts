import { mergeTables } from './merge-tables.ts';
import type { Alert } from './alert.ts';
import { classColumns, codesOf } from './class-columns.ts';
import type { EventTable } from './event-table.ts';
import { alertOf } from './alert-of-change.ts';
import { codeTable, countHours } from './hour-counts.ts';
import {
  changesOf,
  joinChanges,
  readClassChange,
  type Change,
  type HeldLog,
  type ReadChange,
} from './read-episodes.ts';
import { promiseSentence, type BehaviourReference } from './reference.ts';
import { runLanes, type FalseAlarmBudget, type LaneRun, type LaneSeries } from './run-lanes.ts';
import type { TaskContext } from '../task.ts';
import { watchedCells } from './watched-cells.ts';

export interface BehaviourAlarmOptions {
  /** Wanted mean time between false alarms, days. */
  readonly falseAlarmDays: number;
  /** For a finished log: the chance of any false alarm on it, instead of `falseAlarmDays`; null where there is none. */
  readonly level: number | null;
  /** Watch falling class shares too, at half the weight of rising ones. */
  readonly falls: boolean;
}

export const defaultBehaviourAlarm: BehaviourAlarmOptions = {
  falseAlarmDays: 365,
  level: null,
  falls: false,
};

export interface BehaviourResult {
  /** In order of their times. */
  readonly alerts: readonly Alert[];
  /** What was not judged and why, one sentence each. */
  readonly notJudged: readonly string[];
  /** What is promised, and what was done with the log, one sentence each. */
  readonly notes: readonly string[];
  readonly series: readonly LaneSeries[];
}

/**
 * The default alarm: holds a log against a reference with e-SR detectors of class shares, of confidence and categories within classes, of
 * inputs, latency, errors and missing values, hour by hour and day by day, in one budget of false alarms. What alarms becomes one
 * alert an episode, with the reading attack or weather, the requests that caused it and the subgroup that explains them.
 *
 * @param logs at least one; in any order
 * @throws Cancelled
 */
export function behaviourAlarm(
  reference: BehaviourReference,
  logs: readonly EventTable[],
  options: BehaviourAlarmOptions,
  ctx: TaskContext,
): BehaviourResult {
  const check = (): void => ctx.check();
  const table = mergeTables(logs, check);
  const nothing = (sentence: string): BehaviourResult => ({
    alerts: [],
    notJudged: [sentence],
    notes: [],
    series: [],
  });
  if (reference.selfCheck.drifts) return nothing(reference.selfCheck.sentence);
  if (table.rows === 0) return nothing('The log holds no request: there is nothing to judge.');
  const watched = watchedCells(reference, options.falls);
  const coded = codeTable(table, reference.layout, check);
  ctx.progress(0.2);
  const counts = countHours(coded, table.labelTime, reference.layout, check);
  ctx.progress(0.4);
  const budget: FalseAlarmBudget =
    options.level === null ? { days: options.falseAlarmDays } : { level: options.level };
  const run = runLanes(watched, counts, budget, (share) => ctx.progress(0.4 + 0.3 * share), check);
  const log: HeldLog = {
    reference,
    watched,
    coded,
    counts,
    columns: classColumns(reference),
    codes: codesOf(coded, reference),
    check,
  };
  const alerts = explain(run, log);
  ctx.progress(1);
  return {
    alerts,
    notJudged: [],
    notes: [promiseSentence(reference.days, options.falseAlarmDays)],
    series: run.series,
  };
}

function explain(run: LaneRun, log: HeldLog): Alert[] {
  const changes = changesOf(run.episodes, log);
  const read = changes.map((change): { change: Change; read: ReadChange | null } => ({
    change,
    read:
      change.subject.aspect === 'class' && change.classIndex !== null
        ? readClassChange(change, changes, log)
        : null,
  }));
  const alone = read.filter((one) => one.read !== null && !one.read.reading.othersMoved);
  const broad = joinChanges(
    read.filter((one) => !alone.includes(one)).map(({ change }) => change),
    (a, b) => causeOf(a) === causeOf(b),
  );
  return [...alone, ...broad.map((change) => ({ change, read: null }))]
    .map((one) => alertOf(one.change, one.read, log))
    .sort((a, b) => a.time - b.time || a.windowStart - b.windowStart || (a.subject < b.subject ? -1 : 1));
}

/** Changes of one cause at one time are one alert. */
function causeOf({ subject }: Change): string {
  return subject.aspect === 'class' || subject.aspect === 'inputs' ? 'inputs' : subject.aspect;
}
