import { z } from 'zod';
import { localOutlierFactor } from '../neighbours/local-outlier-factor.ts';
import { median } from '../numeric/order-statistics.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import { NEIGHBOURS, NO_SPREAD, neighbourFacts, type RowScores, scoresOfClass } from './row-scores.ts';
import { whitenedNeighbours } from './whitened-rows.ts';

/** The usual cut of the method; it marks some 4 % of clean data. */
const CUT = 1.5;

/** Local outlier factor: how much thinner a row's surroundings are than its neighbours'. Poison is dense, so it passes. */
export const lof = defineDetector({
  id: 'lof',
  version: 1,
  title: 'Local outlier factor',
  family: 'neighbours',
  reference: 'Breunig, Kriegel, Ng, Sander 2000, LOF: Identifying Density-Based Local Outliers',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({ k: NEIGHBOURS }),
  async survey(input, { k }, runner, ctx): Promise<RowScores | null> {
    const near = await whitenedNeighbours(input, k, runner, ctx);
    if (near === null) return null;
    const score = localOutlierFactor(near.found, () => {
      ctx.check();
    });
    return { score, starts: near.starts, facts: neighbourFacts(near) };
  },
  judgeClass(_input, slice, prepared) {
    if (prepared === null) return { finding: skippedFinding(slice, NO_SPREAD), score: null };
    const score = scoresOfClass(prepared, slice);
    const marked = Uint8Array.from(score, (factor) => (factor > CUT ? 1 : 0));
    const middle = median(score);
    return {
      finding: {
        classIndex: slice.classIndex,
        n: score.length,
        statistic: middle,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'median factor', value: middle, unit: '' },
          {
            name: 'rows with a factor above 1.5',
            value: marked.reduce((sum, mark) => sum + mark, 0),
            unit: 'rows',
          },
          ...prepared.facts,
        ],
        skipped: null,
      },
      score,
      marked,
    };
  },
});
