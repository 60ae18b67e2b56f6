import type { BulkArray } from '../contract/bulk.ts';
import type { CaseFile } from './case/case-file.ts';

interface DataOf {
  readonly uint8: Uint8Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

/** Little-endian bytes of an array as a run stores them (every platform that Bezoar runs on is little-endian). */
export function arrayBytes(data: BulkArray['data']): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

const views: { readonly [D in keyof DataOf]: (buffer: ArrayBuffer) => DataOf[D] } = {
  uint8: (buffer) => new Uint8Array(buffer),
  int32: (buffer) => new Int32Array(buffer),
  uint32: (buffer) => new Uint32Array(buffer),
  float32: (buffer) => new Float32Array(buffer),
  float64: (buffer) => new Float64Array(buffer),
};

/** A stored array of a run as typed values, or null when the run has none of that name. */
export function runArray<D extends keyof DataOf>(
  caseFile: CaseFile,
  run: number,
  name: string,
  dtype: D,
): DataOf[D] | null {
  const bytes = caseFile.runs.array(run, name);
  if (!bytes) return null;
  // A copy, because a blob need not start where a typed array may.
  return views[dtype](new Uint8Array(bytes).buffer);
}
