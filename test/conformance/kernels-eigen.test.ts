import { describe, expect, it } from 'vitest';
import { availableEngines, useEngine } from '../../native-workers/engine.ts';
import { paddedStride } from '../../native-workers/engines/eigen-kernels.ts';
import { fusesMultiplyAdd, type Kernels } from '../../native-workers/engines/kernels.ts';
import { blockPower } from '../../native-workers/numeric/block-power.ts';
import { mixHash } from '../../native-workers/numeric/hash.ts';
import { eigTop, symmetricEigen } from '../../native-workers/numeric/symmetric-eigen.ts';

const check = (): void => undefined;
const engines = availableEngines();

function draws(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => mixHash(i, seed) / 2 ** 31 - 1);
}

/** Products of 2 d rows with columns of falling scale. */
function secondMoments(d: number, fall: number): Float64Array {
  const x = draws(2 * d * d, d).map((value, i) => value * Math.exp((-fall * (i % d)) / d));
  const out = new Float64Array(d * d);
  for (let r = 0; r < 2 * d; r++)
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) out[i * d + j] += x[r * d + i] * x[r * d + j];
  return out;
}

/** Everything the reduction, the back-transformation and the rotations give, in steps of `budget`. */
function reduced(k: Kernels, matrix: Float64Array, d: number, budget: number): Float64Array[] {
  const stride = paddedStride(d);
  const work = new Float64Array(stride * stride);
  for (let i = 0; i < d; i++) work.set(matrix.subarray(i * d, (i + 1) * d), i * stride);
  const [diagonal, off, factors] = [new Float64Array(d), new Float64Array(d), new Float64Array(d)];
  const place = Int32Array.of(d - 1, 0);
  const state = new Float64Array(4 * stride);
  do k.tridiagonalise(work, stride, place, diagonal, off, factors, state, budget);
  while (place[0] > 0);
  const vectors = draws(7 * stride, 5);
  k.applyReflections(work, stride, factors, 1, d, vectors, 7);
  const rotations = Float64Array.from({ length: 18 }, (_, i) =>
    i % 2 === 0 ? Math.cos(i >> 1) : Math.sin(i >> 1),
  );
  k.rotateRows(vectors, stride, Int32Array.of(5, 6, 3, 3), rotations);
  return [diagonal, off, factors, vectors];
}

describe('the eigen kernels', () => {
  it.each([1, 2, 7, 8, 9, 31, 32, 33, 64, 127, 130])(
    'give the same bytes in every engine and in steps of any size, %i columns',
    (d) => {
      const matrix = secondMoments(d, 2);
      const reference = reduced(useEngine('typescript'), matrix, d, Infinity);
      for (const name of engines) {
        const k = useEngine(name);
        for (const budget of [1, 1000, 2 ** 30]) expect(reduced(k, matrix, d, budget)).toEqual(reference);
      }
    },
  );

  it.each([1, 5, 8, 33, 127])('multiply a block of 8 with the same bytes, %i columns', (d) => {
    const matrix = draws(d * d, 1);
    const block = draws(d * 8, 2);
    const products = engines.map((name) => {
      const product = new Float64Array(d * 8);
      useEngine(name).multiplyBlock(matrix, d, block, product);
      return product;
    });
    for (const product of products) expect(product).toEqual(products[0]);
    let entry = 0;
    for (let j = 0; j < d; j++) entry += matrix[(d - 1) * d + j] * block[j * 8 + 3];
    expect(products[0][(d - 1) * 8 + 3]).toBe(entry);
  });

  it.each([1, 6, 8, 13, 64])('remove a span with the same bytes, %i columns', (cols) => {
    const basis = new Float64Array(2 * cols);
    basis[cols - 1] = 1;
    basis[cols] = cols > 1 ? 1 : 0;
    const vector = draws(cols, 3);
    const found = engines.map((name) => {
      const out = vector.slice();
      useEngine(name).removeSpan(basis, cols, 2, out);
      return out;
    });
    const wanted = vector.map((value, j) => (j === 0 || j === cols - 1 ? 0 : value));
    for (const out of found) expect(out).toEqual(wanted);
    const skew = engines.map((name) => {
      const out = vector.slice();
      useEngine(name).removeSpan(draws(3 * cols, 4), cols, 3, out);
      return out;
    });
    for (const out of skew) expect(out).toEqual(skew[0]);
  });

  it.each([40, 129])('give the same decompositions in every engine, %i columns', (d) => {
    const matrix = secondMoments(d, 12);
    const decompositions = engines.map((name) => {
      useEngine(name);
      return [symmetricEigen(matrix, d, check), eigTop(matrix, d, 5, check), blockPower(matrix, d, 2, check)];
    });
    for (const found of decompositions) expect(found).toEqual(decompositions[0]);
  });
});

