import { dispersion, type Dispersion } from './dispersion.ts';
import {
  addExpected,
  expectedShares,
  hourOfDay,
  weekdayOf,
  type FamilyReference,
} from './expected-shares.ts';
import type { Family, FamilyKind } from './families.ts';
import type { HourCounts } from './hour-counts.ts';
import { seasonalFactors } from './seasonal-factors.ts';

/** Weeks needed for a dispersion of weeks. */
const LEAST_WEEKS = 8;

type WindowLength = '1 h' | '6 h' | '1 d' | '7 d';
const lengths: readonly { readonly window: WindowLength; readonly hours: number }[] = [
  { window: '1 h', hours: 1 },
  { window: '6 h', hours: 6 },
  { window: '1 d', hours: 24 },
  { window: '7 d', hours: 168 },
];

/** A family with what was fitted. */
export interface FittedFamily extends FamilyReference {
  readonly kind: FamilyKind;
  readonly name: string;
  /** The largest dispersion of the window lengths for cells within groups, at least 1, shape (cells,). */
  readonly phi: readonly number[];
  /** The same for cells over all groups together. */
  readonly pooledPhi: readonly number[];
  /** Of all cells within groups, by length of window; null where there are too few windows. */
  readonly dispersion: readonly { readonly window: WindowLength; readonly phi: number | null }[];
}

/**
 * Fits one family to a reference's counts: shares, hour and weekday factors apart, each shrunk, and the dispersion by length of window.
 *
 * @param days with requests
 * @throws whatever `check` throws
 */
export function fitFamily(family: Family, counts: HourCounts, days: number, check: () => void): FittedFamily {
  const { groups, cells } = family;
  const totals = new Float64Array(groups * cells);
  const rows = new Float64Array(groups);
  for (let h = 0; h < counts.hours.length; h++) {
    family.requests(counts, h, rows);
    family.within(counts, h, totals);
  }
  const plain: FamilyReference = {
    rows: Array.from(rows),
    counts: Array.from(totals),
    hour: null,
    weekday: null,
  };
  const fit = (season: Season): FittedSeason | null =>
    family.seasonal && days >= season.leastDays ? fitSeason(family, counts, plain, season, check) : null;
  const hour = fit(HOURS_OF_DAY);
  const weekday = fit(WEEKDAYS);
  const reference = { ...plain, hour: hour?.factors ?? null, weekday: weekday?.factors ?? null };
  const shares = expectedShares(family, reference);
  const measured = lengths.map(({ window, hours }) => {
    const ofDay = hours < 24 ? (24 / hours - 1) * (hour?.kept ?? 0) : 0;
    const ofWeek = hours < 168 ? 6 * (weekday?.kept ?? 0) : 0;
    const windowOf = windowsOf(counts.hours, hours);
    return { window, ...dispersion(family, counts, shares, windowOf, 1 + ofDay + ofWeek, check) };
  });
  const phi = (of: (one: Dispersion) => { whole: number | null; cells: Float64Array | null }): number[] =>
    largestPhi(
      family,
      measured.map((one) => ({ weeks: one.window === '7 d', windows: one.windows, ...of(one) })),
    );
  return {
    kind: family.kind,
    name: family.name,
    ...reference,
    phi: phi(({ within, withinCells }) => ({ whole: within, cells: withinCells })),
    pooledPhi: phi(({ pooled, pooledCells }) => ({ whole: pooled, cells: pooledCells })),
    dispersion: measured.map(({ window, windows, within }) => {
      const known = Number.isFinite(within) && (window !== '7 d' || windows >= LEAST_WEEKS);
      return { window, phi: known ? within : null };
    }),
  };
}

/**
 * The largest dispersion of the lengths, at least 1. Weeks are few: theirs counts where it lies two standard errors above the
 * others'. A cell has its own where that is larger than its family's, except in families whose cells are too seldom or too few.
 */
function largestPhi(
  { kind, groups, cells }: Family,
  measured: readonly { weeks: boolean; windows: number; whole: number | null; cells: Float64Array | null }[],
): number[] {
  let whole = 1;
  const own = new Float64Array(cells).fill(1);
  for (const one of measured) {
    if (one.whole === null || !Number.isFinite(one.whole)) continue;
    if (one.weeks) {
      const freedom = (one.windows - 1) * groups * Math.max(1, cells - 1);
      if (one.windows < LEAST_WEEKS || one.whole < whole * (1 + 2 * Math.sqrt(2 / freedom))) continue;
    }
    whole = Math.max(whole, one.whole);
    one.cells?.forEach((phi, c) => {
      if (Number.isFinite(phi)) own[c] = Math.max(own[c], phi);
    });
  }
  return Array.from(own, (phi) => (kind === 'class' || kind === 'missing' ? whole : Math.max(whole, phi)));
}

