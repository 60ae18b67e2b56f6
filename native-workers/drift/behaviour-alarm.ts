import type { TaskContext } from '../task.ts';
import type { Alert } from './alert.ts';
import type { Episode } from './episodes.ts';
import type { EventTable } from './event-table.ts';
import { explainRun } from './explain-run.ts';
import { holdLog, type HeldLog } from './held-log.ts';
import { codeTable, type HourCounts } from './hour-counts.ts';
import { laggedLane, type LaggedLane } from './lagged-lane.ts';
import { DAY } from './log-windows.ts';
import { mergeTables } from './merge-tables.ts';
import { newClassAlerts } from './new-classes.ts';
import { dailyClasses, promiseSentence, type BehaviourReference } from './reference.ts';
import {
  LANES,
  runLanes,
  type FalseAlarmBudget,
  type LaneRun,
  type LaneSeries,
  type Raise,
} from './run-lanes.ts';
import { watchedCells } from './watched-cells.ts';
import { notesOf, whatWasNotJudged } from './what-was-judged.ts';

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
  /** The lane against the log's own days t - 70 to t - 15; null where it is not judged. */
  readonly lagged: LaggedLane | null;
}

/**
 * The default alarm: holds a log against a reference with e-SR detectors of class shares, of confidence, features and categories within
 * classes, of inputs, latency, errors and missing values, hour by hour and day by day, in one budget of false alarms. What alarms becomes
 * one alert an episode, with the reading attack or weather, the requests that caused it and the subgroup that explains them.
 *
 * @param logs at least one; in any order
 * @param earlier hours before them whose requests are only counted any more; null where all are in the logs
 * @throws Cancelled
 */
export function behaviourAlarm(
  reference: BehaviourReference,
  logs: readonly EventTable[],
  options: BehaviourAlarmOptions,
  ctx: TaskContext,
  earlier: HourCounts | null = null,
): BehaviourResult {
  const check = (): void => ctx.check();
  const table = mergeTables(logs, check);
  const nothing = (sentence: string): BehaviourResult => ({
    alerts: [],
    notJudged: [sentence],
    notes: [],
    series: [],
    lagged: null,
  });
  if (reference.selfCheck.drifts) return nothing(reference.selfCheck.sentence);
  if (table.rows === 0) return nothing('The log holds no request: there is nothing to judge.');
  const watched = watchedCells(reference, options.falls);
  const coded = codeTable(table, reference.layout, check);
  ctx.progress(0.2);
  const log = holdLog(reference, watched, coded, table, earlier, check);
  ctx.progress(0.4);
  const budget: FalseAlarmBudget =
    options.level === null ? { days: options.falseAlarmDays } : { level: options.level };
  const lagged = laggedOf(log, budget);
  const lanes = LANES.length + (lagged === null ? 0 : 1);
  const run = runLanes(watched, log.counts, budget, lanes, (share) => ctx.progress(0.4 + 0.3 * share), check);
  const runAgain = (rest: HeldLog): LaneRun =>
    runLanes(watched, rest.counts, budget, lanes, (share) => ctx.progress(0.7 + 0.2 * share), check);
  const episodes = lagged === null ? run.episodes : [...run.episodes, ...laggedEpisodes(lagged, run, log)];
  const alerts = [
    ...explainRun({ ...run, episodes }, log, runAgain, ctx.seed).map((alert) =>
      lagged === null ? alert : withPace(alert, lagged, reference),
    ),
    ...newClassAlerts(log, run.series),
  ].sort((a, b) => a.time - b.time || a.windowStart - b.windowStart || (a.subject < b.subject ? -1 : 1));
  ctx.progress(1);
  return {
    alerts,
    notJudged: whatWasNotJudged(log, lagged !== null),
    notes: [promiseSentence(reference.days, options.falseAlarmDays), ...notesOf(log, run.series)],
    series: run.series,
    lagged,
  };
}

/** Says of a class's alert whether the lagged lane saw it too: sudden, or slow. */
function withPace(alert: Alert, { alarms }: LaggedLane, { layout }: BehaviourReference): Alert {
  const classIndex = layout.classes.indexOf(alert.subject);
  if (alert.subjectKind !== 'class' || classIndex < 0) return alert;
  const sudden = alarms.some(
    (alarm) =>
      alarm.classIndex === classIndex &&
      (alarm.day + 1) * DAY > alert.windowStart &&
      alarm.day * DAY < alert.windowEnd,
  );
  const sentence = sudden
    ? "Its share rose against the log's own weeks before as well: a sudden change."
    : "Against the log's own weeks before, its share did not rise enough to alarm: a slow change, or one within the class.";
  return {
    ...alert,
    reasons: [...alert.reasons, { sentence, towards: 'neither', value: null, pValue: null }],
  };
}

/** The lagged lane over the reference's days and the log's. */
function laggedOf(log: HeldLog, budget: FalseAlarmBudget): LaggedLane | null {
  const { reference, counts, check } = log;
  const own = dailyClasses(counts, reference.layout.classes.length + 1);
  const from = own[0]?.day ?? 0;
  // Days that both have are the log's.
  const days = [...reference.daily.filter(({ day }) => day < from), ...own];
  return laggedLane(reference.layout, days, from, budget, LANES.length + 1, check);
}

/** Alarms of the lagged lane on classes that no other lane has an episode of at the time. */
function laggedEpisodes(lagged: LaggedLane, run: LaneRun, log: HeldLog): Episode<Raise>[] {
  const { cells } = log.watched;
  const { hours } = log.counts;
  return lagged.alarms.flatMap(({ classIndex, day, effect, lnE }): Episode<Raise>[] => {
    const cell = cells.findIndex((one) => one.budget === 'class' && one.cell === classIndex && !one.fall);
    const from = hours.findIndex((hour) => Math.floor(hour / 24) === day);
    if (cell < 0 || from < 0) return [];
    const next = hours.findIndex((hour) => Math.floor(hour / 24) > day);
    const to = next < 0 ? hours.length : next;
    const subject = cells[cell].subject.key;
    const start = day * DAY;
    const end = start + DAY;
    if (run.episodes.some((one) => one.subject === subject && one.windowStart < end && start < one.windowEnd))
      return [];
    const at = { onset: from, onsetFrom: from, onsetTo: from };
    return [
      {
        subject,
        lane: 'day',
        raise: { lane: 'day', cell, effect, lnE, part: 1, to, ...at },
        time: end,
        spans: [{ from, to }],
        windowStart: start,
        windowEnd: end,
        open: to === hours.length,
      },
    ];
  });
}
