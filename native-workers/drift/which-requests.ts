import { tallyBins, type BinTally } from './class-columns.ts';
import type { HourSpan } from './episodes.ts';
import { PREDICTION } from './families.ts';
import type { HeldLog } from './held-log.ts';
import { HOUR } from './log-windows.ts';
import { binCount } from './value-bins.ts';
import type { WatchedCell } from './watched-cells.ts';

export interface RankedRows {
  /** Rows of the log, most suspicious first; those of equal score in order of time. */
  readonly rows: Int32Array;
  /** Beside them, falling. */
  readonly scores: Float64Array;
}

/** Where rows are looked for: the entries of the hour counts that alarmed. */
interface Where {
  readonly spans: readonly HourSpan[];
}

/**
 * Ranks the rows of one class in an episode by how much better the episode's rows explain them than the reference's rows of the same
 * class do: the sum over columns of ln(share of the row's bin in the episode / in the reference), both smoothed.
 *
 * @param tallies of the episode, by column
 * @throws whatever the log's `check` throws
 */
export function rankClassRows(
  log: HeldLog,
  { spans, classIndex }: Where & { readonly classIndex: number | null },
  tallies: readonly BinTally[],
): RankedRows {
  const { coded, columns, codes } = log;
  const surprise = columns.map(({ bins }, k) => surpriseOfBins(tallies[k], bins));
  return rank(log, spans, (row) => {
    if (coded.classOf[row] !== classIndex) return NaN;
    let score = 0;
    const group = coded.groupOf[row];
    for (let k = 0; k < codes.length; k++) score += surprise[k][group * columns[k].bins + codes[k][row]];
    return score;
  });
}

/**
 * Ranks the rows of a cell by how much more frequent their bins have become, each held against its own class: for changes that go
 * beyond one class.
 */
export function rankCellRows(log: HeldLog, { spans }: Where, watched: WatchedCell): RankedRows {
  const { coded, columns, codes, check } = log;
  const { family } = log.watched.views[watched.view];
  const at = columns.findIndex(({ name, kind }) => name === family.name && kind === family.kind);
  const surprise = columns.map((column, k) =>
    surpriseOfBins(tallyBins(column, codes[k], coded, log.counts, spans, check), column.bins),
  );
  const { byGroup } = log.watched.views[watched.view];
  const inCell = (row: number, group: number): boolean =>
    at < 0
      ? coded.classOf[row] === watched.cell
      : columns[at].cellOf[group * columns[at].bins + codes[at][row]] === watched.cell &&
        (!byGroup || group === watched.group);
  return rank(log, spans, (row) => {
    const group = coded.groupOf[row];
    if (!inCell(row, group)) return NaN;
    let score = 0;
    for (let k = 0; k < codes.length; k++) score += surprise[k][group * columns[k].bins + codes[k][row]];
    return score;
  });
}

/** Whether a row lies above the tail of a cell. */
export function slowRows(log: HeldLog, watched: WatchedCell): (row: number) => boolean {
  const { family } = log.watched.views[watched.view];
  const { loads } = log.reference.layout;
  const load = loads.findIndex(({ name }) => name === family.name);
  const bins = log.coded.loads[load];
  const missing = binCount(loads[load].edges) - 1;
  const start = family.firstBin?.[watched.cell] ?? 0;
  return (row) => bins[row] >= start && bins[row] < missing;
}

/** Ranks the rows above the tail that alarmed, the highest first. */
export function rankSlowRows(
  log: HeldLog,
  { spans }: Where,
  watched: WatchedCell,
  values: Float64Array,
): RankedRows {
  const slow = slowRows(log, watched);
  return rank(log, spans, (row) => (slow(row) ? values[log.original?.[row] ?? row] : NaN));
}

/** Ranks the wrong predictions of some classes whose labels became known while the alarm lasted, the surest first. */
export function rankWrongRows(
  log: HeldLog,
  { spans }: Where,
  classes: readonly number[],
  confidence: Float64Array | null,
): RankedRows {
  const { coded, counts, labelTime } = log;
  const { classOf, labelClass, wrong, rows, time } = coded;
  if (labelClass === null || wrong === null) return { rows: new Int32Array(0), scores: new Float64Array(0) };
  const inside = new Set<number>();
  for (const { from, to } of spans) for (let h = from; h < to; h++) inside.add(counts.hours[h]);
  const chosen: number[] = [];
  const scores: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (wrong[row] === 0 || !(classes.includes(classOf[row]) || classes.includes(labelClass[row]))) continue;
    const known =
      labelTime === null || Number.isNaN(labelTime[row]) ? time[row] : Math.max(time[row], labelTime[row]);
    if (!inside.has(Math.floor(known / HOUR))) continue;
    const score = confidence?.[log.original?.[row] ?? row] ?? 0;
    chosen.push(row);
    scores.push(Number.isNaN(score) ? 0 : score);
  }
  return sortRanked(log, Int32Array.from(chosen), Float64Array.from(scores));
}

/** Rows that lack a value, in order of time. */
export function rankMissingRows(log: HeldLog, { spans }: Where, column: string): RankedRows {
  const { coded } = log;
  const { layout } = log.reference;
  const number = layout.classNumbers.findIndex(({ name }) => name === column);
  const category = layout.categories.findIndex(({ name }) => name === column);
  const load = layout.loads.findIndex(({ name }) => name === column);
  return rank(log, spans, (row) => {
    const missing =
      column === PREDICTION
        ? coded.unpredicted[row] === 1
        : number >= 0
          ? coded.classNumbers[number][row] ===
            binCount(layout.classNumbers[number].bins[coded.groupOf[row]].edges) - 1
          : category >= 0
            ? coded.categories[category][row] === layout.categories[category].levels.length + 1
            : coded.loads[load][row] === binCount(layout.loads[load].edges) - 1;
    return missing ? 0 : NaN;
  });
}

/** @param scoreOf NaN leaves a row out */
function rank(log: HeldLog, spans: readonly HourSpan[], scoreOf: (row: number) => number): RankedRows {
  const { rowFrom } = log.counts;
  const rows: number[] = [];
  const scores: number[] = [];
  for (const { from, to } of spans)
    for (let h = from; h < to; h++) {
      log.check();
      for (let row = rowFrom[h]; row < rowFrom[h + 1]; row++) {
        const score = scoreOf(row);
        if (Number.isNaN(score)) continue;
        rows.push(row);
        scores.push(score);
      }
    }
  return sortRanked(log, Int32Array.from(rows), Float64Array.from(scores));
}

/** Falling by score, then by row; rows of the whole log. */
function sortRanked({ original }: HeldLog, rows: Int32Array, scores: Float64Array): RankedRows {
  const order = Uint32Array.from(rows.keys()).sort((a, b) => scores[b] - scores[a] || rows[a] - rows[b]);
  return {
    rows: Int32Array.from(order, (i) => original?.[rows[i]] ?? rows[i]),
    scores: Float64Array.from(order, (i) => scores[i]),
  };
}

/** ln of a bin's share in the episode over its expected share, with half a request in each bin, shape (groups, bins). */
function surpriseOfBins({ x, mean }: BinTally, bins: number): Float64Array {
  return Float64Array.from(x, (count, i) => {
    const group = Math.floor(i / bins) * bins;
    let expected = 0;
    let total = 0;
    for (let b = group; b < group + bins; b++) {
      expected += mean[b] + 0.5;
      total += x[b] + 0.5;
    }
    return Math.log((count + 0.5) / total) - Math.log((mean[i] + 0.5) / expected);
  });
}