describe('the spectral kernels', () => {
  const n = 200;
  const cols = 67;
  const count = 13;
  const x = Float32Array.from(draws(n * cols, 3), (value) => Math.max(0, value));
  const centre = Float32Array.from(draws(cols, 4));
  const weights = Float32Array.from(draws(n * count, 6));
  const rows = Int32Array.from({ length: 130 }, (_, i) => (i * 37) % n);

  function productsOf(k: Kernels, named: Int32Array | null, step: number): Float64Array {
    const products = new Float64Array(count * cols);
    const total = named === null ? n : named.length;
    for (let from = 0; from < total; from += step) {
      const to = Math.min(total, from + step);
      k.addProducts(x, named, from, to, cols, centre, weights.subarray(from * count), count, products);
    }
    return products;
  }

  it.each(engines)('of %s add products as defined, in pieces of any multiple of 64 rows', (name) => {
    const k = useEngine(name);
    for (const named of [null, rows]) {
      const found = productsOf(k, named, 64);
      expect(productsOf(k, named, 128)).toEqual(found);
      let worst = 0;
      for (let c = 0; c < count; c++) {
        for (let j = 0; j < cols; j++) {
          let sum = 0;
          for (let r = 0; r < (named ?? { length: n }).length; r++)
            sum += weights[r * count + c] * (x[(named === null ? r : named[r]) * cols + j] - centre[j]);
          worst = Math.max(worst, Math.abs(found[c * cols + j] - sum));
        }
      }
      expect(worst).toBeLessThan(2e-5);
    }
  });

  it.each([true, false])('add the same bytes in engines of one class of rounding (fused: %s)', (fused) => {
    const names = engines.filter((name) => name !== 'typescript' && fusesMultiplyAdd(name) === fused);
    const found = names.map((name) => productsOf(useEngine(name), rows, 64));
    for (const products of found) expect(products).toEqual(found[0]);
  });

  it.each([1, 7, 8, 67])('project onto a direction with the same bytes in every engine, %i columns', (d) => {
    const direction = draws(d, 9);
    const mean = draws(d, 10);
    const named = Int32Array.of(5, 0, 5);
    const found = engines.map((name) => {
      const out = new Float64Array(3);
      useEngine(name).projectOnto(x, named, 0, 3, d, mean, direction, out);
      return out;
    });
    for (const out of found) expect(out).toEqual(found[0]);
    let sum = 0;
    for (let j = 0; j < d; j++) sum += (x[5 * d + j] - mean[j]) * direction[j];
    expect(Math.abs(found[0][2] - sum)).toBeLessThan(1e-13);
    expect(found[0][0]).toBe(found[0][2]);
  });
});

// The readable engine indexes typed arrays: a wrong length reads undefined there, never memory.
describe.each(engines.filter((name) => name !== 'typescript'))('%s refuses', (name) => {
  const k = useEngine(name);
  const f = (length: number): Float64Array => new Float64Array(length);
  it.each([
    [
      'a stride that is no multiple of 8',
      () => k.tridiagonalise(f(144), 12, Int32Array.of(3, 0), f(4), f(4), f(4), f(48), 1),
    ],
    [
      'a place outside the matrix',
      () => k.tridiagonalise(f(64), 8, Int32Array.of(8, 0), f(9), f(9), f(9), f(32), 1),
    ],
    [
      'a place between two blocks',
      () => k.tridiagonalise(f(64), 8, Int32Array.of(7, 4), f(8), f(8), f(8), f(32), 1),
    ],
    ['a small matrix', () => k.tridiagonalise(f(63), 8, Int32Array.of(7, 0), f(8), f(8), f(8), f(32), 1)],
    ['short diagonals', () => k.tridiagonalise(f(64), 8, Int32Array.of(7, 0), f(8), f(7), f(8), f(32), 1)],
    ['little work memory', () => k.tridiagonalise(f(64), 8, Int32Array.of(7, 0), f(8), f(8), f(8), f(31), 1)],
    ['reflections beyond the matrix', () => k.applyReflections(f(64), 8, f(9), 1, 9, f(8), 1)],
    ['fewer vectors than asked', () => k.applyReflections(f(64), 8, f(8), 1, 8, f(15), 2)],
    ['fewer factors than reflections', () => k.applyReflections(f(64), 8, f(7), 1, 8, f(16), 2)],
    ['a sweep beyond the last row', () => k.rotateRows(f(16), 8, Int32Array.of(1, 1), f(2))],
    ['a sweep beyond the first row', () => k.rotateRows(f(16), 8, Int32Array.of(0, 2), f(4))],
    ['missing rotations', () => k.rotateRows(f(16), 8, Int32Array.of(0, 1), f(1))],
    ['a basis with fewer rows', () => k.removeSpan(f(15), 8, 2, f(8))],
    ['a vector shorter than the basis', () => k.removeSpan(f(16), 8, 2, f(7))],
    ['a short block', () => k.multiplyBlock(f(16), 4, f(31), f(32))],
    ['a matrix with fewer rows', () => k.multiplyBlock(f(15), 4, f(32), f(32))],
    ['a short direction', () => k.projectOnto(new Float32Array(8), null, 0, 2, 4, f(4), f(3), f(2))],
    ['a short output', () => k.projectOnto(new Float32Array(8), null, 0, 2, 4, f(4), f(4), f(1))],
    [
      'fewer weights than rows',
      () =>
        k.addProducts(new Float32Array(8), null, 0, 2, 4, new Float32Array(4), new Float32Array(5), 3, f(12)),
    ],
    [
      'fewer products than weights',
      () =>
        k.addProducts(new Float32Array(8), null, 0, 2, 4, new Float32Array(4), new Float32Array(6), 3, f(11)),
    ],
  ] as const)('%s', (_, call) => {
    expect(call).toThrow();
  });
});
