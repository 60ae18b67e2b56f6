import { kernels } from '../engine.ts';
import type { Check } from './moments.ts';
import { backTransform, implicitQl, inverseIteration, orthogonalFactor, tridiagonal } from './tridiagonal.ts';

/** Eigenvalues from the largest down, and their unit vectors as rows, shape (d, d). */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Rotated entries that are collected before the vectors are turned. */
const BATCH = 2 ** 21;

/**
 * All eigenvalues and vectors of a symmetric matrix, float64: Householder reduction to tridiagonal form, then implicit
 * QL with shifts (Golub, Van Loan, Matrix Computations, 8.3). Vectors are kept as rows, so that every rotation runs over
 * neighbouring memory. Each vector's largest entry is positive (ties: lowest index).
 *
 * @param matrix row-major, shape (d, d); not changed
 * @throws Error when an entry is not finite
 */
export function symmetricEigen(matrix: Float64Array, d: number, check: Check): SymmetricEigen {
  const t = tridiagonal(matrix, d, check);
  const vectors = orthogonalFactor(t, check);
  const most = Math.min(d * d, Math.ceil(BATCH / t.stride));
  const rotations = new Float64Array(2 * (most + d));
  let sweeps: number[] = [];
  let held = 0;
  const turn = (): void => {
    check();
    kernels().rotateRows(vectors, t.stride, Int32Array.from(sweeps), rotations.subarray(0, 2 * held));
    sweeps = [];
    held = 0;
  };
  const values = implicitQl(
    t,
    (first, sweep, count) => {
      rotations.set(sweep.subarray(0, 2 * count), 2 * held);
      sweeps.push(first, count);
      held += count;
      if (held >= most) turn();
    },
    check,
  );
  if (held > 0) turn();
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a] || a - b);
  const sorted = new Float64Array(d * d);
  order.forEach((from, to) => {
    sorted.set(vectors.subarray(from * t.stride, from * t.stride + d), to * d);
  });
  fixSigns(sorted, d);
  return { values: Float64Array.from(order, (from) => values[from] * t.scale), vectors: sorted };
}

/**
 * All eigenvalues, largest first, and the unit vectors of the first k as rows, shape (k, d): values by implicit QL, vectors
 * by inverse iteration on the tridiagonal form. Signs as in {@link symmetricEigen}, which does the work where k > d / 4.
 *
 * @param matrix row-major, shape (d, d); not changed
 * @throws Error when an entry is not finite
 */
export function eigTop(matrix: Float64Array, d: number, k: number, check: Check): SymmetricEigen {
  const count = Math.min(k, d);
  if (count <= d / 4) {
    const t = tridiagonal(matrix, d, check);
    const values = implicitQl(t, null, check).sort().reverse();
    const found = inverseIteration(t, values, count, check);
    if (found !== null) {
      backTransform(t, found, count, check);
      const vectors = new Float64Array(count * d);
      for (let a = 0; a < count; a++) vectors.set(found.subarray(a * t.stride, a * t.stride + d), a * d);
      fixSigns(vectors, d);
      return { values: values.map((value) => value * t.scale), vectors };
    }
  }
  const { values, vectors } = symmetricEigen(matrix, d, check);
  return { values, vectors: vectors.slice(0, count * d) };
}

/** Turns every row so that its largest entry is positive (ties: lowest index). */
export function fixSigns(vectors: Float64Array, d: number): void {
  for (let at = 0; at < vectors.length; at += d) {
    let largest = at;
    for (let j = at + 1; j < at + d; j++) if (Math.abs(vectors[j]) > Math.abs(vectors[largest])) largest = j;
    if (vectors[largest] < 0) for (let j = at; j < at + d; j++) vectors[j] = -vectors[j];
  }
}
