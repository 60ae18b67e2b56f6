import type { InputStatistics } from '../../../native-workers/detectors/detector.ts';
import { IMAGE_STATISTICS } from '../../../native-workers/numeric/image-statistics.ts';
import { sharedFloat32, sharedFloat64 } from '../../../native-workers/numeric/shared-arrays.ts';
import type { TaskRunner } from '../../../native-workers/runner.ts';
import type { Dataset } from '../../contract/evidence.ts';
import type { CaseFile } from '../case/case-file.ts';

/** Bytes of images that are read at a time. */
const PIECE_BYTES = 4 * 2 ** 20;

/** What the stored images of a set say, read piece by piece; null without images. @throws Cancelled */
export async function inputStatistics(
  caseFile: CaseFile,
  dataset: Dataset,
  runner: TaskRunner,
): Promise<InputStatistics | null> {
  const info = caseFile.matrices.find(dataset.id, 'images');
  if (!info) return null;
  const [n, ...sides] = info.shape;
  const size = sides.reduce((product, side) => product * side, 1);
  const data = sharedFloat32(n * IMAGE_STATISTICS);
  const contentHash = sharedFloat64(n);
  const rows = Math.max(1, Math.floor(PIECE_BYTES / size));
  let reading: Promise<unknown>[] = [];
  for (let first = 0; first < n; first += rows) {
    const piece = Array.from({ length: Math.min(rows, n - first) }, (_, i) => first + i);
    const bytes = caseFile.matrices.imageRows(info, piece).data;
    reading.push(runner.run('imageStatistics', { bytes, size, first, data, contentHash }));
    if (reading.length < runner.threads) continue;
    await Promise.all(reading);
    reading = [];
  }
  await Promise.all(reading);
  return { data, contentHash };
}