/** Window of each hour; -1 in a last week that is not whole. */
function windowsOf(hours: Int32Array, length: number): Int32Array {
  if (length < 168) return hours.map((hour) => Math.floor(hour / length) - Math.floor(hours[0] / length));
  const first = Math.floor(hours[0] / 24) * 24;
  const whole = Math.floor((hours[hours.length - 1] + 1 - first) / length);
  return hours.map((hour) => {
    const week = Math.floor((hour - first) / length);
    return week < whole ? week : -1;
  });
}

interface Season {
  readonly seasons: number;
  readonly of: (hour: number) => number;
  /** Hours of the windows that the noise is measured in. */
  readonly window: number;
  readonly leastDays: number;
}

const HOURS_OF_DAY: Season = { seasons: 24, of: hourOfDay, window: 1, leastDays: 7 };
/** Weekdays are told apart from three weeks on; under that they are part of the dispersion. */
const WEEKDAYS: Season = { seasons: 7, of: weekdayOf, window: 24, leastDays: 21 };

interface FittedSeason {
  /** (seasons, cells); null where all are 1. */
  readonly factors: number[] | null;
  /** Mean share of the raw factors that is kept, over the cells. */
  readonly kept: number;
}

/** Factors of every cell over all groups together, with the dispersion around the raw season's shares. */
function fitSeason(
  family: Family,
  counts: HourCounts,
  plain: FamilyReference,
  { seasons, of, window }: Season,
  check: () => void,
): FittedSeason {
  const { groups, cells, pooled, within } = family;
  const shares = expectedShares(family, plain);
  const hours = counts.hours.length;
  const windowOf = windowsOf(counts.hours, window);
  const windows = hours === 0 ? 0 : windowOf[hours - 1] + 1;
  const x = new Float64Array(windows * cells);
  const e = new Float64Array(windows * cells);
  const seasonOf = new Int32Array(windows).fill(-1);
  const observed = new Float64Array(seasons * cells);
  const expected = new Float64Array(seasons * cells);
  const n = new Float64Array(groups);
  const mean = new Float64Array(groups * cells);
  for (let h = 0; h < hours; h++) {
    if (h % 64 === 0) check();
    const season = of(counts.hours[h]);
    seasonOf[windowOf[h]] = season;
    const row = x.subarray(windowOf[h] * cells, (windowOf[h] + 1) * cells);
    (pooled ?? within)(counts, h, row);
    n.fill(0);
    mean.fill(0);
    family.requests(counts, h, n);
    addExpected(shares, counts.hours[h], n, mean);
    for (let i = 0; i < mean.length; i++) e[windowOf[h] * cells + (i % cells)] += mean[i];
  }
  for (let w = 0; w < windows; w++) {
    if (seasonOf[w] < 0) continue;
    for (let c = 0; c < cells; c++) {
      observed[seasonOf[w] * cells + c] += x[w * cells + c];
      expected[seasonOf[w] * cells + c] += e[w * cells + c];
    }
  }
  const total = plain.rows.reduce((sum, rows) => sum + rows, 0);
  const shareOf = (c: number): number => {
    let count = 0;
    for (let g = 0; g < groups; g++) count += plain.counts[g * cells + c];
    return total > 0 ? count / total : 0;
  };
  let squares = 0;
  let variances = 0;
  let used = 0;
  for (let w = 0; w < windows; w++) {
    if (seasonOf[w] < 0) continue;
    used++;
    for (let c = 0; c < cells; c++) {
      const i = seasonOf[w] * cells + c;
      if (expected[i] === 0) continue;
      const raw = (e[w * cells + c] * observed[i]) / expected[i];
      squares += (x[w * cells + c] - raw) ** 2;
      variances += raw * (1 - shareOf(c));
    }
  }
  const phi =
    used > seasons && variances > 0 ? Math.max(1, (squares / variances) * (used / (used - seasons))) : 1;
  const factors = new Array<number>(seasons * cells).fill(1);
  let kept = 0;
  for (let c = 0; c < cells; c++) {
    const column = (from: Float64Array): Float64Array =>
      Float64Array.from({ length: seasons }, (_, s) => from[s * cells + c]);
    const fitted = seasonalFactors(column(observed), column(expected), shareOf(c), phi);
    kept += fitted.kept / cells;
    fitted.factors.forEach((factor, s) => (factors[s * cells + c] = factor));
  }
  return { factors: kept === 0 ? null : factors, kept };
}
