import { andersonDarlingLimit, lnQuadraticFormTail } from '../../numeric/quadratic-form-tail.ts';
import type { QuantileSketch } from '../quantile-sketch.ts';
import { joinSketches } from '../quantile-sketch.ts';
import type { Draws } from './homogeneity.ts';
import { dealCells, monteCarloP, uniformDraws } from './monte-carlo.ts';
import { walkTogether } from './prepared-sample.ts';
import type { TestResult } from './test-result.ts';
import { byDraws, byLaw } from './test-result.ts';

const PURPOSE_OFFSET = 7;
/** Fewer rows in all are dealt anew outside the table; of more the limit is near enough. */
const LEAST_FOR_LIMIT = 200;
/** The variance is not defined for fewer rows in all. */
const LEAST_ROWS = 4;
/** Variance of the limit of the two-sample statistic. */
const LIMIT_VARIANCE = (2 * (Math.PI ** 2 - 9)) / 3;

/** Scholz, Stephens (1987), table 2: critical values b0 + b1 / sqrt(k - 1) + b2 / (k - 1) at seven levels. */
const LEVELS = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];
const B0 = [0.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085];
const B1 = [-0.245, 0.25, 0.678, 1.149, 1.822, 2.364, 3.615];
const B2 = [-0.105, -0.305, -0.362, -0.391, -0.396, -0.345, -0.154];

export interface AndersonDarling extends TestResult {
  /** The statistic before it is standardised. */
  readonly raw: number;
  readonly method: 'table' | 'draws' | 'limit';
}

/**
 * The k-sample Anderson-Darling test with mid-ranks, standardised (Scholz, Stephens 1987), as SciPy's `anderson_ksamp` has it. Inside
 * the table's levels, 25 % to 0.1 %, p is interpolated as there; outside it is never clipped: rows are dealt anew, or for two
 * samples of 200 rows and more in all, p comes from the statistic's limit law with its variance matched.
 * Effect: for two samples the raw statistic by n m / (n + m), else by the rows.
 *
 * @param args.samples at least two, none empty, four rows in all, not all of them equal
 * @throws RangeError when they are; whatever `check` throws
 */
export function andersonDarlingTest(
  args: { samples: readonly QuantileSketch[]; draws: Draws },
  check: () => void,
): AndersonDarling {
  const { samples, draws } = args;
  const sizes = samples.map(({ n }) => n);
  if (samples.length < 2 || sizes.includes(0))
    throw new RangeError('No test was made: it needs at least two samples, and a value in each.');
  const pooled = poolSamples(samples);
  if (pooled.n < LEAST_ROWS)
    throw new RangeError(
      `No test was made: there are ${pooled.n} values, and it needs ${LEAST_ROWS} in all.`,
    );
  if (pooled.counts.length < 2) throw new RangeError('No test was made: all values are equal.');
  const { groups } = pooled;
  const raw = statisticOf(groups, pooled.counts, sizes);
  const freedom = samples.length - 1;
  const standardised = (raw - freedom) / Math.sqrt(varianceOf(sizes));
  const effect = raw / (freedom === 1 ? (sizes[0] * sizes[1]) / pooled.n : pooled.n);
  const lnP = lnTableTail(standardised, freedom);
  if (lnP !== null) return { ...byLaw(standardised, effect, lnP), raw, method: 'table' };
  if (freedom === 1 && pooled.n >= LEAST_FOR_LIMIT) {
    const limit = lnQuadraticFormTail(1 + standardised * Math.sqrt(LIMIT_VARIANCE), andersonDarlingLimit);
    return { ...byLaw(standardised, effect, limit), raw, method: 'limit' };
  }
  const dealt = samples.map(() => new Float64Array(pooled.counts.length));
  const p = monteCarloP(
    {
      observed: raw,
      most: draws.most,
      stopAfter: draws.stopAfter,
      draw: (index) => {
        const uniform = uniformDraws(draws.seed, draws.purpose + PURPOSE_OFFSET, index);
        const left = pooled.counts.slice();
        dealt.forEach((cells, i) => {
          dealCells(left, sizes[i], uniform, cells);
          for (let k = 0; k < left.length; k++) left[k] -= cells[k];
        });
        return statisticOf(dealt, pooled.counts, sizes);
      },
    },
    check,
  );
  return { ...byDraws(standardised, effect, p), raw, method: 'draws' };
}

/** Rows at each distinct value of all samples together: of all of them, and of each. */
interface Pooled {
  readonly n: number;
  /** Shape (values,). */
  readonly counts: Float64Array;
  /** For each sample, shape (values,). */
  readonly groups: readonly Float64Array[];
}

