import { kernels } from '../engine.ts';
import { paddedStride } from '../engines/eigen-kernels.ts';
import { mixHash } from './hash.ts';
import type { Check } from './moments.ts';

// Off-diagonal entries below this share of the norm are dropped: together they move a value by half a rounding of the norm.
const NEGLIGIBLE = Number.EPSILON / 4;
const MOST_ITERATIONS = 60;
/** Matrix entries, or entries of vectors, that one kernel call works on. */
const BUDGET = 2 ** 21;

/** A symmetric matrix as Q T Qᵀ, divided by `scale`, its largest entry. */
interface Tridiagonal {
  readonly d: number;
  readonly stride: number;
  readonly scale: number;
  readonly diagonal: Float64Array;
  /** off[i] joins i - 1 and i; off[0] is 0. */
  readonly off: Float64Array;
  readonly factors: Float64Array;
  /** Row i holds the reflection that cleared it, shape (stride, stride). */
  readonly reflections: Float64Array;
}

/**
 * Householder reduction to tridiagonal form (Golub, Van Loan, Matrix Computations, 8.3.1).
 *
 * @param matrix row-major, shape (d, d); not changed
 * @throws RangeError when it is not d x d; Error when an entry is not finite
 */
export function tridiagonal(matrix: Float64Array, d: number, check: Check): Tridiagonal {
  if (matrix.length !== d * d)
    throw new RangeError(`A matrix of ${d} x ${d} holds ${matrix.length} entries.`);
  let scale = 0;
  for (let i = 0; i < matrix.length; i++) {
    const size = Math.abs(matrix[i]);
    if (!(size < Infinity)) throw new Error('A matrix of second moments holds an entry that is not finite.');
    if (size > scale) scale = size;
  }
  const stride = paddedStride(d);
  const reflections = new Float64Array(stride * stride);
  const divisor = scale > 0 ? scale : 1;
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) reflections[i * stride + j] = matrix[i * d + j] / divisor;
  const diagonal = new Float64Array(d);
  const off = new Float64Array(d);
  const factors = new Float64Array(d);
  const work = new Float64Array(4 * stride);
  const place = Int32Array.of(Math.max(0, d - 1), 0);
  const engine = kernels();
  if (d === 1) diagonal[0] = reflections[0];
  while (place[0] > 0) {
    check();
    engine.tridiagonalise(reflections, stride, place, diagonal, off, factors, work, BUDGET);
  }
  return { d, stride, scale: divisor, diagonal, off, factors, reflections };
}

/** Q z for the first `count` rows z of `vectors`, shape (count, stride). */
export function backTransform(t: Tridiagonal, vectors: Float64Array, count: number, check: Check): void {
  forEachStretch(t, count, (from, to) => {
    check();
    kernels().applyReflections(t.reflections, t.stride, t.factors, from, to, vectors, count);
  });
}

/** The rows of Qᵀ, shape (stride, stride). */
export function orthogonalFactor(t: Tridiagonal, check: Check): Float64Array {
  const vectors = new Float64Array(t.stride * t.stride);
  for (let i = 0; i < t.d; i++) vectors[i * t.stride + i] = 1;
  // A reflection of row i changes only what lies before i.
  forEachStretch(t, t.d, (from, to) => {
    check();
    kernels().applyReflections(t.reflections, t.stride, t.factors, from, to, vectors, to);
  });
  return vectors;
}

function forEachStretch(t: Tridiagonal, count: number, run: (from: number, to: number) => void): void {
  const height = Math.max(8, Math.floor(BUDGET / (1 + count * t.d)));
  for (let from = 1; from < t.d; from += height) run(from, Math.min(t.d, from + height));
}

/** Takes the rotations of a sweep over the rows (i, i + 1) from `first` downwards: cosine and sine in turn. */
type SweepSink = (first: number, rotations: Float64Array, count: number) => void;

