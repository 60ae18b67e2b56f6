import { BEHAVIOUR_ALARM } from '../../../native-workers/drift/alert-of-change.ts';
import type { BehaviourResult } from '../../../native-workers/drift/behaviour-alarm.ts';
import type { EventTable } from '../../../native-workers/drift/event-table.ts';
import { DAY, tumblingWindows } from '../../../native-workers/drift/log-windows.ts';
import {
  laneLength,
  laneRows,
  measureWindows,
  metricId,
  type LaneMetrics,
} from '../../../native-workers/drift/measure-windows.ts';
import type { LogCounts, Reference } from '../../../native-workers/drift/monitor.ts';
import type { BehaviourReference } from '../../../native-workers/drift/reference.ts';
import { monitorById } from '../../../native-workers/drift/registry.ts';
import type { LaneSeries } from '../../../native-workers/drift/run-lanes.ts';
import type { TaskRunner } from '../../../native-workers/runner.ts';
import type { MonitorRules } from '../../contract/alerts.ts';
import type { Baseline, BaselineProfile } from '../../contract/baselines.ts';
import type { Lane, Metric, MonitorRunDetail, Sensitivity } from '../../contract/monitor.ts';
import { coolDown, episodeOfAlarm, episodesOfFindings, type FoundEpisode } from './alert-episodes.ts';
import { summaryOf } from './baseline-profile.ts';
import { detectabilityFloors } from './detectability-floors.ts';
import { effectRows } from './effect-rows.ts';
import { ALARM_METRIC, metricOf } from './metric-names.ts';
import { presetParameters } from './monitor-rules.ts';
import type { EffectName } from './monitor-run.ts';

export const BEHAVIOUR_TITLE = 'Behaviour alarm (e-SR mixture)';
const BEHAVIOUR_REFERENCE =
  'Shin, Ramdas, Rinaldo 2022, E-detectors: a nonparametric framework for sequential change detection';
/** Stands for the expected time to a false alarm where a family-wise level was asked for. */
const DEFAULT_DAYS = 365;

/** What a log is held against. */
export interface HeldBaseline {
  readonly facts: Baseline;
  readonly profile: BaselineProfile;
  readonly reference: BehaviourReference | null;
  /** Its requests, where they are in the case. */
  readonly table: EventTable | null;
}

export interface JudgeRequest {
  readonly table: EventTable;
  readonly counts: LogCounts | null;
  readonly baseline: HeldBaseline;
  readonly sensitivity: Sensitivity;
  readonly rules: MonitorRules;
  /** Ids of the presets that alarm. */
  readonly presets: readonly string[];
}

interface JudgedLane {
  readonly lane: Lane;
  readonly measured: LaneMetrics;
  /** The log's metrics, then the alarm's evidence, shape (metrics, windows). */
  readonly values: Float64Array;
  /** (effect rows, windows) each */
  readonly effects: Float64Array;
  readonly p: Float64Array;
}

export interface JudgedLog {
  /** In order of their first raise. */
  readonly episodes: readonly FoundEpisode[];
  readonly monitors: MonitorRunDetail['monitors'];
  readonly lanes: readonly JudgedLane[];
  readonly laneFacts: MonitorRunDetail['lanes'];
  readonly metrics: readonly Metric[];
  readonly effects: readonly EffectName[];
  readonly floors: MonitorRunDetail['floors'];
  readonly promise: string;
  readonly expectedFalseAlarms: number | null;
  readonly notes: readonly string[];
}

const LANES = ['hour', 'day'] as const satisfies readonly Lane[];

const falseAlarmDays = (sensitivity: Sensitivity): number =>
  sensitivity.kind === 'false-alarm-days' ? sensitivity.days : DEFAULT_DAYS;

export const alarmOptions = (sensitivity: Sensitivity) => ({
  falseAlarmDays: falseAlarmDays(sensitivity),
  level: sensitivity.kind === 'family-wise' ? sensitivity.level : null,
  falls: false,
});

type TimedMonitor = MonitorRunDetail['monitors'][number];

async function behaviour(
  { table, baseline, sensitivity }: JudgeRequest,
  runner: TaskRunner,
): Promise<{ result: BehaviourResult | null; entry: TimedMonitor }> {
  const started = performance.now();
  const entry = {
    id: BEHAVIOUR_ALARM,
    title: BEHAVIOUR_TITLE,
    version: 1,
    reference: BEHAVIOUR_REFERENCE,
    inBudget: true,
    milliseconds: 0,
    notJudged: null,
  };
  if (baseline.reference === null)
    return { result: null, entry: { ...entry, notJudged: baseline.facts.promise } };
  const result = await runner.run('judgeBehaviour', {
    reference: baseline.reference,
    table,
    options: alarmOptions(sensitivity),
  });
  const notJudged = result.series.length === 0 ? (result.notJudged[0] ?? null) : null;
  return { result, entry: { ...entry, milliseconds: performance.now() - started, notJudged } };
}

