import {
  bestEffect,
  contribution,
  createDetectors,
  leastShare,
  lnEValue,
  lnThreshold,
  lnThresholdOfLevel,
  mixture,
  nullShare,
  observe,
  restart,
  type Detectors,
} from './e-sr.ts';
import { EpisodeBook, QUIET_WINDOWS, type Episode, type HourSpan } from './episodes.ts';
import type { HourCounts } from './hour-counts.ts';
import { HOUR } from './log-windows.ts';
import { laneWindows, windowsPerDay, type LaneLength, type LaneWindow } from './lane-windows.ts';
import { sumWindow, type WatchedCell, type WatchedCells, type WindowSums } from './watched-cells.ts';

/** Onsets whose evidence is less than this much below the best one's are not told from it (1 : 20). */
const LN_INDISTINCT = Math.log(20);
/** The hour lane comes first where two windows end together: it knows more about when. */
export const LANES: readonly LaneLength[] = ['hour', 'day'];

/** What made an episode begin. */
export interface Raise {
  readonly lane: LaneLength;
  /** The cell of the subject that the evidence is greatest for, and its effect. */
  readonly cell: number;
  readonly effect: number;
  /** ln of the mixture, and the subject's part of it, 0 to 1. */
  readonly lnE: number;
  readonly part: number;
  /** Entries of the hour counts: where the change most likely began, and the first and last that are not told from it. */
  readonly onset: number;
  readonly onsetFrom: number;
  readonly onsetTo: number;
  /** Entry after the raising window's last hour. */
  readonly to: number;
}

export interface LaneSeries {
  readonly lane: LaneLength;
  readonly windows: readonly LaneWindow[];
  /** ln of the mixture at the end of each window, before anything restarts. */
  readonly lnE: Float64Array;
  readonly lnThreshold: number;
  readonly pooled: number;
  readonly empty: number;
}

export interface LaneRun {
  readonly episodes: readonly Episode<Raise>[];
  readonly series: readonly LaneSeries[];
}

/** How often a quiet log may alarm: once in so many days, or with a chance over the whole log. */
export type FalseAlarmBudget = { readonly days: number } | { readonly level: number };

interface Lane {
  readonly length: LaneLength;
  readonly windows: readonly LaneWindow[];
  readonly detectors: Detectors;
  readonly lnThreshold: number;
  readonly lnE: Float64Array;
  readonly pooled: number;
  readonly empty: number;
}

/**
 * Runs every lane over a log in order of the windows' ends. Where a mixture reaches its threshold the subject with the largest part
 * of it alarms and its cells restart in all lanes, until the rest is below: what the others have gathered stays.
 *
 * @param lanesInBudget that share the budget: these two, and the lagged one where it is judged
 * @param progress told the share of windows done
 * @throws whatever `check` throws
 */