/**
 * Eigenvalues of the tridiagonal matrix by implicit QL with shifts (Golub, Van Loan, 8.3.5), in no order, shape (d,).
 *
 * @throws Error when a value does not converge in 60 sweeps
 */
export function implicitQl(t: Tridiagonal, sink: SweepSink | null, check: Check): Float64Array {
  const d = t.d;
  const diagonal = t.diagonal.slice();
  const off = new Float64Array(d);
  for (let i = 1; i < d; i++) off[i - 1] = t.off[i];
  const rotations = new Float64Array(2 * d);
  const negligible = NEGLIGIBLE * largestRowSum(t);
  for (let l = 0; l < d; l++) {
    if ((l & 31) === 0) check();
    for (let iteration = 0; ; iteration++) {
      let m = l;
      for (; m < d - 1; m++) {
        const size = Math.abs(diagonal[m]) + Math.abs(diagonal[m + 1]);
        if (Math.abs(off[m]) <= Math.max(Number.EPSILON * size, negligible)) break;
      }
      if (m === l) break;
      if (iteration === MOST_ITERATIONS) throw new Error('The eigenvalues of a matrix did not converge.');
      const count = sweep(diagonal, off, l, m, rotations);
      sink?.(m - 1, rotations, count);
    }
  }
  return diagonal;
}

function largestRowSum({ d, diagonal, off }: Tridiagonal): number {
  let largest = 0;
  for (let i = 0; i < d; i++) {
    const next = i + 1 < d ? Math.abs(off[i + 1]) : 0;
    largest = Math.max(largest, Math.abs(diagonal[i]) + Math.abs(off[i]) + next);
  }
  return largest;
}

/** One QL sweep over l..m; returns the number of rotations made. */
function sweep(
  diagonal: Float64Array,
  off: Float64Array,
  l: number,
  m: number,
  rotations: Float64Array,
): number {
  let g = (diagonal[l + 1] - diagonal[l]) / (2 * off[l]);
  const length = Math.hypot(g, 1);
  g = diagonal[m] - diagonal[l] + off[l] / (g + (g >= 0 ? length : -length));
  let s = 1;
  let c = 1;
  let p = 0;
  let count = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * off[i];
    const b = c * off[i];
    const r = Math.sqrt(f * f + g * g);
    off[i + 1] = r;
    if (r === 0) {
      diagonal[i + 1] -= p;
      off[m] = 0;
      return count;
    }
    s = f / r;
    c = g / r;
    g = diagonal[i + 1] - p;
    const q = (diagonal[i] - g) * s + 2 * c * b;
    p = s * q;
    diagonal[i + 1] = g + p;
    g = c * q - b;
    rotations[2 * count] = c;
    rotations[2 * count + 1] = s;
    count++;
  }
  diagonal[l] -= p;
  off[l] = g;
  off[m] = 0;
  return count;
}

const MOST_SOLVES = 5;
const ENOUGH = 1e-14;
const TOLERATED = 1e-12;
const TIES_APART = 1e-14;

/**
 * Unit vectors of the tridiagonal matrix for the first `count` of its values (descending), by inverse iteration (Wilkinson
 * 1965) from fixed starts, each orthogonal to those before it; rows of a (count, stride) array. Null where one does not settle.
 */
export function inverseIteration(
  t: Tridiagonal,
  values: Float64Array,
  count: number,
  check: Check,
): Float64Array | null {
  const { d, stride, diagonal, off } = t;
  const vectors = new Float64Array(count * stride);
  const factors = { upper: new Float64Array(3 * d), below: new Float64Array(d), swapped: new Uint8Array(d) };
  const norm = largestRowSum(t) || 1;
  const engine = kernels();
  let shift = Infinity;
  for (let k = 0; k < count; k++) {
    check();
    shift = Math.min(values[k], shift - TIES_APART * norm);
    factorise(diagonal, off, d, shift, Number.EPSILON * norm, factors);
    const row = vectors.subarray(k * stride, (k + 1) * stride);
    const z = row.subarray(0, d);
    for (let i = 0; i < d; i++) z[i] = mixHash(i, k + 1) / 2 ** 31 - 1;
    let residual = Infinity;
    for (let solves = 0; solves < MOST_SOLVES && !(residual <= ENOUGH * norm); solves++) {
      solve(z, d, factors);
      normalise(z);
      // Twice is enough (Parlett 1998).
      for (let pass = 0; pass < 2; pass++) engine.removeSpan(vectors, stride, k, row);
      if (!normalise(z)) return null;
      residual = residualOf(diagonal, off, d, values[k], z);
    }
    if (!(residual <= TOLERATED * norm)) return null;
  }
  return vectors;
}