function poolSamples(samples: readonly QuantileSketch[]): Pooled {
  const [first, second, ...others] = samples;
  if (others.length > 0) {
    const { values, counts, n } = joinSketches(samples);
    return { n, counts, groups: samples.map((sample) => spread(sample, values)) };
  }
  const most = first.values.length + second.values.length;
  const [counts, a, b] = [0, 1, 2].map(() => new Float64Array(most));
  let size = 0;
  walkTogether(first, second, (_, ofFirst, ofSecond) => {
    a[size] = ofFirst;
    b[size] = ofSecond;
    counts[size++] = ofFirst + ofSecond;
  });
  return {
    n: first.n + second.n,
    counts: counts.subarray(0, size),
    groups: [a.subarray(0, size), b.subarray(0, size)],
  };
}

/** A sample's rows at each of the pooled values. */
function spread(sample: QuantileSketch, values: Float64Array): Float64Array {
  const cells = new Float64Array(values.length);
  let point = 0;
  for (let i = 0; i < sample.values.length; i++) {
    while (values[point] !== sample.values[i]) point++;
    cells[point] = sample.counts[i];
  }
  return cells;
}

function statisticOf(
  groups: readonly Float64Array[],
  totals: Float64Array,
  sizes: readonly number[],
): number {
  const all = sizes.reduce((sum, n) => sum + n, 0);
  let result = 0;
  groups.forEach((cells, i) => {
    let below = 0;
    let ofGroup = 0;
    let sum = 0;
    for (let k = 0; k < totals.length; k++) {
      const middle = below + totals[k] / 2;
      const difference = all * (ofGroup + cells[k] / 2) - sizes[i] * middle;
      sum += (totals[k] * difference * difference) / (middle * (all - middle) - (all * totals[k]) / 4);
      below += totals[k];
      ofGroup += cells[k];
    }
    result += sum / sizes[i];
  });
  return (result * (all - 1)) / (all * all);
}

/** Variance of the statistic under the hypothesis without ties (Scholz, Stephens 1987, equation 4). */
function varianceOf(sizes: readonly number[]): number {
  const k = sizes.length;
  const all = sizes.reduce((sum, n) => sum + n, 0);
  const inverse = sizes.reduce((sum, n) => sum + 1 / n, 0);
  const h = harmonic(all) - 1 / all;
  // The double sum of 1 / ((N - i) j), i < j < N, in closed form.
  const g = harmonicOfSquares(all) - (2 * harmonic(all)) / all + 1 / (all * all);
  const a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * inverse;
  const b = (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6;
  const c = (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * inverse + 4 * h;
  const d = (2 * h + 6) * k * k - 4 * h * k;
  return (((a * all + b) * all + c) * all + d) / ((all - 1) * (all - 2) * (all - 3));
}

/** Up to here the sums are made term by term. */
const SUMMED = 256;
const EULER = 0.5772156649015329;

function harmonic(n: number): number {
  if (n <= SUMMED) return sumOf(n, (j) => 1 / j);
  const square = 1 / (n * n);
  return Math.log(n) + EULER + 1 / (2 * n) - square * (1 / 12 - square * (1 / 120 - square / 252));
}

function harmonicOfSquares(n: number): number {
  if (n <= SUMMED) return sumOf(n, (j) => 1 / (j * j));
  const square = 1 / (n * n);
  return Math.PI ** 2 / 6 - 1 / n + square / 2 - (square / n) * (1 / 6 - square * (1 / 30 - square / 42));
}

function sumOf(n: number, term: (j: number) => number): number {
  let sum = 0;
  for (let j = n; j >= 1; j--) sum += term(j);
  return sum;
}

/** ln p by a parabola through the table's critical values and the logarithms of its levels; null outside the table. */
function lnTableTail(standardised: number, freedom: number): number | null {
  const critical = B0.map((b0, i) => b0 + B1[i] / Math.sqrt(freedom) + B2[i] / freedom);
  if (!(standardised >= critical[0] && standardised <= critical[critical.length - 1])) return null;
  return parabolaAt(standardised, critical, LEVELS.map(Math.log));
}

/** The least-squares parabola through points (x, y), at `at`: by orthogonal polynomials on the points. */
function parabolaAt(at: number, x: readonly number[], y: readonly number[]): number {
  const n = x.length;
  const mean = x.reduce((sum, v) => sum + v, 0) / n;
  const first = x.map((v) => v - mean);
  const square = first.reduce((sum, v) => sum + v * v, 0);
  const cube = first.reduce((sum, v) => sum + v * v * v, 0) / square;
  const second = (v: number): number => v * v - cube * v - square / n;
  let [y0, y1, y2, norm] = [0, 0, 0, 0];
  first.forEach((v, i) => {
    y0 += y[i] / n;
    y1 += (v * y[i]) / square;
    y2 += second(v) * y[i];
    norm += second(v) ** 2;
  });
  return y0 + y1 * (at - mean) + (y2 / norm) * second(at - mean);
}
