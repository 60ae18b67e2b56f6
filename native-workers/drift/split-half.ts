import { lnChiSquaredTail } from '../numeric/chi-squared.ts';
import { addExpected, expectedShares, type FamilyReference } from './expected-shares.ts';
import { cellInWords, type Family } from './families.ts';
import type { HourCounts } from './hour-counts.ts';

/** Outcome of the test of a reference's first half of days against its second. */
export interface SelfCheck {
  /** False where there are too few days to judge. */
  readonly judged: boolean;
  /** The reference drifts against itself: nothing can be held against it. */
  readonly drifts: boolean;
  /** Smallest p-value times the number of tests, at most 1; null where nothing was judged. */
  readonly pValue: number | null;
  readonly sentence: string;
}

/** Chance that a quiet reference is refused. */
const LEVEL = 0.001;
/** Two days a half, so that the days' own spread is known. */
const LEAST_DAYS = 8;
/** Cells with fewer expected requests in a half are left out. */
const LEAST_EXPECTED = 10;

/**
 * X^2 of the two halves' counts around what shares and seasons make one expect, divided by the spread of the days within their half
 * (a step between the halves does not count as spread); Bonferroni over all families and groups.
 *
 * @throws whatever `check` throws
 */
export function selfCheck(
  families: readonly Family[],
  references: readonly FamilyReference[],
  counts: HourCounts,
  check: () => void,
): SelfCheck {
  const dayOf = counts.hours.map((hour) => Math.floor(hour / 24));
  const days = [...new Set(dayOf)];
  if (days.length < LEAST_DAYS)
    return {
      judged: false,
      drifts: false,
      pValue: null,
      sentence: `The reference has ${days.length} days: whether it drifts against itself cannot be judged below ${LEAST_DAYS}.`,
    };
  const place = new Map(days.map((day, index) => [day, index]));
  const index = dayOf.map((day) => place.get(day) ?? 0);
  const middle = Math.ceil(days.length / 2);
  let tests = 0;
  let worst = { lnP: 0, what: '', first: 0, second: 0 };
  families.forEach((family, f) => {
    check();
    for (const one of testFamily(family, references[f], counts, index, days.length, middle)) {
      tests++;
      if (one.lnP < worst.lnP) worst = one;
    }
  });
  const pValue = Math.min(1, tests * Math.exp(worst.lnP));
  const drifts = tests > 0 && pValue < LEVEL;
  const percent = (ratio: number): string => `${((ratio - 1) * 100).toFixed(1)} %`;
  return {
    judged: tests > 0,
    drifts,
    pValue: tests > 0 ? pValue : null,
    sentence: drifts
      ? `The reference drifts against itself: ${worst.what} lies ${percent(worst.first)} off its mean in the first ${middle} days and ${percent(worst.second)} in the last ${days.length - middle} (p ${pValue.toExponential(1)} over ${tests} tests). Nothing is held against it. Choose days in which nothing changed.`
      : `The first ${middle} days agree with the last ${days.length - middle} (p ${pValue.toPrecision(2)} over ${tests} tests).`,
  };
}

interface HalfTest {
  readonly lnP: number;
  readonly what: string;
  /** Observed over expected of the cell that moved most, in each half. */
  readonly first: number;
  readonly second: number;
}

function testFamily(
  family: Family,
  reference: FamilyReference,
  counts: HourCounts,
  dayOf: Int32Array,
  days: number,
  middle: number,
): HalfTest[] {
  const { cells, pooled, within } = family;
  const groups = pooled === null ? family.groups : 1;
  const size = groups * cells;
  const shares = expectedShares(family, reference);
  const x = new Float64Array(days * size);
  const mean = new Float64Array(days * size);
  const n = new Float64Array(family.groups);
  const expected = new Float64Array(family.groups * cells);
  for (let h = 0; h < dayOf.length; h++) {
    (pooled ?? within)(counts, h, x.subarray(dayOf[h] * size, (dayOf[h] + 1) * size));
    n.fill(0);
    expected.fill(0);
    family.requests(counts, h, n);
    addExpected(shares, counts.hours[h], n, expected);
    for (let i = 0; i < expected.length; i++)
      mean[dayOf[h] * size + (pooled === null ? i : i % cells)] += expected[i];
  }
  const halves = [0, 1].map((half) => ({
    from: half === 0 ? 0 : middle,
    to: half === 0 ? middle : days,
    x: new Float64Array(size),
    mean: new Float64Array(size),
  }));
  for (const half of halves)
    for (let d = half.from; d < half.to; d++)
      for (let i = 0; i < size; i++) {
        half.x[i] += x[d * size + i];
        half.mean[i] += mean[d * size + i];
      }
  const known = Uint8Array.from({ length: size }, (_, i) =>
    halves.every((half) => half.mean[i] >= LEAST_EXPECTED) ? 1 : 0,
  );
  let squares = 0;
  let variances = 0;
  for (const half of halves)
    for (let d = half.from; d < half.to; d++)
      for (let i = 0; i < size; i++) {
        if (known[i] === 0) continue;
        const own = (mean[d * size + i] * half.x[i]) / half.mean[i];
        squares += (x[d * size + i] - own) ** 2;
        variances += own;
      }
  const phi = Math.max(1, (squares / variances) * (days / (days - 2)));
  const tests: HalfTest[] = [];
  for (let g = 0; g < groups; g++) {
    let statistic = 0;
    let freedom = family.partition ? -1 : 0;
    let most = -1;
    let mostSquare = -1;
    for (let i = g * cells; i < (g + 1) * cells; i++) {
      if (known[i] === 0) continue;
      freedom++;
      let square = 0;
      for (const half of halves) square += (half.x[i] - half.mean[i]) ** 2 / half.mean[i];
      statistic += square;
      if (square > mostSquare) {
        mostSquare = square;
        most = i;
      }
    }
    if (freedom < 1) continue;
    tests.push({
      lnP: lnChiSquaredTail(statistic / phi, freedom),
      what: cellInWords(family, pooled === null ? g : null, most % cells),
      first: halves[0].x[most] / halves[0].mean[most],
      second: halves[1].x[most] / halves[1].mean[most],
    });
  }
  return tests;
}
