import { sortedKDistances } from '../clustering/k-distance.ts';
import { referenceDbscan } from '../clustering/reference-dbscan.ts';
import type { Matrix } from '../detectors/detector.ts';
import { quantile } from '../numeric/order-statistics.ts';
import { symmetricEigen } from '../numeric/symmetric-eigen.ts';
import type { TaskContext } from '../task.ts';
import { nestedRows } from './nested-rows.ts';
import { principalComponents } from './pca-map.ts';
import { referencePca } from './reference-pca.ts';

const SUBSPACE = 10;
const ISLAND_DIMS = 3;
const ISLAND_MIN_POINTS = 10;
/** This share of the rows has its neighbours within eps, so that about 1 % end as noise and a group stays in one piece. */
const ISLAND_SHARE = 0.99;
/** Axes with less than this share of the first axis's variance are rounding, not data. */
const RANK_SHARE = 1e-10;

interface Island {
  readonly size: number;
  readonly suspects: number;
  /** Shared rows over all rows of island and suspects. */
  readonly jaccard: number;
}

export interface CorroborationResult {
  /** Cosines of the principal angles between both leading subspaces, largest first. */
  readonly cosines: number[];
  readonly varianceOurs: number[];
  readonly varianceReference: number[];
  readonly islands: number;
  readonly noise: number;
  readonly suspectsShown: number;
  readonly bestIsland: Island | null;
}

/**
 * Cosines of the principal angles between the spans of two sets of orthonormal rows (Björck, Golub 1973): the singular
 * values of A Bᵀ, largest first, shape (k,).
 *
 * @param a shape (k, d)
 * @param b shape (k, d)
 */
export function principalCosines(a: Float64Array, b: Float64Array, k: number): number[] {
  const d = a.length / k;
  const product = new Float64Array(k * k);
  for (let i = 0; i < k; i++)
    for (let j = 0; j < k; j++) {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += a[i * d + c] * b[j * d + c];
      product[i * k + j] = sum;
    }
  const gram = new Float64Array(k * k);
  for (let i = 0; i < k; i++)
    for (let j = 0; j < k; j++) {
      let sum = 0;
      for (let c = 0; c < k; c++) sum += product[c * k + i] * product[c * k + j];
      gram[i * k + j] = sum;
    }
  const { values } = symmetricEigen(gram, k, () => undefined);
  return Array.from(values, (value) => Math.min(1, Math.sqrt(Math.max(0, value))));
}

/** The cluster that overlaps the suspects most by Jaccard index (ties: the larger); null without suspects or clusters. */
export function bestIsland(clusters: Int32Array, count: number, suspect: Uint8Array): Island | null {
  const sizes = new Int32Array(count);
  const inside = new Int32Array(count);
  let suspects = 0;
  for (let i = 0; i < clusters.length; i++) {
    suspects += suspect[i];
    if (clusters[i] < 0) continue;
    sizes[clusters[i]] += 1;
    inside[clusters[i]] += suspect[i];
  }
  let best: Island | null = null;
  for (let c = 0; c < count && suspects > 0; c++) {
    const jaccard = inside[c] / (sizes[c] + suspects - inside[c]);
    if (!best || jaccard > best.jaccard) best = { size: sizes[c], suspects: inside[c], jaccard };
  }
  return best;
}

/**
 * A second opinion on the rows by independent implementations: ml-pca against our principal components, and DBSCAN of
 * density-clustering on ml-pca's first coordinates against the suspects. Run it in a worker of its own.
 *
 * @param args.suspect shape (rows,), 1 where the row is a suspect
 * @throws Cancelled
 */
export function corroborate(
  args: { matrix: Matrix; rows: Int32Array; suspect: Uint8Array },
  ctx: TaskContext,
): CorroborationResult {
  const { matrix, rows, suspect } = args;
  const part = (from: number, to: number): TaskContext => ({
    ...ctx,
    progress: (fraction) => {
      ctx.progress(from + (to - from) * fraction);
    },
  });
  const ours = principalComponents(matrix, rows, SUBSPACE, part(0, 0.1));
  const reference = referencePca(nestedRows(matrix, rows), SUBSPACE);
  ctx.check();
  ctx.progress(0.5);
  const floor = RANK_SHARE * ours.variances[0];
  const rank = ours.variances.filter((variance) => variance > floor).length;
  const k = Math.min(rank, reference.variances.length);
  const cut = (directions: Float64Array) => directions.slice(0, k * matrix.cols);

  const dims = Math.min(ISLAND_DIMS, reference.variances.length);
  const points = Float64Array.from(reference.coordinates.flatMap((point) => point.slice(0, dims)));
  const reach = sortedKDistances(points, dims, ISLAND_MIN_POINTS, () => {
    ctx.check();
  });
  const eps = quantile(reach, ISLAND_SHARE);
  const dbscan = referenceDbscan({ points, dims, eps, minPoints: ISLAND_MIN_POINTS }, part(0.6, 1));
  return {
    cosines: k > 0 ? principalCosines(cut(ours.directions), cut(reference.directions), k) : [],
    varianceOurs: Array.from(ours.variances),
    varianceReference: Array.from(reference.variances),
    islands: dbscan.count,
    noise: dbscan.noise,
    suspectsShown: suspect.reduce((sum, flag) => sum + flag, 0),
    bestIsland: bestIsland(dbscan.clusters, dbscan.count, suspect),
  };
}
