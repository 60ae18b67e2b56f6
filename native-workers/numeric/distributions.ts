const HALF_LN_TWO_PI = 0.9189385332046727;

/** ln Gamma(x) for x > 0: Stirling's series after shifting x above 10; relative error about 1e-15. */
export function lnGamma(x: number): number {
  let shift = 0;
  let z = x;
  if (z < 10) {
    let product = 1;
    while (z < 10) {
      product *= z;
      z += 1;
    }
    shift = Math.log(product);
  }
  const inverse = 1 / (z * z);
  const series =
    (1 / 12 +
      inverse *
        (-1 / 360 +
          inverse * (1 / 1260 + inverse * (-1 / 1680 + inverse * (1 / 1188 - (inverse * 691) / 360360))))) /
    z;
  return (z - 0.5) * Math.log(z) - z + HALF_LN_TWO_PI + series - shift;
}

/** ln of the Beta function, a, b > 0. */
function lnBeta(a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
}

/** ln of the binomial coefficient, 0 <= k <= n. */
function lnChoose(n: number, k: number): number {
  return lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1);
}

/** ln of a sum of terms, from the first one's ln and the ratios of neighbours; never underflows. */
function lnSumOfTerms(lnFirst: number, count: number, ratio: (index: number) => number): number {
  let base = lnFirst;
  let sum = 1;
  let term = 1;
  for (let i = 0; i < count; i++) {
    const r = ratio(i);
    term *= r;
    sum += term;
    if (sum > 1e200) {
      base += Math.log(sum);
      term /= sum;
      sum = 1;
    }
    if (r < 1 && term < sum * 1e-18) break;
  }
  return Math.min(0, base + Math.log(sum));
}

/**
 * ln P(X >= x) for X ~ BetaBinomial(n, k, m - k + 1): the number of n rows beyond the k-th largest of m exchangeable
 * reference rows (Wilks 1941). Summed from the tail in logarithms.
 */
export function lnBetaBinomialTail(x: number, n: number, k: number, m: number): number {
  if (x <= 0) return 0;
  if (x > n) return -Infinity;
  const b = m - k + 1;
  const first = lnChoose(n, x) + lnBeta(x + k, n - x + b) - lnBeta(k, b);
  return lnSumOfTerms(first, n - x, (i) => {
    const j = x + i;
    return ((n - j) * (j + k)) / ((j + 1) * (n - j - 1 + b));
  });
}

/** Smallest v with P(X > v) <= p for X ~ BetaBinomial(n, k, m - k + 1). */
export function betaBinomialUpperQuantile(p: number, n: number, k: number, m: number): number {
  const lnP = Math.log(p);
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lnBetaBinomialTail(middle + 1, n, k, m) <= lnP) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** ln P(X <= x) where X counts the marked among `drawn` of `total` things, `marked` of them marked (hypergeometric). */
export function lnHypergeometricLower(x: number, total: number, marked: number, drawn: number): number {
  const least = Math.max(0, drawn - (total - marked));
  const most = Math.min(marked, drawn);
  if (x >= most) return 0;
  if (x < least) return -Infinity;
  const first = lnChoose(marked, x) + lnChoose(total - marked, drawn - x) - lnChoose(total, drawn);
  return lnSumOfTerms(first, x - least, (i) => {
    const j = x - i;
    return (j * (total - marked - drawn + j)) / ((marked - j + 1) * (drawn - j + 1));
  });
}

/** ln P(X >= x) for X ~ Binomial(n, p). */
export function lnBinomialTail(x: number, n: number, p: number): number {
  if (x <= 0 || p >= 1) return 0;
  if (x > n || p <= 0) return -Infinity;
  const first = lnChoose(n, x) + x * Math.log(p) + (n - x) * Math.log1p(-p);
  return lnSumOfTerms(first, n - x, (i) => (((n - x - i) / (x + i + 1)) * p) / (1 - p));
}

/** The regularised incomplete Beta function I_x(a, b), by its continued fraction (Lentz). */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf(1 - x, b, a);
  const tiny = 1e-300;
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < tiny ? tiny : d);
  let fraction = d;
  for (let i = 1; i <= 10_000; i++) {
    const even = (i * (b - i) * x) / ((a + 2 * i - 1) * (a + 2 * i));
    d = 1 / nonZero(1 + even * d, tiny);
    c = nonZero(1 + even / c, tiny);
    fraction *= d * c;
    const odd = (-(a + i) * (a + b + i) * x) / ((a + 2 * i) * (a + 2 * i + 1));
    d = 1 / nonZero(1 + odd * d, tiny);
    c = nonZero(1 + odd / c, tiny);
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return (fraction * Math.exp(a * Math.log(x) + b * Math.log1p(-x) - lnBeta(a, b))) / a;
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** The x with I_x(a, b) = p, by bisection to the last bit that matters. */
export function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 200 && high - low > 1e-16 * high; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (betaCdf(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** ln P(Z > z) for a standard normal Z, z >= 0: a series below 3, Laplace's continued fraction above. */
export function lnNormalTail(z: number): number {
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let k = 1; Math.abs(term) > 1e-17 * sum; k++) {
      term *= (z * z) / (2 * k + 1);
      sum += term;
    }
    return Math.log(0.5 - sum * Math.exp((-z * z) / 2 - HALF_LN_TWO_PI));
  }
  let fraction = 0;
  for (let k = 100; k >= 1; k--) fraction = k / (z + fraction);
  return (-z * z) / 2 - HALF_LN_TWO_PI - Math.log(z + fraction);
}
