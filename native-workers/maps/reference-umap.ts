import { UMAP } from 'umap-js';
import type { Matrix } from '../detectors/detector.ts';
import { mixHash } from '../numeric/hash.ts';
import type { TaskContext } from '../task.ts';
import { nestedRows } from './nested-rows.ts';

const NEIGHBOURS = 15;
/** Share of the work before the first epoch: the neighbour graph, which reports nothing. */
const START_SHARE = 0.4;

/** Draw i of a seeded stream, 0 to 1: a hash of the counter and the seed. */
function seededRandom(seed: number): () => number {
  let counter = 0;
  const stream = mixHash(seed, 0x554d);
  return () => {
    counter += 1;
    return mixHash(mixHash(counter, stream), 0x4150) / 4_294_967_296;
  };
}

/**
 * UMAP (McInnes, Healy, Melville 2018) of the rows by umap-js, float32 coordinates of shape (n, 2). The start cannot be
 * interrupted: run it in a worker of its own.
 *
 * @throws Cancelled
 */
export function referenceUmap(
  args: { matrix: Matrix; rows: Int32Array },
  ctx: TaskContext,
): { coordinates: Float32Array } {
  const { matrix, rows } = args;
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(NEIGHBOURS, rows.length - 1),
    random: seededRandom(ctx.seed),
  });
  const nested = nestedRows(matrix, rows);
  ctx.progress(0.02);
  const epochs = umap.initializeFit(nested);
  for (let epoch = 0; epoch < epochs; epoch++) {
    ctx.check();
    ctx.progress(START_SHARE + (1 - START_SHARE) * (epoch / epochs));
    umap.step();
  }
  const coordinates = new Float32Array(2 * rows.length);
  umap.getEmbedding().forEach((point, i) => {
    coordinates.set(point, 2 * i);
  });
  ctx.progress(1);
  return { coordinates };
}
