import { kernels } from '../engine.ts';
import { POWER_BLOCK } from '../engines/eigen-kernels.ts';
import { mixHash } from './hash.ts';
import type { Check } from './moments.ts';
import { eigTop, fixSigns, symmetricEigen } from './symmetric-eigen.ts';

/** The leading eigenpairs of a symmetric matrix. */
interface LeadingPairs {
  /** Largest first, shape (k,). */
  readonly values: Float64Array;
  /** Unit vectors, shape (k, d); the largest entry of each is positive. */
  readonly vectors: Float64Array;
  /** Multiplications made; 0 when the whole matrix was reduced instead. */
  readonly steps: number;
}

const MOST_PAIRS = 4;
const SMALL = 32;
const MOST_STEPS = 500;
const RESIDUAL = 1e-10;
/** Multiplications from one Rayleigh-Ritz step to the next. */
const CYCLE = 3;
/** Multiplications before the speed of convergence is judged. */
const SETTLING = 9;
const BUDGET = 2 ** 19;

/**
 * Leading eigenpairs of a positive semidefinite matrix by power iteration of a block of eight vectors with a Rayleigh-Ritz
 * step after every third multiplication (Stewart 1969), from a fixed start, until the residual of each pair is below 1e-10 of
 * the largest value. Small matrices, more than four pairs and what would not converge for the price of a reduction, nor in
 * 500 multiplications, go to {@link eigTop}.
 *
 * @param matrix row-major, shape (d, d); not changed
 * @throws RangeError when it is not d x d; Error when an entry is not finite
 */
export function blockPower(matrix: Float64Array, d: number, k: number, check: Check): LeadingPairs {
  if (matrix.length !== d * d)
    throw new RangeError(`A matrix of ${d} x ${d} holds ${matrix.length} entries.`);
  const found = k > MOST_PAIRS || d <= SMALL ? null : iterate(matrix, d, k, check);
  if (found !== null) return found;
  const { values, vectors } = eigTop(matrix, d, k, check);
  return { values: values.slice(0, Math.min(k, d)), vectors, steps: 0 };
}

function iterate(matrix: Float64Array, d: number, k: number, check: Check): LeadingPairs | null {
  let block: Float64Array = Float64Array.from(
    { length: d * POWER_BLOCK },
    (_, i) => mixHash(i, 1) / 2 ** 31 - 1,
  );
  let product: Float64Array = new Float64Array(d * POWER_BLOCK);
  // So many multiplications cost as much as reducing the matrix.
  const most = Math.min(MOST_STEPS, 8 + d / 8);
  let before = Infinity;
  const multiplyAgain = (): void => {
    scaleColumns(block, d);
    multiply(matrix, d, block, product, check);
    [block, product] = [product, block];
  };
  for (let first = 1; first < CYCLE; first++) multiplyAgain();
  for (let steps = CYCLE; steps <= most; steps += CYCLE) {
    orthonormalise(block, d, steps);
    multiply(matrix, d, block, product, check);
    const inner = productsOf(block, product, d);
    if (!inner.every(Number.isFinite))
      throw new Error('A matrix of second moments holds an entry that is not finite.');
    const { values, vectors } = symmetricEigen(inner, POWER_BLOCK, check);
    turn(block, vectors, d);
    turn(product, vectors, d);
    const residual = worstResidual(block, product, values, d, k);
    if (residual <= RESIDUAL) {
      const leading = new Float64Array(k * d);
      for (let c = 0; c < k; c++) for (let j = 0; j < d; j++) leading[c * d + j] = block[j * POWER_BLOCK + c];
      fixSigns(leading, d);
      return { values: values.slice(0, k), vectors: leading, steps };
    }
    const cyclesLeft = Math.log(RESIDUAL / residual) / Math.log(residual / before);
    if (steps > SETTLING && !(cyclesLeft >= 0 && steps + CYCLE * cyclesLeft <= most)) return null;
    before = residual;
    [block, product] = [product, block];
    for (let again = 1; again < CYCLE; again++) multiplyAgain();
  }
  return null;
}

function multiply(
  matrix: Float64Array,
  d: number,
  block: Float64Array,
  product: Float64Array,
  check: Check,
): void {
  const height = Math.max(8, Math.floor(BUDGET / d / 8) * 8);
  for (let from = 0; from < d; from += height) {
    check();
    const to = Math.min(d, from + height);
    kernels().multiplyBlock(
      matrix.subarray(from * d, to * d),
      d,
      block,
      product.subarray(from * POWER_BLOCK, to * POWER_BLOCK),
    );
  }
}

