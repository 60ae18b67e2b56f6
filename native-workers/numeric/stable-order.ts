const DIGITS = 4;
const BUCKETS = 65_536;

/**
 * Indices that put float64 values in ascending order, equal ones in the order in which they stand, NaN last; null where
 * they stand so already. Shape (n,). A radix sort of 16-bit digits, least significant first.
 */
export function stableOrder(values: Float64Array): Uint32Array<ArrayBuffer> | null {
  const n = values.length;
  if (ascends(values)) return null;
  const high = new Uint32Array(n);
  const low = new Uint32Array(n);
  const halves = new Uint32Array(2);
  const one = new Float64Array(halves.buffer);
  for (let i = 0; i < n; i++) {
    const value = values[i];
    // Negative zero equals zero; every NaN comes after every number.
    one[0] = value === 0 ? 0 : value;
    if (value !== value) {
      high[i] = 0xffffffff;
      low[i] = 0xffffffff;
    } else if (halves[1] >= 0x80000000) {
      high[i] = ~halves[1];
      low[i] = ~halves[0];
    } else {
      high[i] = halves[1] | 0x80000000;
      low[i] = halves[0];
    }
  }
  let order = Uint32Array.from({ length: n }, (_, i) => i);
  let next = new Uint32Array(n);
  const starts = new Uint32Array(BUCKETS);
  for (let digit = 0; digit < DIGITS; digit++) {
    const keys = digit < 2 ? low : high;
    const shift = digit % 2 === 0 ? 0 : 16;
    starts.fill(0);
    for (let i = 0; i < n; i++) starts[(keys[i] >>> shift) & 0xffff]++;
    // One value of this digit in all keys: nothing moves.
    if (starts[(keys[0] >>> shift) & 0xffff] === n) continue;
    let sum = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = starts[bucket];
      starts[bucket] = sum;
      sum += count;
    }
    for (let i = 0; i < n; i++) {
      const row = order[i];
      const bucket = (keys[row] >>> shift) & 0xffff;
      next[starts[bucket]] = row;
      starts[bucket]++;
    }
    [order, next] = [next, order];
  }
  return order;
}

function ascends(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    const before = values[i - 1];
    if (value < before || (before !== before && value === value)) return false;
  }
  return true;
}
