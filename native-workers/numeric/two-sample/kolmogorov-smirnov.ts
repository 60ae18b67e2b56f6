import { kernels } from '../../engine.ts';
import { HEADS } from '../../engines/radix-kernels.ts';
import { kolmogorovSurvival } from './kolmogorov-distribution.ts';
import { radixSort } from './radix-sort.ts';

/** Keys a kernel call reads: about 3 ms of it in the addon. */
const BLOCK_KEYS = 1 << 20;
/** Values of both samples that a cell is to hold; more where there would be more cells than a million or two. */
const CELL_KEYS = 16;
const MOST_CELLS = 1 << 20;

type Floats = Float32Array | Float64Array;

interface KolmogorovSmirnov {
  /** Largest distance of the two empirical distribution functions, 0 to 1. */
  readonly statistic: number;
  /** Chance of a distance at least as large under one common distribution, from the statistic's limit; ties make it too large. */
  readonly p: number;
  /** The lowest value at which the distance is reached. */
  readonly location: number;
  /** 1 where the first sample's distribution function is the higher one there, else -1. */
  readonly sign: 1 | -1;
}

/**
 * The two-sided two-sample Kolmogorov-Smirnov test. The p value is that of the one-sample statistic of round(n1 n2 / (n1 + n2))
 * values, as SciPy's `ks_2samp(method='asymp')` has it.
 *
 * The samples are counted in many small cells in the order of the values. The distance at the cells' ends is known from
 * the counts; only cells inside which it could be larger are sorted and walked through, equal values on both sides at once.
 *
 * @param first values of the first sample, any order, no NaN
 * @param second values of the second sample, of the same type of array
 * @throws RangeError when a sample is empty, holds NaN or holds 2^32 values and more
 * @throws whatever `check` throws; it is called about every 10 ms
 */
export function kolmogorovSmirnov<A extends Floats>(
  first: A,
  second: A,
  check: () => void,
): KolmogorovSmirnov {
  const n1 = first.length;
  const n2 = second.length;
  if (n1 === 0 || n2 === 0)
    throw new RangeError('No test was made: a sample is empty, and both need at least one value.');
  if (Math.max(n1, n2) >= 2 ** 32)
    throw new RangeError(`No test was made: ${Math.max(n1, n2)} values are too many, 4,294,967,295 at most.`);
  const keysPerCell = Math.max(CELL_KEYS, (n1 + n2) / MOST_CELLS);
  const cells = cellsOf(headsOf(first, 'first', check), headsOf(second, 'second', check), keysPerCell);
  const counts1 = countCells(first, cells, check);
  const counts2 = countCells(second, cells, check);
  const wanted = decisiveCells(counts1, counts2, n1, n2);
  const taken1 = radixSort(takeCells(first, cells, wanted, counts1, check), check);
  const taken2 = radixSort(takeCells(second, cells, wanted, counts2, check), check);

  const { passed1, passed2, location, sign } = widestDistance(
    taken1,
    taken2,
    counts1,
    counts2,
    wanted,
    check,
  );
  const statistic = Math.abs(passed1 / n1 - passed2 / n2);
  const effective = roundHalfToEven((n1 * n2) / (n1 + n2));
  const p = effective === 0 ? 1 : kolmogorovSurvival(statistic, effective, check);
  return { statistic, p, location, sign };
}

interface Cells {
  /** First cell of the keys with the same highest 16 bits. */
  readonly starts: Uint32Array;
  /** How far the next 16 bits are shifted down to give the cell from there. */
  readonly shifts: Uint8Array;
  readonly count: number;
}

/** Values by the highest 16 bits of their keys. */
function headsOf(values: Floats, sample: string, check: () => void): Uint32Array {
  const counts = new Uint32Array(HEADS + 1);
  inBlocks(values.length, check, (from, to) => {
    if (values instanceof Float32Array) kernels().countHeadsF32(values, from, to, counts);
    else kernels().countHeadsF64(values, from, to, counts);
  });
  if (counts[HEADS] === 0) return counts;
  const at = values.findIndex((value) => Number.isNaN(value));
  throw new RangeError(
    `No test was made: value ${at + 1} of ${values.length} of the ${sample} sample is not a number.`,
  );
}

/** Cells of about as many values each: the more values share their highest bits, the more of the next bits count. */
function cellsOf(heads1: Uint32Array, heads2: Uint32Array, keysPerCell: number): Cells {
  const starts = new Uint32Array(HEADS);
  const shifts = new Uint8Array(HEADS).fill(16);
  let count = 0;
  for (let head = 0; head < HEADS; head++) {
    const keys = heads1[head] + heads2[head];
    starts[head] = count;
    if (keys === 0) continue;
    const bits = Math.min(16, Math.max(0, Math.ceil(Math.log2(keys / keysPerCell))));
    shifts[head] = 16 - bits;
    count += 2 ** bits;
  }
  return { starts, shifts, count };
}

