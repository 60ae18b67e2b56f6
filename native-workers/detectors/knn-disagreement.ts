import { z } from 'zod';
import { sharedFloat64 } from '../numeric/shared-arrays.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import { NEIGHBOURS, NO_SPREAD, neighbourFacts, type RowScores, scoresOfClass } from './row-scores.ts';
import { whitenedNeighbours } from './whitened-rows.ts';

const MOST = 0.5;

/**
 * Neighbour disagreement: the share of a row's nearest rows, over all classes, that carry another label. It sees wrong labels
 * that the model did not learn, and the borders of classes that overlap by nature.
 */
export const knnDisagreement = defineDetector({
  id: 'knn-disagreement',
  version: 1,
  title: 'Neighbours of another label',
  family: 'neighbours',
  reference:
    'Cover, Hart 1967, Nearest neighbor pattern classification; Wilson 1972 (edited nearest neighbours)',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({ k: NEIGHBOURS }),
  async survey(input, { k }, runner, ctx): Promise<RowScores | null> {
    const near = await whitenedNeighbours(input, k, runner, ctx);
    if (near === null) return null;
    const { found, rows, starts } = near;
    const { label } = input.investigated;
    const score = sharedFloat64(rows.length);
    for (let i = 0; i < rows.length; i++) {
      if ((i & 16383) === 0) ctx.check();
      let other = 0;
      for (let at = i * found.k; at < (i + 1) * found.k; at++)
        if (label[rows[found.ids[at]]] !== label[rows[i]]) other++;
      score[i] = other / found.k;
    }
    return { score, starts, facts: neighbourFacts(near) };
  },
  judgeClass(_input, slice, prepared) {
    if (prepared === null) return { finding: skippedFinding(slice, NO_SPREAD), score: null };
    const score = scoresOfClass(prepared, slice);
    const marked = Uint8Array.from(score, (share) => (share > MOST ? 1 : 0));
    const count = marked.reduce((sum, mark) => sum + mark, 0);
    const mean = score.reduce((sum, share) => sum + share, 0) / score.length;
    return {
      finding: {
        classIndex: slice.classIndex,
        n: score.length,
        statistic: mean,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'mean share of neighbours with another label', value: mean, unit: 'share' },
          { name: 'rows with more than half of another label', value: count, unit: 'rows' },
          ...prepared.facts,
        ],
        skipped: null,
      },
      score,
      marked,
    };
  },
});
