import { lnGamma } from './distributions.ts';

const TINY = 1e-300;

/** Above this Stirling's series is taken of both, so that their difference keeps its digits. */
const LARGE = 20;

/** ln B(a, b), a, b > 0; keeps its digits where one of them is large. */
function lnBetaFunction(a: number, b: number): number {
  const large = Math.max(a, b);
  const small = Math.min(a, b);
  if (large < LARGE) return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
  const ratio = -(large - 0.5) * Math.log1p(small / large) - small * Math.log(large + small) + small;
  return lnGamma(small) + ratio + stirling(large) - stirling(large + small);
}

function stirling(x: number): number {
  const inverse = 1 / (x * x);
  return (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / x;
}

/**
 * ln I_x(a, b), the regularised incomplete Beta function, by its continued fraction (Lentz): the lower tail keeps its digits
 * however small it is.
 *
 * @param lnX ln x
 * @param lnRest ln(1 - x)
 */
function lnBetaTail(lnX: number, lnRest: number, a: number, b: number): number {
  if (lnX === -Infinity) return -Infinity;
  const x = Math.exp(lnX);
  if (x > (a + 1) / (a + b + 2)) return Math.log1p(-Math.exp(lnBetaTail(lnRest, lnX, b, a)));
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let i = 1; i <= 100_000; i++) {
    const even = (i * (b - i) * x) / ((a + 2 * i - 1) * (a + 2 * i));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + i) * (a + b + i) * x) / ((a + 2 * i) * (a + 2 * i + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-16) break;
  }
  return Math.min(0, a * lnX + b * lnRest - lnBetaFunction(a, b) - Math.log(a) + Math.log(fraction));
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** ln P(|T| >= |t|) for Student's T of `df` degrees of freedom, df > 0, need not be whole. */
export function lnStudentTwoSided(t: number, df: number): number {
  if (Number.isNaN(t)) return NaN;
  const square = (t * t) / df;
  if (square === Infinity) return -Infinity;
  if (square === 0) return 0;
  const lnRest = -Math.log1p(1 / square);
  return lnBetaTail(-Math.log1p(square), lnRest, df / 2, 0.5);
}

/** ln P(F >= f) for Fisher's F of d1 and d2 degrees of freedom. */
export function lnFisherTail(f: number, d1: number, d2: number): number {
  if (Number.isNaN(f)) return NaN;
  if (f <= 0) return 0;
  const ratio = (d1 * f) / d2;
  return lnBetaTail(-Math.log1p(ratio), -Math.log1p(1 / ratio), d2 / 2, d1 / 2);
}
