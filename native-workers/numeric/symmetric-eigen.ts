import type { Check } from './moments.ts';

/** Eigenvalues from the largest down, and their unit vectors as rows, shape (d, d). */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

// The matrix is scaled to entries of at most 1: below this an entry beside a zero block is rounding.
const NEGLIGIBLE = 1e-290;
const MOST_ITERATIONS = 60;

/**
 * All eigenvalues and vectors of a symmetric matrix, float64: Householder reduction to tridiagonal form, then implicit
 * QL with shifts (Golub, Van Loan, Matrix Computations, 8.3). Vectors are kept as rows, so that every rotation runs over
 * neighbouring memory. Each vector's largest entry is positive (ties: lowest index).
 *
 * @param matrix row-major, shape (d, d); not changed
 * @throws Error when an entry is not finite
 */
export function symmetricEigen(matrix: Float64Array, d: number, check: Check): SymmetricEigen {
  let scale = 0;
  for (const entry of matrix) scale = Math.max(scale, Math.abs(entry));
  if (!Number.isFinite(scale))
    throw new Error('A matrix of second moments holds an entry that is not finite.');
  const work = matrix.slice();
  if (scale > 0) for (let i = 0; i < work.length; i++) work[i] /= scale;
  const diagonal = new Float64Array(d);
  const off = new Float64Array(d);
  const vectors = new Float64Array(d * d);
  tridiagonalise(work, d, diagonal, off, vectors, check);
  implicitQl(diagonal, off, vectors, d, check);
  for (let i = 0; i < d; i++) diagonal[i] *= scale;
  return sortedDown(diagonal, vectors, d);
}

/** Leaves the diagonal, the off-diagonal (off[i] joins i - 1 and i) and the transposed orthogonal factor. */
function tridiagonalise(
  a: Float64Array,
  d: number,
  diagonal: Float64Array,
  off: Float64Array,
  vectors: Float64Array,
  check: Check,
): void {
  const p = new Float64Array(d);
  const factors = new Float64Array(d);
  for (let i = d - 1; i > 0; i--) {
    check();
    const row = i * d;
    let tail = 0;
    for (let j = 0; j < i - 1; j++) tail += a[row + j] * a[row + j];
    const head = a[row + i - 1];
    if (tail === 0) {
      off[i] = head;
      continue;
    }
    const norm = Math.sqrt(tail + head * head);
    const alpha = head > 0 ? -norm : norm;
    off[i] = alpha;
    const first = head - alpha;
    a[row + i - 1] = first;
    const beta = 2 / (tail + first * first);
    factors[i] = beta;
    for (let j = 0; j < i; j++) p[j] = 0;
    for (let r = 0; r < i; r++) {
      const base = r * d;
      const vr = a[row + r];
      let sum = a[base + r] * vr;
      for (let j = 0; j < r; j++) {
        const value = a[base + j];
        sum += value * a[row + j];
        p[j] += value * vr;
      }
      p[r] += sum;
    }
    let dot = 0;
    for (let j = 0; j < i; j++) {
      p[j] *= beta;
      dot += p[j] * a[row + j];
    }
    const half = (beta / 2) * dot;
    for (let j = 0; j < i; j++) p[j] -= half * a[row + j];
    for (let r = 0; r < i; r++) {
      const base = r * d;
      const vr = a[row + r];
      const wr = p[r];
      for (let j = 0; j <= r; j++) a[base + j] -= vr * p[j] + wr * a[row + j];
    }
  }
  for (let i = 0; i < d; i++) {
    diagonal[i] = a[i * d + i];
    vectors[i * d + i] = 1;
  }
  for (let i = 1; i < d; i++) {
    const beta = factors[i];
    if (beta === 0) continue;
    check();
    const row = i * d;
    for (let r = 0; r < i; r++) {
      const base = r * d;
      let dot = 0;
      for (let j = 0; j < i; j++) dot += vectors[base + j] * a[row + j];
      dot *= beta;
      for (let j = 0; j < i; j++) vectors[base + j] -= dot * a[row + j];
    }
  }
}

function implicitQl(
  diagonal: Float64Array,
  off: Float64Array,
  vectors: Float64Array,
  d: number,
  check: Check,
): void {
  for (let i = 1; i < d; i++) off[i - 1] = off[i];
  if (d > 0) off[d - 1] = 0;
  for (let l = 0; l < d; l++) {
    check();
    for (let iteration = 0; ; iteration++) {
      let m = l;
      for (; m < d - 1; m++) {
        const size = Math.abs(diagonal[m]) + Math.abs(diagonal[m + 1]);
        if (Math.abs(off[m]) <= Number.EPSILON * size + NEGLIGIBLE) break;
      }
      if (m === l) break;
      if (iteration === MOST_ITERATIONS) throw new Error('The eigenvalues of a matrix did not converge.');
      let g = (diagonal[l + 1] - diagonal[l]) / (2 * off[l]);
      let r = Math.hypot(g, 1);
      g = diagonal[m] - diagonal[l] + off[l] / (g + (g >= 0 ? r : -r));
      let s = 1;
      let c = 1;
      let p = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * off[i];
        const b = c * off[i];
        r = Math.sqrt(f * f + g * g);
        off[i + 1] = r;
        if (r === 0) {
          diagonal[i + 1] -= p;
          off[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = diagonal[i + 1] - p;
        r = (diagonal[i] - g) * s + 2 * c * b;
        p = s * r;
        diagonal[i + 1] = g + p;
        g = c * r - b;
        rotateRows(vectors, i * d, d, c, s);
      }
      if (r === 0 && i >= l) continue;
      diagonal[l] -= p;
      off[l] = g;
      off[m] = 0;
    }
  }
}

/** Rotates the row at `upper` and the one below it. */
function rotateRows(vectors: Float64Array, upper: number, d: number, c: number, s: number): void {
  const lower = upper + d;
  for (let k = 0; k < d; k++) {
    const f = vectors[lower + k];
    const e = vectors[upper + k];
    vectors[lower + k] = s * e + c * f;
    vectors[upper + k] = c * e - s * f;
  }
}

function sortedDown(diagonal: Float64Array, vectors: Float64Array, d: number): SymmetricEigen {
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[b] - diagonal[a] || a - b);
  const values = new Float64Array(d);
  const sorted = new Float64Array(d * d);
  order.forEach((from, to) => {
    values[to] = diagonal[from];
    let largest = 0;
    for (let k = 1; k < d; k++) {
      if (Math.abs(vectors[from * d + k]) > Math.abs(vectors[from * d + largest])) largest = k;
    }
    const sign = vectors[from * d + largest] < 0 ? -1 : 1;
    for (let k = 0; k < d; k++) sorted[to * d + k] = sign * vectors[from * d + k];
  });
  return { values, vectors: sorted };
}
