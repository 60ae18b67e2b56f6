import { z } from 'zod';
import { meanAndDeviation, medianInPlace, quantile } from '../numeric/order-statistics.ts';
import { defineDetector } from './define-detector.ts';
import type { Fact, Matrix, ScanInput } from './detector.ts';
import { leastGroupSize } from './valley-groups.ts';

/** Median absolute deviations of a normal sample in one standard deviation. */
const MAD_SCALE = 1.4826;
const LEAST_SPREAD = 0.25;
/** Excess from which a sample counts as firing a unit. */
const FIRES = 5;
/** A unit that more of the class fires is a part of the class, not dormant. */
const MOST_FIRED = 0.25;
/** Quantile of the other classes that a sample must exceed as well. */
const ELSEWHERE = 0.99;
const TOLD = 5;
const LARGEST = 3;

/** The {@link ELSEWHERE} quantile of every unit in one class. */
interface ClassHeights {
  readonly classIndex: number;
  readonly heights: Float64Array;
}

/** A unit dormant on most samples of a class, and on a few more intense than on any other class. */
interface PeakedUnit {
  readonly column: number;
  /** Samples that fire it. */
  readonly fired: Int32Array;
  /** Deviations by which they exceed the other classes, summed and divided by all samples of the class. */
  readonly classExcess: number;
}

/**
 * Units that are dormant on most samples of a class and intense on a few, as one that answers to a trigger is. The excess
 * of a sample in a unit is its distance above the class's median in robust deviations, max(1.4826 MAD, sd / 4); the score
 * is the mean of a sample's three largest. Every class has units that some of its samples share with other classes, so a
 * unit is told, and its samples are marked, only where they also exceed the other classes.
 */
export const neurons = defineDetector<Record<string, never>, ClassHeights[], ClassHeights[]>({
  id: 'neurons',
  version: 1,
  title: 'Neurons, dormant and intense',
  family: 'neurons',
  reference:
    'Liu, Dolan-Gavitt, Garg 2018, Fine-Pruning: Defending Against Backdooring Attacks on Deep Neural Networks; Gu, Dolan-Gavitt, Garg 2017, BadNets: Identifying Vulnerabilities in the Machine Learning Model Supply Chain',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({}),
  prepare: {
    partial(input, { classIndex, rows }, _params, ctx) {
      if (rows.length === 0) return [];
      const matrix = activationsOf(input);
      const heights = new Float64Array(matrix.cols);
      for (let column = 0; column < matrix.cols; column++) {
        ctx.check();
        heights[column] = quantile(unitValues(matrix, rows, column), ELSEWHERE);
      }
      return [{ classIndex, heights }];
    },
    merge: (total, part) => [...total, ...part],
    finish: (_input, total) => total ?? [],
  },
  judgeClass(input, { rows, classIndex }, heights, _params, ctx) {
    const matrix = activationsOf(input);
    const n = rows.length;
    const others = (heights ?? []).filter((other) => other.classIndex !== classIndex);
    const largest = Array.from({ length: Math.min(LARGEST, matrix.cols) }, () =>
      new Float64Array(n).fill(-Infinity),
    );
    const peaked: PeakedUnit[] = [];
    for (let column = 0; column < matrix.cols; column++) {
      ctx.check();
      const { middle, spread, excess } = unitExcess(matrix, rows, column);
      keepLargest(largest, excess);
      const elsewhere = others.reduce((a, b) => Math.max(a, b.heights[column]), -Infinity);
      if (!(spread > 0) || others.length === 0) continue;
      const unit = peakedUnit(column, excess, (elsewhere - middle) / spread);
      if (unit !== null) peaked.push(unit);
    }
    peaked.sort((a, b) => b.classExcess - a.classExcess || a.column - b.column);
    const marked = new Uint8Array(n);
    for (const { fired } of peaked) for (const i of fired) marked[i] = 1;
    const score = new Float64Array(n);
    for (const values of largest) for (let i = 0; i < n; i++) score[i] += values[i] / largest.length;
    return {
      finding: {
        classIndex,
        n,
        statistic: peaked.length === 0 ? 0 : peaked[0].classExcess,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: unitFacts(peaked, n, marked),
        skipped: null,
      },
      score,
      marked,
    };
  },
});

function activationsOf({ investigated }: ScanInput): Matrix {
  if (investigated.activations === null)
    throw new Error('Neurons were asked for of a set without activations.');
  return investigated.activations;
}

/**
 * A unit that at most a quarter of the class fires, and enough samples more intensely than the other classes; else null.
 *
 * @param limit excess, on this class's scale, that the other classes reach
 */
function peakedUnit(column: number, excess: Float64Array, limit: number): PeakedUnit | null {
  const n = excess.length;
  const fired: number[] = [];
  let above = 0;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    if (excess[i] < FIRES) continue;
    above++;
    if (excess[i] <= limit) continue;
    fired.push(i);
    sum += excess[i] - limit;
  }
  if (above > MOST_FIRED * n || fired.length < leastGroupSize(n)) return null;
  return { column, fired: Int32Array.from(fired), classExcess: sum / n };
}

function unitFacts(peaked: readonly PeakedUnit[], n: number, marked: Uint8Array): Fact[] {
  return [
    { name: 'units more intense on a few rows than on any other class', value: peaked.length, unit: 'units' },
    { name: 'rows that fire one of them', value: marked.reduce((sum, mark) => sum + mark, 0), unit: 'rows' },
    ...peaked.slice(0, TOLD).flatMap(({ column, fired, classExcess }) => [
      { name: `rows that fire unit ${column}`, value: fired.length, unit: 'rows' },
      {
        name: `their mean excess over the other classes in unit ${column}`,
        value: (classExcess * n) / fired.length,
        unit: 'deviations',
      },
    ]),
  ];
}

/** Values of the rows in one unit. */
function unitValues({ data, cols }: Matrix, rows: Int32Array, column: number): Float64Array {
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = data[rows[i] * cols + column];
  return values;
}

/** Excess of the rows in one unit with the median and deviation it is counted in; 0 for a unit that does not vary. */
function unitExcess(
  matrix: Matrix,
  rows: Int32Array,
  column: number,
): { middle: number; spread: number; excess: Float64Array } {
  const excess = unitValues(matrix, rows, column);
  const { deviation } = meanAndDeviation(excess);
  const ordered = excess.slice();
  const middle = medianInPlace(ordered);
  for (let i = 0; i < ordered.length; i++) ordered[i] = Math.abs(excess[i] - middle);
  const spread = Math.max(MAD_SCALE * medianInPlace(ordered), LEAST_SPREAD * deviation);
  for (let i = 0; i < excess.length; i++) excess[i] = spread > 0 ? (excess[i] - middle) / spread : 0;
  return { middle, spread, excess };
}

/** Puts each row's value among its largest so far, the largest first. */
function keepLargest(largest: readonly Float64Array[], values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    let value = values[i];
    for (const kept of largest) {
      if (value <= kept[i]) continue;
      const smaller = kept[i];
      kept[i] = value;
      value = smaller;
    }
  }
}
