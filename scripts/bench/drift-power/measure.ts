import {
  createDetectors,
  mixture,
  nullShare,
  observe,
  restart,
  SHARE_EFFECTS,
} from '../../../native-workers/drift/e-sr.ts';
import { addExpected, expectedShares } from '../../../native-workers/drift/expected-shares.ts';
import { familiesOf } from '../../../native-workers/drift/families.ts';
import { fitFamily } from '../../../native-workers/drift/fit-family.ts';
import { countsOfDays } from '../../../native-workers/drift/lagged-lane.ts';
import { SHARES, traffic, type Regime } from './traffic.ts';

const REFERENCE_DAYS = 56;
const YEARS_A_RUN = 10;
const YEAR = 365;
const CLEAN_DAYS = 30;
/** Days after the onset that are looked at. */
const HORIZON = 120;
/** Monday. */
const FIRST_DAY = 20_486;
const CLASSES = SHARES.length;
/** chi-squared of 9 degrees of freedom at p = 0.01. */
const CHI_SQUARED_1_PERCENT = 21.665994333461924;

export const RISES = [0.02, 0.05, 0.1, 0.5];
export const RULES = ['e-SR', 'chi-squared p < 0.01', 'PSI > 0.2', 'JS distance > 0.1'] as const;

export interface RegimePower {
  readonly regime: Regime;
  readonly years: number;
  readonly falseAlarmDays: number;
  /** Alarms a year on clean traffic, by rule. */
  readonly falseAlarms: readonly number[];
  /** By rise, then by rule: median days to the alarm (null beyond the horizon) and the share seen within 60 days. */
  readonly found: readonly (readonly { readonly median: number | null; readonly within60: number }[])[];
  readonly runs: number;
}

const layout = {
  classes: SHARES.map((_, c) => `c${c}`),
  rare: [],
  groupOfClass: [...SHARES.map((_, c) => c), CLASSES],
  groups: CLASSES + 1,
  classNumbers: [],
  categories: [],
  loads: [],
};
const check = (): void => undefined;

/** The daily lane alone, as the product fits and runs it, beside the usual rules; the reference of every run is its own. */
class Watch {
  readonly #next: (rise: number) => Int32Array;
  readonly #mean: (day: number, n: number) => Float64Array;
  readonly #rows: number;
  readonly #phi: number;
  readonly #detectors = createDetectors(
    SHARES.map(() => SHARE_EFFECTS),
    SHARES.map(() => 1),
  );
  readonly #lnThreshold: number;
  #day = FIRST_DAY + REFERENCE_DAYS;

  constructor(regime: Regime, seed: number, falseAlarmDays: number) {
    const source = traffic(regime, seed);
    this.#next = (rise) => source.next(rise);
    this.#lnThreshold = Math.log(falseAlarmDays);
    const days = Array.from({ length: REFERENCE_DAYS }, (_, d) => ({
      day: FIRST_DAY + d,
      classes: [...source.next(0), 0],
    }));
    const [family] = familiesOf(layout);
    const fitted = fitFamily(family, countsOfDays(days, CLASSES + 1), REFERENCE_DAYS, check);
    const shares = expectedShares(family, fitted);
    this.#mean = (day, n) => {
      const mean = new Float64Array(CLASSES + 1);
      addExpected(shares, 24 * day, Float64Array.of(n), mean);
      return mean;
    };
    this.#rows = fitted.rows[0];
    this.#phi = fitted.phi[0];
  }

  /** Whether each rule alarms on the next day. */
  day(rise: number): boolean[] {
    const counts = this.#next(rise);
    const n = counts.reduce((sum, one) => sum + one, 0);
    const mean = this.#mean(this.#day++, n);
    let chi = 0;
    let psi = 0;
    let divergence = 0;
    for (let c = 0; c < CLASSES; c++) {
      observe(this.#detectors, c, counts[c], n, nullShare(mean[c] / n, this.#rows, this.#phi), this.#phi);
      chi += (counts[c] - mean[c]) ** 2 / (mean[c] * (1 + n / this.#rows));
      const a = counts[c] / n;
      const b = mean[c] / n;
      psi += (a - b) * Math.log(a / b);
      const m = (a + b) / 2;
      divergence += (a * Math.log2(a / m) + b * Math.log2(b / m)) / 2;
    }
    const alarm = Math.log(mixture(this.#detectors)) >= this.#lnThreshold;
    if (alarm) for (let c = 0; c < CLASSES; c++) restart(this.#detectors, c);
    return [alarm, chi > CHI_SQUARED_1_PERCENT, psi > 0.2, Math.sqrt(Math.max(0, divergence)) > 0.1];
  }
}

/**
 * @param years simulated clean years, in runs of ten
 * @param runs attacks simulated for each rise
 */
export function measureRegime(
  regime: Regime,
  years: number,
  runs: number,
  falseAlarmDays: number,
): RegimePower {
  const alarms = RULES.map(() => 0);
  const cleanRuns = Math.ceil(years / YEARS_A_RUN);
  for (let run = 0; run < cleanRuns; run++) {
    const watch = new Watch(regime, run, falseAlarmDays);
    for (let day = 0; day < YEARS_A_RUN * YEAR; day++)
      watch.day(0).forEach((alarm, rule) => (alarms[rule] += alarm ? 1 : 0));
  }
  const found = RISES.map((rise, at) => {
    const delays = RULES.map(() => [] as number[]);
    for (let run = 0; run < runs; run++) {
      const watch = new Watch(regime, 1_000_000 + 10_000 * at + run, falseAlarmDays);
      for (let day = 0; day < CLEAN_DAYS; day++) watch.day(0);
      const delay = RULES.map(() => Infinity);
      for (let day = 1; day <= HORIZON && delay.some((one) => one === Infinity); day++)
        watch.day(rise).forEach((alarm, rule) => {
          if (alarm) delay[rule] = Math.min(delay[rule], day);
        });
      delay.forEach((one, rule) => delays[rule].push(one));
    }
    return delays.map((own) => {
      const median = [...own].sort((a, b) => a - b)[Math.floor(own.length / 2)];
      return {
        median: Number.isFinite(median) ? median : null,
        within60: own.filter((one) => one <= 60).length / own.length,
      };
    });
  });
  return {
    regime,
    years: cleanRuns * YEARS_A_RUN,
    falseAlarmDays,
    falseAlarms: alarms.map((count) => count / (cleanRuns * YEARS_A_RUN)),
    found,
    runs,
  };
}
