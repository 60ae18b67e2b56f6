import type { TaskContext } from '../task.ts';
import { radixSort } from '../numeric/two-sample/radix-sort.ts';

/** Below it a comparison sort is faster than counting digits. */
const FEW_ROWS = 4096;

/** First row of each window and the row after its last, shape (windows,) each. */
export interface WindowRows {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** What is measured of a numeric column in each window; NaN for a window without a value. Shape (windows,) each. */
export interface NumberMetrics {
  readonly mean: Float64Array;
  readonly p50: Float64Array;
  readonly p95: Float64Array;
  readonly p99: Float64Array;
  /** Share of the rows without a value. */
  readonly missing: Float64Array;
}

/** Quantiles interpolate between order statistics (type 7 of Hyndman, Fan 1996). */
export function numberMetrics(
  { values, from, to }: WindowRows & { readonly values: Float64Array },
  ctx: TaskContext,
): NumberMetrics {
  const windows = from.length;
  const empty = (): Float64Array => new Float64Array(windows).fill(NaN);
  const metrics = { mean: empty(), p50: empty(), p95: empty(), p99: empty(), missing: empty() };
  const check = (): void => {
    ctx.check();
  };
  for (let w = 0; w < windows; w++) {
    check();
    const rows = values.subarray(from[w], to[w]);
    if (rows.length === 0) continue;
    let known = 0;
    let sum = 0;
    for (const value of rows)
      if (!Number.isNaN(value)) {
        known++;
        sum += value;
      }
    metrics.missing[w] = 1 - known / rows.length;
    if (known === 0) continue;
    metrics.mean[w] = sum / known;
    const there = known === rows.length ? rows : rows.filter((value) => !Number.isNaN(value));
    const rising = there.length < FEW_ROWS ? there.slice().sort() : radixSort(there, check);
    metrics.p50[w] = quantile(rising, 0.5);
    metrics.p95[w] = quantile(rising, 0.95);
    metrics.p99[w] = quantile(rising, 0.99);
  }
  return metrics;
}

function quantile(rising: Float64Array, share: number): number {
  const position = share * (rising.length - 1);
  const low = Math.floor(position);
  const high = Math.min(low + 1, rising.length - 1);
  return rising[low] + (position - low) * (rising[high] - rising[low]);
}

/**
 * Shares of chosen codes among the rows of each window that have one.
 *
 * @param args.chosen codes, shape (k,)
 * @returns shape (k, windows), NaN for a window without a code; `missing`: share of the rows without one, shape (windows,)
 */
export function shareMetrics(
  { codes, chosen, levels, from, to }: WindowRows & { codes: Int32Array; chosen: Int32Array; levels: number },
  ctx: TaskContext,
): { shares: Float64Array; missing: Float64Array } {
  const windows = from.length;
  const shares = new Float64Array(chosen.length * windows).fill(NaN);
  const missing = new Float64Array(windows).fill(NaN);
  const counts = new Float64Array(levels);
  for (let w = 0; w < windows; w++) {
    ctx.check();
    counts.fill(0);
    let known = 0;
    for (let row = from[w]; row < to[w]; row++) {
      const code = codes[row];
      if (code < 0) continue;
      counts[code]++;
      known++;
    }
    const rows = to[w] - from[w];
    if (rows > 0) missing[w] = 1 - known / rows;
    if (known > 0)
      for (let k = 0; k < chosen.length; k++) shares[k * windows + w] = counts[chosen[k]] / known;
  }
  return { shares, missing };
}

/** Share of right predictions among the labelled requests of each window; NaN for a window without a label. Shape (windows,). */
export function accuracyMetrics(
  { predicted, label, from, to }: WindowRows & { predicted: Int32Array; label: Int32Array },
  ctx: TaskContext,
): { accuracy: Float64Array; labelled: Float64Array } {
  const accuracy = new Float64Array(from.length).fill(NaN);
  const labelled = new Float64Array(from.length);
  for (let w = 0; w < from.length; w++) {
    ctx.check();
    let right = 0;
    for (let row = from[w]; row < to[w]; row++) {
      if (label[row] < 0) continue;
      labelled[w]++;
      if (label[row] === predicted[row]) right++;
    }
    if (labelled[w] > 0) accuracy[w] = right / labelled[w];
  }
  return { accuracy, labelled };
}
