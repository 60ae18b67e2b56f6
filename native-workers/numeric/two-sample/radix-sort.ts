import { kernels } from '../../engine.ts';
import { DIGITS_F32, DIGITS_F64, RADIX } from '../../engines/radix-kernels.ts';

/** Keys a kernel call reads: about 5 ms of it in the addon. */
const BLOCK_KEYS = 1 << 20;

type Floats = Float32Array | Float64Array;

/**
 * The values in ascending order, in a new array; -0 becomes 0. Least significant digit first, 11 bits a digit, all digits counted
 * in one pass; digits that are the same in all keys are left out.
 *
 * @param values any order, no NaN; infinities are values
 * @throws RangeError when a value is NaN, and from 2^32 values on
 * @throws whatever `check` throws; it is called about every 10 ms
 */
export function radixSort<A extends Floats>(values: A, check: () => void): A {
  const n = values.length;
  if (n >= 2 ** 32)
    throw new RangeError(`Nothing was sorted: ${n} values are too many, 4,294,967,295 at most.`);
  const table = kernels();
  const single = values instanceof Float32Array;
  const digits = single ? DIGITS_F32 : DIGITS_F64;
  const counts = new Uint32Array(digits * RADIX + 1);
  for (let from = 0; from < n; from += BLOCK_KEYS) {
    check();
    const to = Math.min(n, from + BLOCK_KEYS);
    if (single) table.radixCountF32(values, from, to, counts);
    else table.radixCountF64(values, from, to, counts);
  }
  if (counts[digits * RADIX] > 0) {
    const first = values.findIndex((value) => Number.isNaN(value));
    throw new RangeError(`Nothing was sorted: value ${first + 1} of ${n} is not a number.`);
  }
  const passes = digitsThatDiffer(counts, digits, n);
  const out = new (values.constructor as new (length: number) => A)(n);
  const other = passes.length > 1 ? new (values.constructor as new (length: number) => A)(n) : out;
  let source = values;
  passes.forEach((digit, pass) => {
    // The last pass ends in `out`; the caller's array is only read.
    const target = (passes.length - 1 - pass) % 2 === 0 ? out : other;
    const offsets = startsOf(counts.subarray(digit * RADIX, (digit + 1) * RADIX));
    const encode = pass === 0 ? 1 : 0;
    const decode = pass === passes.length - 1 ? 1 : 0;
    for (let from = 0; from < n; from += BLOCK_KEYS) {
      check();
      const to = Math.min(n, from + BLOCK_KEYS);
      if (source instanceof Float32Array)
        table.radixScatterF32(source, target as Float32Array, from, to, digit, encode, decode, offsets);
      else table.radixScatterF64(source, target as Float64Array, from, to, digit, encode, decode, offsets);
    }
    source = target;
  });
  return out;
}

/** The digits in which the keys differ, lowest first; the lowest one where they are all the same, so that something is moved. */
function digitsThatDiffer(counts: Uint32Array, digits: number, n: number): number[] {
  const all = Array.from({ length: digits }, (_, digit) => digit);
  const differ = all.filter((digit) => !counts.subarray(digit * RADIX, (digit + 1) * RADIX).includes(n));
  return differ.length > 0 ? differ : [0];
}

/** Where the first key of each digit goes. */
function startsOf(counts: Uint32Array): Uint32Array {
  const starts = new Uint32Array(RADIX);
  for (let value = 1; value < RADIX; value++) starts[value] = starts[value - 1] + counts[value - 1];
  return starts;
}
