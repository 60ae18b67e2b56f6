import type { Alert as FoundAlert } from '../../../native-workers/drift/alert.ts';
import type { MonitorFinding } from '../../../native-workers/drift/monitor.ts';
import { Severity, type Episode, type MonitorRules } from '../../contract/alerts.ts';
import type { StoredAlert } from '../case/alert-table.ts';

/** An episode with the rows of the judged table behind it, most suspicious first, and their scores. */
export interface FoundEpisode {
  readonly episode: Episode;
  readonly rows: Int32Array;
  /** NaN where the monitor ranks nothing. */
  readonly scores: Float64Array;
}

/** An e-value that a float64 can hold. */
const eValueOf = (lnE: number): number => Math.exp(Math.min(lnE, 700));

/** What the default alarm found, graded by the rules of the case. */
export function episodeOfAlarm(
  found: FoundAlert,
  title: string,
  { severities }: Pick<MonitorRules, 'severities'>,
): FoundEpisode {
  const asked =
    found.kind === 'attack-like' ? severities.attackLike : found.kind === 'drift' ? severities.drift : null;
  return {
    rows: found.rows,
    scores: found.scores,
    episode: {
      monitor: found.monitor,
      monitorTitle: title,
      subject: found.subject,
      subjectKind: found.subjectKind,
      kind: found.kind,
      severity: asked ?? found.severity,
      timeMs: found.time,
      windowStartMs: found.windowStart,
      windowEndMs: found.windowEnd,
      onsetMs: found.onset,
      onsetFromMs: found.onsetFrom,
      onsetToMs: found.onsetTo,
      ongoing: found.ongoing,
      effect: { ...found.effect },
      pValue: found.pValue,
      eValue: found.lnE === null ? null : eValueOf(found.lnE),
      explanation: found.explanation,
      reasons: found.reasons.map((reason) => ({ ...reason })),
      subgroup:
        found.subgroup === null
          ? null
          : { ...found.subgroup, conditions: found.subgroup.conditions.map((one) => ({ ...one })) },
      rows: found.rows.length,
    },
  };
}

const subjectKinds = {
  log: 'log',
  predictions: 'model',
  class: 'class',
  column: 'column',
  columns: 'column',
  cell: 'column',
} as const;

/**
 * What a preset fired on, as episodes: windows of one subject that follow one another within the cool-down are one. Outside the shared
 * budget, so `warning` at most.
 */
export function episodesOfFindings(
  findings: readonly MonitorFinding[],
  monitor: { readonly id: string; readonly title: string },
  severity: 'info' | 'warning',
  coolDownMs: number,
  endMs: number,
): FoundEpisode[] {
  const firing = findings.filter(({ decision }) => decision === 'fires');
  const single = firing.map((one): FoundEpisode => {
    const { effect, statistic } = one;
    const measure = effect ?? statistic ?? { name: '', value: 0 };
    return {
      rows: one.rows ?? new Int32Array(0),
      scores: new Float64Array(one.rows?.length ?? 0).fill(NaN),
      episode: {
        monitor: monitor.id,
        monitorTitle: monitor.title,
        subject: one.subject.name === '' ? one.subject.kind : one.subject.name,
        subjectKind: subjectKinds[one.subject.kind],
        kind: one.kind,
        severity,
        timeMs: one.windowEnd,
        windowStartMs: one.windowStart,
        windowEndMs: one.windowEnd,
        onsetMs: one.onset ?? one.windowStart,
        onsetFromMs: null,
        onsetToMs: null,
        ongoing: one.windowEnd >= endMs,
        effect: { name: measure.name, value: measure.value, low: null, high: null },
        pValue: one.pValue,
        eValue: one.lnE === null ? null : eValueOf(one.lnE),
        explanation: one.sentence,
        reasons: [],
        subgroup: null,
        rows: one.rows?.length ?? 0,
      },
    };
  });
  return coolDown(single, coolDownMs);
}

const keyOf = ({ monitor, subjectKind, subject }: Episode): string =>
  JSON.stringify([monitor, subjectKind, subject]);
const graver = (a: Severity, b: Severity): Severity =>
  Severity.options.indexOf(a) >= Severity.options.indexOf(b) ? a : b;

/** Episodes of one monitor on one subject that follow one another within the cool-down are one. In order of their first raise. */
export function coolDown(found: readonly FoundEpisode[], coolDownMs: number): FoundEpisode[] {
  const kept: FoundEpisode[] = [];
  const last = new Map<string, number>();
  for (const one of [...found].sort((a, b) => a.episode.timeMs - b.episode.timeMs)) {
    const key = keyOf(one.episode);
    const at = last.get(key);
    const before = at === undefined ? undefined : kept[at];
    if (
      at === undefined ||
      before === undefined ||
      one.episode.windowStartMs > before.episode.windowEndMs + coolDownMs
    ) {
      last.set(key, kept.length);
      kept.push(one);
    } else kept[at] = together(before, one);
  }
  return kept;
}

/** The earlier episode extended by the later one; the kind of the graver, the rows of both. */
function together(first: FoundEpisode, second: FoundEpisode): FoundEpisode {
  const [a, b] = [first.episode, second.episode];
  const severity = graver(a.severity, b.severity);
  const said = a.severity === severity ? a : b;
  const order = [...first.rows].map((row, at) => ({ row, score: first.scores[at] }));
  const known = new Set(first.rows);
  second.rows.forEach((row, at) => {
    if (!known.has(row)) order.push({ row, score: second.scores[at] });
  });
  const ranked = order.every(({ score }) => Number.isNaN(score))
    ? order
    : order.sort((x, y) => y.score - x.score || x.row - y.row);
  return {
    rows: Int32Array.from(ranked, ({ row }) => row),
    scores: Float64Array.from(ranked, ({ score }) => score),
    episode: {
      ...said,
      severity,
      timeMs: a.timeMs,
      windowStartMs: Math.min(a.windowStartMs, b.windowStartMs),
      windowEndMs: Math.max(a.windowEndMs, b.windowEndMs),
      onsetMs: a.onsetMs,
      onsetFromMs: a.onsetFromMs,
      onsetToMs: a.onsetToMs,
      ongoing: a.ongoing || b.ongoing,
      rows: ranked.length,
    },
  };
}

/**
 * The alert of the case that an episode continues: the same monitor and subject at the same time, seen before by a run over one of
 * the same sources. Each is given to one episode at most.
 *
 * @param known with their newest sighting
 * @returns the number of an alert, or null, for each episode
 */
export function knownAlerts(
  episodes: readonly Episode[],
  known: readonly StoredAlert[],
  coolDownMs: number,
): (number | null)[] {
  const free = new Set(known);
  return episodes.map((episode) => {
    const key = keyOf(episode);
    for (const alert of free) {
      const { episode: seen } = alert;
      if (
        keyOf(seen) === key &&
        seen.windowStartMs <= episode.windowEndMs + coolDownMs &&
        episode.windowStartMs <= seen.windowEndMs + coolDownMs
      ) {
        free.delete(alert);
        return alert.id;
      }
    }
    return null;
  });
}
