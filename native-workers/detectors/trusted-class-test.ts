import { betaBinomialUpperQuantile, lnBetaBinomialTail } from '../numeric/distributions.ts';
import { countAtLeast } from '../numeric/order-statistics.ts';

const DEPTHS = [1, 4, 16, 64];

export type TrustedViewId = 'act' | 'dir' | 'log' | 'splitA' | 'splitB' | 'label';

/** One score of a class's rows and of the trusted rows that calibrate it; the null makes them exchangeable. */
export interface TrustedView {
  readonly id: TrustedViewId;
  /** Shape (n_c,). */
  readonly rows: Float64Array;
  /** Shape (at most m_c,). */
  readonly trusted: Float64Array;
  /** ln of the smallest p over k, not corrected. */
  readonly lnP: number;
  /** The k of that p: rows are counted beyond the k-th farthest trusted row. */
  readonly k: number;
  readonly beyond: number;
}

/** A candidate group of the pooled class, with the trusted rows it holds. */
export interface TrustedGroup {
  readonly axis: number;
  readonly depth: number;
  /** Members among rows and trusted rows together. */
  readonly size: number;
  readonly trustedInside: number;
  /** Shape (n_c,). */
  readonly members: Uint8Array;
  readonly lnP: number;
}

export interface TrustedEvidence {
  readonly m: number;
  readonly views: readonly TrustedView[];
  readonly groups: readonly TrustedGroup[];
  /** Number of tests the class's level is shared among. */
  readonly tests: number;
  /** ln of the level one test must reach. */
  readonly lnLevel: number;
  /** Smallest dose that lies beyond all trusted rows and still alarms. */
  readonly epsilonMin: number;
  /** Median robust distance of the trusted rows / that of the class's rows. */
  readonly bulkRatio: number;
}

/** Number of tests of a class: four depths in each view and two sides of three groups. */
export function testCount(views: number): number {
  return DEPTHS.length * views + 6;
}

/**
 * Smallest share of a class that is sure to alarm when it lies beyond every one of m trusted rows.
 *
 * @param classes number of classes K
 */
export function smallestVisibleDose(m: number, classes: number, alpha: number, tests: number): number {
  return 1 - (alpha / (2 * classes * tests)) ** (1 / m);
}

/**
 * Smallest share of a class of n rows that is sure to alarm where it lies beyond all but the share `nearer` of its m trusted
 * rows, as many clean rows lying there as trusted ones; null where no depth of the test reaches so far.
 */
export function visibleDose(
  nearer: number,
  n: number,
  m: number,
  level: { classes: number; alpha: number; tests: number },
): number | null {
  const p = level.alpha / (2 * level.classes * level.tests);
  const needed = DEPTHS.filter((k) => k > nearer * m && k <= m / 4).map((k) => {
    const beyond = betaBinomialUpperQuantile(p, n, k, m) + 1;
    return Math.max(0, beyond / n - k / (m + 1)) / (1 - k / (m + 1));
  });
  const dose = Math.min(...needed);
  return dose <= 1 ? dose : null;
}

/** Best p of a view over the depths k, each at most a quarter of the calibrating rows. */
export function testView(
  rows: Float64Array,
  trusted: Float64Array,
): { lnP: number; k: number; beyond: number } {
  const ascending = trusted.slice().sort();
  const m = trusted.length;
  let best: { lnP: number; k: number; beyond: number } | null = null;
  for (const k of DEPTHS) {
    if (k > m / 4) continue;
    const threshold = ascending[m - k];
    let beyond = 0;
    for (const score of rows) if (score > threshold) beyond++;
    const lnP = lnBetaBinomialTail(beyond, rows.length, k, m);
    if (best === null || lnP < best.lnP) best = { lnP, k, beyond };
  }
  return best ?? { lnP: 0, k: 0, beyond: 0 };
}

/** Conformal p of every row: (1 + trusted rows scoring at least as high) / (m + 1). */
export function conformalP(rows: Float64Array, trusted: Float64Array): Float64Array {
  const ascending = trusted.slice().sort();
  return rows.map((score) => (1 + countAtLeast(ascending, score)) / (trusted.length + 1));
}

const BOUND_GRID = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256];
const BOUND_DELTA = 0.05;

/**
 * Upper bound of the number of clean rows, of n in all, above a threshold that `trustedAbove` of m trusted rows are above; true
 * for all thresholds at once with probability 95 %: the smallest depth of a grid that covers those trusted rows bounds them.
 *
 * @param share of the 5 % that this bound may spend, 0 to 1: those that one is chosen from after a look share them
 */
export function cleanRowsBound(n: number, m: number, trustedAbove: number, share: number): number {
  const depth = BOUND_GRID.find((k) => k >= trustedAbove && k < m);
  if (depth === undefined) return n;
  return betaBinomialUpperQuantile((share * BOUND_DELTA) / BOUND_GRID.length, n, depth + 1, m);
}

/**
 * A view's share of the 5 %, before it is known which one shows most: half goes to the activations, which usually do, the rest
 * to the others alike.
 */
export function boundShare(id: TrustedViewId, views: number): number {
  if (views < 2) return 1;
  return id === 'act' ? 1 / 2 : 1 / (2 * (views - 1));
}

/** {@link cleanRowsBound} as a share of the rows above the threshold. */
export function falseShareBound(
  rows: Float64Array,
  trusted: Float64Array,
  threshold: number,
  share = 1,
): number {
  let above = 0;
  for (const score of rows) if (score > threshold) above++;
  if (above === 0) return 0;
  let trustedAbove = 0;
  for (const score of trusted) if (score > threshold) trustedAbove++;
  return Math.min(1, cleanRowsBound(rows.length, trusted.length, trustedAbove, share) / above);
}

/** What a view's test counted, in words. */
export function tailName({ id, k }: TrustedView): string {
  // The depths are 1, 4, 16 and 64: every ordinal but the first ends in th.
  return `rows beyond the ${k === 1 ? '' : `${k}th `}farthest trusted row (${id})`;
}

/** The view with the smallest p; ties go to the earlier one. */
export function bestView(views: readonly TrustedView[]): TrustedView {
  return views.reduce((best, view) => (view.lnP < best.lnP ? view : best));
}
