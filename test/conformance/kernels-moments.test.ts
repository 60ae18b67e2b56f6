import { describe, expect, it } from 'vitest';
import { availableEngines, useEngine } from '../../native-workers/engine.ts';
import { fusesMultiplyAdd, type EngineName, type Kernels } from '../../native-workers/engines/kernels.ts';
import {
  gramScratch,
  packAxes,
  packedAxesLength,
  PANEL,
  projectScratch,
} from '../../native-workers/engines/moments-kernels.ts';
import { mixHash } from '../../native-workers/numeric/hash.ts';

/** Rows as after a ReLU: more than half of the entries are exactly 0. */
function activations(rows: number, cols: number, seed: number): Float32Array {
  const x = new Float32Array(rows * cols);
  for (let i = 0; i < x.length; i++) x[i] = Math.max(0, (mixHash(i, seed) / 2 ** 32 - 0.55) * 8);
  return x;
}

interface Outputs {
  readonly sums: Float64Array;
  /** The sums as the Gram kernel gives them. */
  readonly summed: Float64Array;
  readonly squares: Float64Array;
  readonly gram: Float64Array;
  readonly exact: Float64Array;
  readonly projected: Float32Array;
  readonly projectedExact: Float64Array;
}

/** Everything the kernels give for these rows, called in pieces of `step` rows. */
function outputs(
  k: Kernels,
  x: Float32Array,
  rows: Int32Array | null,
  n: number,
  cols: number,
  step: number,
): Outputs {
  const sums = new Float64Array(cols);
  for (let from = 0; from < n; from += step) k.addSums(x, rows, from, Math.min(n, from + step), cols, sums);
  const mean = sums.map((sum) => sum / Math.max(1, n));
  const centre = Float32Array.from(mean);
  const count = Math.min(19, cols);
  const axes = Float64Array.from({ length: count * cols }, (_, i) => mixHash(i, 77) / 2 ** 31 - 1);
  const packed = packAxes(axes, count, cols, new Float32Array(packedAxesLength(count, cols, PANEL)));
  const packedExact = packAxes(axes, count, cols, new Float64Array(packedAxesLength(count, cols, PANEL / 2)));
  const made = {
    sums,
    summed: new Float64Array(cols),
    squares: new Float64Array(n),
    gram: new Float64Array(cols * cols),
    exact: new Float64Array(cols * cols),
    projected: new Float32Array(n * count),
    projectedExact: new Float64Array(n * count),
  };
  const scratch = new Float32Array(Math.max(gramScratch(cols), projectScratch(cols)));
  const wide = new Float64Array(scratch.length);
  for (let from = 0; from < n; from += step) {
    const to = Math.min(n, from + step);
    k.squaredDistances(x, rows, from, to, cols, mean, made.squares.subarray(from, to));
    k.addGram(x, rows, from, to, cols, centre, made.summed, made.gram, scratch);
    k.addGramExact(x, rows, from, to, cols, mean, made.exact, wide);
    const out = [from * count, to * count] as const;
    k.project(x, rows, from, to, cols, centre, packed, count, made.projected.subarray(...out), scratch);
    k.projectExact(
      x,
      rows,
      from,
      to,
      cols,
      mean,
      packedExact,
      count,
      made.projectedExact.subarray(...out),
      wide,
    );
  }
  return made;
}

/** The plain definitions, in float64. */
function defined(
  x: Float32Array,
  rows: Int32Array | null,
  n: number,
  cols: number,
): Pick<Outputs, 'exact' | 'squares'> {
  const at = (r: number, j: number): number => x[(rows === null ? r : rows[r]) * cols + j];
  const mean = Array.from({ length: cols }, (_, j) => {
    let sum = 0;
    for (let r = 0; r < n; r++) sum += at(r, j);
    return sum / Math.max(1, n);
  });
  const exact = new Float64Array(cols * cols);
  const squares = new Float64Array(n);
  for (let r = 0; r < n; r++) {
    for (let i = 0; i < cols; i++) {
      const left = at(r, i) - mean[i];
      squares[r] += left * left;
      for (let j = i; j < cols; j++) exact[i * cols + j] += left * (at(r, j) - mean[j]);
    }
  }
  return { exact, squares };
}

function largestError(got: ArrayLike<number>, wanted: ArrayLike<number>, upperOf?: number): number {
  let error = 0;
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) {
    if (upperOf !== undefined && i % upperOf < Math.floor(i / upperOf)) continue;
    error = Math.max(error, Math.abs(got[i] - wanted[i]));
    largest = Math.max(largest, Math.abs(wanted[i]));
  }
  return largest === 0 ? error : error / largest;
}

const upper = (gram: Float64Array, cols: number): Float64Array =>
  gram.filter((_, i) => i % cols >= Math.floor(i / cols));

const engines = availableEngines();
const shapes = [
  [0, 3],
  [1, 1],
  [2, 31],
  [63, 32],
  [64, 33],
  [65, 127],
  [255, 5],
  [256, 128],
  [257, 130],
  [300, 513],
] as const;

