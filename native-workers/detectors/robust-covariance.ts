import { z } from 'zod';
import { quantile } from '../numeric/order-statistics.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import { robustClass } from './robust-class.ts';
import { valleyMarks } from './valley-marks.ts';

/**
 * Squared Mahalanobis distance from the class's own core. Activations after a ReLU have no chi-square tail, so no quantile of
 * it is used anywhere: the marks are cut at a valley of the distance, and the class is ranked, not judged.
 */
export const robustCovariance = defineDetector({
  id: 'robust-covariance',
  version: 1,
  title: 'Robust covariance',
  family: 'robust',
  reference:
    'Rousseeuw, Van Driessen 1999, A Fast Algorithm for the Minimum Covariance Determinant Estimator; Ledoit, Wolf 2004, A Well-Conditioned Estimator for Large-Dimensional Covariance Matrices',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({}),
  judgeClass(input, slice, _prepared, _params, ctx) {
    const robust = robustClass(input, slice, ctx);
    if (typeof robust === 'string') return { finding: skippedFinding(slice, robust), score: null };
    const { distances, whitening } = robust;
    const root = distances.map(Math.sqrt);
    const marks = valleyMarks(root, 'deviations');
    const middle = quantile(root, 0.5);
    const far = quantile(root, 0.99);
    return {
      finding: {
        classIndex: slice.classIndex,
        n: root.length,
        statistic: middle > 0 ? far / middle : null,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'axes that hold 99 % of the variance', value: whitening.axes.count, unit: 'axes' },
          { name: 'median robust distance', value: middle, unit: 'deviations' },
          { name: 'robust distance that 1 % of the rows exceed', value: far, unit: 'deviations' },
          ...marks.facts,
        ],
        skipped: null,
      },
      score: distances,
      marked: marks.marked,
      projection: root,
    };
  },
});
