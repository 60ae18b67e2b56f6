/**
 * The rows `from` to `to - 1` (or those that `rows` names) one below the other, float32.
 *
 * @throws RangeError when a row is not in the matrix
 */
export function rowBlock(
  x: Float32Array,
  rows: Int32Array | null,
  from: number,
  to: number,
  cols: number,
): Float32Array {
  const held = cols > 0 ? Math.floor(x.length / cols) : 0;
  if (!(from <= to) || to > (rows === null ? held : rows.length))
    throw new RangeError(`Rows ${from} to ${to} are not in a matrix of ${held} rows.`);
  if (rows === null) return x.subarray(from * cols, to * cols);
  const block = new Float32Array((to - from) * cols);
  for (let r = from; r < to; r++) {
    if (rows[r] < 0 || rows[r] >= held)
      throw new RangeError(`Row ${rows[r]} is not in a matrix of ${held} rows.`);
    block.set(x.subarray(rows[r] * cols, (rows[r] + 1) * cols), (r - from) * cols);
  }
  return block;
}
