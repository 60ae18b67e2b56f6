import type { EpisodeRow, StoredAlert } from '../case/alert-table.ts';
import type { CaseFile } from '../case/case-file.ts';
import { requireMonitorRun } from '../monitor/monitor-run.ts';
import { defineMonitoringExport } from './export.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** The request's own id; where the log has none, log and row of the case. */
const rowName = ([log, row, requestId]: EpisodeRow): string =>
  requestId ?? `log-${log ?? ''}-row-${row ?? ''}`;

/** One alert as machines read it: an entry of docs/schemas/alerts.schema.json. */
export function alertEntry({ episode }: Pick<StoredAlert, 'episode'>, rows: readonly EpisodeRow[]): object {
  return {
    time: iso(episode.timeMs),
    window_start: iso(episode.windowStartMs),
    window_end: iso(episode.windowEndMs),
    onset: iso(episode.onsetMs),
    onset_from: episode.onsetFromMs === null ? null : iso(episode.onsetFromMs),
    onset_to: episode.onsetToMs === null ? null : iso(episode.onsetToMs),
    ongoing: episode.ongoing,
    monitor: episode.monitor,
    subject: episode.subject,
    subject_kind: episode.subjectKind,
    severity: episode.severity,
    kind: episode.kind,
    effect: episode.effect.value,
    effect_name: episode.effect.name,
    effect_low: episode.effect.low,
    effect_high: episode.effect.high,
    ...(episode.eValue === null ? { p_value: episode.pValue } : { e_value: episode.eValue }),
    explanation: episode.explanation,
    reasons: episode.reasons.map(({ sentence, towards, value, pValue }) => ({
      sentence,
      towards,
      value,
      p_value: pValue,
    })),
    subgroup: episode.subgroup?.sentence ?? null,
    subgroup_conditions: episode.subgroup?.conditions ?? [],
    row_count: episode.rows,
    rows: rows.map(rowName),
  };
}

/** The alerts of a run in order of their first raise. */
function* alertsPieces(caseFile: CaseFile, run: number): Generator<string> {
  requireMonitorRun(caseFile, run);
  const alerts = caseFile.alerts.list(run).sort((a, b) => a.episode.timeMs - b.episode.timeMs || a.id - b.id);
  yield '[';
  for (const [at, alert] of alerts.entries()) {
    const entry = JSON.stringify(alertEntry(alert, caseFile.alerts.rows(alert.id, run)), null, 2);
    yield `${at === 0 ? '\n' : ',\n'}${entry.replaceAll(/^/gm, '  ')}`;
  }
  yield alerts.length === 0 ? ']\n' : '\n]\n';
}

/** The alerts of a run for machines: docs/schemas/alerts.schema.json. */
export const alertsJson = defineMonitoringExport({
  kind: 'alerts-json',
  pieces: ({ caseFile, of }) => alertsPieces(caseFile, of),
});
