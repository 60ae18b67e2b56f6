import { z } from 'zod';
import { project } from '../numeric/projection.ts';
import { quantumEntropy } from '../numeric/quantum-entropy.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import { robustClass } from './robust-class.ts';
import { valleyMarks } from './valley-marks.ts';

/** SPECTRE's ranking: rows along directions that a group outside the class's core inflates score high. */
export const quantumEntropyScores = defineDetector({
  id: 'quantum-entropy',
  version: 1,
  title: 'Quantum entropy (SPECTRE)',
  family: 'robust',
  reference:
    'Hayase, Kong, Somani, Oh 2021, SPECTRE: Defending Against Backdoor Attacks Using Robust Statistics',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({
    sharpness: z
      .number()
      .min(0)
      .max(64)
      .default(4)
      .describe('How much the widest direction outweighs the others: 0 weighs all alike.'),
  }),
  judgeClass(input, slice, _prepared, params, ctx) {
    const robust = robustClass(input, slice, ctx);
    if (typeof robust === 'string') return { finding: skippedFinding(slice, robust), score: null };
    const { matrix, whitening, turned } = robust;
    const n = matrix.rows;
    const check = (): void => {
      ctx.check();
    };
    const coordinates = project(matrix, null, whitening.centre, turned.axes, check);
    const score = quantumEntropy(coordinates, n, turned.secondMoments, params.sharpness, check);
    const root = score.map(Math.sqrt);
    const marks = valleyMarks(root, 'deviations');
    const leading = turned.secondMoments[0];
    return {
      finding: {
        classIndex: slice.classIndex,
        n,
        statistic: leading,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'largest second moment', value: leading, unit: 'variances of the core' },
          { name: 'axes that hold 99 % of the variance', value: turned.count, unit: 'axes' },
          ...marks.facts,
        ],
        skipped: null,
      },
      score,
      marked: marks.marked,
      projection: root,
    };
  },
});
