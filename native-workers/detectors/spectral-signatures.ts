import { z } from 'zod';
import { moments } from '../numeric/moments.ts';
import { gatherRows } from '../numeric/rows.ts';
import { skewness } from '../numeric/order-statistics.ts';
import { project } from '../numeric/projection.ts';
import { symmetricEigen } from '../numeric/symmetric-eigen.ts';
import { findValley } from '../numeric/valley.ts';
import { defineDetector } from './define-detector.ts';

const DEEP = 0.9;
const LEAST_MASS = 0.005;
const SPECTRUM = 20;

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
  params: z.object({ k: z.number().int().min(1).max(10).default(1) }),
  judgeClass(input, slice, _prepared, params, ctx) {
    const { activations } = input.investigated;
    if (activations === null)
      throw new Error('Spectral signatures were asked to judge a set without activations.');
    const matrix = gatherRows([{ matrix: activations, rows: slice.rows }]);
    const n = matrix.rows;
    const check = (): void => ctx.check();
    const m = moments(matrix, null, check);
    const eigen = symmetricEigen(m.scatter, m.cols, check);
    const k = Math.min(params.k, m.cols, n - 1);
    const axes = { count: k, cols: m.cols, data: eigen.vectors.slice(0, k * m.cols) };
    const coordinates = project(matrix, null, m.mean, axes, check);
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
    let trace = 0;
    for (const value of eigen.values) trace += value;
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
        statistic: eigen.values[0] / trace,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'share of the leading eigenvalue', value: eigen.values[0] / trace, unit: 'share' },
          ...valleyFacts,
          { name: 'rows beyond a clear valley', value: beyond, unit: 'rows' },
        ],
        skipped: null,
        spectrum: eigen.values.slice(0, Math.min(SPECTRUM, m.cols)).map((value) => value / n),
      },
      score,
      marked,
      projection: first,
    };
  },
});
