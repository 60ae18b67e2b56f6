import type { BinTally, ClassColumn } from './class-columns.ts';
import type { CodedTable, HourCounts } from './hour-counts.ts';
import type { HourSpan } from './episodes.ts';

export interface RankedRows {
  /** Most suspicious first. */
  readonly rows: Int32Array;
  /** Beside them, falling. */
  readonly scores: Float64Array;
}

/**
 * Ranks the rows of one class in an episode by how much better the episode's rows explain them than the reference's rows of the same
 * class do: the sum over columns of ln(share of the row's bin in the episode / in the reference), both smoothed. Rows of equal score
 * stay in order of time.
 *
 * @param codes bins of every row of the log by column
 * @throws whatever `check` throws
 */
export function rankRows(
  coded: CodedTable,
  counts: HourCounts,
  spans: readonly HourSpan[],
  classIndex: number,
  columns: readonly ClassColumn[],
  codes: readonly Uint8Array[],
  tallies: readonly BinTally[],
  check: () => void,
): RankedRows {
  const surprise = columns.map(({ bins }, k) => surpriseOfBins(tallies[k], bins));
  const rows: number[] = [];
  const scores: number[] = [];
  for (const { from, to } of spans)
    for (let h = from; h < to; h++) {
      check();
      for (let row = counts.rowFrom[h]; row < counts.rowFrom[h + 1]; row++) {
        if (coded.classOf[row] !== classIndex) continue;
        let score = 0;
        const group = coded.groupOf[row];
        for (let k = 0; k < codes.length; k++) score += surprise[k][group * columns[k].bins + codes[k][row]];
        rows.push(row);
        scores.push(score);
      }
    }
  return sortRanked(Int32Array.from(rows), Float64Array.from(scores));
}

/** Falling by score, then by row. */
export function sortRanked(rows: Int32Array, scores: Float64Array): RankedRows {
  const order = Uint32Array.from(rows.keys()).sort((a, b) => scores[b] - scores[a] || rows[a] - rows[b]);
  return {
    rows: Int32Array.from(order, (i) => rows[i]),
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
