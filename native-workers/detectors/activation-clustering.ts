import { z } from 'zod';
import { moments } from '../numeric/moments.ts';
import { gatherRows } from '../numeric/rows.ts';
import { project } from '../numeric/projection.ts';
import { symmetricEigen } from '../numeric/symmetric-eigen.ts';
import type { TaskContext } from '../task.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';

const SILHOUETTE_ROWS = 2_000;
const MOST_ROUNDS = 100;
// The original's own rules of thumb for a cluster worth looking at.
const SMALL_SHARE = 0.35;
const CLEAR_SILHOUETTE = 0.1;

/**
 * Activation clustering: each class's activations are split in two. 2-means cuts every class, poisoned or not, so the
 * smaller cluster is a view, never a verdict.
 */
export const activationClustering = defineDetector({
  id: 'activation-clustering',
  version: 1,
  title: 'Activation clustering',
  family: 'clustering',
  reference:
    'Chen, Carvalho, Baracaldo, Ludwig, Edwards, Lee, Molloy, Srivastava 2018, Detecting Backdoor Attacks on Deep Neural Networks by Activation Clustering',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({ dimensions: z.number().int().min(1).max(50).default(10) }),
  judgeClass(input, slice, _prepared, params, ctx) {
    const { activations } = input.investigated;
    if (activations === null)
      throw new Error('Activation clustering was asked to judge a set without activations.');
    const matrix = gatherRows([{ matrix: activations, rows: slice.rows }]);
    const n = matrix.rows;
    const check = (): void => ctx.check();
    const m = moments(matrix, null, check);
    const eigen = symmetricEigen(m.scatter, m.cols, check);
    const d = Math.min(params.dimensions, m.cols, n - 1);
    const axes = { count: d, cols: m.cols, data: eigen.vectors.slice(0, d * m.cols) };
    const points = project(matrix, null, m.mean, axes, check);
    const split = twoMeans(points, n, d, ctx);
    if (split === null)
      return {
        finding: skippedFinding(slice, 'The rows of this class cannot be split in two.'),
        score: null,
      };
    const { cluster, centres, smaller } = split;
    const share = smaller / n;
    const width = silhouette(points, cluster, Math.min(n, SILHOUETTE_ROWS), d, ctx);
    const clear = share < SMALL_SHARE && width > CLEAR_SILHOUETTE;
    return {
      finding: {
        classIndex: slice.classIndex,
        n,
        statistic: width,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'silhouette', value: width, unit: '' },
          { name: 'share of the smaller cluster', value: share, unit: 'share' },
          { name: 'rows in the smaller cluster', value: smaller, unit: 'rows' },
          { name: 'rows in the silhouette', value: Math.min(n, SILHOUETTE_ROWS), unit: 'rows' },
        ],
        skipped: null,
      },
      score: towardsSmaller(points, centres, n, d),
      marked: Uint8Array.from(cluster, (c) => (clear && c === 1 ? 1 : 0)),
      cluster,
    };
  },
});

/** 2-means started at the two extremes of the first axis; cluster 1 is the smaller. Null where a cluster runs empty. */
function twoMeans(
  points: Float64Array,
  n: number,
  d: number,
  ctx: TaskContext,
): { cluster: Int32Array; centres: Float64Array; smaller: number } | null {
  let lowest = 0;
  let highest = 0;
  for (let i = 1; i < n; i++) {
    if (points[i * d] < points[lowest * d]) lowest = i;
    if (points[i * d] > points[highest * d]) highest = i;
  }
  const centres = new Float64Array(2 * d);
  centres.set(points.subarray(lowest * d, (lowest + 1) * d), 0);
  centres.set(points.subarray(highest * d, (highest + 1) * d), d);
  const cluster = new Int32Array(n).fill(-1);
  const counts = new Int32Array(2);
  const sums = new Float64Array(2 * d);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    ctx.check();
    let changed = false;
    counts.fill(0);
    sums.fill(0);
    for (let i = 0; i < n; i++) {
      let difference = 0;
      for (let j = 0; j < d; j++) {
        const x = points[i * d + j];
        difference += (x - centres[j]) ** 2 - (x - centres[d + j]) ** 2;
      }
      const nearest = difference > 0 ? 1 : 0;
      if (cluster[i] !== nearest) changed = true;
      cluster[i] = nearest;
      counts[nearest]++;
      for (let j = 0; j < d; j++) sums[nearest * d + j] += points[i * d + j];
    }
    if (counts[0] === 0 || counts[1] === 0) return null;
    if (!changed) break;
    for (let c = 0; c < 2; c++) for (let j = 0; j < d; j++) centres[c * d + j] = sums[c * d + j] / counts[c];
  }
  if (counts[1] > counts[0]) {
    for (let i = 0; i < n; i++) cluster[i] = 1 - cluster[i];
    const first = centres.slice(0, d);
    centres.copyWithin(0, d, 2 * d);
    centres.set(first, d);
  }
  return { cluster, centres, smaller: Math.min(counts[0], counts[1]) };
}

/** Where a row lies on the way from the larger cluster's centre (0) to the smaller one's (1). */
function towardsSmaller(points: Float64Array, centres: Float64Array, n: number, d: number): Float64Array {
  const score = new Float64Array(n);
  let length = 0;
  for (let j = 0; j < d; j++) length += (centres[d + j] - centres[j]) ** 2;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += (points[i * d + j] - centres[j]) * (centres[d + j] - centres[j]);
    score[i] = sum / length;
  }
  return score;
}

/** Mean silhouette (Rousseeuw 1987) of the first `count` rows; they stand in key-hash order, so they are a fixed sample. */
function silhouette(
  points: Float64Array,
  cluster: Int32Array,
  count: number,
  d: number,
  ctx: TaskContext,
): number {
  const sizes = [0, 0];
  for (let i = 0; i < count; i++) sizes[cluster[i]]++;
  if (sizes[0] === 0 || sizes[1] === 0) return 0;
  const sums = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) {
    if ((i & 63) === 0) ctx.check();
    for (let k = i + 1; k < count; k++) {
      let squares = 0;
      for (let j = 0; j < d; j++) {
        const difference = points[i * d + j] - points[k * d + j];
        squares += difference * difference;
      }
      const distance = Math.sqrt(squares);
      sums[i * 2 + cluster[k]] += distance;
      sums[k * 2 + cluster[i]] += distance;
    }
  }
  let total = 0;
  for (let i = 0; i < count; i++) {
    const own = cluster[i];
    if (sizes[own] === 1) continue;
    const inside = sums[i * 2 + own] / (sizes[own] - 1);
    const outside = sums[i * 2 + 1 - own] / sizes[1 - own];
    const larger = Math.max(inside, outside);
    if (larger > 0) total += (outside - inside) / larger;
  }
  return total / count;
}
