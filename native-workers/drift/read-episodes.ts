import { gainOf, readSituation, type Reading } from './attack-or-weather.ts';
import { tallyBins, type BinTally } from './class-columns.ts';
import { joinSpans, type Episode, type HourSpan } from './episodes.ts';
import type { HeldLog } from './held-log.ts';
import type { Raise } from './run-lanes.ts';
import { sumWindow, type WatchedSubject } from './watched-cells.ts';

/** The share of a column's surplus that one class must hold for an alarm of the inputs to be about that class (explorers 2.4). */
const MOST_OF_SURPLUS = 0.7;
/** The other classes' surplus is noise below so many standard deviations. */
const NOISE = 3;

/** Classes with changes of their own are no witnesses for the others, as long as they are few: when most change, that is the weather. */
const MOST_LEFT_OUT = 1 / 3;

/** One change: an episode, or several that are one. */
export interface Change {
  readonly subject: WatchedSubject;
  /** Index of the class it is about; null where it is about no single class. */
  readonly classIndex: number | null;
  readonly raise: Raise;
  readonly time: number;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly spans: readonly HourSpan[];
  readonly open: boolean;
  /** Everything that alarmed with it, its own subject first. */
  readonly moved: readonly WatchedSubject[];
}

/** Episodes as changes: those about one class together, an alarm of the inputs that one class carries is about that class. */
export function changesOf(episodes: readonly Episode<Raise>[], log: HeldLog): Change[] {
  const changes = episodes.map((episode): Change => {
    const { subject } = log.watched.cells[episode.raise.cell];
    const classIndex =
      subject.aspect === 'class' || subject.aspect === 'accuracy'
        ? log.reference.layout.classes.indexOf(subject.name)
        : subject.aspect === 'inputs'
          ? carrier(episode, log)
          : null;
    const known = classIndex !== null && classIndex >= 0 ? classIndex : null;
    return {
      subject:
        subject.aspect === 'inputs' && known !== null
          ? classSubject(log.reference.layout.classes[known])
          : subject,
      classIndex: known,
      raise: episode.raise,
      time: episode.time,
      windowStart: episode.windowStart,
      windowEnd: episode.windowEnd,
      spans: episode.spans,
      open: episode.open,
      moved: [subject],
    };
  });
  return joinChanges(changes, (a, b) => a.subject.key === b.subject.key);
}

function classSubject(name: string): WatchedSubject {
  return { key: `class ${name}`, aspect: 'class', name };
}

/** Changes that overlap in time and are alike become one, named after the earliest; what one joins may join others. */
export function joinChanges(changes: readonly Change[], alike: (a: Change, b: Change) => boolean): Change[] {
  const joined: Change[] = [];
  for (const change of [...changes].sort((a, b) => a.time - b.time)) {
    let grown = change;
    for (let at = joined.length - 1; at >= 0; at--)
      if (alike(joined[at], grown) && overlap(joined[at], grown)) {
        grown = together(joined[at], grown);
        joined.splice(at, 1);
        at = joined.length;
      }
    joined.push(grown);
  }
  return joined;
}

export function distinct(subjects: readonly WatchedSubject[]): WatchedSubject[] {
  return [...new Map(subjects.map((subject) => [subject.key, subject])).values()];
}

export function overlap(a: Change, b: Change): boolean {
  return a.windowStart < b.windowEnd && b.windowStart < a.windowEnd;
}

function together(one: Change, other: Change): Change {
  const [first, second] = one.time <= other.time ? [one, other] : [other, one];
  return {
    ...first,
    windowStart: Math.min(first.windowStart, second.windowStart),
    windowEnd: Math.max(first.windowEnd, second.windowEnd),
    spans: joinSpans([...first.spans, ...second.spans]),
    open: first.open || second.open,
    moved: distinct([...first.moved, ...second.moved]),
  };
}

/** The class whose requests hold most of the surplus of an alarm over all classes; null where it is spread. */
function carrier(episode: Episode<Raise>, log: HeldLog): number | null {
  const { cells, views } = log.watched;
  const { view, cell } = cells[episode.raise.cell];
  const { family } = views[view];
  const index = log.columns.findIndex(({ name, kind }) => name === family.name && kind === family.kind);
  if (index < 0) return null;
  const column = log.columns[index];
  const { x, mean } = tallyBins(column, log.codes[index], log.coded, log.counts, episode.spans, log.check);
  const groups = column.rows.length;
  const surplus = new Float64Array(groups);
  const variance = new Float64Array(groups);
  for (let i = 0; i < x.length; i++) {
    if (column.cellOf[i] !== cell) continue;
    const group = Math.floor(i / column.bins);
    surplus[group] += x[i] - mean[i];
    variance[group] += column.phi * mean[i];
  }
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  const top = surplus.indexOf(Math.max(...surplus));
  const others = sum(surplus) - surplus[top];
  const noise = NOISE * Math.sqrt(sum(variance) - variance[top]);
  if (surplus[top] < MOST_OF_SURPLUS * sum(surplus.map((one) => Math.max(0, one))) || others > noise)
    return null;
  const classIndex = log.reference.layout.groupOfClass.indexOf(top);
  return classIndex < log.reference.layout.classes.length ? classIndex : null;
}

export interface ReadChange {
  readonly change: Change;
  readonly tallies: readonly BinTally[];
  readonly reading: Reading;
  /** Requests of the class in its windows above what the others make one expect, or what differs where that is more. */
  readonly added: number;
  /** Of the class over what the others make one expect; 0.5 is half as many again. */
  readonly rise: number;
}

/** Attack or weather for a change of one class. */
export function readClassChange(change: Change, others: readonly Change[], log: HeldLog): ReadChange {
  const { reference, columns, codes, coded, counts, check } = log;
  const { groupOfClass, classes } = reference.layout;
  const classIndex = change.classIndex ?? classes.length;
  const tallies = columns.map((column, i) => tallyBins(column, codes[i], coded, counts, change.spans, check));
  const view = log.watched.views[0];
  const x = new Float64Array(classes.length + 1);
  const mean = new Float64Array(classes.length + 1);
  for (const { from, to } of change.spans) {
    const sums = sumWindow(view, counts, from, to, null);
    for (let c = 0; c < x.length; c++) {
      x[c] += sums.x[c];
      mean[c] += sums.mean[c];
    }
  }
  const changed = new Set(
    others.flatMap((other) =>
      other !== change &&
      other.classIndex !== null &&
      other.subject.aspect === 'class' &&
      overlap(other, change)
        ? [other.classIndex]
        : [],
    ),
  );
  const leftOut = changed.size <= MOST_LEFT_OUT * classes.length ? [...changed] : [];
  const { observed, expected } = gainOf({ x, mean }, classIndex);
  const reading = readSituation({
    classIndex,
    group: groupOfClass[classIndex],
    name: classes[classIndex] ?? change.subject.name,
    phi: view.fitted.phi[0],
    classes: { x, mean },
    leftOut,
    leftOutGroups: leftOut.map((c) => groupOfClass[c]),
    columns,
    tallies,
  });
  return {
    change,
    tallies,
    reading,
    rise: observed / Math.max(1, expected) - 1,
    added: Math.max(0, Math.round(observed - expected), Math.round(reading.surplus)),
  };
}
