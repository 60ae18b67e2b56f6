import {
  bestEffect,
  contribution,
  createDetectors,
  lnThreshold,
  lnThresholdOfLevel,
  mixture,
  nullShare,
  observe,
  restart,
  SHARE_EFFECTS,
} from './e-sr.ts';
import { addExpected, expectedShares } from './expected-shares.ts';
import { familiesOf } from './families.ts';
import { fitFamily } from './fit-family.ts';
import type { HourCounts } from './hour-counts.ts';
import type { ReferenceLayout } from './reference-layout.ts';
import type { FalseAlarmBudget } from './run-lanes.ts';

/** The reference rolls along: days t - 70 to t - 15 (explorers 2.6). A day is judged once all of them can be there. */
const FIRST_LAG = 15;
const LAST_LAG = 70;
export const LAGGED_DAYS = LAST_LAG + FIRST_LAG;
const LEAST_DAYS = 28;
/** Days with fewer requests are left out. */
const LEAST_ROWS = 200;
const LEAST_COUNT = 50;

export interface DayCount {
  /** Days since 1970 UTC. */
  readonly day: number;
  /** (classes + 1,) */
  readonly classes: readonly number[];
}

interface LaggedAlarm {
  readonly classIndex: number;
  readonly day: number;
  readonly effect: number;
  readonly lnE: number;
}

export interface LaggedLane {
  readonly alarms: readonly LaggedAlarm[];
  /** Days that were judged, and ln of the mixture on them. */
  readonly days: readonly number[];
  readonly lnE: readonly number[];
  readonly lnThreshold: number;
}

/**
 * The e-SR on class shares by day against a reference that follows at a distance: slow natural drift moves it along, and what is sudden
 * it sees as well as the fixed one does. After an alarm the class restarts.
 *
 * @param days in order; those of the reference first
 * @param from first day to judge
 * @returns null where the days span less than 85
 * @throws whatever `check` throws
 */
export function laggedLane(
  layout: ReferenceLayout,
  days: readonly DayCount[],
  from: number,
  budget: FalseAlarmBudget,
  lanes: number,
  check: () => void,
): LaggedLane | null {
  if (days.length === 0 || days[days.length - 1].day - days[0].day + 1 < LAGGED_DAYS) return null;
  const [family] = familiesOf(layout);
  const classes = layout.classes.length;
  const first = Math.max(from, days[0].day + LAGGED_DAYS - 1);
  const judged = days.filter(({ day, classes: counts }) => day >= first && sum(counts) >= LEAST_ROWS);
  const detectors = createDetectors(
    Array.from({ length: classes }, () => SHARE_EFFECTS),
    new Array<number>(classes).fill(1),
  );
  const threshold =
    'days' in budget
      ? lnThreshold(budget.days, 1, lanes)
      : lnThresholdOfLevel(budget.level, Math.max(1, judged.length), lanes);
  const alarms: LaggedAlarm[] = [];
  const lnE: number[] = [];
  for (const { day, classes: counts } of judged) {
    const rolling = days.filter((one) => one.day >= day - LAST_LAG && one.day <= day - FIRST_LAG);
    if (rolling.length >= LEAST_DAYS) {
      const fitted = fitFamily(family, countsOfDays(rolling, classes + 1), rolling.length, check);
      const n = sum(counts);
      const mean = new Float64Array(classes + 1);
      addExpected(expectedShares(family, fitted), 24 * day, Float64Array.of(n), mean);
      for (let c = 0; c < classes; c++)
        if (fitted.counts[c] >= LEAST_COUNT)
          observe(
            detectors,
            c,
            counts[c],
            n,
            nullShare(mean[c] / n, fitted.rows[0], fitted.phi[c]),
            fitted.phi[c],
          );
    }
    let total = mixture(detectors);
    lnE.push(Math.log(total));
    while (Math.log(total) >= threshold) {
      let top = 0;
      for (let c = 1; c < classes; c++)
        if (contribution(detectors, c) > contribution(detectors, top)) top = c;
      alarms.push({ classIndex: top, day, effect: bestEffect(detectors, top), lnE: Math.log(total) });
      restart(detectors, top);
      total = mixture(detectors);
    }
  }
  return { alarms, days: judged.map(({ day }) => day), lnE, lnThreshold: threshold };
}

/** Counts of whole days as the hour counts that a family is fitted to: one entry a day, classes alone. */
export function countsOfDays(days: readonly DayCount[], columns: number): HourCounts {
  const requests = Int32Array.from(days, ({ classes }) => sum(classes));
  const classes = new Int32Array(days.length * columns);
  days.forEach((one, d) => {
    classes.set(one.classes, d * columns);
  });
  return {
    hours: Int32Array.from(days, ({ day }) => 24 * day),
    rowFrom: new Int32Array(days.length + 1),
    requests,
    unpredicted: new Int32Array(days.length),
    labels: new Int32Array(days.length),
    classes,
    groups: new Int32Array(0),
    classNumbers: [],
    categories: [],
    loads: [],
    errors: null,
  };
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