/** Columns made orthonormal from the first on; one that lies in the span of those before it is replaced. */
function orthonormalise(block: Float64Array, d: number, salt: number): void {
  scaleColumns(block, d);
  for (let c = 0; c < POWER_BLOCK; c++) {
    for (let attempt = 0; ; attempt++) {
      const before = columnProduct(block, d, c, c);
      let left = removeEarlier(block, d, c);
      // Where much was removed, what is left is rounding in part (Parlett 1998: twice is enough).
      if (left < before / 2) left = removeEarlier(block, d, c);
      const usable = left > 1e-28 * before && left > 0;
      const scale = usable ? 1 / Math.sqrt(left) : 0;
      for (let j = 0; j < d; j++) {
        const at = j * POWER_BLOCK + c;
        block[at] = usable ? block[at] * scale : mixHash(at, salt + attempt + 2) / 2 ** 31 - 1;
      }
      if (usable) break;
    }
  }
}

/** Removes the parts along the columns before c from column c; its squared length is returned. */
function removeEarlier(block: Float64Array, d: number, c: number): number {
  for (let p = 0; p < c; p++) {
    const along = columnProduct(block, d, p, c);
    for (let i = 0; i < block.length; i += POWER_BLOCK) block[i + c] -= along * block[i + p];
  }
  return columnProduct(block, d, c, c);
}

/** Largest entry of each column brought to 1: repeated products neither overflow nor vanish. */
function scaleColumns(block: Float64Array, d: number): void {
  for (let c = 0; c < POWER_BLOCK; c++) {
    let largest = 0;
    for (let j = 0; j < d; j++) largest = Math.max(largest, Math.abs(block[j * POWER_BLOCK + c]));
    if (largest > 0) for (let j = 0; j < d; j++) block[j * POWER_BLOCK + c] /= largest;
  }
}

function columnProduct(block: Float64Array, d: number, a: number, b: number): number {
  let even = 0;
  let odd = 0;
  const pairs = (d - (d % 2)) * POWER_BLOCK;
  for (let i = 0; i < pairs; i += 2 * POWER_BLOCK) {
    even += block[i + a] * block[i + b];
    odd += block[i + POWER_BLOCK + a] * block[i + POWER_BLOCK + b];
  }
  if (d % 2 === 1) even += block[pairs + a] * block[pairs + b];
  return even + odd;
}

/** Xᵀ Y of two blocks, made symmetric, shape (8, 8). */
function productsOf(left: Float64Array, right: Float64Array, d: number): Float64Array {
  const out = new Float64Array(POWER_BLOCK * POWER_BLOCK);
  for (let i = 0; i < d * POWER_BLOCK; i += POWER_BLOCK) {
    for (let a = 0; a < POWER_BLOCK; a++) {
      const value = left[i + a];
      for (let b = a; b < POWER_BLOCK; b++) out[a * POWER_BLOCK + b] += value * right[i + b];
    }
  }
  for (let a = 0; a < POWER_BLOCK; a++)
    for (let b = 0; b < a; b++) out[a * POWER_BLOCK + b] = out[b * POWER_BLOCK + a];
  return out;
}

/** Replaces the block by its columns in the basis of the vectors, rows of an (8, 8) matrix. */
function turn(block: Float64Array, vectors: Float64Array, d: number): void {
  const row = new Float64Array(POWER_BLOCK);
  for (let i = 0; i < d * POWER_BLOCK; i += POWER_BLOCK) {
    for (let c = 0; c < POWER_BLOCK; c++) {
      let sum = 0;
      for (let a = 0; a < POWER_BLOCK; a++) sum += vectors[c * POWER_BLOCK + a] * block[i + a];
      row[c] = sum;
    }
    for (let c = 0; c < POWER_BLOCK; c++) block[i + c] = row[c];
  }
}

/** Largest length of A x - value x over the first k pairs, as a share of the largest value. */
function worstResidual(
  block: Float64Array,
  product: Float64Array,
  values: Float64Array,
  d: number,
  k: number,
): number {
  const unit = values[0] > 0 ? values[0] : 1;
  let worst = 0;
  for (let c = 0; c < k; c++) {
    let squares = 0;
    for (let i = c; i < d * POWER_BLOCK; i += POWER_BLOCK)
      squares += ((product[i] - values[c] * block[i]) / unit) ** 2;
    worst = Math.max(worst, squares);
  }
  return Math.sqrt(worst);
}
