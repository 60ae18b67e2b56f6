import type { Dtype } from '../../contract/evidence.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;

const bytesPer: Readonly<Record<Dtype, number>> = { float16: 2, float32: 4, float64: 8, uint8: 1 };

/** Bytes of one row of a matrix. */
export const rowBytes = (dtype: Dtype, shape: readonly number[]): number =>
  shape.slice(1).reduce((a, b) => a * b, bytesPer[dtype]);

/** Rows of a chunk: float matrices a multiple of 256, images as many whole rows as fit 4 MiB, at least one. */
export function chunkRows(dtype: Dtype, shape: readonly number[]): number {
  const bytes = Math.max(1, rowBytes(dtype, shape));
  if (dtype === 'uint8') return Math.max(1, Math.floor(CHUNK_BYTES / bytes));
  return Math.max(256, Math.floor(CHUNK_BYTES / bytes / 256) * 256);
}
