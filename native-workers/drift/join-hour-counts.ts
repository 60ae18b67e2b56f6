import type { HourCounts } from './hour-counts.ts';

/**
 * Counts of two sets of requests together, hour by hour. The rows of the result are those of `later`: an hour that only `earlier` has
 * counts and no rows.
 *
 * @throws RangeError when they were not counted in the same layout
 */
export function joinHourCounts(earlier: HourCounts, later: HourCounts): HourCounts {
  const hours = Int32Array.from([...new Set([...earlier.hours, ...later.hours])].sort((a, b) => a - b));
  const place = new Map(Array.from(hours, (hour, at) => [hour, at]));
  const rowFrom = new Int32Array(hours.length + 1);
  later.hours.forEach((hour, h) => {
    rowFrom[(place.get(hour) ?? 0) + 1] = later.rowFrom[h + 1] - later.rowFrom[h];
  });
  for (let h = 0; h < hours.length; h++) rowFrom[h + 1] += rowFrom[h];

  const join = (a: Int32Array | null, b: Int32Array | null): Int32Array | null => {
    if (a === null && b === null) return null;
    const columns = columnsOf(a, earlier) ?? columnsOf(b, later) ?? 0;
    if ((columnsOf(b, later) ?? columns) !== columns)
      throw new RangeError('Hours were counted in different layouts and were not joined.');
    const sum = new Int32Array(hours.length * columns);
    const add = (counts: Int32Array | null, of: HourCounts): void => {
      if (counts === null) return;
      of.hours.forEach((hour, h) => {
        const base = (place.get(hour) ?? 0) * columns;
        for (let c = 0; c < columns; c++) sum[base + c] += counts[h * columns + c];
      });
    };
    add(a, earlier);
    add(b, later);
    return sum;
  };
  const all = (a: readonly Int32Array[], b: readonly Int32Array[]): Int32Array[] =>
    a.map((counts, at) => join(counts, b[at]) ?? new Int32Array(0));
  const every = (a: Int32Array, b: Int32Array): Int32Array => join(a, b) ?? new Int32Array(0);
  return {
    hours,
    rowFrom,
    requests: every(earlier.requests, later.requests),
    unpredicted: every(earlier.unpredicted, later.unpredicted),
    labels: every(earlier.labels, later.labels),
    classes: every(earlier.classes, later.classes),
    groups: every(earlier.groups, later.groups),
    classNumbers: all(earlier.classNumbers, later.classNumbers),
    categories: all(earlier.categories, later.categories),
    loads: all(earlier.loads, later.loads),
    errors: join(earlier.errors, later.errors),
  };
}

/** Columns an hour; null where there are no hours to tell it from. */
function columnsOf(counts: Int32Array | null, { hours }: HourCounts): number | null {
  return counts === null || hours.length === 0 ? null : counts.length / hours.length;
}
