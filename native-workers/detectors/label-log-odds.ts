import type { TaskContext } from '../task.ts';
import type { Matrix } from './detector.ts';
import type { Head } from './lda-head.ts';
import { headEvidence } from './lda-head.ts';

const CHECK_ROWS = 4096;

/**
 * Log-odds ln((1 - p) / p) under a head that each row is not of its given class; shape (rows.length,). Unlike probabilities
 * they round neither to 0 nor to 1. NaN where the head does not know the class.
 */
export function labelLogOdds(
  head: Head,
  matrix: Matrix,
  rows: Int32Array,
  classIndex: number,
  ctx: TaskContext,
): Float64Array {
  const size = head.classes.length;
  const own = head.classes.indexOf(classIndex);
  const odds = new Float64Array(rows.length);
  if (own < 0) return odds.fill(NaN);
  const evidence = headEvidence(head, matrix, rows, ctx);
  for (let i = 0; i < odds.length; i++) {
    if (i % CHECK_ROWS === 0) ctx.check();
    odds[i] = lnSumOthers(evidence, i * size, size, own) - evidence[i * size + own];
  }
  return odds;
}

/** ln of the sum of exp over `size` entries from `base`, leaving one position out. */
function lnSumOthers(values: Float64Array, base: number, size: number, leftOut: number): number {
  let highest = -Infinity;
  for (let b = 0; b < size; b++) if (b !== leftOut) highest = Math.max(highest, values[base + b]);
  let sum = 0;
  for (let b = 0; b < size; b++) if (b !== leftOut) sum += Math.exp(values[base + b] - highest);
  return highest + Math.log(sum);
}
