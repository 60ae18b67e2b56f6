import { midRanks } from '../numeric/mid-ranks.ts';
import type { TaskContext } from '../task.ts';

interface LossRankArgs {
  /** Losses at the first and at the last time of the training, NaN where unknown, shape (n,) each. */
  readonly first: Float64Array;
  readonly last: Float64Array;
  /** Class of each row, -1 without a label, shape (n,). */
  readonly label: Int32Array;
}

/**
 * Where each row stands in its class by its first and by its last loss, 0 (lowest) to 1, shape (n, 2); NaN for rows without a
 * label or without one of the losses. Ties share their middle rank.
 */
export function lossRanks({ first, last, label }: LossRankArgs, ctx: TaskContext): Float32Array {
  const ranks = new Float32Array(2 * label.length).fill(NaN);
  const rows = Int32Array.from(label.keys()).filter(
    (row) => label[row] >= 0 && !Number.isNaN(first[row] + last[row]),
  );
  rows.sort((a, b) => label[a] - label[b] || a - b);
  for (let from = 0; from < rows.length;) {
    ctx.check();
    let to = from + 1;
    while (to < rows.length && label[rows[to]] === label[rows[from]]) to++;
    const own = rows.subarray(from, to);
    [first, last].forEach((losses, axis) => {
      const shares = midRanks(Float64Array.from(own, (row) => losses[row]));
      own.forEach((row, i) => {
        ranks[2 * row + axis] = shares[i];
      });
    });
    from = to;
  }
  return ranks;
}
