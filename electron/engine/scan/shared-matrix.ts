import type { Matrix } from '../../../native-workers/detectors/detector.ts';
import type { MatrixInfo } from '../../contract/evidence.ts';
import type { CaseFile } from '../case/case-file.ts';

/** Activations and logits of both sets: what one scan, its maps and its neighbours read again and again. */
const KEPT = 4;
const kept = new WeakMap<CaseFile, Map<number, Matrix>>();

/** Whether a stored matrix is in memory already. */
export function isResident(caseFile: CaseFile, info: MatrixInfo): boolean {
  return kept.get(caseFile)?.has(info.id) ?? false;
}

/** A stored matrix as float32 on shared memory, shape (n, d); the last few stay in memory. */
export function sharedMatrix(caseFile: CaseFile, info: MatrixInfo): Matrix {
  const cache = kept.get(caseFile) ?? new Map<number, Matrix>();
  kept.set(caseFile, cache);
  const [rows, cols] = info.shape;
  const matrix = cache.get(info.id) ?? { data: caseFile.matrices.loadFloat32(info), rows, cols };
  cache.delete(info.id);
  cache.set(info.id, matrix);
  for (const oldest of cache.keys()) {
    if (cache.size <= KEPT) break;
    cache.delete(oldest);
  }
  return matrix;
}
