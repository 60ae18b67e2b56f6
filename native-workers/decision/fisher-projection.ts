import type { Matrix } from '../detectors/detector.ts';
import { histogram, smooth } from '../numeric/histogram.ts';
import type { Check } from '../numeric/moments.ts';
import { columnMeans, moments } from '../numeric/moments.ts';
import { median } from '../numeric/order-statistics.ts';
import { projectOnto } from '../numeric/projection.ts';
import { whiten } from '../numeric/whitening.ts';

const VARIANCE = 0.999;
const BINS = 800;
const MOST_ROUNDS = 6;
const LEAST_ROWS = 8;
const MOST_SHARE = 0.6;
const LEAST_DEPTH = 0.7;

/** Positions where the flag is `value`. */
export function positionsOf(flags: Uint8Array, value: 0 | 1): Int32Array {
  const list: number[] = [];
  for (let i = 0; i < flags.length; i++) if (flags[i] === value) list.push(i);
  return Int32Array.from(list);
}

/** Number of flags set. */
export function countSet(flags: Uint8Array): number {
  let count = 0;
  for (const flag of flags) count += flag;
  return count;
}

/**
 * Every row's coordinate along the whitened difference between the group's mean and the core's (Fisher 1936); the
 * whitening is that of the rows outside the group. Null where either side is empty or does not vary.
 */
export function fisherProjection(matrix: Matrix, group: Uint8Array, check: Check): Float64Array | null {
  const inside = positionsOf(group, 1);
  if (inside.length === 0 || inside.length === group.length) return null;
  const whitening = whiten(moments(matrix, positionsOf(group, 0), check), VARIANCE, check);
  if (whitening === null) return null;
  const { centre, axes } = whitening;
  const mean = columnMeans(matrix, inside, check);
  const direction = new Float64Array(axes.cols);
  let squares = 0;
  for (let a = 0; a < axes.count; a++) {
    let along = 0;
    for (let j = 0; j < axes.cols; j++) along += axes.data[a * axes.cols + j] * (mean[j] - centre[j]);
    squares += along * along;
    for (let j = 0; j < axes.cols; j++) direction[j] += along * axes.data[a * axes.cols + j];
  }
  if (!(squares > 0)) return null;
  const length = Math.sqrt(squares);
  for (let j = 0; j < axes.cols; j++) direction[j] /= length;
  return projectOnto(matrix, null, centre, direction, check);
}

function medians(x: Float64Array, group: Uint8Array): { core: number; inside: number } {
  return {
    core: median(x.filter((_, i) => group[i] === 0)),
    inside: median(x.filter((_, i) => group[i] === 1)),
  };
}

/** Lowest point of the smoothed histogram between the two medians; null where the group does not lie above the core. */
export function cutBetween(x: Float64Array, core: number, inside: number): number | null {
  const deviation = (inside - core) / 20;
  if (!(deviation > 0)) return null;
  let low = Infinity;
  let high = -Infinity;
  for (const value of x) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  low -= 3 * deviation;
  high += 3 * deviation;
  const step = (high - low) / BINS;
  const reach = Math.floor((4 * deviation) / step) + 1;
  const density = smooth(histogram(x, BINS, low, high), deviation / step, reach);
  const centreOf = (bin: number): number => low + (bin + 0.5) * step;
  let between = 0;
  let lowest = Infinity;
  let plateau: number[] = [];
  for (let bin = 0; bin < BINS; bin++) {
    if (centreOf(bin) < core || centreOf(bin) > inside) continue;
    between++;
    if (density[bin] < lowest) {
      lowest = density[bin];
      plateau = [bin];
    } else if (density[bin] === lowest) {
      plateau.push(bin);
    }
  }
  return between < 3 ? null : centreOf(plateau[plateau.length >> 1]);
}

/** Depth of the dip between the medians of core and group along x, 0 to 1. */
export function depthBetween(x: Float64Array, group: Uint8Array): number {
  const { core, inside } = medians(x, group);
  if (!(inside > core)) return 0;
  const counts = histogram(x, 40, core, inside);
  let lowest = Infinity;
  let highest = 0;
  for (let i = 1; i < 39; i++) {
    const mean = (counts[i - 1] + counts[i] + counts[i + 1]) / 3;
    lowest = Math.min(lowest, mean);
    if (i - 1 >= 19) highest = Math.max(highest, mean);
  }
  return 1 - lowest / Math.max(highest, 1e-9);
}

/** Iterated Fisher projection with a cut at the lowest point between the two medians. */
export function refine(
  matrix: Matrix,
  seed: Uint8Array,
  check: Check,
): { group: Uint8Array; x: Float64Array } | null {
  let group = seed;
  let x: Float64Array | null = null;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const projected = fisherProjection(matrix, group, check);
    if (projected === null) break;
    x = projected;
    const { core, inside } = medians(projected, group);
    const cut = cutBetween(projected, core, inside);
    if (cut === null) break;
    const next = Uint8Array.from(projected, (value) => (value > cut ? 1 : 0));
    const size = countSet(next);
    if (size < LEAST_ROWS || size > MOST_SHARE * next.length) break;
    const before = group;
    if (next.every((flag, i) => flag === before[i])) break;
    group = next;
  }
  return x === null ? null : { group, x };
}

/** The refined group where the two are well apart and its size stays near the first one's, else the group as it was. */
export function polish(
  matrix: Matrix,
  group: Uint8Array,
  check: Check,
): { group: Uint8Array; cut: 'valley' | 'em' } {
  const refined = refine(matrix, group, check);
  if (refined === null) return { group, cut: 'em' };
  const ratio = countSet(refined.group) / Math.max(1, countSet(group));
  const clear = depthBetween(refined.x, refined.group) >= LEAST_DEPTH;
  return clear && ratio >= 0.6 && ratio <= 1.6
    ? { group: refined.group, cut: 'valley' }
    : { group, cut: 'em' };
}