describe.each(engines)('the kernels of %s', (name) => {
  const k = useEngine(name);

  it.each(shapes)('keep to the definitions, %i rows of %i columns', (n, cols) => {
    const x = activations(n, cols, cols);
    const got = outputs(k, x, null, n, cols, 64);
    const wanted = defined(x, null, n, cols);
    expect(largestError(got.exact, wanted.exact, cols)).toBeLessThan(1e-13);
    expect(largestError(got.squares, wanted.squares)).toBeLessThan(1e-13);
    expect(largestError(got.gram, wanted.exact, cols)).toBeLessThan(1e-6);
    expect(largestError(got.projected, got.projectedExact)).toBeLessThan(1e-5);
  });

  it('give the same bytes in pieces of any multiple of 64 rows, and from an offset view', () => {
    const n = 1000;
    const cols = 37;
    const x = activations(n, cols, 4);
    const held = new Float32Array(x.length + 5);
    held.set(x, 5);
    const reference = outputs(k, x, null, n, cols, 64);
    for (const step of [128, 256, 1024]) expect(outputs(k, x, null, n, cols, step)).toEqual(reference);
    expect(outputs(k, held.subarray(5), null, n, cols, 256)).toEqual(reference);
  });

  it('read named rows as if they were gathered', () => {
    const cols = 40;
    const x = activations(500, cols, 9);
    const rows = Int32Array.from({ length: 130 }, (_, i) => (i * 37) % 500);
    const gathered = new Float32Array(rows.length * cols);
    rows.forEach((row, r) => {
      gathered.set(x.subarray(row * cols, (row + 1) * cols), r * cols);
    });
    expect(outputs(k, x, rows, rows.length, cols, 64)).toEqual(
      outputs(k, gathered, null, rows.length, cols, 64),
    );
  });

  it('convert every half precision number exactly', () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const floats = new Float32Array(halves.length);
    k.halfToFloat(halves, floats);
    expect([floats[0], floats[0x3c00], floats[0xc000], floats[0x7bff], floats[1], floats[0x0400]]).toEqual([
      0,
      1,
      -2,
      65_504,
      2 ** -24,
      2 ** -14,
    ]);
    expect(Object.is(floats[0x8000], -0)).toBe(true);
    expect([floats[0x7c00], floats[0xfc00]]).toEqual([Infinity, -Infinity]);
    expect(floats.slice(0x7c01, 0x8000).every(Number.isNaN)).toBe(true);
  });
});

// The readable engine indexes typed arrays: a wrong length reads undefined there, never memory.
describe.each(engines.filter((name) => name !== 'typescript'))('%s refuses', (name) => {
  const k = useEngine(name);
  const x = new Float32Array(40);
  const mean = new Float64Array(4);
  it.each([
    ['more rows than there are', () => k.addSums(x, null, 0, 11, 4, mean)],
    ['a row beyond the matrix', () => k.addSums(x, Int32Array.of(0, 10), 0, 2, 4, mean)],
    ['a negative row', () => k.addSums(x, Int32Array.of(-1), 0, 1, 4, mean)],
    ['a short sum', () => k.addSums(x, null, 0, 2, 4, new Float64Array(3))],
    ['a range that runs backwards', () => k.addSums(x, null, 3, 2, 4, mean)],
    [
      'a small Gram matrix',
      () => k.addGramExact(x, null, 0, 2, 4, mean, new Float64Array(15), new Float64Array(gramScratch(4))),
    ],
    [
      'little scratch memory',
      () => k.addGramExact(x, null, 0, 2, 4, mean, new Float64Array(16), new Float64Array(8)),
    ],
    ['a fraction of a row', () => k.addSums(x, null, 0, 1.5, 4, mean)],
    ['another kind of array', () => k.addSums(x, null, 0, 1, 4, new Float32Array(4) as never)],
    ['a missing argument', () => (k.addSums as (...args: unknown[]) => void)(x, null, 0, 1, 4)],
  ] as const)('%s', (_, call) => {
    expect(call).toThrow();
  });
});

describe('engines of one class of rounding', () => {
  const classes = [true, false].map((fused) => engines.filter((name) => fusesMultiplyAdd(name) === fused));
  const cols = 70;
  const x = activations(400, cols, 3);
  const of = (name: EngineName): Outputs => outputs(useEngine(name), x, null, 400, cols, 128);
  it.each(classes.filter((names) => names.length > 1).map((names) => [names.join(', '), names] as const))(
    'agree to the byte: %s',
    (_, names) => {
      const reference = of(names[0]);
      for (const name of names.slice(1)) {
        const { gram, projected, exact, ...rest } = of(name);
        expect(rest).toEqual({
          sums: reference.sums,
          summed: reference.sums,
          squares: reference.squares,
          projectedExact: reference.projectedExact,
        });
        expect(upper(exact, cols)).toEqual(upper(reference.exact, cols));
        // The readable engine sums in float64 where the others do in float32.
        if (name === 'typescript') continue;
        expect(upper(gram, cols)).toEqual(upper(reference.gram, cols));
        expect(projected).toEqual(reference.projected);
      }
    },
  );
  it('agree with the other class within rounding', () => {
    const [best, last] = [of(engines[0]), of('typescript')];
    expect(largestError(best.exact, last.exact, cols)).toBeLessThan(1e-13);
    expect(largestError(best.gram, last.exact, cols)).toBeLessThan(1e-6);
  });
});
