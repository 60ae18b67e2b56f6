import { BezoarError } from '../../contract/errors.ts';
import type {
  HeatMap,
  Metric,
  MonitorRun,
  MonitorRunDetail,
  Lane,
  Sensitivity,
} from '../../contract/monitor.ts';
import { Severity } from '../../contract/alerts.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { StoredMonitorRun } from '../case/monitor-run-table.ts';

/** A row of the effect map without its values. */
export type EffectName = Pick<HeatMap['rows'][number], 'subject' | 'group' | 'effect' | 'rankError'>;

/** What a run stores beside its arrays. */
export interface MonitorResult {
  readonly baselineName: string;
  readonly source: MonitorRun['source'];
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  readonly sensitivity: Sensitivity;
  readonly expectedFalseAlarms: number | null;
  readonly promise: string;
  readonly notes: readonly string[];
  readonly monitors: MonitorRunDetail['monitors'];
  readonly lanes: MonitorRunDetail['lanes'];
  /** Metrics of each lane in the order of the arrays; both lanes have the same but for the windows. */
  readonly metrics: readonly Metric[];
  readonly effects: readonly EffectName[];
  readonly floors: MonitorRunDetail['floors'];
  /** The model version that was judged; null: all. */
  readonly modelVersion: string | null;
}

/** Arrays of a run: packed float64, `values` (metrics, windows), `effects` and `p` (effect rows, windows). */
export const laneArrays = ['start', 'end', 'rows', 'values', 'effects', 'p'] as const;
export type LaneArray = (typeof laneArrays)[number];
export const laneArrayName = (lane: Lane, array: LaneArray): string => `${lane}:${array}`;

/** @throws BezoarError monitor/not-found */
export function requireMonitorRun(caseFile: CaseFile, id: number): StoredMonitorRun {
  const run = caseFile.monitorRuns.get(id);
  if (run === null || run.kind === 'drill')
    throw new BezoarError(
      'monitor/not-found',
      `The case knows no monitor run number ${id}. Nothing was changed. Choose one from the list.`,
    );
  return run;
}

/** A lane's array as float64; empty where the run has none. */
export function laneArray(caseFile: CaseFile, run: number, lane: Lane, array: LaneArray): Float64Array {
  const bytes = caseFile.monitorRuns.array(run, laneArrayName(lane, array));
  return bytes === null ? new Float64Array(0) : new Float64Array(bytes.buffer, 0, bytes.byteLength / 8);
}

/** Whether the files behind the run's logs are still those of the case. */
function isStale(caseFile: CaseFile, run: StoredMonitorRun): boolean {
  const present = new Set(caseFile.logs.list().flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
  return run.kind === 'monitor' && run.inputs.some(({ sha256 }) => !present.has(sha256));
}

export function monitorRunOf(
  caseFile: CaseFile,
  run: StoredMonitorRun,
  result = run.result as MonitorResult,
): MonitorRun {
  const alerts = Severity.options.map(() => 0);
  for (const { episode } of caseFile.alerts.list(run.id)) {
    const at = Severity.options.indexOf(episode.severity);
    alerts[at] = (alerts[at] ?? 0) + 1;
  }
  return {
    id: run.id,
    startedAtMs: run.startedAtMs,
    startedBy: run.startedBy,
    milliseconds: run.milliseconds,
    baseline: run.baseline,
    baselineName: result.baselineName,
    source: result.source,
    fromMs: result.fromMs,
    toMs: result.toMs,
    rows: result.rows,
    seed: run.seed,
    sensitivity: result.sensitivity,
    alerts,
    expectedFalseAlarms: result.expectedFalseAlarms,
    promise: result.promise,
    notes: [...result.notes],
    stale: isStale(caseFile, run),
  };
}

export function monitorRunDetail(
  caseFile: CaseFile,
  run: StoredMonitorRun,
  result = run.result as MonitorResult,
): MonitorRunDetail {
  const { lanes, monitors, metrics, floors } = result;
  return {
    ...monitorRunOf(caseFile, run, result),
    lanes,
    monitors,
    metrics: [...metrics],
    floors,
    version: run.version,
    engine: run.engine,
    peakRssBytes: run.peakRssBytes,
  };
}
