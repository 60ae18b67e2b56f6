import { z } from 'zod';
import type { TaskContext } from '../task.ts';
import { classSlices } from './class-slice.ts';
import type { ConfidentJoint } from './confident-joint.ts';
import { confidentJoint, flipsFrom, looksLike } from './confident-joint.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import type { Fact, Matrix, ScanInput } from './detector.ts';
import type { Head, HeadSums } from './lda-head.ts';
import { addHeadSums, fitHead, foldHeadSums, forEachCrossFitted } from './lda-head.ts';

/** Pairs of a class that are told; the rest is summed up. */
const MOST_PAIRS = 5;

interface CrossFit {
  readonly heads: readonly (Head | null)[];
  readonly joint: ConfidentJoint;
}

/**
 * Confident learning on a discriminant head that is fitted, fold by fold, to the activations and labels of the other folds:
 * neither predictions nor losses of the network are read, so labels that it learned by heart still stand out where the
 * activations do not follow them.
 */
export const labelErrors = defineDetector<Record<string, never>, HeadSums[], CrossFit | null>({
  id: 'label-errors',
  version: 1,
  title: 'Label errors, confident learning',
  family: 'labels',
  reference:
    'Northcutt, Jiang, Chuang 2021, Confident Learning: Estimating Uncertainty in Dataset Labels; McNemar 1947, Note on the Sampling Error of the Difference between Correlated Proportions or Percentages',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({}),
  prepare: {
    partial(input, slice, _params, ctx) {
      const part = { set: input.investigated, matrix: activationsOf(input), rows: slice.rows };
      return foldHeadSums(slice.classIndex, [part], ctx);
    },
    merge: (total, part) => total.map((sums, fold) => addHeadSums(sums, part[fold])),
    finish: crossFit,
  },
  judgeClass(input, slice, fit, _params, ctx) {
    const { classIndex, rows } = slice;
    const name = input.classes[classIndex];
    if (fit === null) {
      const reason = `Class ${name} cannot be told from another one: there is one class alone, or the activations do not vary inside the classes.`;
      return { finding: skippedFinding(slice, reason), score: null };
    }
    const set = input.investigated;
    const matrix = activationsOf(input);
    const score = new Float64Array(rows.length).fill(NaN);
    forEachCrossFitted(fit.heads, set, matrix, rows, ctx, (position, evidence, base, head) => {
      let own = NaN;
      let other = -Infinity;
      for (let b = 0; b < head.classes.length; b++) {
        const value = evidence[base + b];
        if (head.classes[b] === classIndex) own = value;
        else if (value > other) other = value;
      }
      score[position] = other - own;
    });
    const like = looksLike(fit.heads, fit.joint.thresholds, set, matrix, rows, ctx);
    const flips = flipsFrom(fit.joint, classIndex);
    const errors = flips.reduce((sum, { count }) => sum + count, 0);
    const facts: Fact[] = [
      { name: 'mean probability of the given label', value: fit.joint.thresholds[classIndex], unit: 'share' },
      { name: 'rows that look like another class', value: errors, unit: 'rows' },
    ];
    for (const { to, count, reverse, lnP } of flips.slice(0, MOST_PAIRS)) {
      const other = input.classes[to];
      facts.push(
        { name: `look like ${other}`, value: count, unit: 'rows' },
        { name: `given ${other} and look like ${name}`, value: reverse, unit: 'rows' },
        { name: `asymmetry with ${other} by chance`, value: lnP, unit: 'ln p' },
      );
    }
    return {
      finding: {
        classIndex,
        n: rows.length,
        statistic: errors / rows.length,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts,
        skipped: null,
      },
      score,
      marked: Uint8Array.from(like, (b) => (b >= 0 && b !== classIndex ? 1 : 0)),
      like,
    };
  },
});

function activationsOf({ investigated }: ScanInput): Matrix {
  if (investigated.activations === null)
    throw new Error('Label errors were asked for of a set without activations.');
  return investigated.activations;
}

/** Null where there is one class alone, or a fold's rows do not vary. */
function crossFit(
  input: ScanInput,
  total: HeadSums[] | null,
  _params: unknown,
  ctx: TaskContext,
): CrossFit | null {
  const heads = (total ?? []).map((sums) => fitHead(sums, ctx)?.head ?? null);
  if (heads.length === 0 || heads.some((head) => head === null || head.classes.length < 2)) return null;
  const joint = confidentJoint(heads, input.investigated, activationsOf(input), classSlices(input), ctx);
  return { heads, joint };
}