/** One preset: its episodes, and why it was left out where it was. */
async function preset(
  id: string,
  request: JudgeRequest,
  reference: Reference,
  runner: TaskRunner,
): Promise<{ episodes: FoundEpisode[]; entry: TimedMonitor; notes: readonly string[] }> {
  const started = performance.now();
  const { table, counts, rules } = request;
  const monitor = monitorById(id);
  const rule = rules.presets.find((one) => one.id === id);
  const result = await runner.run('runRegistered', {
    id,
    params: rule === undefined ? {} : presetParameters(rule),
    input: { reference, current: table, windows: tumblingWindows(table, DAY), counts },
  });
  const { title, version, reference: source } = monitor;
  return {
    episodes: episodesOfFindings(
      result.findings,
      monitor,
      rule?.severity ?? 'warning',
      rules.coolDownMinutes * 60_000,
      table.time[table.rows - 1],
    ),
    notes: result.notes.map((note) => `${title}: ${note}`),
    entry: {
      id,
      title,
      version,
      reference: source,
      inBudget: false,
      milliseconds: performance.now() - started,
      notJudged: result.skipped,
    },
  };
}

/** The alarm's evidence at the end of each window of a lane; NaN where the alarm has no window that ends there. */
function alarmValues(end: Float64Array, series: LaneSeries | undefined): Float64Array {
  const values = new Float64Array(end.length).fill(NaN);
  if (series === undefined) return values;
  const place = new Map(Array.from(end, (time, at) => [time, at]));
  series.windows.forEach((window, at) => {
    const target = place.get(window.end);
    if (target !== undefined) values[target] = Math.max(series.lnE[at], 0);
  });
  return values;
}

function joined(rows: readonly Float64Array[], windows: number): Float64Array {
  const all = new Float64Array(rows.length * windows);
  rows.forEach((row, at) => {
    all.set(row, at * windows);
  });
  return all;
}

/**
 * Holds a log against a baseline: the default alarm, the presets that are switched on, every metric and effect by hour and by day.
 *
 * @param request the table has at least one row, on shared memory
 * @param progress told the share done
 */
export async function judgeLog(
  request: JudgeRequest,
  runner: TaskRunner,
  progress: (share: number) => void,
): Promise<JudgedLog> {
  const { table, baseline, sensitivity, rules } = request;
  const { facts, profile, reference } = baseline;
  const summary = summaryOf(profile, facts);
  const held: Reference =
    baseline.table === null ? { kind: 'summary', summary } : { kind: 'rows', table: baseline.table };
  const bands = new Set(profile.bands.map(({ metric }) => metric));
  const windows = LANES.map((lane) => laneRows(table, lane));
  let done = 0;
  const counted = async <T>(work: Promise<T>, share: number): Promise<T> => {
    const result = await work;
    done += share;
    progress(done);
    return result;
  };
  const [alarm, effects, measured, presets] = await Promise.all([
    counted(behaviour(request, runner), 0.5),
    counted(effectRows(table, windows, summary, baseline.table, runner), 0.2),
    counted(Promise.all(windows.map((lane) => measureWindows(table, lane, bands, runner))), 0.15),
    counted(Promise.all(request.presets.map((id) => preset(id, request, held, runner))), 0.15),
  ]);
  const series = LANES.map((lane) => alarm.result?.series.find((one) => one.lane === lane));
  const lanes = LANES.map((lane, at): JudgedLane => {
    const { metrics, values, start, end, rows } = measured[at];
    const all = new Float64Array((metrics.length + 1) * start.length);
    all.set(values);
    all.set(alarmValues(end, series[at]), values.length);
    return {
      lane,
      measured: { metrics, values, start, end, rows },
      values: all,
      effects: joined(
        effects.lanes[at].map(({ effect }) => effect),
        start.length,
      ),
      p: joined(
        effects.lanes[at].map(({ p }) => p),
        start.length,
      ),
    };
  });
  const days = falseAlarmDays(sensitivity);
  const span = (table.time[table.rows - 1] - table.time[0]) / DAY;
  const promised = facts.promiseDays !== null && days <= facts.promiseDays;
  const ids = new Set(measured[0].metrics.map(metricId));
  const unheld = [...bands].filter((id) => id.startsWith('mean:') && !ids.has(id));
  return {
    episodes: coolDown(
      [
        ...(alarm.result?.alerts ?? []).map((one) => episodeOfAlarm(one, BEHAVIOUR_TITLE, rules)),
        ...presets.flatMap(({ episodes }) => episodes),
      ],
      rules.coolDownMinutes * 60_000,
    ),
    monitors: [alarm.entry, ...presets.map(({ entry }) => entry)],
    lanes,
    laneFacts: LANES.map((lane, at) => ({
      lane,
      windowMs: laneLength[lane],
      windows: measured[at].start.length,
      lnThreshold: series[at]?.lnThreshold ?? null,
    })),
    metrics: [...measured[0].metrics.map((metric) => metricOf(metric, bands)), ALARM_METRIC],
    effects: effects.names,
    floors: reference === null ? [] : detectabilityFloors(profile, reference, days),
    promise: alarm.result?.notes[0] ?? facts.promise,
    expectedFalseAlarms:
      sensitivity.kind === 'family-wise' ? sensitivity.level : promised ? Math.max(0, span) / days : null,
    notes: [
      ...(alarm.result?.notes.slice(1) ?? []),
      ...(alarm.result?.notJudged ?? []),
      ...presets.flatMap(({ notes }) => notes),
      ...unheld.map((id) => `The log has no column ${id.slice('mean:'.length)}, which the baseline has.`),
      ...(baseline.table === null && facts.rankError > 0
        ? [
            `The baseline’s requests are not in the case: quantiles and distances are off by at most ${(100 * facts.rankError).toPrecision(2)} % in rank.`,
          ]
        : []),
    ],
  };
}
