import { describe, expect, it } from 'vitest';
import { agreementInWords } from './corroborate-scope.ts';

const agreed = {
  cosines: [1, 1, 0.9999999999],
  varianceOurs: [3, 2, 1],
  varianceReference: [3, 2, 1],
  islands: 2,
  noise: 4,
  suspectsShown: 100,
  bestIsland: { size: 98, suspects: 97, jaccard: 0.96 },
};

describe('the agreement in words', () => {
  it('says how many rows were looked at and that both found the same', () => {
    expect(agreementInWords(agreed, 8000, 60_000)).toBe(
      'On 8,000 of 60,000 rows: ml-pca finds the same leading components. DBSCAN finds the suspects again as a group of their own: 97 of the 100 suspects lie in one island of 98 rows (Jaccard 0.96).',
    );
  });

  it('warns when the components differ', () => {
    expect(agreementInWords({ ...agreed, cosines: [1, 0.9] }, 50, 50)).toMatch(
      /^On 50 rows: ml-pca differs .*0\.9000/,
    );
  });

  it('does not make an agreement of a disagreement', () => {
    const best = (jaccard: number) =>
      agreementInWords({ ...agreed, bestIsland: { size: 500, suspects: 60, jaccard } }, 50, 50);
    expect(best(0.5)).toMatch(/agrees in part/);
    expect(best(0.1)).toMatch(/does not see the suspects .* neither clears nor convicts/);
    expect(agreementInWords({ ...agreed, bestIsland: null }, 50, 50)).toMatch(/no island at all/);
    expect(agreementInWords({ ...agreed, suspectsShown: 0, bestIsland: null }, 50, 50)).toMatch(
      /no suspects here/,
    );
    expect(agreementInWords({ ...agreed, cosines: [] }, 50, 50)).toMatch(/do not vary/);
  });
});
