import type { Dtype, StoredDtype } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';

/** Bytes of one value. */
export const storedBytes: Readonly<Record<StoredDtype, number>> = {
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
};

/** How the numbers of each kind stand in a float matrix: what float32 holds exactly stays that small. */
const asFloat: Readonly<Record<StoredDtype, Exclude<Dtype, 'uint8'>>> = {
  float16: 'float16',
  bfloat16: 'float32',
  float32: 'float32',
  float64: 'float64',
  int8: 'float32',
  int16: 'float32',
  int32: 'float64',
  int64: 'float64',
  uint8: 'float32',
  uint16: 'float32',
  uint32: 'float64',
  uint64: 'float64',
  bool: 'float32',
};

/** The dtype that values have in the case as a float matrix. */
export const floatDtype = (stored: StoredDtype): Exclude<Dtype, 'uint8'> => asFloat[stored];

/** Whether values of this kind are fractions rather than counts or classes. */
export const isFloat = (stored: StoredDtype): boolean =>
  stored === 'float16' || stored === 'bfloat16' || stored === 'float32' || stored === 'float64';

/** Turns values of a big-endian file about, in place. */
export function swapBytes(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else if (width === 8) buffer.swap64();
}

const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

/** 64-bit whole numbers as float64. Returns the index of the first beyond 2^53, which float64 cannot tell apart, or -1. */
function wholeToDouble(values: BigInt64Array | BigUint64Array, into: Float64Array): number {
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0n;
    if (value > LARGEST || value < -LARGEST) return at;
    into[at] = Number(value);
  }
  return -1;
}

/** Half-precision bits as numbers. */
function halves(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(bits.length);
  for (let at = 0; at < bits.length; at += 1) {
    const half = bits[at] ?? 0;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const size =
      exponent === 31
        ? fraction === 0
          ? Infinity
          : NaN
        : exponent === 0
          ? fraction * 2 ** -24
          : (1 + fraction / 1024) * 2 ** (exponent - 15);
    values[at] = half & 0x8000 ? -size : size;
  }
  return values;
}

/** Bfloat16 is the upper half of a float32. */
function upperHalves(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Uint32Array(bits.length);
  for (let at = 0; at < bits.length; at += 1) values[at] = (bits[at] ?? 0) << 16;
  return new Float32Array(values.buffer);
}

type Numbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/**
 * Stored values as numbers, for any kind. `bytes` are little-endian at the start of a buffer.
 * Returns the index of the first whole number beyond 2^53 in place of them.
 */
function numbersOf(stored: StoredDtype, { buffer, byteLength }: Uint8Array<ArrayBuffer>): Numbers | number {
  const count = byteLength / storedBytes[stored];
  switch (stored) {
    case 'float16':
      return halves(new Uint16Array(buffer, 0, count));
    case 'bfloat16':
      return upperHalves(new Uint16Array(buffer, 0, count));
    case 'float32':
      return new Float32Array(buffer, 0, count);
    case 'float64':
      return new Float64Array(buffer, 0, count);
    case 'int8':
      return Float32Array.from(new Int8Array(buffer, 0, count));
    case 'int16':
      return Float32Array.from(new Int16Array(buffer, 0, count));
    case 'uint16':
      return Float32Array.from(new Uint16Array(buffer, 0, count));
    case 'int32':
      return Float64Array.from(new Int32Array(buffer, 0, count));
    case 'uint32':
      return Float64Array.from(new Uint32Array(buffer, 0, count));
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer, 0, count);
    case 'int64':
    case 'uint64': {
      const values = new Float64Array(count);
      const whole =
        stored === 'int64' ? new BigInt64Array(buffer, 0, count) : new BigUint64Array(buffer, 0, count);
      const beyond = wholeToDouble(whole, values);
      return beyond < 0 ? values : beyond;
    }
  }
}

/** Where a value stands, for the sentences of refusals. */
export interface ValuePlace {
  readonly file: string;
  readonly firstRow: number;
  /** Values of a row. */
  readonly width: number;
}

const tooWide = (index: number, { file, firstRow, width }: ValuePlace): BezoarError =>
  new BezoarError(
    'evidence/malformed',
    `${file}: row ${firstRow + Math.floor(index / width)}, column ${index % width} (both counted from 0) is a whole number beyond 2^53, ` +
      'which no floating-point number holds exactly. Nothing was imported. Store such identifiers as text in the records.',
  );

/**
 * The values as numbers: float64 where float32 would round them.
 * @throws BezoarError evidence/malformed for a whole number beyond 2^53
 */
export function storedNumbers(
  stored: StoredDtype,
  bytes: Uint8Array<ArrayBuffer>,
  place: ValuePlace,
): Numbers {
  const values = numbersOf(stored, bytes);
  if (typeof values === 'number') throw tooWide(values, place);
  return values;
}

/**
 * The bytes that stand in the case for these: the same where the case knows the dtype, else floats.
 * @throws BezoarError evidence/malformed for a whole number beyond 2^53
 */
export function caseBytes(
  stored: StoredDtype,
  dtype: Dtype,
  bytes: Uint8Array<ArrayBuffer>,
  place: ValuePlace,
): Uint8Array<ArrayBuffer> {
  if (stored === dtype) return bytes;
  const values = storedNumbers(stored, bytes, place);
  const made = dtype === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
  return new Uint8Array(made.buffer);
}
