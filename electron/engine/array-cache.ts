import type { CaseFile } from './case/case-file.ts';

/** So many bytes of arrays are kept per case: views ask for the same ones again, and for the pages of one in turn. */
const KEPT_BYTES = 64 * 1024 * 1024;
const kept = new WeakMap<CaseFile, Map<string, { byteLength: number }>>();

/** An array of the case that never changes under its key; the last few are kept. Nobody may write to it. */
export function cachedArray<T extends { readonly byteLength: number }>(
  caseFile: CaseFile,
  key: string,
  read: () => T,
): T {
  const cache = kept.get(caseFile) ?? new Map<string, { byteLength: number }>();
  kept.set(caseFile, cache);
  const array = (cache.get(key) as T | undefined) ?? read();
  cache.delete(key);
  cache.set(key, array);
  let bytes = 0;
  for (const { byteLength } of cache.values()) bytes += byteLength;
  for (const [oldest, { byteLength }] of cache) {
    if (bytes <= KEPT_BYTES || cache.size === 1) break;
    cache.delete(oldest);
    bytes -= byteLength;
  }
  return array;
}

/** The labels of a set as class indices. They point into the labels of both active sets, so they move when another comes. */
export function cachedLabels(
  caseFile: CaseFile,
  dataset: number,
  column: 'labels' | 'predicted',
): Int32Array {
  const active = caseFile.datasets.list().map(({ id }) => id);
  return cachedArray(caseFile, JSON.stringify([column, dataset, active]), () =>
    caseFile.datasets[column](dataset),
  );
}
