const MOST_STRIPS = 32;
const STRIP_ROWS = 8192;
const MULTIPLE = 256;

/**
 * Bounds of the strips that n rows are summed in, from 0 to n: about n / 8,192 strips, 32 at most, of a multiple of 256 rows
 * each. They follow from n alone, so that sums merged in strip order have the same bytes for any number of threads; their
 * number is 1, 2 or a multiple of 4, so that 2 and 4 threads end together.
 */
export function stripBounds(n: number): number[] {
  const fewest = Math.max(1, Math.min(MOST_STRIPS, Math.ceil(n / STRIP_ROWS)));
  const strips = fewest <= 2 ? fewest : Math.ceil(fewest / 4) * 4;
  const bounds = [0];
  for (let strip = 1; strip < strips; strip++)
    bounds.push(Math.min(n, Math.round((n * strip) / strips / MULTIPLE) * MULTIPLE));
  bounds.push(n);
  return bounds;
}
