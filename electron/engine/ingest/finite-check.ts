import type { Dtype } from '../../contract/evidence.ts';

const EXPONENT = 0x7f800000;
/** The lowest bit of the exponent: added to one of all bits set, it carries into the sign. */
const CARRY = 0x00800000;
/** Values that are looked at before it is asked whether all were finite. */
const BLOCK = 8192;

/** Whole blocks of finite float32 values from the front, in values. Eight at a time, for this is every byte of a large file. */
function finiteRun(bits: Int32Array): number {
  let done = 0;
  for (; done + BLOCK <= bits.length; done += BLOCK) {
    let carried = 0;
    for (let at = done; at < done + BLOCK; at += 8)
      carried |=
        (((bits[at] ?? 0) & EXPONENT) + CARRY) |
        (((bits[at + 1] ?? 0) & EXPONENT) + CARRY) |
        (((bits[at + 2] ?? 0) & EXPONENT) + CARRY) |
        (((bits[at + 3] ?? 0) & EXPONENT) + CARRY) |
        (((bits[at + 4] ?? 0) & EXPONENT) + CARRY) |
        (((bits[at + 5] ?? 0) & EXPONENT) + CARRY) |
        (((bits[at + 6] ?? 0) & EXPONENT) + CARRY) |
        (((bits[at + 7] ?? 0) & EXPONENT) + CARRY);
    if (carried < 0) break;
  }
  return done;
}

/**
 * Index of the first value that is NaN or infinite, or -1. `bytes` are little-endian and start at a buffer's offset 0.
 * All exponent bits set is what IEEE 754 marks both with.
 */
export function firstNonFinite(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>): number {
  if (dtype === 'float16') {
    const bits = new Uint16Array(bytes.buffer, 0, bytes.length / 2);
    for (let at = 0; at < bits.length; at += 1) if (((bits[at] ?? 0) & 0x7c00) === 0x7c00) return at;
  } else if (dtype === 'float32') {
    const bits = new Int32Array(bytes.buffer, 0, bytes.length / 4);
    for (let at = finiteRun(bits); at < bits.length; at += 1)
      if (((bits[at] ?? 0) & EXPONENT) === EXPONENT) return at;
  } else if (dtype === 'float64') {
    const bits = new Uint32Array(bytes.buffer, 0, bytes.length / 4);
    for (let at = 1; at < bits.length; at += 2)
      if (((bits[at] ?? 0) & 0x7ff00000) === 0x7ff00000) return (at - 1) / 2;
  }
  return -1;
}
