/** The rows of a class whose score is at least the threshold, ascending; NaN is not judged. */
export function rowsBeyond(
  scores: Float64Array,
  labels: Int32Array,
  classIndex: number,
  threshold: number,
): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < scores.length; row++)
    if (labels[row] === classIndex && scores[row] >= threshold) rows.push(row);
  return Int32Array.from(rows);
}
