import type { NumberMetrics } from '../../../native-workers/drift/window-metrics.ts';
import { firstRowAt } from '../../../native-workers/drift/log-windows.ts';
import type { TaskRunner } from '../../../native-workers/runner.ts';
import type { NumericRole } from '../../../native-workers/drift/event-table.ts';
import type { BaselineProfile } from '../../contract/baselines.ts';
import type { Kpi } from '../../contract/monitor.ts';
import { responseTimes } from './alert-state.ts';
import type { RunView } from './run-view.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const orNull = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
const rounded = (value: number | null, digits = 3): string =>
  value === null ? 'unknown' : value.toPrecision(digits);
const against = (value: number | null, baseline: number | null, unit: string): string =>
  baseline === null
    ? `${rounded(value)}${unit}; the baseline does not say.`
    : `${rounded(value)}${unit}, ${rounded(baseline)}${unit} in the baseline.`;

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One number of each numeric column over the whole range, exactly, from the requests where they are there. */
async function overRange(
  view: RunView,
  { fromMs, toMs }: Range,
  runner: TaskRunner,
): Promise<{
  numbers: Map<string, { role: NumericRole; metrics: NumberMetrics }>;
  accuracy: number | null;
  rows: number;
} | null> {
  const table = await view.table();
  if (table === null) return null;
  const from = Int32Array.of(firstRowAt(table, fromMs));
  const to = Int32Array.of(firstRowAt(table, toMs));
  const columns = await Promise.all(
    table.numeric.map(({ values }) => runner.run('numberMetrics', { values, from, to })),
  );
  const { label, predicted } = table;
  const accuracy =
    label === null ? null : (await runner.run('accuracyMetrics', { predicted, label, from, to })).accuracy[0];
  return {
    numbers: new Map(table.numeric.map(({ name, role }, at) => [name, { role, metrics: columns[at] }])),
    accuracy: orNull(accuracy ?? undefined),
    rows: to[0] - from[0],
  };
}

const missingShare = ({ moments }: BaselineProfile['numbers'][number]): number =>
  moments.missing / Math.max(1, moments.n + moments.missing);
const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The gauges of a run, over the judged time or a part of it.
 * @throws BezoarError log/not-found
 */
export async function runKpis(
  view: RunView,
  part: { readonly fromMs: number | null; readonly toMs: number | null },
  runner: TaskRunner,
): Promise<Kpi[]> {
  const { caseFile, run, result } = view;
  const range = { fromMs: part.fromMs ?? result.fromMs, toMs: part.toMs ?? result.toMs + 1 };
  const measured = await overRange(view, range, runner);
  const profile = caseFile.baselines.profile(run.baseline);
  const byRole = (role: NumericRole): NumberMetrics | undefined =>
    [...(measured?.numbers.values() ?? [])].find((one) => one.role === role)?.metrics;
  const confidence = orNull(byRole('confidence')?.mean[0]);
  const usualConfidence = profile?.numbers.find(({ role }) => role === 'confidence')?.moments.mean ?? null;
  const hours = (range.toMs - range.fromMs) / HOUR;
  const throughput = measured === null ? null : measured.rows / Math.max(hours, 1 / 3600);
  const usualTraffic = mean(profile?.traffic.hour ?? []);
  const alarm = strongestEvidence(view, range);
  const alerts = caseFile.alerts.list(run.id);
  const inRange = alerts.filter(
    ({ episode }) =>
      episode.timeMs > range.fromMs && episode.timeMs <= Math.max(range.toMs, range.fromMs + DAY),
  );
  const { mttd, mttr } = responseTimes(alerts);
  const missing = mean(
    [...(measured?.numbers.values() ?? [])].flatMap(({ metrics }) => orNull(metrics.missing[0]) ?? []),
  );
  const usualMissing = mean((profile?.numbers ?? []).map(missingShare));
  const gauge = (
    kpi: Kpi['id'],
    title: string,
    unit: string,
    value: number | null,
    baseline: number | null,
    sentence = against(value, baseline, unit === '' ? '' : ` ${unit}`),
  ): Kpi => ({ id: kpi, title, unit, value, baseline, sentence });
  const latency = byRole('latency');
  return [
    gauge('accuracy', 'Accuracy', '', measured?.accuracy ?? null, profile?.errors?.accuracy ?? null),
    gauge('confidence', 'Mean confidence', '', confidence, usualConfidence),
    gauge('latency-p50', 'Latency, median', 'ms', orNull(latency?.p50[0]), profile?.latency?.p50 ?? null),
    gauge('latency-p95', 'Latency, p95', 'ms', orNull(latency?.p95[0]), profile?.latency?.p95 ?? null),
    gauge('latency-p99', 'Latency, p99', 'ms', orNull(latency?.p99[0]), profile?.latency?.p99 ?? null),
    gauge('throughput', 'Throughput', 'requests an hour', throughput, usualTraffic),
    gauge(
      'drift',
      'Evidence of a change',
      'of the alarm',
      alarm,
      null,
      alarm === null
        ? 'The default alarm was not run.'
        : `The strongest evidence reached ${(100 * alarm).toFixed(0)} % of what alarms (in logarithms).`,
    ),
    gauge(
      'mttd',
      'Mean time to detect',
      'h',
      mttd === null ? null : mttd / HOUR,
      null,
      mttd === null
        ? 'No alert, so nothing was detected.'
        : `On average ${(mttd / HOUR).toFixed(1)} h lie between the onset and the raise, in log time.`,
    ),
    gauge(
      'mttr',
      'Mean time to respond',
      'h',
      mttr === null ? null : mttr / HOUR,
      null,
      mttr === null
        ? 'No alert has been closed yet.'
        : `On average ${(mttr / HOUR).toFixed(1)} h lie between finding an alert here and closing it.`,
    ),
    gauge(
      'alert-frequency',
      'Alerts',
      'in 30 days',
      (inRange.length * 30 * DAY) / Math.max(DAY, range.toMs - range.fromMs),
      result.expectedFalseAlarms === null
        ? null
        : (result.expectedFalseAlarms * 30 * DAY) / Math.max(DAY, result.toMs - result.fromMs),
      `${inRange.length} ${inRange.length === 1 ? 'alert' : 'alerts'} in this time${
        result.expectedFalseAlarms === null
          ? ''
          : `; ${result.expectedFalseAlarms.toPrecision(2)} false ones are to be expected in the whole log`
      }.`,
    ),
    gauge('missing', 'Missing values', '', missing, usualMissing),
  ];
}

/** Largest ln of the evidence over ln of what alarms, over both lanes; null where the alarm was not run. */
function strongestEvidence(view: RunView, { fromMs, toMs }: Range): number | null {
  const { lanes, metrics } = view.result;
  const at = metrics.findIndex((one) => one.id === 'alarm');
  let most: number | null = null;
  for (const { lane, lnThreshold, windows } of lanes) {
    if (lnThreshold === null) continue;
    const end = view.array(lane, 'end');
    const start = view.array(lane, 'start');
    const values = view.array(lane, 'values').subarray(at * windows, (at + 1) * windows);
    values.forEach((value, w) => {
      if (Number.isNaN(value) || end[w] <= fromMs || start[w] >= toMs) return;
      most = Math.max(most ?? 0, value / lnThreshold);
    });
  }
  return most;
}