export function runLanes(
  watched: WatchedCells,
  counts: HourCounts,
  budget: FalseAlarmBudget,
  lanesInBudget: number,
  progress: (share: number) => void,
  check: () => void,
): LaneRun {
  const { cells } = watched;
  const lanes = LANES.map((length): Lane => {
    const { windows, pooled, empty } = laneWindows(counts, length);
    return {
      length,
      windows,
      pooled,
      empty,
      detectors: createDetectors(
        cells.map(({ effects }) => effects),
        cells.map(({ weight }) => weight),
      ),
      lnThreshold:
        'days' in budget
          ? lnThreshold(budget.days, windowsPerDay(length), lanesInBudget)
          : lnThresholdOfLevel(budget.level, windows.length, lanesInBudget),
      lnE: new Float64Array(windows.length),
    };
  });
  const subjects = new SubjectCells(cells);
  const book = new EpisodeBook<Raise>();
  const order = lanes
    .flatMap((lane, rank) => lane.windows.map((window, index) => ({ lane, rank, window, index })))
    .sort((a, b) => a.window.end - b.window.end || a.rank - b.rank);
  const spent = new Map<string, Uint8Array>();
  const evidence = new Evidence(watched, counts);
  // A last day that is not over is known as far as the log goes.
  const logEnd = (counts.hours[counts.hours.length - 1] + 1) * HOUR;
  order.forEach(({ lane, window, index }, done) => {
    check();
    progress(done / order.length);
    const sums = new WindowEvidence(watched, counts, window, lane.length === 'day' ? spent : null);
    for (let cell = 0; cell < cells.length; cell++) {
      const { x, n, q0 } = sums.of(cell);
      if (n > 0) observe(lane.detectors, cell, x, n, q0, cells[cell].phi);
    }
    const alarmed = new Set<string>();
    let total = mixture(lane.detectors);
    lane.lnE[index] = Math.log(total);
    while (Math.log(total) >= lane.lnThreshold) {
      const { subject, sum } = subjects.largest(lane.detectors);
      if (alarmed.has(subject)) break;
      alarmed.add(subject);
      const cell = subjects.bestCell(lane.detectors, subject);
      const effect = bestEffect(lane.detectors, cell);
      const onset = evidence.onset(
        cell,
        effect,
        subjects.since(subject),
        window.to,
        spent.get(subject) ?? null,
      );
      const span = { from: Math.min(onset.onset, window.from), to: window.to };
      const lnE = Math.log(total);
      const part = sum / total;
      book.alarm(
        subject,
        lane.length,
        { start: startOf(lane.windows, span.from), end: Math.min(window.end, logEnd) },
        span,
        () => ({ lane: lane.length, cell, effect, lnE, part, to: window.to, ...onset }),
      );
      spend(spent, subject, lane.length, span, counts.hours.length);
      for (const one of subjects.cellsOf(subject)) for (const each of lanes) restart(each.detectors, one);
      subjects.restartAt(subject, window.to);
      total = mixture(lane.detectors);
    }
    for (const episode of book.openOnes()) {
      if (alarmed.has(episode.subject)) continue;
      const { cell, effect } = episode.raise;
      const { x, n, q0 } = sums.of(cell);
      if (n === 0 || lnEValue(x, n, q0, effect, cells[cell].phi) < lnExtending(lane.length)) continue;
      alarmed.add(episode.subject);
      const span = { from: window.from, to: window.to };
      const { start, end } = window;
      book.alarm(
        episode.subject,
        lane.length,
        { start, end: Math.min(end, logEnd) },
        span,
        () => episode.raise,
      );
      spend(spent, episode.subject, lane.length, span, counts.hours.length);
    }
    book.close(lane.length, alarmed);
  });
  return {
    episodes: book.all(),
    series: lanes.map(({ length, windows, lnE, lnThreshold: threshold, pooled, empty }) => ({
      lane: length,
      windows,
      lnE,
      lnThreshold: threshold,
      pooled,
      empty,
    })),
  };
}

/**
 * Evidence of a single window that keeps an open episode alive: 20 to 1 after as many looks as it stays open for without any. No new
 * alarm is made of it, so it is not paid from the budget.
 */
function lnExtending(lane: LaneLength): number {
  return Math.log(20 * QUIET_WINDOWS[lane]);
}

function startOf(windows: readonly LaneWindow[], entry: number): number {
  return (windows.find(({ to }) => to > entry) ?? windows[windows.length - 1]).start;
}

/** Hours that an episode of the hour lane holds do not count again in the subject's days. */
function spend(
  spent: Map<string, Uint8Array>,
  subject: string,
  lane: LaneLength,
  span: HourSpan,
  hours: number,
): void {
  if (lane !== 'hour') return;
  const flags = spent.get(subject) ?? new Uint8Array(hours);
  flags.fill(1, span.from, span.to);
  spent.set(subject, flags);
}

/** Which cells speak for which subject. */
class SubjectCells {
  readonly #cells = new Map<string, number[]>();
  readonly #since = new Map<string, number>();

  constructor(cells: readonly WatchedCell[]) {
    cells.forEach(({ subject: { key } }, cell) => {
      const known = this.#cells.get(key);
      if (known === undefined) this.#cells.set(key, [cell]);
      else known.push(cell);
    });
  }

  cellsOf(subject: string): readonly number[] {
    return this.#cells.get(subject) ?? [];
  }

  /** The subject with the largest part of the mixture; the first in order of the cells on a tie. */
  largest(detectors: Detectors): { subject: string; sum: number } {
    let best = { subject: '', sum: -1 };
    for (const [subject, cells] of this.#cells) {
      let sum = 0;
      for (const cell of cells) sum += contribution(detectors, cell);
      if (sum > best.sum) best = { subject, sum };
    }
    return best;
  }

