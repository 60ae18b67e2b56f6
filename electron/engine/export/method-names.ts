import type { ExportedScan } from './export.ts';

/** Ids of the methods that put this sample forward, in the order of the scan's list. */
export const methodNames = (scan: ExportedScan, row: number): string[] => {
  const mask = scan.methods[row] ?? 0;
  return scan.detail.methodIds.filter((_id, bit) => ((mask >>> bit) & 1) === 1);
};
