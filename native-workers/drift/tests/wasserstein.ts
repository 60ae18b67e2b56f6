import type { Draws } from './homogeneity.ts';
import { monteCarloP, normalDraws, uniformDraws } from './monte-carlo.ts';
import type { PreparedSample } from './prepared-sample.ts';
import { prepareSample, sampleQuantile, walkTogether } from './prepared-sample.ts';
import type { TestResult } from './test-result.ts';
import { byDraws } from './test-result.ts';

const PURPOSE_OFFSET = 8;
/** Share of the rows that the twin pulls in at each end. */
const TAIL = 0.005;
/** Up to so many rows in all the rows themselves are dealt anew. */
const DEALT_UP_TO = 2000;
/** A normal's interquartile range in standard deviations. */
const NORMAL_IQR = 1.349;
/** Even steps between the levels at which the limit's bridge is drawn; towards the ends they halve. */
const STEPS = 128;

/** Statistic: the distance in the column's unit. Effect: the same in spreads of the reference. */
export interface WassersteinTest extends TestResult {
  /** The same with each sample's rows beyond its own .5 and 99.5 % quantiles pulled in to them: one outlier cannot move it. */
  readonly winsorised: TestResult;
  /** What the effect is in: the reference's interquartile range / 1.349; the pooled deviation where that is 0. */
  readonly spread: number;
}

/** Draws of the limit of sqrt(n m / (n + m)) times the distance, ascending; of the twin as well. One for each baseline's column. */
export interface WassersteinLimit {
  readonly plain: Float64Array;
  readonly winsorised: Float64Array;
}

/**
 * The first Wasserstein distance, the integral of |F - G|. The p-value comes from dealing up to 2,000 rows anew, else from draws
 * of the Brownian bridge over the reference's distribution ({@link wassersteinLimit}).
 *
 * @returns null where the effect has no unit: no spread in both samples; where a side is empty; where a value is infinite
 * @throws whatever `check` throws
 */
export function wassersteinTest(
  args: { reference: PreparedSample; current: PreparedSample; limit: WassersteinLimit; draws: Draws },
  check: () => void,
): WassersteinTest | null {
  const { reference, current, limit, draws } = args;
  if (reference.n === 0 || current.n === 0) return null;
  if (
    ![reference, current].every(({ values }) => Number.isFinite(values[0]) && Number.isFinite(values.at(-1)))
  )
    return null;
  const spread = spreadOf(reference, current);
  if (!(spread > 0)) return null;
  const plain = distance(reference, current);
  const twin = winsorisedDistance(reference, current);
  const small = reference.n + current.n <= DEALT_UP_TO && reference.rankError + current.rankError === 0;
  const [p, twinP] = small
    ? dealtP(reference, current, [plain, twin], draws, check)
    : [limit.plain, limit.winsorised].map((law, i) => {
        const scaled = Math.sqrt((reference.n * current.n) / (reference.n + current.n)) * [plain, twin][i];
        const most = law.length;
        return { p: (most - lowerBound(law, scaled) + 1) / (most + 1), leastP: 1 / (most + 1), draws: most };
      });
  return { ...byDraws(plain, plain / spread, p), winsorised: byDraws(twin, twin / spread, twinP), spread };
}

type Ends = readonly [low: number, high: number];

function endsOf(sample: PreparedSample): Ends {
  return [sampleQuantile(sample, TAIL), sampleQuantile(sample, 1 - TAIL)];
}

function spreadOf(reference: PreparedSample, current: PreparedSample): number {
  const range = (sampleQuantile(reference, 0.75) - sampleQuantile(reference, 0.25)) / NORMAL_IQR;
  if (range > 0) return range;
  let [rows, mean, m2] = [0, 0, 0];
  walkTogether(reference, current, (value, a, b) => {
    const delta = value - mean;
    rows += a + b;
    mean += (delta * (a + b)) / rows;
    m2 += delta * (value - mean) * (a + b);
  });
  return rows > 1 ? Math.sqrt(m2 / (rows - 1)) : 0;
}

function clamp(value: number, [low, high]: Ends): number {
  return Math.min(high, Math.max(low, value));
}

interface Ascending {
  readonly values: Float64Array;
  readonly counts: Float64Array;
  readonly n: number;
}

/** The integral of |Q - R| over the levels of both quantile functions. */
function distance(first: Ascending, second: Ascending): number {
  const [a, b] = [first.values, second.values];
  const last = first.n * second.n;
  let [sum, level, i, j] = [0, 0, 0, 0];
  // Levels times both numbers of rows: whole for exact samples.
  let endFirst = first.counts[0] * second.n;
  let endSecond = second.counts[0] * first.n;
  for (;;) {
    const next = endFirst < endSecond ? endFirst : endSecond;
    if (next <= level) break;
    sum += Math.abs(a[i] - b[j]) * (next - level);
    level = next;
    if (endFirst === next && i < a.length - 1) endFirst += first.counts[++i] * second.n;
    if (endSecond === next && j < b.length - 1) endSecond += second.counts[++j] * first.n;
  }
  return sum / last;
}

