import { packAxes, packedAxesLength, PANEL } from '../engines/moments-kernels.ts';

/** Zeros that several threads see. */
export function sharedFloat32(length: number): Float32Array<SharedArrayBuffer> {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

/** Zeros that several threads see. */
export function sharedFloat64(length: number): Float64Array<SharedArrayBuffer> {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
}

/** Zeros that several threads see. */
export function sharedInt32(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}

/** A copy in float32 on shared memory. */
export function shared32(values: Float64Array): Float32Array {
  const out = sharedFloat32(values.length);
  out.set(values);
  return out;
}

/** Axes, shape (count, cols), as the float32 projection takes them, on shared memory. */
export function packed32(axes: Float64Array, count: number, cols: number): Float32Array {
  return packAxes(axes, count, cols, sharedFloat32(packedAxesLength(count, cols, PANEL)));
}
