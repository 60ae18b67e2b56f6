import type { Matrix, SampleSet } from './detector.ts';
import { argmaxAt } from './lda-head.ts';

/** Least share of a column's rows that one class must have, and of the class's rows that the column must have. */
const LEAST_SHARE = 0.75;
const CHECK_ROWS = 4096;

/** How often each column of the logits is the largest for rows predicted as each class, shape (columns, classes). */
export function columnCounts(
  set: SampleSet,
  logits: Matrix,
  rows: Int32Array,
  classes: number,
  check: () => void,
): Float64Array {
  const counts = new Float64Array(logits.cols * classes);
  const row = new Float64Array(logits.cols);
  for (let i = 0; i < rows.length; i++) {
    if (i % CHECK_ROWS === 0) check();
    const at = rows[i];
    row.set(logits.data.subarray(at * logits.cols, (at + 1) * logits.cols));
    const predicted = set.predicted?.[at] ?? -1;
    counts[argmaxAt(row, 0, logits.cols) * classes + (predicted >= 0 ? predicted : set.label[at])]++;
  }
  return counts;
}

/**
 * The column of the logits that belongs to each class, -1 where none does; shape (classes,). Files do not name the columns,
 * so a column and a class belong together where either has at least 75 % of its rows with the other.
 *
 * @param counts as of {@link columnCounts}, over all rows
 */
export function columnOfClass(counts: Float64Array, columns: number, classes: number): Int32Array {
  const ofColumn = new Float64Array(columns);
  const ofClass = new Float64Array(classes);
  for (let j = 0; j < columns; j++) {
    for (let c = 0; c < classes; c++) {
      ofColumn[j] += counts[j * classes + c];
      ofClass[c] += counts[j * classes + c];
    }
  }
  const found = new Int32Array(classes).fill(-1);
  for (let j = 0; j < columns; j++) {
    for (let c = 0; c < classes; c++) {
      const count = counts[j * classes + c];
      if (count > 0 && count >= LEAST_SHARE * Math.max(ofColumn[j], ofClass[c])) found[c] = j;
    }
  }
  return found;
}
