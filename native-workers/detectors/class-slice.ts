import type { SampleSet, ScanInput } from './detector.ts';

/** Rows of one given label. They stand in the order of their key hashes, so that no result depends on the row order. */
export interface ClassSlice {
  /** Index into {@link ScanInput.classes}. */
  readonly classIndex: number;
  /** Rows of the investigated set, shape (n_c,), over a SharedArrayBuffer. */
  readonly rows: Int32Array;
  /** Rows of the trusted set, shape (m_c,); empty without one. */
  readonly trustedRows: Int32Array;
}

/** One slice for every class, in class order; a class without rows has an empty slice. */
export function classSlices(input: ScanInput): ClassSlice[] {
  const investigated = rowsByClass(input.investigated, input.classes.length);
  const trusted = input.trusted === null ? null : rowsByClass(input.trusted, input.classes.length);
  return investigated.map((rows, classIndex) => ({
    classIndex,
    rows,
    trustedRows: trusted === null ? new Int32Array(0) : trusted[classIndex],
  }));
}

function rowsByClass(set: SampleSet, classCount: number): Int32Array[] {
  const counts = new Int32Array(classCount + 1);
  for (let i = 0; i < set.rows; i++) counts[set.label[i] + 1]++;
  for (let c = 0; c < classCount; c++) counts[c + 1] += counts[c];
  const order = new Int32Array(new SharedArrayBuffer(set.rows * 4));
  const next = counts.slice();
  for (let i = 0; i < set.rows; i++) order[next[set.label[i]]++] = i;
  const hash = set.keyHash;
  return Array.from({ length: classCount }, (_, c) =>
    order.subarray(counts[c], counts[c + 1]).sort((a, b) => hash[a] - hash[b] || a - b),
  );
}

/** Number of classes that occur as a label or a prediction of the investigated samples: K of the family-wise levels. */
export function occurringClasses({ investigated }: ScanInput): number {
  const seen = new Set<number>();
  for (let i = 0; i < investigated.rows; i++) {
    seen.add(investigated.label[i]);
    if (investigated.predicted !== null && investigated.predicted[i] >= 0)
      seen.add(investigated.predicted[i]);
  }
  return seen.size;
}
