import { z } from 'zod';
import { midRanks } from '../numeric/mid-ranks.ts';
import { median } from '../numeric/order-statistics.ts';
import { beyond, clearLogValley } from './clear-valley.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import type { LossCurves } from './detector.ts';

/** Share of the class at either end that counts as an end when the corners are counted. */
const END = 0.1;
const LEAST_KNOWN = 50;

/**
 * Two-sided ranks of the first and the last loss inside the class. Triggers and label noise pull to opposite ends, and the
 * end changes with the epoch, so neither end is taken for poison: the corners are counted and read.
 */
export const lossCurves = defineDetector({
  id: 'loss-curves',
  version: 1,
  title: 'Loss curves, two-sided',
  family: 'training',
  reference:
    'Li, Lyu, Koren, Lyu, Li, Ma 2021, Anti-Backdoor Learning: Training Clean Models on Poisoned Data; Jagielski, Oprea, Biggio, Liu, Nita-Rotaru, Li 2018, Manipulating Machine Learning: Poisoning Attacks and Countermeasures for Regression Learning',
  needs: ['losses', 'labels'],
  certificate: 'none',
  params: z.object({}),
  judgeClass(input, slice, _prepared, _params, ctx) {
    const { losses } = input.investigated;
    if (losses === null) throw new Error('Loss curves were asked to judge a set without losses.');
    ctx.check();
    const early = columnOf(losses, 0, slice.rows);
    const late = columnOf(losses, losses.names.length - 1, slice.rows);
    const n = slice.rows.length;
    let known = 0;
    for (let i = 0; i < n; i++) {
      if (Number.isNaN(early[i]) || Number.isNaN(late[i])) early[i] = late[i] = NaN;
      else known++;
    }
    const name = input.classes[slice.classIndex];
    if (known < LEAST_KNOWN) {
      const reason = `Class ${name} has ${known} rows with a first and a last loss: fewer than ${LEAST_KNOWN} are not ranked.`;
      return { finding: skippedFinding(slice, reason), score: null };
    }
    if (constant(early) && constant(late)) {
      const reason = `All losses of class ${name} are equal: there is nothing to rank.`;
      return { finding: skippedFinding(slice, reason), score: null };
    }
    const earlyRank = midRanks(early);
    ctx.check();
    const lateRank = midRanks(late);
    const first = clearLogValley(early);
    const last = clearLogValley(late);
    const apartEarly = beyond(first.logs, first.valley);
    const apartLate = beyond(last.logs, last.valley);
    const score = new Float64Array(n);
    const corners = { fast: 0, slow: 0, late: 0, forgotten: 0 };
    for (let i = 0; i < n; i++) {
      const a = earlyRank[i];
      const b = lateRank[i];
      score[i] = Math.max(Math.abs(2 * a - 1), Math.abs(2 * b - 1));
      if (Math.max(a, b) <= END) corners.fast++;
      if (Math.min(a, b) >= 1 - END) corners.slow++;
      if (a >= 1 - END && b <= END) corners.late++;
      if (a <= END && b >= 1 - END) corners.forgotten++;
    }
    const isKnown = (value: number): boolean => !Number.isNaN(value);
    return {
      finding: {
        classIndex: slice.classIndex,
        n,
        statistic: null,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'rows with losses', value: known, unit: 'rows' },
          { name: 'median first loss', value: median(early.filter(isKnown)), unit: 'nats' },
          { name: 'median last loss', value: median(late.filter(isKnown)), unit: 'nats' },
          { name: 'fast and confident, as learned triggers are', value: corners.fast, unit: 'rows' },
          { name: 'slow or never, as wrong labels are', value: corners.slow, unit: 'rows' },
          {
            name: 'slow, then confident, as wrong labels learned by heart are',
            value: corners.late,
            unit: 'rows',
          },
          { name: 'fast, then lost', value: corners.forgotten, unit: 'rows' },
          { name: 'rows beyond a clear valley of the first loss', value: apartEarly.count, unit: 'rows' },
          { name: 'rows beyond a clear valley of the last loss', value: apartLate.count, unit: 'rows' },
        ],
        skipped: null,
      },
      score,
      marked: apartEarly.marked.map((mark, i) => mark | apartLate.marked[i]),
      projection: last.logs,
    };
  },
  conclude(input, judgements) {
    const names = input.investigated.losses?.names ?? [];
    const columns =
      names.length === 1
        ? `There is one column of losses (${names[0]}): it is both the first and the last.`
        : `First loss: ${names[0]}, last loss: ${names.at(-1) ?? ''}, out of ${names.length}. A corner holds the rows in the outermost tenth of their class in both.`;
    return {
      judgements,
      notes: [
        `${columns} High loss alone misleads: learned triggers have the lowest loss of their class, wrong labels the highest.`,
      ],
      refused: null,
    };
  },
});

/** Losses of the rows at one time of the training, NaN where unknown. */
function columnOf({ names, data }: LossCurves, column: number, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => data[row * names.length + column]);
}

/** Whether every known value is the same. */
function constant(values: Float64Array): boolean {
  let first = NaN;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(first)) first = value;
    else if (value !== first) return false;
  }
  return true;
}
