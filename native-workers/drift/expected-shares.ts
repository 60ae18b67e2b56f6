import type { Family } from './families.ts';

/** What the reference says about a family, as plain JSON. */
export interface FamilyReference {
  /** Requests by group, shape (groups,). */
  readonly rows: readonly number[];
  /** (groups, cells) */
  readonly counts: readonly number[];
  /** Factors by hour of the day UTC, shape (24, cells); null where there is none. */
  readonly hour: readonly number[] | null;
  /** Factors by weekday UTC, Monday first, shape (7, cells); null where there is none. */
  readonly weekday: readonly number[] | null;
}

/** Shares of a family's cells for every hour of the week that differs. */
export interface ExpectedShares {
  readonly groups: number;
  readonly cells: number;
  /** (seasons, groups, cells) */
  readonly shares: Float64Array;
  /** Where the season of an hour begins in `shares`. */
  readonly at: (hour: number) => number;
}

/** Hour of the day of an hour since 1970 UTC. */
export function hourOfDay(hour: number): number {
  return ((hour % 24) + 24) % 24;
}

/** Weekday of an hour since 1970 UTC, Monday 0. */
export function weekdayOf(hour: number): number {
  const day = Math.floor(hour / 24) + 3;
  return ((day % 7) + 7) % 7;
}

/** Shares p of each cell in its group times the factors of hour and weekday; cells of a partition add up to 1 again. */
export function expectedShares(
  family: Pick<Family, 'groups' | 'cells' | 'partition'>,
  { rows, counts, hour, weekday }: FamilyReference,
): ExpectedShares {
  const { groups, cells } = family;
  const hours = hour === null ? 1 : 24;
  const days = weekday === null ? 1 : 7;
  const shares = new Float64Array(hours * days * groups * cells);
  for (let d = 0; d < days; d++)
    for (let h = 0; h < hours; h++)
      for (let g = 0; g < groups; g++) {
        const base = ((d * hours + h) * groups + g) * cells;
        let sum = 0;
        for (let c = 0; c < cells; c++) {
          const share = rows[g] > 0 ? counts[g * cells + c] / rows[g] : 0;
          const season =
            (hour === null ? 1 : hour[h * cells + c]) * (weekday === null ? 1 : weekday[d * cells + c]);
          shares[base + c] = Math.min(1, share * season);
          sum += shares[base + c];
        }
        if (family.partition && sum > 0) for (let c = 0; c < cells; c++) shares[base + c] /= sum;
      }
  return {
    groups,
    cells,
    shares,
    at: (one) =>
      ((weekday === null ? 0 : weekdayOf(one)) * hours + (hour === null ? 0 : hourOfDay(one))) *
      groups *
      cells,
  };
}

/**
 * Adds what an hour's requests make one expect.
 *
 * @param n requests by group, shape (groups,)
 * @param mean shape (groups, cells)
 */
export function addExpected(
  { shares, groups, cells, at }: ExpectedShares,
  hour: number,
  n: Float64Array,
  mean: Float64Array,
): void {
  const base = at(hour);
  for (let g = 0; g < groups; g++) {
    if (n[g] === 0) continue;
    for (let c = 0; c < cells; c++) mean[g * cells + c] += n[g] * shares[base + g * cells + c];
  }
}
