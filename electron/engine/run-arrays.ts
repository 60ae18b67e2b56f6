import type { BulkArray } from '../contract/bulk.ts';
import { cachedArray } from './array-cache.ts';
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

const views: { readonly [D in keyof DataOf]: (bytes: Uint8Array) => DataOf[D] } = {
  uint8: (bytes) => bytes,
  int32: ({ buffer, byteOffset, byteLength }) => new Int32Array(buffer, byteOffset, byteLength / 4),
  uint32: ({ buffer, byteOffset, byteLength }) => new Uint32Array(buffer, byteOffset, byteLength / 4),
  float32: ({ buffer, byteOffset, byteLength }) => new Float32Array(buffer, byteOffset, byteLength / 4),
  float64: ({ buffer, byteOffset, byteLength }) => new Float64Array(buffer, byteOffset, byteLength / 8),
};

const NOT_THERE = new Uint8Array();

/** A stored array of a run as typed values, not to be written to; null when the run has none of that name. */
export function runArray<D extends keyof DataOf>(
  caseFile: CaseFile,
  run: number,
  name: string,
  dtype: D,
): DataOf[D] | null {
  const bytes = cachedArray(
    caseFile,
    JSON.stringify(['run', run, name]),
    () => caseFile.runs.array(run, name) ?? NOT_THERE,
  );
  return bytes === NOT_THERE ? null : views[dtype](bytes);
}
