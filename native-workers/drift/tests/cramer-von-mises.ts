import { cramerVonMisesLimit, lnQuadraticFormTail } from '../../numeric/quadratic-form-tail.ts';
import type { QuantileSketch } from '../quantile-sketch.ts';
import type { Draws } from './homogeneity.ts';
import { dealCells, monteCarloP, uniformDraws } from './monte-carlo.ts';
import { walkTogether } from './prepared-sample.ts';
import type { TestResult } from './test-result.ts';
import { byDraws, byLaw } from './test-result.ts';

const PURPOSE_OFFSET = 6;
/** A smaller sample is too far from the limit: the rows are dealt anew instead. */
const LEAST_FOR_LIMIT = 20;
const MOST_CELLS = 512;

/**
 * The two-sample Cramér-von Mises test with mid-ranks (Anderson 1962), as SciPy's `cramervonmises_2samp(method='asymptotic')` has
 * it; p-values of samples below 20 rows come from dealing the rows anew. Effect: the statistic by n m / (n + m), the mean squared
 * distance of the distribution functions.
 *
 * @throws RangeError when a sample is empty; whatever `check` throws
 */
export function cramerVonMisesTest(
  args: { reference: QuantileSketch; current: QuantileSketch; draws: Draws },
  check: () => void,
): TestResult {
  const { reference, current, draws } = args;
  const [m, n] = [reference.n, current.n];
  if (m === 0 || n === 0)
    throw new RangeError('No test was made: a sample is empty, and both need at least one value.');
  const ofFirst: number[] = [];
  const totals: number[] = [];
  const small = Math.min(m, n) < LEAST_FOR_LIMIT;
  const rows = new RankSums(n, m);
  walkTogether(reference, current, (_, a, b) => {
    rows.add(b, a);
    if (!small) return;
    ofFirst.push(b);
    totals.push(a + b);
  });
  const t = rows.statistic();
  const effect = (t * (n + m)) / (n * m);
  if (!small || totals.length > MOST_CELLS) return byLaw(t, effect, lnLimitTail(t, n, m));
  const cells = Float64Array.from(totals);
  const dealt = new Float64Array(cells.length);
  const p = monteCarloP(
    {
      observed: t,
      most: draws.most,
      stopAfter: draws.stopAfter,
      draw: (index) => {
        dealCells(cells, n, uniformDraws(draws.seed, draws.purpose + PURPOSE_OFFSET, index), dealt);
        const again = new RankSums(n, m);
        for (let k = 0; k < cells.length; k++) again.add(dealt[k], cells[k] - dealt[k]);
        return again.statistic();
      },
    },
    check,
  );
  return byDraws(t, effect, p);
}

/** U = n sum (r_i - i)^2 + m sum (s_j - j)^2 over the mid-ranks r of n and s of m rows, group by group of equal values. */
class RankSums {
  readonly #n: number;
  readonly #m: number;
  #x = 0;
  #y = 0;
  #sum = 0;
  #lost = 0;

  constructor(n: number, m: number) {
    this.#n = n;
    this.#m = m;
  }

  /** The next value's rows: `x` of the n, `y` of the m. Sums are compensated (Neumaier): the statistic is a small difference. */
  add(x: number, y: number): void {
    const ofX = x > 0 ? x * (this.#y + y / 2) ** 2 + (x * x * x - x) / 12 : 0;
    const ofY = y > 0 ? y * (this.#x + x / 2) ** 2 + (y * y * y - y) / 12 : 0;
    const term = this.#n * ofX + this.#m * ofY;
    const total = this.#sum + term;
    this.#lost += Math.abs(this.#sum) >= term ? this.#sum - total + term : term - total + this.#sum;
    this.#sum = total;
    this.#x += x;
    this.#y += y;
  }

  statistic(): number {
    const product = this.#n * this.#m;
    const all = this.#n + this.#m;
    return (this.#sum + this.#lost) / (product * all) - (4 * product - 1) / (6 * all);
  }
}

function lnLimitTail(t: number, n: number, m: number): number {
  const all = n + m;
  const expected = (1 + 1 / all) / 6;
  const variance =
    ((all + 1) * (4 * m * n * all - 3 * (m * m + n * n) - 2 * m * n)) / (45 * all * all * 4 * m * n);
  return lnQuadraticFormTail(1 / 6 + (t - expected) / Math.sqrt(45 * variance), cramerVonMisesLimit);
}
