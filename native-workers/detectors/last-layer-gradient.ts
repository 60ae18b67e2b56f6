import type { Matrix } from './detector.ts';

const CHECK_ROWS = 4096;

/**
 * Norm of each row's gradient of the cross-entropy by the last layer's weights and bias, shape (rows.length,):
 * |softmax(l) - onehot(y)|₂ · sqrt(|h|² + 1), h the activations that go into that layer. Exact: the gradient is the outer
 * product of the two. 1 - p_y is summed over the other columns, so that it does not vanish where p_y rounds to 1.
 *
 * @param column the logits' column of the rows' given label
 */
export function lastLayerGradientNorms(
  logits: Matrix,
  activations: Matrix,
  rows: Int32Array,
  column: number,
  check: () => void,
): Float64Array {
  const norms = new Float64Array(rows.length);
  const k = logits.cols;
  const d = activations.cols;
  const power = new Float64Array(k);
  for (let i = 0; i < rows.length; i++) {
    if (i % CHECK_ROWS === 0) check();
    const base = rows[i] * k;
    let highest = -Infinity;
    for (let j = 0; j < k; j++) highest = Math.max(highest, logits.data[base + j]);
    let total = 0;
    for (let j = 0; j < k; j++) {
      power[j] = Math.exp(logits.data[base + j] - highest);
      total += power[j];
    }
    let missing = 0;
    let squares = 0;
    for (let j = 0; j < k; j++) {
      if (j === column) continue;
      const p = power[j] / total;
      missing += p;
      squares += p * p;
    }
    let length = 1;
    const start = rows[i] * d;
    for (let j = 0; j < d; j++) length += activations.data[start + j] ** 2;
    norms[i] = Math.sqrt((squares + missing * missing) * length);
  }
  return norms;
}
