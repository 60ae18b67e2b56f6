import { lnGamma } from './distributions.ts';

const MOST_TERMS = 100_000;
const TINY = 1e-300;

/**
 * ln P(X >= x) for a chi-squared X of `df` degrees of freedom: the regularised upper incomplete Gamma function Q(df / 2, x / 2),
 * by its series below its mean and by its continued fraction (Lentz) above, so that far tails keep their digits.
 *
 * @param df above 0, need not be whole
 */
export function lnChiSquaredTail(x: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`A chi-squared law of ${df} degrees of freedom was asked for.`);
  if (Number.isNaN(x)) return NaN;
  if (x <= 0) return 0;
  if (x === Infinity) return -Infinity;
  const a = df / 2;
  const z = x / 2;
  const lnFront = a * Math.log(z) - z - lnGamma(a);
  if (z < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; k < MOST_TERMS && term > sum * 1e-17; k++) {
      term *= z / (a + k);
      sum += term;
    }
    return Math.log1p(-Math.min(1, sum * Math.exp(lnFront)));
  }
  let b = z + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k < MOST_TERMS; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = 1 / nonZero(numerator * d + b);
    c = nonZero(b + numerator / c);
    const step = c * d;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return Math.min(0, lnFront + Math.log(fraction));
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
