import { packAxes } from '../engines/moments-kernels.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import { mixHash } from './hash.ts';
import { dotProduct, orthonormaliseRows } from './orthonormal.ts';
import { sumStrips, type RowSource } from './row-blocks.ts';
import { packed32, shared32, sharedFloat64 } from './shared-arrays.ts';
import { fixSigns, symmetricEigen, type SymmetricEigen } from './symmetric-eigen.ts';

/** Vectors beyond those asked. */
const OVERSAMPLED = 10;
const LEAST_ROUNDS = 4;
const MOST_ROUNDS = 8;
/** Rounds end when the last value asked for moves by less than this share. */
const SETTLED = 1e-3;
const PURPOSE = 0x72616e67;

/**
 * Leading eigenpairs of XᵀX for centred rows X without forming it: randomised range finding with power rounds and a
 * Rayleigh-Ritz step after each (Halko, Martinsson, Tropp 2011). At least four rounds, and up to eight until the k-th value
 * moves by less than 0.1 %; one pass over the rows a round, and one before.
 */
export async function rangePairs(
  source: RowSource,
  mean: Float64Array,
  k: number,
  runner: TaskRunner,
  seed: number,
): Promise<{ values: Float64Array; directions: Float64Array }> {
  const d = mean.length;
  const count = Math.min(k + OVERSAMPLED, d);
  const centre = shared32(mean);
  const basis = sharedFloat64(count * d);
  const salt = mixHash(seed, PURPOSE);
  for (let i = 0; i < basis.length; i++) basis[i] = mixHash(i, salt) / 2 ** 31 - 1;
  const axes = packed32(basis, count, d);
  let last = 0;
  for (let round = 0; ; round++) {
    await runner.run('orthonormalBasis', { basis, count, d, axes });
    const products = await sumStrips(source, count * d, runner.threads, (piece, sums) =>
      runner.run('addRangeProducts', { piece, centre, axes, count, sums }),
    );
    if (round >= LEAST_ROUNDS - 1) {
      const ritz = await runner.run('ritzPairs', { basis, products, count, d });
      const value = ritz.values[k - 1];
      const settled = Math.abs(value - last) <= SETTLED * value;
      if (round === MOST_ROUNDS || (round >= LEAST_ROUNDS && settled)) {
        const directions = await runner.run('ritzDirections', { basis, vectors: ritz.vectors, count, d, k });
        return { values: ritz.values.slice(0, k), directions };
      }
      last = value;
    }
    basis.set(products);
  }
}

/** Makes the rows of the basis, shape (count, d), orthonormal in place and packs them into `axes`. */
export function orthonormalBasis(
  args: { basis: Float64Array; count: number; d: number; axes: Float32Array },
  ctx: TaskContext,
): void {
  const { basis, count, d, axes } = args;
  orthonormaliseRows(basis, count, d, () => {
    ctx.check();
  });
  packAxes(basis, count, d, axes);
}

/** Rayleigh-Ritz: eigenpairs of S in the span of an orthonormal basis Q, from Q and S Q, both (count, d); vectors in that basis. */
export function ritzPairs(
  args: { basis: Float64Array; products: Float64Array; count: number; d: number },
  ctx: TaskContext,
): SymmetricEigen {
  const { basis, products, count, d } = args;
  const check = (): void => {
    ctx.check();
  };
  const inner = new Float64Array(count * count);
  for (let a = 0; a < count; a++) {
    check();
    for (let b = a; b < count; b++) {
      const sum = dotProduct(basis.subarray(a * d), products.subarray(b * d), d);
      inner[a * count + b] = sum;
      inner[b * count + a] = sum;
    }
  }
  return symmetricEigen(inner, count, check);
}

/** The first k of the vectors, shape (count, count), in the space of the columns, shape (k, d). */
export function ritzDirections(
  args: { basis: Float64Array; vectors: Float64Array; count: number; d: number; k: number },
  ctx: TaskContext,
): Float64Array {
  const { basis, vectors, count, d, k } = args;
  const directions = new Float64Array(k * d);
  for (let c = 0; c < k; c++) {
    ctx.check();
    for (let a = 0; a < count; a++) {
      const weight = vectors[c * count + a];
      for (let j = 0; j < d; j++) directions[c * d + j] += weight * basis[a * d + j];
    }
  }
  fixSigns(directions, d);
  return directions;
}
