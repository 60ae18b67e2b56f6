import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inlineRunner } from '../../native-workers/inline-runner.ts';
import { localOutlierFactor } from '../../native-workers/neighbours/local-outlier-factor.ts';
import { findNeighbours } from '../../native-workers/neighbours/nearest.ts';
import { fastIca } from '../../native-workers/numeric/fast-ica.ts';
import { sharedFloat32 } from '../../native-workers/numeric/shared-arrays.ts';
import { uncancelled } from '../../native-workers/task.ts';

interface Golden {
  readonly outlierFactors: readonly { points: number[][]; k: number; factors: number[] }[];
  readonly independentComponents: readonly { principal: number[][]; sources: number[][]; rounds: number }[];
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'rankings.json'), 'utf8')) as Golden;
const check = (): void => undefined;

describe('against scikit-learn', () => {
  it.each(golden.outlierFactors)('local outlier factors of $k neighbours', async ({ points, k, factors }) => {
    const cols = points[0].length;
    const data = sharedFloat32(points.length * cols);
    data.set(points.flat());
    const ctx = uncancelled();
    const near = await findNeighbours(
      { data, rows: points.length, cols },
      { k, metric: 'euclidean', method: 'exact' },
      inlineRunner(ctx),
      ctx,
    );
    localOutlierFactor(near, check).forEach((factor, i) => {
      // Points are stored in float32.
      expect(Math.abs(factor / factors[i] - 1)).toBeLessThan(1e-6);
    });
    expect(Math.max(...factors)).toBeGreaterThan(2);
  });

  it.each(golden.independentComponents)(
    'independent components in $rounds rounds',
    ({ principal, sources, rounds }) => {
      const n = principal.length;
      const k = principal[0].length;
      const found = fastIca(Float64Array.from(principal.flat()), n, k, check);
      expect(found).toMatchObject({ count: k, rounds, converged: true });
      const taken = new Set<number>();
      for (let a = 0; a < k; a++) {
        const apart = Array.from({ length: k }, (_, b) => {
          let [same, turned] = [0, 0];
          for (let i = 0; i < n; i++) {
            same = Math.max(same, Math.abs(found.sources[i * k + a] - sources[i][b]));
            turned = Math.max(turned, Math.abs(found.sources[i * k + a] + sources[i][b]));
          }
          return Math.min(same, turned);
        });
        const nearest = apart.indexOf(Math.min(...apart));
        expect(apart[nearest]).toBeLessThan(1e-6);
        taken.add(nearest);
      }
      expect(taken.size).toBe(k);
    },
  );
});