function countCells(values: Floats, { starts, shifts, count }: Cells, check: () => void): Uint32Array {
  const counts = new Uint32Array(count);
  inBlocks(values.length, check, (from, to) => {
    if (values instanceof Float32Array) kernels().countCellsF32(values, from, to, starts, shifts, counts);
    else kernels().countCellsF64(values, from, to, starts, shifts, counts);
  });
  return counts;
}

/** 1 for each cell inside which the distance can reach the largest one at the cells' ends: as if one sample came first there. */
function decisiveCells(counts1: Uint32Array, counts2: Uint32Array, n1: number, n2: number): Uint8Array {
  const largestAtEnds = walkEnds(counts1, counts2, n1, n2, () => undefined);
  const wanted = new Uint8Array(counts1.length);
  walkEnds(counts1, counts2, n1, n2, (cell, before) => {
    const highest = Math.max(before + counts1[cell] * n2, counts2[cell] * n1 - before);
    if (highest >= largestAtEnds && counts1[cell] + counts2[cell] > 0) wanted[cell] = 1;
  });
  return wanted;
}

/** Calls `visit` with the distance before each cell, times n1 n2, and returns the largest one. */
function walkEnds(
  counts1: Uint32Array,
  counts2: Uint32Array,
  n1: number,
  n2: number,
  visit: (cell: number, before: number) => void,
): number {
  let difference = 0;
  let largest = 0;
  for (let cell = 0; cell < counts1.length; cell++) {
    visit(cell, difference);
    difference += counts1[cell] * n2 - counts2[cell] * n1;
    largest = Math.max(largest, Math.abs(difference));
  }
  return largest;
}

function takeCells<A extends Floats>(
  values: A,
  { starts, shifts }: Cells,
  wanted: Uint8Array,
  counts: Uint32Array,
  check: () => void,
): A {
  let size = 0;
  for (let cell = 0; cell < counts.length; cell++) if (wanted[cell] === 1) size += counts[cell];
  const out = new (values.constructor as new (length: number) => A)(size);
  const end = new Uint32Array(1);
  inBlocks(values.length, check, (from, to) => {
    if (values instanceof Float32Array)
      kernels().takeCellsF32(values, from, to, starts, shifts, wanted, out as Float32Array, end);
    else kernels().takeCellsF64(values, from, to, starts, shifts, wanted, out as Float64Array, end);
  });
  return out;
}

/** Walks through the sorted values of the wanted cells: where the distance is largest, and the values of each sample up to there. */
function widestDistance(
  taken1: Floats,
  taken2: Floats,
  counts1: Uint32Array,
  counts2: Uint32Array,
  wanted: Uint8Array,
  check: () => void,
): { passed1: number; passed2: number; location: number; sign: 1 | -1 } {
  const n1 = sum(counts1);
  const n2 = sum(counts2);
  const above = { difference: 0, passed1: 0, passed2: 0, location: taken1[0] };
  const below = { difference: 0, passed1: 0, passed2: 0, location: taken1[0] };
  let [seen1, seen2, i, j, sinceCheck] = [0, 0, 0, 0, 0];
  for (let cell = 0; cell < wanted.length; cell++) {
    const end1 = wanted[cell] === 1 ? i + counts1[cell] : i;
    const end2 = wanted[cell] === 1 ? j + counts2[cell] : j;
    const [offset1, offset2] = [seen1 - i, seen2 - j];
    while (i < end1 || j < end2) {
      const value = Math.min(i < end1 ? taken1[i] : Infinity, j < end2 ? taken2[j] : Infinity);
      // Between equal values the two distribution functions are not yet what they are at that value.
      while (i < end1 && taken1[i] === value) i++;
      while (j < end2 && taken2[j] === value) j++;
      const difference = (offset1 + i) * n2 - (offset2 + j) * n1;
      const best = difference > 0 ? above : below;
      if (Math.abs(difference) > Math.abs(best.difference)) {
        best.difference = difference;
        best.passed1 = offset1 + i;
        best.passed2 = offset2 + j;
        best.location = value;
      }
      if (++sinceCheck % BLOCK_KEYS === 0) check();
    }
    seen1 += counts1[cell];
    seen2 += counts2[cell];
  }
  return -below.difference > above.difference ? { ...below, sign: -1 } : { ...above, sign: 1 };
}

function inBlocks(n: number, check: () => void, work: (from: number, to: number) => void): void {
  for (let from = 0; from < n; from += BLOCK_KEYS) {
    check();
    work(from, Math.min(n, from + BLOCK_KEYS));
  }
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
