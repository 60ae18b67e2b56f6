import type { TaskContext } from '../task.ts';
import type { Alert } from './alert.ts';
import type { EventTable } from './event-table.ts';
import { explainRun } from './explain-run.ts';
import { holdLog } from './held-log.ts';
import { codeTable } from './hour-counts.ts';
import { mergeTables } from './merge-tables.ts';
import { promiseSentence, type BehaviourReference } from './reference.ts';
import { runLanes, type FalseAlarmBudget, type LaneSeries } from './run-lanes.ts';
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
  const log = holdLog(reference, watched, coded, table, check);
  ctx.progress(0.4);
  const budget: FalseAlarmBudget =
    options.level === null ? { days: options.falseAlarmDays } : { level: options.level };
  const run = runLanes(watched, log.counts, budget, (share) => ctx.progress(0.4 + 0.3 * share), check);
  const alerts = explainRun(run, log, (rest) =>
    runLanes(watched, rest.counts, budget, (share) => ctx.progress(0.7 + 0.2 * share), check),
  );
  ctx.progress(1);
  return {
    alerts,
    notJudged: [],
    notes: [promiseSentence(reference.days, options.falseAlarmDays)],
    series: run.series,
  };
}
