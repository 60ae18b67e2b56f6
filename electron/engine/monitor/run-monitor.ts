import { Cancelled } from '../../../native-workers/task.ts';
import { monitors } from '../../../native-workers/drift/registry.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { LogOddity } from '../../contract/logs.ts';
import type { Sensitivity } from '../../contract/monitor.ts';
import type { LogCounts } from '../../../native-workers/drift/monitor.ts';
import type { EpisodeRow, Sighting } from '../case/alert-table.ts';
import type { CaseFile, LogRows } from '../case/case-file.ts';
import type { Engine } from '../engine.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import { peakRssBytes } from '../peak-memory.ts';
import { arrayBytes } from '../run-arrays.ts';
import { knownAlerts, type FoundEpisode } from './alert-episodes.ts';
import { judgeLog, type HeldBaseline, type JudgedLog } from './judge-log.ts';
import { presets, rulesInForce } from './monitor-rules.ts';
import { laneArrayName, type MonitorResult } from './monitor-run.ts';
import { selectRequests, type RequestChoice, type SelectedRequests } from './select-requests.ts';
import { requireBaseline } from './stored-baseline.ts';

export interface MonitorRequest extends RequestChoice {
  readonly baseline: number;
  readonly sensitivity: Sensitivity;
  readonly seed: number;
  /** Ids of presets that alarm; null: as the rules of the case say. */
  readonly presets: readonly string[] | null;
}

/** Requests of an episode that are kept by rank. */
const MOST_ROWS = 20_000;

/** @throws BezoarError baseline/not-found, log/not-found, engine/bad-request for a preset that is not there */
export function checkMonitorRequest(caseFile: CaseFile, request: MonitorRequest): void {
  requireBaseline(caseFile, request.baseline);
  for (const log of request.logs) caseFile.logs.get(log);
  const unknown = request.presets?.find((id) => !presets.some((one) => one.id === id));
  if (unknown !== undefined)
    throw new BezoarError(
      'engine/bad-request',
      `There is no monitor “${unknown}” that could be switched on. Nothing was started. Known are ${monitors.map(({ id }) => id).join(', ')}.`,
    );
}

/** A baseline, with its requests where they are wanted and in the case. */
export async function heldBaseline(
  caseFile: CaseFile,
  id: number,
  withRequests = true,
): Promise<HeldBaseline> {
  const facts = requireBaseline(caseFile, id);
  const profile = caseFile.baselines.profile(id);
  if (profile === null) throw new Error(`baseline ${id} has no profile`);
  const { source } = facts;
  const table =
    source.kind !== 'logs' || !withRequests
      ? null
      : (
          await selectRequests(caseFile, {
            logs: source.logs,
            fromMs: facts.fromMs,
            toMs: facts.toMs === null ? null : facts.toMs + 1,
            modelVersion: source.modelVersion,
          })
        ).table;
  return { facts, profile, reference: caseFile.baselines.reference(id), table };
}

/** What the import counted, as the monitors of a log's health take it. */
function logCounts(rows: number, oddities: readonly LogOddity[]): LogCounts {
  const count = (kind: LogOddity['kind']): number =>
    oddities.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.count, 0);
  const unreadable = count('bad-lines');
  return {
    lines: rows + unreadable,
    unreadable,
    duplicateIds: count('duplicate-ids'),
    backwards: count('out-of-order'),
    largestStepBack: 0,
  };
}

/** The rows of an episode as they are kept: log, row there, request id, time, score. */
function episodeRows(
  caseFile: CaseFile,
  { rows, scores }: FoundEpisode,
  { log, row }: LogRows,
  time: Float64Array,
): EpisodeRow[] {
  const kept = [...rows.subarray(0, MOST_ROWS)];
  const ids = new Map<number, Map<number, string | null>>();
  for (const one of new Set(kept.map((at) => log[at]))) {
    const own = kept.filter((at) => log[at] === one).map((at) => row[at]);
    const names = caseFile.logs.requestIds(one, own);
    ids.set(one, new Map(own.map((at, place) => [at, names[place] ?? null])));
  }
  return kept.map((at, rank) => [
    log[at],
    row[at],
    ids.get(log[at])?.get(row[at]) ?? null,
    time[at],
    Number.isFinite(scores[rank]) ? scores[rank] : null,
  ]);
}