interface TridiagonalFactors {
  /** Diagonal and the two above it of U, three entries a row. */
  readonly upper: Float64Array;
  readonly below: Float64Array;
  readonly swapped: Uint8Array;
}

/** P (T - shift I) = L U with partial pivoting; pivots below `least` are set to it. */
function factorise(
  diagonal: Float64Array,
  off: Float64Array,
  d: number,
  shift: number,
  least: number,
  { upper, below, swapped }: TridiagonalFactors,
): void {
  let first = diagonal[0] - shift;
  let second = d > 1 ? off[1] : 0;
  for (let i = 0; i + 1 < d; i++) {
    const lower = off[i + 1];
    const next = diagonal[i + 1] - shift;
    const afterNext = i + 2 < d ? off[i + 2] : 0;
    swapped[i] = Math.abs(lower) > Math.abs(first) ? 1 : 0;
    if (swapped[i] === 1) {
      const ratio = first / lower;
      upper[3 * i] = lower;
      upper[3 * i + 1] = next;
      upper[3 * i + 2] = afterNext;
      below[i] = ratio;
      first = second - ratio * next;
      second = -ratio * afterNext;
    } else {
      if (Math.abs(first) < least) first = least;
      const ratio = lower / first;
      upper[3 * i] = first;
      upper[3 * i + 1] = second;
      upper[3 * i + 2] = 0;
      below[i] = ratio;
      first = next - ratio * second;
      second = afterNext;
    }
  }
  upper[3 * d - 3] = Math.abs(first) < least ? least : first;
  upper[3 * d - 2] = 0;
  upper[3 * d - 1] = 0;
}

function solve(z: Float64Array, d: number, { upper, below, swapped }: TridiagonalFactors): void {
  for (let i = 0; i + 1 < d; i++) {
    const kept = swapped[i] === 1 ? z[i + 1] : z[i];
    const other = swapped[i] === 1 ? z[i] : z[i + 1];
    z[i] = kept;
    z[i + 1] = other - below[i] * kept;
  }
  let one = 0;
  let two = 0;
  for (let i = d - 1; i >= 0; i--) {
    const value = (z[i] - upper[3 * i + 1] * one - upper[3 * i + 2] * two) / upper[3 * i];
    two = one;
    one = value;
    z[i] = value;
  }
}

/** Scales to unit length; false when that is impossible. */
function normalise(z: Float64Array): boolean {
  let largest = 0;
  for (const value of z) largest = Math.max(largest, Math.abs(value));
  if (!(largest > 0 && largest < Infinity)) return false;
  let squares = 0;
  for (let i = 0; i < z.length; i++) squares += (z[i] / largest) ** 2;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < z.length; i++) z[i] = (z[i] / largest) * scale;
  return true;
}

function residualOf(
  diagonal: Float64Array,
  off: Float64Array,
  d: number,
  value: number,
  z: Float64Array,
): number {
  let largest = 0;
  for (let i = 0; i < d; i++) {
    let product = (diagonal[i] - value) * z[i];
    if (i > 0) product += off[i] * z[i - 1];
    if (i + 1 < d) product += off[i + 1] * z[i + 1];
    largest = Math.max(largest, Math.abs(product));
  }
  return largest;
}
