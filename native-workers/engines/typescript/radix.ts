import { DIGITS_F32, DIGITS_F64, HEADS, RADIX, type RadixKernels } from '../radix-kernels.ts';

type Floats = Float32Array | Float64Array;

const SIGN = 0x80000000;

/** The bits of a float as 32-bit words, the low one first; every machine this runs on is little-endian. */
function wordsOf(values: Floats): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
}

/** Float bits as an integer of the same order: negative ones inverted, the others above them; -0 as +0. */
function encoded32(bits: number): number {
  if (bits === SIGN) return SIGN;
  return bits >= SIGN ? ~bits >>> 0 : bits + SIGN;
}

function decoded32(key: number): number {
  return key >= SIGN ? key - SIGN : ~key >>> 0;
}

function radixCountF32(keys: Float32Array, from: number, to: number, counts: Uint32Array): void {
  const words = wordsOf(keys);
  const nan = DIGITS_F32 * RADIX;
  for (let i = from; i < to; i++) {
    const bits = words[i];
    if ((bits & 0x7fffffff) > 0x7f800000) counts[nan]++;
    const key = encoded32(bits);
    counts[key & 2047]++;
    counts[RADIX + ((key >>> 11) & 2047)]++;
    counts[2 * RADIX + (key >>> 22)]++;
  }
}

function radixCountF64(keys: Float64Array, from: number, to: number, counts: Uint32Array): void {
  const words = wordsOf(keys);
  const nan = DIGITS_F64 * RADIX;
  for (let i = from; i < to; i++) {
    let low = words[2 * i];
    let high = words[2 * i + 1];
    const magnitude = high & 0x7fffffff;
    if (magnitude > 0x7ff00000 || (magnitude === 0x7ff00000 && low !== 0)) counts[nan]++;
    if (high === SIGN && low === 0) high = 0;
    if (high >= SIGN) {
      high = ~high >>> 0;
      low = ~low >>> 0;
    } else high += SIGN;
    counts[low & 2047]++;
    counts[RADIX + ((low >>> 11) & 2047)]++;
    counts[2 * RADIX + ((low >>> 22) | ((high & 1) << 10))]++;
    counts[3 * RADIX + ((high >>> 1) & 2047)]++;
    counts[4 * RADIX + ((high >>> 12) & 2047)]++;
    counts[5 * RADIX + (high >>> 23)]++;
  }
}

function radixScatterF32(
  source: Float32Array,
  target: Float32Array,
  from: number,
  to: number,
  digit: number,
  encode: number,
  decode: number,
  offsets: Uint32Array,
): void {
  const read = wordsOf(source);
  const write = wordsOf(target);
  const shift = 11 * digit;
  for (let i = from; i < to; i++) {
    const key = encode === 1 ? encoded32(read[i]) : read[i];
    write[offsets[(key >>> shift) & 2047]++] = decode === 1 ? decoded32(key) : key;
  }
}

function radixScatterF64(
  source: Float64Array,
  target: Float64Array,
  from: number,
  to: number,
  digit: number,
  encode: number,
  decode: number,
  offsets: Uint32Array,
): void {
  const read = wordsOf(source);
  const write = wordsOf(target);
  for (let i = from; i < to; i++) {
    let low = read[2 * i];
    let high = read[2 * i + 1];
    if (encode === 1) {
      if (high === SIGN && low === 0) high = 0;
      if (high >= SIGN) {
        high = ~high >>> 0;
        low = ~low >>> 0;
      } else high += SIGN;
    }
    const at =
      2 *
      offsets[
        digit < 2
          ? (low >>> (11 * digit)) & 2047
          : digit === 2
            ? (low >>> 22) | ((high & 1) << 10)
            : (high >>> (11 * digit - 32)) & 2047
      ]++;
    if (decode === 1) {
      if (high >= SIGN) high -= SIGN;
      else {
        high = ~high >>> 0;
        low = ~low >>> 0;
      }
    }
    write[at] = low;
    write[at + 1] = high;
  }
}

/** The highest 32 bits of a key's integer, by index. */
function leadingBits(keys: Floats): (i: number) => number {
  const words = wordsOf(keys);
  if (keys instanceof Float32Array) return (i) => encoded32(words[i]);
  return (i) => {
    const high = words[2 * i + 1];
    if (high >= SIGN) return high === SIGN && words[2 * i] === 0 ? SIGN : ~high >>> 0;
    return high + SIGN;
  };
}

function countHeads(keys: Floats, from: number, to: number, counts: Uint32Array): void {
  const leading = leadingBits(keys);
  for (let i = from; i < to; i++) {
    if (Number.isNaN(keys[i])) counts[HEADS]++;
    counts[leading(i) >>> 16]++;
  }
}

function countCells(
  keys: Floats,
  from: number,
  to: number,
  starts: Uint32Array,
  shifts: Uint8Array,
  counts: Uint32Array,
): void {
  const leading = leadingBits(keys);
  for (let i = from; i < to; i++) {
    const bits = leading(i);
    const head = bits >>> 16;
    counts[starts[head] + ((bits & 0xffff) >>> shifts[head])]++;
  }
}

function takeCells(
  keys: Floats,
  from: number,
  to: number,
  starts: Uint32Array,
  shifts: Uint8Array,
  wanted: Uint8Array,
  out: Floats,
  end: Uint32Array,
): void {
  const leading = leadingBits(keys);
  for (let i = from; i < to; i++) {
    const bits = leading(i);
    const head = bits >>> 16;
    if (wanted[starts[head] + ((bits & 0xffff) >>> shifts[head])] === 1) out[end[0]++] = keys[i];
  }
}

export const radixKernels: RadixKernels = {
  radixCountF32,
  radixCountF64,
  radixScatterF32,
  radixScatterF64,
  countHeadsF32: countHeads,
  countHeadsF64: countHeads,
  countCellsF32: countCells,
  countCellsF64: countCells,
  takeCellsF32: takeCells,
  takeCellsF64: takeCells,
};
