import type { TaskContext } from '../task.ts';

/** Mean and standard deviation of the values of a column that are there. */
export interface ColumnScale {
  readonly mean: number;
  /** 0 where no value is there or all are the same; infinite where they are too large to be squared. */
  readonly deviation: number;
}

/**
 * Scales of columns of numbers over all sets together, NaN passed over: in float64, in the order of the rows.
 *
 * @param args.columns of each column its values in each set
 * @throws Cancelled
 */
export function columnScales(
  args: { columns: readonly (readonly Float64Array[])[] },
  ctx: TaskContext,
): ColumnScale[] {
  return args.columns.map((parts) => {
    ctx.check();
    let [count, sum, lowest, highest] = [0, 0, Infinity, -Infinity];
    for (const part of parts)
      for (const value of part)
        if (!Number.isNaN(value)) {
          count++;
          sum += value;
          lowest = Math.min(lowest, value);
          highest = Math.max(highest, value);
        }
    const mean = count === 0 ? 0 : sum / count;
    // The mean of equal values need not be that value.
    if (!(lowest < highest)) return { mean, deviation: 0 };
    let squares = 0;
    for (const part of parts)
      for (const value of part) if (!Number.isNaN(value)) squares += (value - mean) * (value - mean);
    const deviation = Math.sqrt(squares / count);
    return { mean, deviation: Number.isNaN(deviation) ? Infinity : deviation };
  });
}

/**
 * Records as rows of numbers: columns of numbers in standard deviations from their mean (0 where missing), then one column a
 * category, 1 for the rows that have it.
 *
 * @param args.numbers columns of numbers, shape (rows,) each; their `scales` have a finite deviation above 0
 * @param args.categories columns of categories as codes from 0, -1 where missing or rare, with the number of `levels`
 * @param args.out float32 on shared memory, shape (rows, numbers + sum of the levels)
 * @throws Cancelled
 */
export function tableRows(
  args: {
    numbers: readonly Float64Array[];
    scales: readonly ColumnScale[];
    categories: readonly { readonly codes: Int32Array; readonly levels: number }[];
    from: number;
    to: number;
    out: Float32Array;
  },
  ctx: TaskContext,
): void {
  const { numbers, scales, categories, from, to, out } = args;
  const width = numbers.length + categories.reduce((sum, { levels }) => sum + levels, 0);
  for (let row = from; row < to; row++) {
    if ((row & 1023) === 0) ctx.check();
    let at = row * width;
    for (let k = 0; k < numbers.length; k++, at++) {
      const value = numbers[k][row];
      out[at] = Number.isNaN(value) ? 0 : (value - scales[k].mean) / scales[k].deviation;
    }
    for (const { codes, levels } of categories) {
      if (codes[row] >= 0) out[at + codes[row]] = 1;
      at += levels;
    }
  }
}
