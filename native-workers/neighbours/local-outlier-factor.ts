import { sharedFloat64 } from '../numeric/shared-arrays.ts';
import type { NearestNeighbours } from './exact.ts';

/** Keeps the density of rows with k exact copies finite, as scikit-learn does. */
const LEAST_REACH = 1e-10;

/**
 * Local outlier factor of every row (Breunig, Kriegel, Ng, Sander 2000): how much less dense a row's surroundings are than those
 * of its k nearest rows. About 1 inside a group, larger outside. Shape (n,), on shared memory.
 *
 * @param neighbours of all rows among all rows
 */
export function localOutlierFactor(
  { ids, distances, queries: n, k }: NearestNeighbours,
  check: () => void,
): Float64Array {
  const density = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if ((i & 16383) === 0) check();
    let reach = 0;
    for (let at = i * k; at < (i + 1) * k; at++)
      reach += Math.max(distances[at], distances[ids[at] * k + k - 1]);
    density[i] = 1 / (reach / k + LEAST_REACH);
  }
  const factor = sharedFloat64(n);
  for (let i = 0; i < n; i++) {
    if ((i & 16383) === 0) check();
    let around = 0;
    for (let at = i * k; at < (i + 1) * k; at++) around += density[ids[at]];
    factor[i] = around / k / density[i];
  }
  return factor;
}