/** The same with each sample pulled in to its own ends. */
function winsorisedDistance(first: PreparedSample, second: PreparedSample): number {
  return distance(pulledIn(first), pulledIn(second));
}

function pulledIn(sample: PreparedSample): Ascending {
  const [low, high] = endsOf(sample);
  const values = sample.values.slice();
  for (let i = 0; i < values.length && values[i] < low; i++) values[i] = low;
  for (let i = values.length - 1; i >= 0 && values[i] > high; i--) values[i] = high;
  return { values, counts: sample.counts, n: sample.n };
}

function dealtP(
  reference: PreparedSample,
  current: PreparedSample,
  observed: readonly [number, number],
  draws: Draws,
  check: () => void,
): ReturnType<typeof monteCarloP>[] {
  const pooled: number[] = [];
  walkTogether(reference, current, (value, a, b) => {
    for (let row = 0; row < a + b; row++) pooled.push(value);
  });
  return observed.map((seen, twin) =>
    monteCarloP(
      {
        observed: seen,
        most: draws.most,
        stopAfter: draws.stopAfter,
        draw: (index) => {
          const uniform = uniformDraws(draws.seed, draws.purpose + PURPOSE_OFFSET, index);
          const [first, second] = deal(pooled, reference.n, uniform);
          return twin === 1 ? winsorisedDistance(first, second) : distance(first, second);
        },
      },
      check,
    ),
  );
}

/** The rows dealt to two samples, the first of `m` rows, by selection sampling in order. */
function deal(pooled: readonly number[], m: number, uniform: () => number): [PreparedSample, PreparedSample] {
  const first: number[] = [];
  const second: number[] = [];
  pooled.forEach((value, i) => {
    const chosen = uniform() * (pooled.length - i) < m - first.length;
    (chosen ? first : second).push(value);
  });
  const sample = (values: number[]): PreparedSample =>
    prepareSample({
      values: Float64Array.from(values),
      counts: new Float64Array(values.length).fill(1),
      n: values.length,
      missing: 0,
      rankError: 0,
    });
  return [sample(first), sample(second)];
}

/**
 * Draws of the integral of |B(F(x))| dx for a Brownian bridge B and the reference's distribution F: at the levels of its distinct
 * values where there are few, else at 128 even levels that halve towards both ends.
 *
 * @throws whatever `check` throws; it is called for each draw
 */
export function wassersteinLimit(
  reference: PreparedSample,
  draws: Pick<Draws, 'seed' | 'purpose' | 'most'>,
  check: () => void,
): WassersteinLimit {
  const { seed, purpose, most } = draws;
  const plain = new Float64Array(most);
  const winsorised = new Float64Array(most);
  const levels = bridgeLevels(reference);
  const exact = reference.values.length <= STEPS;
  const at = exact
    ? Float64Array.from([reference.values[0], ...reference.values])
    : levels.map((level) => sampleQuantile(reference, level));
  const ends = endsOf(reference);
  const widths = at.map((value, k) => (k === 0 ? 0 : value - at[k - 1]));
  const twinWidths = at.map((value, k) => (k === 0 ? 0 : clamp(value, ends) - clamp(at[k - 1], ends)));
  const walk = new Float64Array(levels.length);
  for (let index = 0; index < most; index++) {
    check();
    const normal = normalDraws(uniformDraws(seed, purpose + PURPOSE_OFFSET, index));
    for (let k = 1; k < levels.length; k++)
      walk[k] = walk[k - 1] + Math.sqrt(levels[k] - levels[k - 1]) * normal();
    const end = walk[levels.length - 1];
    let [sum, twin, before] = [0, 0, 0];
    for (let k = 1; k < levels.length; k++) {
      const bridge = Math.abs(walk[k] - levels[k] * end);
      // Between distinct values F is constant: the width belongs to the level before it.
      const height = exact ? before : (before + bridge) / 2;
      sum += height * widths[k];
      twin += height * twinWidths[k];
      before = bridge;
    }
    plain[index] = sum;
    winsorised[index] = twin;
  }
  return { plain: plain.sort(), winsorised: winsorised.sort() };
}

/** Levels from 0 to 1. */
function bridgeLevels({ cumulative, n, values }: PreparedSample): Float64Array {
  if (values.length <= STEPS) return Float64Array.from([0, ...cumulative].map((rows) => rows / n));
  const levels: number[] = [0];
  for (let k = Math.ceil(Math.log2(n)); k > Math.log2(STEPS); k--) levels.push(2 ** -k);
  for (let i = 1; i < STEPS; i++) levels.push(i / STEPS);
  for (let k = Math.log2(STEPS) + 1; k <= Math.ceil(Math.log2(n)); k++) levels.push(1 - 2 ** -k);
  levels.push(1);
  return Float64Array.from(levels);
}

function lowerBound(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
