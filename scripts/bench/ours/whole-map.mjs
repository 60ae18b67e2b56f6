import { mapNeighbours } from '../../../native-workers/maps/map-neighbours.ts';
import { umap, UMAP_NEIGHBOURS, UMAP_OPTIONS } from '../../../native-workers/maps/umap.ts';
import { pca, projectOnComponents } from '../../../native-workers/numeric/pca.ts';
import { context, oneThread } from './start.mjs';

/**
 * What a map starts from: neighbours, exact or not as the app takes them, and the first two components.
 * @param {{ data: Float32Array, rows: number, cols: number }} matrix
 */
export async function mapBeginning(matrix) {
  const k = UMAP_NEIGHBOURS - 1;
  const neighbours = await mapNeighbours(matrix, k, oneThread, context);
  const source = { matrix, rows: null };
  const components = await pca(source, 2, oneThread, { seed: 1 });
  return { neighbours, start: await projectOnComponents(source, components, oneThread) };
}

/**
 * Graph and layout.
 * @param {Awaited<ReturnType<typeof mapBeginning>>} beginning
 * @param {number | null} epochs null: as many as the rows ask for
 * @param {number} seed
 */
export function mapFrom({ neighbours, start }, epochs, seed) {
  return umap(neighbours, start, { ...UMAP_OPTIONS, epochs, seed }, oneThread);
}
