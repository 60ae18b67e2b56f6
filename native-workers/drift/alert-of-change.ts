import type { Alert } from './alert.ts';
import { HOUR } from './log-windows.ts';
import type { AlertKind, Severity } from './monitor.ts';
import type { HeldLog, Change, ReadChange } from './read-episodes.ts';
import { sumWindow, type WatchedSubject } from './watched-cells.ts';
import { rankRows, type RankedRows } from './which-requests.ts';

export const BEHAVIOUR_ALARM = 'behaviour-alarm';

/** A change of the weather is an error, not a warning, from this relative rise on. */
const LARGE_RISE = 0.5;
/** An attack is critical where it makes the class at least so many times as frequent as it was. */
const CRITICAL_RISE = 9;
const NORMAL_97_5 = 1.959963984540054;

export function alertOf(change: Change, read: ReadChange | null, log: HeldLog): Alert {
  const { raise } = change;
  const effect = effectOf(change, log);
  const kind = read?.reading.kind ?? kindOf(change.subject);
  const at = (entry: number): number => log.counts.hours[entry] * HOUR;
  const ranked = rowsOf(change, read, log);
  return {
    monitor: BEHAVIOUR_ALARM,
    subject: subjectOf(change),
    subjectKind: change.classIndex !== null ? 'class' : 'column',
    kind,
    severity: severityOf(kind, effect.value),
    time: change.time,
    windowStart: change.windowStart,
    windowEnd: change.windowEnd,
    onset: at(raise.onset),
    onsetFrom: at(raise.onsetFrom),
    onsetTo: at(raise.onsetTo),
    ongoing: change.open,
    effect,
    lnE: raise.lnE,
    pValue: null,
    explanation: explanationOf(change, kind, effect, ranked.rows.length),
    reasons: read?.reading.reasons ?? [],
    subgroup: null,
    ...ranked,
  };
}

function subjectOf({ subject, names }: Change): string {
  return subject.aspect === 'class' ? subject.name : names.join(', ');
}

/** What happened, when, and how it is read, in a few sentences. */
function explanationOf(change: Change, kind: AlertKind, effect: Alert['effect'], rows: number): string {
  const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16)}Z`;
  const percent = (value: number): string => `${value >= 0 ? '+' : ''}${(100 * value).toFixed(0)} %`;
  const also = change.names.filter((name) => name !== change.subject.name);
  return [
    `${subjectOf(change)}: ${effect.name} ${percent(effect.value)} (${percent(effect.low)} to ${percent(effect.high)}) from ${minute(change.windowStart)} to ${minute(change.windowEnd)}.`,
    ...(change.subject.aspect === 'class' && also.length > 0 ? [`With it moved ${also.join(', ')}.`] : []),
    ...(rows > 0 ? [`${rows} requests are listed, the most different from their class first.`] : []),
    reading[kind],
  ].join(' ');
}

const reading: Readonly<Record<AlertKind, string>> = {
  'attack-like':
    'Read as attack-like: one class gained requests that are unlike its own, and the others did not change.',
  drift: 'Read as drift: what came in changed, or more of the same came.',
  performance: 'Serving or correctness changed, not what is predicted.',
  quality: 'What the log says of each request changed.',
};

function kindOf({ aspect }: WatchedSubject): AlertKind {
  switch (aspect) {
    case 'class':
    case 'inputs':
      return 'drift';
    case 'performance':
    case 'accuracy':
      return 'performance';
    case 'quality':
      return 'quality';
  }
}

function severityOf(kind: AlertKind, rise: number): Severity {
  if (kind === 'attack-like') return rise >= CRITICAL_RISE ? 'critical' : 'error';
  return kind === 'drift' && rise < LARGE_RISE ? 'warning' : 'error';
}

/** Relative rise of the cell that raised, over the windows of the change, with Wilson's interval widened by the dispersion. */
function effectOf(change: Change, log: HeldLog): Alert['effect'] {
  const watched = log.watched.cells[change.raise.cell];
  const view = log.watched.views[watched.view];
  let x = 0;
  let n = 0;
  let mean = 0;
  for (const { from, to } of change.spans) {
    const sums = sumWindow(view, log.counts, from, to, null);
    const at = watched.group * (sums.x.length / sums.n.length) + watched.cell;
    x += sums.x[at];
    n += sums.n[watched.group];
    mean += sums.mean[at];
  }
  const [low, high] = wilson(x / n, n / watched.phi);
  const share = mean / n;
  return {
    name: `rise of ${view.family.kind} ${view.family.cellNames[watched.cell]}`,
    value: x / mean - 1,
    low: low / share - 1,
    high: high / share - 1,
  };
}

/** Wilson's 95 % interval of a share. */
export function wilson(share: number, n: number): [number, number] {
  const z2 = NORMAL_97_5 ** 2;
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (NORMAL_97_5 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return [middle - half, middle + half];
}

function rowsOf(change: Change, read: ReadChange | null, log: HeldLog): RankedRows {
  if (read === null || change.classIndex === null)
    return { rows: new Int32Array(0), scores: new Float64Array(0) };
  return rankRows(
    log.coded,
    log.counts,
    change.spans,
    change.classIndex,
    log.columns,
    log.codes,
    read.tallies,
    log.check,
  );
}