/** Alerts of earlier runs over one of the same logs, with their newest sighting. */
function alertsOfLogs(caseFile: CaseFile, logs: readonly number[]) {
  const runs = caseFile.monitorRuns.list('monitor').filter(({ result }) => {
    const { source } = result as MonitorResult;
    return source.kind === 'logs' && source.logs.some((log) => logs.includes(log));
  });
  const ids = new Set(runs.map(({ id }) => id));
  return caseFile.alerts
    .list(null)
    .filter((alert) => caseFile.alerts.runs(alert.id).some((run) => ids.has(run)));
}

function storedResult(
  request: MonitorRequest,
  baselineName: string,
  { table, notes }: SelectedRequests,
  judged: JudgedLog,
): MonitorResult {
  return {
    baselineName,
    source: { kind: 'logs', logs: [...request.logs] },
    fromMs: table.time[0],
    toMs: table.time[table.rows - 1],
    rows: table.rows,
    sensitivity: request.sensitivity,
    expectedFalseAlarms: judged.expectedFalseAlarms,
    promise: judged.promise,
    notes: [...judged.notes, ...notes],
    monitors: judged.monitors,
    lanes: judged.laneFacts,
    metrics: judged.metrics,
    effects: judged.effects,
    floors: judged.floors,
    modelVersion: request.modelVersion,
  };
}

/** The arrays of a run by their names. */
const judgedArrays = ({ lanes }: JudgedLog): { name: string; data: Uint8Array }[] =>
  lanes.flatMap(({ lane, measured, values, effects, p }) =>
    Object.entries({
      start: measured.start,
      end: measured.end,
      rows: measured.rows,
      values,
      effects,
      p,
    } as const).map(([name, data]) => ({
      name: laneArrayName(lane, name as Parameters<typeof laneArrayName>[1]),
      data: arrayBytes(data),
    })),
  );

/**
 * The work of a monitor job: load, judge, and store the run with its alerts in one transaction.
 *
 * @returns the run
 * @throws BezoarError, Cancelled; nothing is stored then
 */
export async function runMonitorJob(
  engine: Pick<Engine, 'pool' | 'version'>,
  caseFile: CaseFile,
  request: MonitorRequest,
  job: JobContext,
): Promise<number> {
  const startedAtMs = Date.now();
  const started = performance.now();
  job.phase('Loading');
  const baseline = await heldBaseline(caseFile, request.baseline);
  const selected = await selectRequests(caseFile, request);
  const { table, logs, inputs } = selected;
  job.progress(0.15);
  job.phase('Judging');
  const rules = rulesInForce(caseFile);
  const chosen = request.presets ?? rules.presets.filter(({ on }) => on).map(({ id }) => id);
  const oddities = logs.flatMap((log) => log.oddities);
  const judged = await judgeLog(
    {
      table,
      counts: logCounts(table.rows, oddities),
      baseline,
      sensitivity: request.sensitivity,
      rules,
      presets: chosen,
    },
    engine.pool.runner(job, request.seed),
    (share) => {
      job.progress(0.15 + 0.75 * share);
    },
  );
  if (job.cancelled()) throw new Cancelled();
  job.phase('Storing');
  await caseFile.writable();
  const known = knownAlerts(
    judged.episodes.map(({ episode }) => episode),
    alertsOfLogs(caseFile, request.logs),
    rules.coolDownMinutes * 60_000,
  );
  const sightings = judged.episodes.map((found, at): Sighting => ({
    alert: known[at],
    episode: found.episode,
    rows: episodeRows(caseFile, found, selected, table.time),
  }));
  return caseFile.monitorRuns.add({
    kind: 'monitor',
    baseline: request.baseline,
    engine: engine.pool.engine(),
    version: engine.version,
    parameters: { ...request, presets: chosen, rules },
    seed: request.seed,
    inputs,
    startedAtMs,
    milliseconds: performance.now() - started,
    peakRssBytes: peakRssBytes(),
    result: storedResult(request, baseline.facts.name, selected, judged),
    arrays: judgedArrays(judged),
    sightings,
  });
}