  bestCell(detectors: Detectors, subject: string): number {
    let best = -1;
    let most = -1;
    for (const cell of this.cellsOf(subject)) {
      const value = contribution(detectors, cell);
      if (value > most) [best, most] = [cell, value];
    }
    return best;
  }

  /** Entry of the hour counts from which the subject's evidence has been gathered. */
  since(subject: string): number {
    return this.#since.get(subject) ?? 0;
  }

  restartAt(subject: string, entry: number): void {
    this.#since.set(subject, entry);
  }
}

interface CellCount {
  readonly x: number;
  readonly n: number;
  readonly q0: number;
}

/** Counts of a window, summed once a view, and once more for subjects some of whose hours are spent. */
class WindowEvidence {
  readonly #watched: WatchedCells;
  readonly #counts: HourCounts;
  readonly #window: LaneWindow;
  readonly #spent: ReadonlyMap<string, Uint8Array> | null;
  readonly #sums: (WindowSums | undefined)[] = [];
  readonly #without = new Map<string, WindowSums>();

  constructor(
    watched: WatchedCells,
    counts: HourCounts,
    window: LaneWindow,
    spent: ReadonlyMap<string, Uint8Array> | null,
  ) {
    this.#watched = watched;
    this.#counts = counts;
    this.#window = window;
    this.#spent = spent;
  }

  of(cell: number): CellCount {
    const one = this.#watched.cells[cell];
    return countOf(one, this.#sumsFor(one));
  }

  #sumsFor({ view, subject }: WatchedCell): WindowSums {
    const { from, to } = this.#window;
    const skip = this.#spent?.get(subject.key);
    if (skip?.subarray(from, to).includes(1) === true) {
      const key = `${view} ${subject.key}`;
      const known =
        this.#without.get(key) ?? sumWindow(this.#watched.views[view], this.#counts, from, to, skip);
      this.#without.set(key, known);
      return known;
    }
    return (this.#sums[view] ??= sumWindow(this.#watched.views[view], this.#counts, from, to, null));
  }
}

/** A cell's count, its denominator and the share that the reference leaves room for. */
function countOf({ group, cell, referenceRows, phi, fall }: WatchedCell, sums: WindowSums): CellCount {
  const { x, n, mean } = sums;
  const requests = n[group];
  const at = group * (x.length / n.length) + cell;
  if (requests === 0) return { x: 0, n: 0, q0: 0 };
  const share = mean[at] / requests;
  return {
    x: x[at],
    n: requests,
    q0: fall ? leastShare(share, referenceRows, phi) : nullShare(share, referenceRows, phi),
  };
}

/** Evidence for one cell hour by hour, looked up again where something was raised. */
class Evidence {
  readonly #watched: WatchedCells;
  readonly #counts: HourCounts;

  constructor(watched: WatchedCells, counts: HourCounts) {
    this.#watched = watched;
    this.#counts = counts;
  }

  /** The s from which the summed evidence up to `to` is largest, and the interval of s that are not told from it. */
  onset(
    cell: number,
    effect: number,
    since: number,
    to: number,
    skip: Uint8Array | null,
  ): Pick<Raise, 'onset' | 'onsetFrom' | 'onsetTo'> {
    const one = this.#watched.cells[cell];
    const view = this.#watched.views[one.view];
    const sums = new Float64Array(to - since);
    let sum = 0;
    let best = to - 1;
    for (let h = to - 1; h >= since; h--) {
      const { x, n, q0 } = countOf(one, sumWindow(view, this.#counts, h, h + 1, skip));
      if (n > 0) sum += lnEValue(x, n, q0, effect, one.phi);
      sums[h - since] = sum;
      if (sum > sums[best - since]) best = h;
    }
    const near = (h: number): boolean => sums[h - since] >= sums[best - since] - LN_INDISTINCT;
    let first = best;
    let last = best;
    for (let h = since; h < to; h++)
      if (near(h)) {
        first = Math.min(first, h);
        last = Math.max(last, h);
      }
    return { onset: best, onsetFrom: first, onsetTo: last };
  }
}
