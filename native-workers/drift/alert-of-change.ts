import { wilsonInterval } from '../numeric/wilson-interval.ts';
import type { Alert } from './alert.ts';
import type { NumericColumn } from './event-table.ts';
import { explainingSubgroup, thickestStretch, type RowsOfInterest } from './explain-rows.ts';
import { cellInWords } from './families.ts';
import type { HeldLog } from './held-log.ts';
import { HOUR } from './log-windows.ts';
import type { AlertKind, Severity } from './monitor.ts';
import type { Change, ReadChange } from './read-episodes.ts';
import { sumWindow, type WatchedSubject } from './watched-cells.ts';
import {
  rankCellRows,
  rankClassRows,
  rankMissingRows,
  rankSlowRows,
  rankWrongRows,
  slowRows,
  type RankedRows,
} from './which-requests.ts';

export const BEHAVIOUR_ALARM = 'behaviour-alarm';

/** A change of the weather is an error, not a warning, from this relative rise on. */
const LARGE_RISE = 0.5;
/** An attack is critical where it makes the class at least so many times as frequent as it was. */
const CRITICAL_RISE = 9;
/** More names than this are 'several'. */
const MOST_NAMED = 3;

/** @param seed of the permutations */
export function alertOf(change: Change, read: ReadChange | null, log: HeldLog, seed: number): Alert {
  const { raise } = change;
  const effect = effectOf(change, log);
  const kind = read?.reading.kind ?? kindOf(change.subject);
  const at = (entry: number): number => log.counts.hours[entry] * HOUR;
  const ranked = rowsOf(change, read, log);
  const subject = read === null ? subjectOf(change) : change.subject.name;
  const aboutClasses =
    change.subject.aspect === 'accuracy' || change.moved.every(({ aspect }) => aspect === 'class');
  const interest = rowsOfInterest(change, read, log);
  const stretch =
    read === null || change.classIndex === null
      ? null
      : thickestStretch(log, change, change.classIndex, seed);
  return {
    monitor: BEHAVIOUR_ALARM,
    subject,
    subjectKind: read !== null || aboutClasses ? 'class' : 'column',
    kind,
    severity: severityOf(kind, read?.rise ?? effect.value),
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
    explanation: explanationOf(subject, change, kind, effect, ranked.rows.length),
    reasons: [...(read?.reading.reasons ?? []), ...(stretch === null ? [] : [stretch])],
    subgroup: interest === null ? null : explainingSubgroup(log, change, interest, seed),
    ...ranked,
  };
}

/** The class; or the columns, and only where there is none the classes, 'several' where they are many. */
function subjectOf({ subject, moved }: Change): string {
  if (subject.aspect === 'class' && moved.length === 1) return subject.name;
  const columns = moved.filter(({ aspect }) => aspect !== 'class');
  const named = columns.length > 0 ? columns : moved;
  return named.length > MOST_NAMED ? 'several' : named.map(({ name }) => name).join(', ');
}

/** What happened, when, and how it is read, in a few sentences. */
function explanationOf(
  subject: string,
  change: Change,
  kind: AlertKind,
  effect: Alert['effect'],
  rows: number,
): string {
  const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16)}Z`;
  const percent = (value: number): string => `${value >= 0 ? '+' : ''}${(100 * value).toFixed(0)} %`;
  const also = change.moved.filter(({ name }) => !subject.split(', ').includes(name)).map(({ name }) => name);
  return [
    `${subject}: ${effect.name} ${percent(effect.value)} (${percent(effect.low)} to ${percent(effect.high)}) from ${minute(change.windowStart)} to ${minute(change.windowEnd)}.`,
    ...(also.length > 0 ? [`With it moved ${[...new Set(also)].join(', ')}.`] : []),
    ...(rows > 0 ? [`${rows} requests are listed, the most suspicious first.`] : []),
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
  const [low, high] = wilsonInterval(x / watched.phi, n / watched.phi);
  const share = mean / n;
  return {
    name: `rise of ${cellInWords(view.family, view.byGroup && view.family.groups > 1 ? watched.group : null, watched.cell)}`,
    value: x / mean - 1,
    low: low / share - 1,
    high: high / share - 1,
  };
}

function rowsOf(change: Change, read: ReadChange | null, log: HeldLog): RankedRows {
  if (read !== null) return rankClassRows(log, change, read.tallies);
  const watched = log.watched.cells[change.raise.cell];
  const { classes } = log.reference.layout;
  const values = (wanted: (column: NumericColumn) => boolean): Float64Array | null =>
    log.table.numeric.find(wanted)?.values ?? null;
  switch (change.subject.aspect) {
    case 'class':
    case 'inputs':
      return rankCellRows(log, change, watched);
    case 'performance': {
      const column = values(({ name }) => name === change.subject.name);
      return column === null ? NO_ROWS : rankSlowRows(log, change, watched, column);
    }
    case 'accuracy':
      return rankWrongRows(
        log,
        change,
        change.moved.map(({ name }) => classes.indexOf(name)),
        values(({ role }) => role === 'confidence'),
      );
    case 'quality':
      return rankMissingRows(log, change, change.subject.name);
  }
}

/** The requests of an alert and others like them; null where nothing is to be told apart. */
function rowsOfInterest(change: Change, read: ReadChange | null, log: HeldLog): RowsOfInterest | null {
  const { coded, labelTime } = log;
  const all = Int32Array.from(coded.classOf.keys());
  const at = (row: number): number => coded.time[row];
  if (read !== null)
    return { rows: all.filter((row) => coded.classOf[row] === change.classIndex), at, conditions: [] };
  switch (change.subject.aspect) {
    case 'class':
    case 'inputs':
      return { rows: all, at, conditions: ['prediction'] };
    case 'performance': {
      const slow = slowRows(log, log.watched.cells[change.raise.cell]);
      return { rows: all.filter(slow), at, conditions: ['prediction'] };
    }
    case 'accuracy': {
      const { wrong } = coded;
      const known = (row: number): number =>
        labelTime === null || Number.isNaN(labelTime[row]) ? at(row) : Math.max(at(row), labelTime[row]);
      return wrong === null
        ? null
        : { rows: all.filter((row) => wrong[row] === 1), at: known, conditions: ['prediction', 'label'] };
    }
    case 'quality':
      return null;
  }
}

const NO_ROWS: RankedRows = { rows: new Int32Array(0), scores: new Float64Array(0) };
