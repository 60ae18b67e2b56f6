import { z } from 'zod';
import { twoSidedRanks } from '../numeric/mid-ranks.ts';
import { median, quantile } from '../numeric/order-statistics.ts';
import { beyond, clearLogValley } from './clear-valley.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import type { ScanInput } from './detector.ts';
import type { ClassSlice } from './class-slice.ts';
import { lastLayerGradientNorms } from './last-layer-gradient.ts';
import { columnCounts, columnOfClass } from './logit-columns.ts';
import type { TaskContext } from '../task.ts';

const LEAST_KNOWN = 50;

/**
 * Two-sided rank of the gradient's norm inside the class: the norm is loss times length of the activations, so a learned
 * trigger may lie at either end. Norms of a column of the records go before computed ones.
 */
export const gradientNorm = defineDetector<Record<string, never>, Float64Array, Int32Array>({
  id: 'gradient-norm',
  version: 1,
  title: 'Gradient norm of the last layer, two-sided',
  family: 'training',
  reference:
    'Paul, Ganguli, Dziugaite 2021, Deep Learning on a Data Diet: Finding Important Examples Early in Training; Hong, Chandrasekaran, Kaya, Dumitraş, Papernot 2020, On the Effectiveness of Mitigating Data Poisoning Attacks with Gradient Shaping',
  needs: ['gradient norms or logits', 'labels'],
  certificate: 'none',
  params: z.object({}),
  prepare: {
    partial({ investigated, classes }, slice, _params, ctx) {
      const { gradientNorm: given, logits } = investigated;
      if (given !== null || logits === null) return new Float64Array(0);
      return columnCounts(investigated, logits, slice.rows, classes.length, () => ctx.check());
    },
    merge: (total, part) => total.map((count, i) => count + part[i]),
    finish: ({ investigated, classes }, total) =>
      total === null || total.length === 0
        ? new Int32Array(0)
        : columnOfClass(total, investigated.logits?.cols ?? 0, classes.length),
  },
  judgeClass(input, slice, columns, _params, ctx) {
    const norms = normsOf(input, slice, columns, ctx);
    if (typeof norms === 'string') return { finding: skippedFinding(slice, norms), score: null };
    const known = norms.filter((norm) => !Number.isNaN(norm));
    const name = input.classes[slice.classIndex];
    if (known.length < LEAST_KNOWN) {
      const reason = `Class ${name} has ${known.length} rows with a gradient norm: fewer than ${LEAST_KNOWN} are not ranked.`;
      return { finding: skippedFinding(slice, reason), score: null };
    }
    if (known.every((norm) => norm === known[0])) {
      const reason = `All gradient norms of class ${name} are equal: there is nothing to rank.`;
      return { finding: skippedFinding(slice, reason), score: null };
    }
    const { logs, valley } = clearLogValley(norms);
    const { marked, count } = beyond(logs, valley);
    return {
      finding: {
        classIndex: slice.classIndex,
        n: slice.rows.length,
        statistic: null,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'rows with a gradient norm', value: known.length, unit: 'rows' },
          { name: 'lowest hundredth below', value: quantile(known, 0.01), unit: 'gradient norm' },
          { name: 'median', value: median(known), unit: 'gradient norm' },
          { name: 'highest hundredth above', value: quantile(known, 0.99), unit: 'gradient norm' },
          { name: 'rows beyond a clear valley', value: count, unit: 'rows' },
        ],
        skipped: null,
      },
      score: twoSidedRanks(norms),
      marked,
      projection: logs,
    };
  },
});

/** Norms of the class's rows, NaN where unknown; a string says why there are none. */
function normsOf(
  { investigated, classes }: ScanInput,
  { classIndex, rows }: ClassSlice,
  columns: Int32Array | null,
  ctx: TaskContext,
): Float64Array | string {
  const { gradientNorm: given, logits, activations } = investigated;
  if (given !== null) return Float64Array.from(rows, (row) => given[row]);
  if (logits === null || activations === null)
    throw new Error('Gradient norms were asked for of a set without logits or activations.');
  const column = columns?.[classIndex] ?? -1;
  if (column < 0)
    return `No column of the logits belongs to class ${classes[classIndex]} alone: its gradients cannot be computed. Import logits with one column a label.`;
  return lastLayerGradientNorms(logits, activations, rows, column, () => ctx.check());
}
