import { pixelSize } from '../../../native-workers/features/pixel-rows.ts';
import { pca, projectOnComponents } from '../../../native-workers/numeric/pca.ts';
import type { RowBlocks } from '../../../native-workers/numeric/row-blocks.ts';
import type { TaskRunner } from '../../../native-workers/runner.ts';
import type { MatrixInfo } from '../../contract/evidence.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { FeatureBuilder } from './built-features.ts';

const COMPONENTS = 64;
const BLOCK_ROWS = 512;

const product = (sides: readonly number[]): number => sides.reduce((a, b) => a * b, 1);

/** The images of several sets, one set after the other, as rows of pixels that are read block by block. */
function pixelBlocks(
  caseFile: CaseFile,
  images: readonly MatrixInfo[],
  runner: TaskRunner,
  read: (rows: number) => void,
): RowBlocks {
  const [{ shape }] = images;
  const size = { height: shape[1], width: shape[2], channels: shape[3] ?? 1 };
  const to = pixelSize(size);
  const stored = product(shape.slice(1));
  const rows = images.reduce((sum, { shape: [count] }) => sum + count, 0);
  return {
    rows,
    cols: to.height * to.width * to.channels,
    blockRows: BLOCK_ROWS,
    read: async (index, into) => {
      const from = index * BLOCK_ROWS;
      const count = Math.min(BLOCK_ROWS, rows - from);
      const bytes = new Uint8Array(count * stored);
      let before = 0;
      for (const matrix of images) {
        const [own] = matrix.shape;
        const first = Math.max(from, before);
        const end = Math.min(from + count, before + own);
        if (first < end) {
          const wanted = Array.from({ length: end - first }, (_, i) => first - before + i);
          bytes.set(caseFile.matrices.imageRows(matrix, wanted).data, (first - from) * stored);
        }
        before += own;
      }
      await runner.run('pixelRows', { bytes, size, to, out: into });
      read(count);
    },
  };
}

/** Pixels on their first 64 principal components over all sets. */
export const pixelFeatures: FeatureBuilder = async (caseFile, sets, runner, seed, progress) => {
  const images = sets.map((set) => {
    const found = caseFile.matrices.find(set.id, 'images');
    if (found === null) throw new Error(`the ${set.role} set has no images`);
    return found;
  });
  // Every row is read for the means, for the products and for its coordinates.
  const total = 3 * images.reduce((sum, { shape: [count] }) => sum + count, 0);
  let done = 0;
  const source = pixelBlocks(caseFile, images, runner, (rows) => {
    done += rows;
    progress(Math.min(1, done / total));
  });
  const found = await pca(source, COMPONENTS, runner, { seed });
  const coordinates = await projectOnComponents(source, found, runner);
  const width = found.components;
  let before = 0;
  const rows = sets.map((set) => {
    const own = coordinates.subarray(before * width, (before + set.rows) * width);
    before += set.rows;
    return own;
  });
  const [{ shape }] = images;
  const taken = pixelSize({ height: shape[1], width: shape[2], channels: shape[3] ?? 1 });
  const whole = taken.height === shape[1] && taken.width === shape[2];
  return {
    width,
    what: `${whole ? 'pixels' : `pixels at ${taken.width} x ${taken.height}`} reduced by PCA to ${width} columns`,
    facts: {
      method: 'pca',
      components: width,
      pixels: taken,
      // The share of the variance of all pixels that the components keep.
      kept: found.totalVariance > 0 ? found.variances.reduce((a, b) => a + b, 0) / found.totalVariance : 0,
    },
    rows,
  };
};
