/** Keys of the radix sort are read in digits of 11 bits: 3 of a float32, 6 of a float64. */
export const RADIX = 2048;
export const DIGITS_F32 = 3;
export const DIGITS_F64 = 6;

/** Values of the highest 16 bits. */
export const HEADS = 65_536;

/**
 * Inner functions of the radix sort and of counts by a key's leading bits. A sort is one count and a scatter for each digit, from the lowest;
 * the first scatter turns floats into integers of the same order (flipped sign bits, -0 as +0), the last one turns them back.
 */
export interface RadixKernels {
  /** Counts the digits of keys `from` to `to - 1`: `counts` has 3 * 2,048 + 1 elements, the last one counts NaN. */
  radixCountF32(keys: Float32Array, from: number, to: number, counts: Uint32Array): void;
  /** The same for float64: 6 * 2,048 + 1 elements. */
  radixCountF64(keys: Float64Array, from: number, to: number, counts: Uint32Array): void;
  /**
   * Moves keys `from` to `to - 1` to where `offsets` (2,048 elements, moved on) says for their digit. `encode` and `decode` are
   * 1 in the first and in the last scatter of a sort, else 0. `source` and `target` are two arrays.
   */
  radixScatterF32(
    source: Float32Array,
    target: Float32Array,
    from: number,
    to: number,
    digit: number,
    encode: number,
    decode: number,
    offsets: Uint32Array,
  ): void;
  radixScatterF64(
    source: Float64Array,
    target: Float64Array,
    from: number,
    to: number,
    digit: number,
    encode: number,
    decode: number,
    offsets: Uint32Array,
  ): void;
  /**
   * Counts keys `from` to `to - 1` by the highest 16 bits of their integer: `counts` has 65,536 + 1 elements, the last one counts
   * NaN.
   */
  countHeadsF32(keys: Float32Array, from: number, to: number, counts: Uint32Array): void;
  countHeadsF64(keys: Float64Array, from: number, to: number, counts: Uint32Array): void;
  /**
   * Counts keys by cell: `starts[head] + (next 16 bits >> shifts[head])`, 65,536 heads. Cells are in the order of the values.
   * The keys hold no NaN.
   */
  countCellsF32(
    keys: Float32Array,
    from: number,
    to: number,
    starts: Uint32Array,
    shifts: Uint8Array,
    counts: Uint32Array,
  ): void;
  countCellsF64(
    keys: Float64Array,
    from: number,
    to: number,
    starts: Uint32Array,
    shifts: Uint8Array,
    counts: Uint32Array,
  ): void;
  /** Appends the keys whose cell is `wanted` to `out` at `end[0]`, and moves that on. */
  takeCellsF32(
    keys: Float32Array,
    from: number,
    to: number,
    starts: Uint32Array,
    shifts: Uint8Array,
    wanted: Uint8Array,
    out: Float32Array,
    end: Uint32Array,
  ): void;
  takeCellsF64(
    keys: Float64Array,
    from: number,
    to: number,
    starts: Uint32Array,
    shifts: Uint8Array,
    wanted: Uint8Array,
    out: Float64Array,
    end: Uint32Array,
  ): void;
}
