import type { Dtype } from '../../contract/evidence.ts';

/**
 * Index of the first value that is NaN or infinite, or -1. `bytes` are little-endian and start at a buffer's offset 0.
 * All exponent bits set is what IEEE 754 marks both with.
 */
export function firstNonFinite(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>): number {
  if (dtype === 'float16') {
    const bits = new Uint16Array(bytes.buffer, 0, bytes.length / 2);
    for (let at = 0; at < bits.length; at += 1) if (((bits[at] ?? 0) & 0x7c00) === 0x7c00) return at;
  } else if (dtype === 'float32') {
    const bits = new Uint32Array(bytes.buffer, 0, bytes.length / 4);
    for (let at = 0; at < bits.length; at += 1) if (((bits[at] ?? 0) & 0x7f800000) === 0x7f800000) return at;
  } else if (dtype === 'float64') {
    const bits = new Uint32Array(bytes.buffer, 0, bytes.length / 4);
    for (let at = 1; at < bits.length; at += 2)
      if (((bits[at] ?? 0) & 0x7ff00000) === 0x7ff00000) return (at - 1) / 2;
  }
  return -1;
}
