import { kolmogorovSurvival } from '../../numeric/two-sample/kolmogorov-distribution.ts';
import type { Draws } from './homogeneity.ts';
import { dealCells, monteCarloP, uniformDraws } from './monte-carlo.ts';
import type { PreparedSample } from './prepared-sample.ts';
import { firstPointAtLeast, walkTogether } from './prepared-sample.ts';
import type { TestResult } from './test-result.ts';
import { byDraws, byLaw } from './test-result.ts';

const PURPOSE_OFFSET = 5;
/** Up to this product of the samples' rows the p-value is exact. */
const EXACT_UP_TO = 1e7;
/** With a larger share of rows that have an equal beside them the limit's p-value is visibly too large. */
const TIED = 0.05;
/** Most distinct values that tables with fixed margins are drawn for. */
const MOST_CELLS = 512;

export interface KolmogorovSmirnovTest extends TestResult {
  /** The lowest value at which the distance is reached. */
  readonly location: number;
  /** 1 where the current sample has more rows up to there (its values are lower), else -1. */
  readonly sign: 1 | -1;
  /**
   * 'exact' with all ties; 'draws' of tables with both margins fixed; 'limit' for no or few ties; 'limit, conservative' where more
   * than 5 % of the rows are tied: the p-value is then too large.
   */
  readonly method: 'exact' | 'draws' | 'limit' | 'limit, conservative';
}

interface Distance {
  /** |x m - y n| for x of n current and y of m reference rows up to the place: whole for exact samples. */
  readonly scaled: number;
  readonly location: number;
  readonly sign: 1 | -1;
}

/**
 * The two-sided two-sample Kolmogorov-Smirnov test, distances taken after all ties of a value. Statistic and effect are the
 * distance D. Exact p-value with ties by the lattice of paths (Hodges 1958; Schröer, Trenkler 1995) while n m is small, else the
 * law of round(n m / (n + m)) values as SciPy's `ks_2samp(method='asymp')` has it.
 *
 * @param args.exactUpTo largest n m with an exact p-value, 10^7 unless said
 * @throws RangeError when a sample is empty; whatever `check` throws
 */
export function kolmogorovSmirnovTest(
  args: { reference: PreparedSample; current: PreparedSample; draws: Draws; exactUpTo?: number },
  check: () => void,
): KolmogorovSmirnovTest {
  const { reference, current, draws, exactUpTo = EXACT_UP_TO } = args;
  const [m, n] = [reference.n, current.n];
  if (m === 0 || n === 0)
    throw new RangeError('No test was made: a sample is empty, and both need at least one value.');
  const { scaled, location, sign } = widestDistance(reference, current);
  const d = scaled / (n * m);
  const place = { location, sign } as const;
  const approximate = reference.rankError + current.rankError > 0;
  if (!approximate && n * m <= exactUpTo) {
    const p = exactSurvival(scaled, reference, current, check);
    return { ...byLaw(d, d, Math.log(p)), ...place, method: 'exact' };
  }
  const distinct = reference.values.length + current.values.length;
  const tied = !approximate && 1 - distinct / (n + m) > TIED;
  if (tied && distinct <= MOST_CELLS) {
    const p = drawnP(scaled, reference, current, draws, check);
    return { ...byDraws(d, d, p), ...place, method: 'draws' };
  }
  const lnP = lnLimitTail(d, roundHalfToEven((n * m) / (n + m)), check);
  return { ...byLaw(d, d, lnP), ...place, method: tied ? 'limit, conservative' : 'limit' };
}

/** Looks up the sample of fewer points in the other: between two of its values the other only rises, so both ends suffice. */
function widestDistance(reference: PreparedSample, current: PreparedSample): Distance {
  const swapped = reference.values.length < current.values.length;
  const [few, many] = swapped ? [reference, current] : [current, reference];
  const [nFew, nMany] = [few.n, many.n];
  let best = -1;
  let bestSign = 1;
  let location = NaN;
  let j = 0;
  let before = 0;
  for (let i = 0; i < few.values.length; i++) {
    const value = few.values[i];
    j = firstPointAtLeast(many.values, value, j);
    const below = j === 0 ? 0 : many.cumulative[j - 1];
    const start = before * nMany - below * nFew;
    if (Math.abs(start) > best && j > 0) {
      best = Math.abs(start);
      bestSign = start < 0 ? -1 : 1;
      location = many.values[j - 1];
    }
    const upTo = many.values[j] === value ? many.cumulative[j] : below;
    before = few.cumulative[i];
    const end = before * nMany - upTo * nFew;
    if (Math.abs(end) > best) {
      best = Math.abs(end);
      bestSign = end < 0 ? -1 : 1;
      location = value;
    }
  }
  const sign = (swapped ? -bestSign : bestSign) as 1 | -1;
  return { scaled: best, location, sign: best === 0 ? 1 : sign };
}

/**
 * P(D >= d) given the ties, over all ways to deal the pooled rows: the chance that a path of i current and j reference rows passes
 * a place between distinct values where |i m - j n| is at least as large as observed.
 */
function exactSurvival(
  scaled: number,
  reference: PreparedSample,
  current: PreparedSample,
  check: () => void,
): number {
  const [m, n] = [reference.n, current.n];
  const isPlace = new Uint8Array(n + m + 1);
  let rows = 0;
  walkTogether(reference, current, (_, a, b) => {
    rows += a + b;
    isPlace[rows] = 1;
  });
  // Half of the smallest step below: the products are whole numbers.
  const limit = scaled - 0.5;
  const passed = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    if (i % 64 === 0) check();
    for (let j = 0; j <= m; j++) {
      if (isPlace[i + j] === 1 && Math.abs(i * m - j * n) > limit) passed[j] = 1;
      else if (i + j === 0) passed[j] = 0;
      else passed[j] = ((i > 0 ? i * passed[j] : 0) + (j > 0 ? j * passed[j - 1] : 0)) / (i + j);
    }
  }
  return passed[m];
}

function drawnP(
  scaled: number,
  reference: PreparedSample,
  current: PreparedSample,
  draws: Draws,
  check: () => void,
): ReturnType<typeof monteCarloP> {
  const [m, n] = [reference.n, current.n];
  const cells: number[] = [];
  walkTogether(reference, current, (_, a, b) => cells.push(a + b));
  const totals = Float64Array.from(cells);
  const dealt = new Float64Array(totals.length);
  return monteCarloP(
    {
      observed: scaled,
      most: draws.most,
      stopAfter: draws.stopAfter,
      draw: (index) => {
        dealCells(totals, n, uniformDraws(draws.seed, draws.purpose + PURPOSE_OFFSET, index), dealt);
        let difference = 0;
        let widest = 0;
        for (let k = 0; k < totals.length; k++) {
          difference += dealt[k] * m - (totals[k] - dealt[k]) * n;
          widest = Math.max(widest, Math.abs(difference));
        }
        return widest;
      },
    },
    check,
  );
}

/** ln P(D >= d) of one sample of `n` values; where that underflows the bound 2 exp(-2 n d^2) (Massart 1990). */
export function lnLimitTail(d: number, n: number, check: () => void): number {
  if (n === 0) return 0;
  const p = kolmogorovSurvival(d, n, check);
  return p > 1e-300 ? Math.log(p) : Math.LN2 - 2 * n * d * d;
}

/** As numpy rounds. */
function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}
