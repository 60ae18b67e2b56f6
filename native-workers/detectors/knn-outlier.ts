import { z } from 'zod';
import { sharedFloat64 } from '../numeric/shared-arrays.ts';
import { median } from '../numeric/order-statistics.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import { NEIGHBOURS, NO_SPREAD, neighbourFacts, type RowScores, scoresOfClass } from './row-scores.ts';
import { whitenedNeighbours } from './whitened-rows.ts';

/**
 * Neighbour distance: how far a row's k-th nearest row is. It sees lone rows; poison is dense, more than k rows of it are each
 * other's neighbours. The original
 * takes the n farthest, a number that nobody knows: there is no cut, and nothing is marked.
 */
export const knnOutlier = defineDetector({
  id: 'knn-outlier',
  version: 1,
  title: 'Distance to the neighbours',
  family: 'neighbours',
  reference: 'Ramaswamy, Rastogi, Shim 2000, Efficient Algorithms for Mining Outliers from Large Data Sets',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({ k: NEIGHBOURS }),
  async survey(input, { k }, runner, ctx): Promise<RowScores | null> {
    const near = await whitenedNeighbours(input, k, runner, ctx);
    if (near === null) return null;
    const { found, starts } = near;
    const score = sharedFloat64(found.queries);
    for (let i = 0; i < score.length; i++) score[i] = found.distances[(i + 1) * found.k - 1];
    return { score, starts, facts: neighbourFacts(near) };
  },
  judgeClass(_input, slice, prepared) {
    if (prepared === null) return { finding: skippedFinding(slice, NO_SPREAD), score: null };
    const score = scoresOfClass(prepared, slice);
    const middle = median(score);
    const largest = score.reduce((most, distance) => Math.max(most, distance), 0);
    return {
      finding: {
        classIndex: slice.classIndex,
        n: score.length,
        statistic: middle,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'median distance to the last neighbour', value: middle, unit: 'standard deviations' },
          { name: 'largest distance to the last neighbour', value: largest, unit: 'standard deviations' },
          ...prepared.facts,
        ],
        skipped: null,
      },
      score,
    };
  },
});
