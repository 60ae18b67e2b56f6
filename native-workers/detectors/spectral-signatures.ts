import { z } from 'zod';
import { classSpectrum, fewRows } from '../numeric/class-spectrum.ts';
import { moments } from '../numeric/moments.ts';
import { skewness } from '../numeric/order-statistics.ts';
import { project } from '../numeric/projection.ts';
import { addSquaredDistances } from '../numeric/row-tasks.ts';
import { eigTop } from '../numeric/symmetric-eigen.ts';
import { findValley } from '../numeric/valley.ts';
import type { TaskContext } from '../task.ts';
import { defineDetector } from './define-detector.ts';
import type { Matrix } from './detector.ts';

const DEEP = 0.9;
const LEAST_MASS = 0.005;
const SPECTRUM = 20;

/** What the centred rows of a class vary along. */
interface Spectrum {
  readonly mean: Float64Array;
  /** Leading squared singular values, descending: 20 of them where there are so many. */
  readonly values: Float64Array;
  /** Sum of all of them. */
  readonly total: number;
  /** Right singular vectors, shape (count, d), at least k where there are so many. */
  readonly directions: Float64Array;
  readonly count: number;
}

/** By products of rows where they are fewer than the columns, of columns where not; only the vectors asked for are made. */
function leadingSpectrum(matrix: Matrix, rows: Int32Array, k: number, ctx: TaskContext): Spectrum {
  const n = rows.length;
  const d = matrix.cols;
  const check = (): void => {
    ctx.check();
  };
  if (fewRows(n, d)) {
    const { mean, values, directions, count } = classSpectrum(
      { matrix, rows, k: Math.max(k, SPECTRUM) },
      ctx,
    );
    const sums = new Float64Array(1);
    const piece = { x: matrix.data, rows, from: 0, to: n, cols: d, first: 0 };
    addSquaredDistances({ piece, centre: mean, sums }, ctx);
    return { mean, values, total: sums[0], directions, count };
  }
  const { mean, scatter } = moments(matrix, rows, check);
  let total = 0;
  for (let j = 0; j < d; j++) total += scatter[j * d + j];
  const count = Math.min(k, d);
  const { values, vectors } = eigTop(scatter, d, count, check);
  return { mean, values, total, directions: vectors, count };
}

/**
 * Spectral signatures: poison inflates the top singular direction of the centred class. The original removes a share
 * derived from the poisoning rate, which nobody knows; here the cut is a valley of the root score, and it only marks.
 */
export const spectralSignatures = defineDetector({
  id: 'spectral-signatures',
  version: 1,
  title: 'Spectral signatures',
  family: 'spectral',
  reference: 'Tran, Li, Madry 2018, Spectral Signatures in Backdoor Attacks',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({
    k: z.number().int().min(1).max(10).default(1).describe('Leading directions that make up the score.'),
  }),
  judgeClass(input, slice, _prepared, params, ctx) {
    const { activations } = input.investigated;
    if (activations === null)
      throw new Error('Spectral signatures were asked to judge a set without activations.');
    const { rows } = slice;
    const n = rows.length;
    const spectrum = leadingSpectrum(activations, rows, params.k, ctx);
    const k = Math.min(params.k, spectrum.count);
    const axes = { count: k, cols: activations.cols, data: spectrum.directions };
    const coordinates = project(activations, rows, spectrum.mean, axes, () => {
      ctx.check();
    });
    const score = new Float64Array(n);
    const first = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      for (let a = 0; a < k; a++) score[i] += coordinates[i * k + a] ** 2;
      first[i] = coordinates[i * k];
    }
    if (skewness(first) < 0) for (let i = 0; i < n; i++) first[i] = -first[i];
    const root = score.map(Math.sqrt);
    const valley = findValley(root);
    const cuts = valley !== null && valley.side === 1 && valley.depth >= DEEP && valley.mass >= LEAST_MASS;
    const marked = new Uint8Array(n);
    let beyond = 0;
    if (cuts) {
      for (let i = 0; i < n; i++) {
        if (root[i] > valley.cut) {
          marked[i] = 1;
          beyond++;
        }
      }
    }
    const share = spectrum.values[0] / spectrum.total;
    const valleyFacts =
      valley === null
        ? []
        : [
            { name: 'valley cut', value: valley.cut, unit: 'activation units' },
            { name: 'valley depth', value: valley.depth, unit: 'share' },
            { name: 'mass beyond the valley', value: valley.mass, unit: 'share' },
          ];
    return {
      finding: {
        classIndex: slice.classIndex,
        n,
        statistic: share,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'share of the leading eigenvalue', value: share, unit: 'share' },
          ...valleyFacts,
          { name: 'rows beyond a clear valley', value: beyond, unit: 'rows' },
        ],
        skipped: null,
        spectrum: spectrum.values.slice(0, SPECTRUM).map((value) => value / n),
      },
      score,
      marked,
      projection: first,
    };
  },
});
