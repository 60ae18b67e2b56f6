import { z } from 'zod';
import { moments } from '../numeric/moments.ts';
import { median, quantile } from '../numeric/order-statistics.ts';
import type { TaskContext } from '../task.ts';
import type { ClassSlice } from './class-slice.ts';
import { classSlices } from './class-slice.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import type { Matrix, ScanInput } from './detector.ts';
import { labelLogOdds } from './label-log-odds.ts';
import type { Head, HeadSums } from './lda-head.ts';
import { addHeadSums, classHeadSums, fitHead } from './lda-head.ts';
import { valleyMarks } from './valley-marks.ts';

const MOST_ROUNDS = 20;

interface TrimmedHead {
  /** Null where the rows do not vary, or there is one class alone. */
  readonly head: Head | null;
  readonly rounds: number;
  readonly stable: boolean;
}

/**
 * TRIM on stored activations: a linear discriminant head is fitted to all rows, then again and again to the share of every
 * class with the lowest loss under it, until the kept rows stay the same. The original trims over all rows together; inside
 * the classes no class can be trimmed away.
 */
export const trim = defineDetector<{ keep: number }, HeadSums, TrimmedHead>({
  id: 'trim',
  version: 1,
  title: 'TRIM on a linear head',
  family: 'training',
  reference:
    'Jagielski, Oprea, Biggio, Liu, Nita-Rotaru, Li 2018, Manipulating Machine Learning: Poisoning Attacks and Countermeasures for Regression Learning',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({
    keep: z
      .number()
      .min(0.5)
      .max(0.99)
      .default(0.8)
      .describe('Share of each class that is kept in each round.'),
  }),
  prepare: {
    partial(input, slice, _params, ctx) {
      return classHeadSums(
        slice.classIndex,
        moments(activationsOf(input), slice.rows, () => ctx.check()),
      );
    },
    merge: addHeadSums,
    finish: trimRounds,
  },
  judgeClass(input, slice, trimmed, params, ctx) {
    const name = input.classes[slice.classIndex];
    if (!trimmed?.head) {
      const reason = `Class ${name} cannot be told from another one: there is one class alone, or the activations do not vary inside the classes.`;
      return { finding: skippedFinding(slice, reason), score: null };
    }
    const n = slice.rows.length;
    const odds = labelLogOdds(trimmed.head, activationsOf(input), slice.rows, slice.classIndex, ctx);
    const score = odds.map(lossOfLogOdds);
    const { marked, facts } = valleyMarks(odds, 'log-odds against the label');
    return {
      finding: {
        classIndex: slice.classIndex,
        n,
        statistic: null,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'share kept in each round', value: params.keep, unit: 'share' },
          { name: 'rounds', value: trimmed.rounds, unit: '' },
          { name: 'kept rows stayed the same', value: trimmed.stable ? 1 : 0, unit: '1 = yes' },
          { name: 'median loss', value: median(score), unit: 'nats' },
          { name: 'loss of the last row kept', value: quantile(score, params.keep), unit: 'nats' },
          {
            name: 'rows whose label has a probability below one half',
            value: odds.filter((x) => x > 0).length,
            unit: 'rows',
          },
          ...facts,
        ],
        skipped: null,
      },
      score,
      marked,
      projection: odds,
    };
  },
});

function activationsOf({ investigated }: ScanInput): Matrix {
  if (investigated.activations === null)
    throw new Error('TRIM was asked to judge a set without activations.');
  return investigated.activations;
}

/** -ln p of the given label, from the log-odds against it. */
function lossOfLogOdds(odds: number): number {
  return odds > 0 ? odds + Math.log1p(Math.exp(-odds)) : Math.log1p(Math.exp(odds));
}

function trimRounds(
  input: ScanInput,
  all: HeadSums | null,
  { keep }: { keep: number },
  ctx: TaskContext,
): TrimmedHead {
  if (all === null || all.classes.length < 2) return { head: null, rounds: 0, stable: true };
  const matrix = activationsOf(input);
  const slices = classSlices(input).filter(({ rows }) => rows.length > 0);
  let head = fitHead(all, ctx)?.head ?? null;
  let before: Int32Array[] | null = null;
  for (let round = 1; round <= MOST_ROUNDS && head !== null; round++) {
    const fitted = head;
    const kept = slices.map((slice) => lowestLosses(fitted, matrix, slice, keep, ctx));
    if (before !== null && kept.every((rows, s) => sameRows(rows, before?.[s]))) {
      return { head, rounds: round - 1, stable: true };
    }
    const sums = slices
      .map(({ classIndex }, s) =>
        classHeadSums(
          classIndex,
          moments(matrix, kept[s], () => ctx.check()),
        ),
      )
      .reduce(addHeadSums);
    head = fitHead(sums, ctx)?.head ?? null;
    before = kept;
  }
  return { head, rounds: MOST_ROUNDS, stable: false };
}

/** The rows of a class with the lowest losses, in the order of the slice; ties at the limit all stay. */
function lowestLosses(
  head: Head,
  matrix: Matrix,
  { rows, classIndex }: ClassSlice,
  keep: number,
  ctx: TaskContext,
): Int32Array {
  const odds = labelLogOdds(head, matrix, rows, classIndex, ctx);
  const limit = quantile(odds, keep);
  return rows.filter((_row, i) => odds[i] <= limit);
}

function sameRows(a: Int32Array, b: Int32Array | undefined): boolean {
  return a.length === b?.length && a.every((row, i) => row === b[i]);
}
