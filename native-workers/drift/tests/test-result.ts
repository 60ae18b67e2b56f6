/** What a two-sample test found. */
export interface TestResult {
  readonly statistic: number;
  /** How large the difference is, on a scale that does not grow with the rows. */
  readonly effect: number;
  /** In (0, 1]: where it underflows it is the smallest double, and lnP holds it. */
  readonly p: number;
  /** Natural logarithm of the p-value. */
  readonly lnP: number;
  /** The smallest p-value that the method can give: 1 / (draws + 1) of a Monte Carlo test; null where there is no floor. */
  readonly leastP: number | null;
}

/** The p-value of a logarithm: never 0. */
export function pOf(lnP: number): number {
  return Math.max(Number.MIN_VALUE, Math.exp(Math.min(0, lnP)));
}

/** A result whose p-value comes from a law. */
export function byLaw(statistic: number, effect: number, lnP: number): TestResult {
  return { statistic, effect, p: pOf(lnP), lnP: Math.min(0, lnP), leastP: null };
}

/** A result whose p-value comes from draws. */
export function byDraws(statistic: number, effect: number, { p, leastP }: DrawnP): TestResult {
  return { statistic, effect, p, lnP: Math.log(p), leastP };
}

/** The p-value of a Monte Carlo test. */
export interface DrawnP {
  readonly p: number;
  readonly leastP: number;
  readonly draws: number;
}
