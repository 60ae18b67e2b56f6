import { realpathSync, statSync } from 'node:fs';
import type { Dtype } from '../../contract/evidence.ts';
import type { OpenArray } from './open-arrays.ts';
import type { SampleRows } from './read-matrix.ts';

/** Where the values of a matrix stay. */
export interface LinkedPlace {
  readonly path: string;
  /** Byte of the first value. */
  readonly offset: number;
  readonly size: number;
  readonly modifiedMs: number;
}

/**
 * Where a matrix of `bytes` stays in its file; a sentence when it is large enough for that and cannot be read there; null
 * when it is to stand in the case.
 * @param linkOver bytes; null links nothing
 */
export function linkedPlace(
  { name, path, file, files, array }: OpenArray,
  dtype: Dtype,
  bytes: number,
  samples: SampleRows,
  linkOver: number | null,
): LinkedPlace | string | null {
  if (linkOver === null || bytes <= linkOver) return null;
  const why =
    file.compression !== null
      ? 'the file is packed'
      : files.length > 1
        ? 'it lies in several files'
        : 'order' in samples || samples.left.length > 0
          ? 'its rows are not all the samples, in their order'
          : array.dtype !== dtype
            ? `${array.stored} is not kept as it is`
            : array.place === undefined
              ? 'its values do not stand in the file as they do in a case (row by row, little-endian, not packed)'
              : null;
  if (why !== null)
    return `${name} is larger than ${linkOver} bytes and was still taken into the case: ${why}.`;
  const real = realpathSync(path);
  const { size, mtimeMs } = statSync(real);
  return { path: real, offset: array.place ?? 0, size, modifiedMs: Math.trunc(mtimeMs) };
}
