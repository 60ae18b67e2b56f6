import type { Matrix } from './detector.ts';

const CHECK_ROWS = 4096;

/**
 * How undecided the network is about each row, 0 to 1, shape (rows.length,): the mean of the softmax's entropy over its largest
 * possible value and of 1 - (largest - second largest probability). NaN for fewer than two columns.
 */
export function softmaxUncertainty(logits: Matrix, rows: Int32Array, check: () => void): Float64Array {
  const { data, cols } = logits;
  const out = new Float64Array(rows.length).fill(NaN);
  if (cols < 2) return out;
  for (let i = 0; i < rows.length; i++) {
    if (i % CHECK_ROWS === 0) check();
    const base = rows[i] * cols;
    let first = -Infinity;
    let second = -Infinity;
    for (let j = 0; j < cols; j++) {
      const value = data[base + j];
      if (value > first) [first, second] = [value, first];
      else if (value > second) second = value;
    }
    let total = 0;
    let weighted = 0;
    for (let j = 0; j < cols; j++) {
      const below = data[base + j] - first;
      const power = Math.exp(below);
      total += power;
      weighted += power * below;
    }
    // With p = e^below / total, entropy is ln total - sum of p * below.
    const entropy = (Math.log(total) - weighted / total) / Math.log(cols);
    const margin = (1 - Math.exp(second - first)) / total;
    out[i] = (entropy + 1 - margin) / 2;
  }
  return out;
}
