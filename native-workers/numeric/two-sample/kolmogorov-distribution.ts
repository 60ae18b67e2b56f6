import { lnGamma } from '../distributions.ts';

/** From this n on the terms of Smirnov's sum are so smooth that every few of them suffice. */
const SUMMED_WHOLE = 16_384;
/** Powers of two taken out of a matrix power before it overflows. */
const SCALE = 2 ** 128;

/**
 * P(D_n >= d): the chance that the two-sided Kolmogorov statistic of n values is at least d. Simard, L'Ecuyer (2011): the matrix
 * of Durbin in the form of Marsaglia, Tsang, Wang (2003) for small n or d, Pelz and Good's (1976) series in the middle, twice
 * Smirnov's one-sided probability in the tail.
 *
 * @param n at least 1
 * @throws whatever `check` throws
 */
export function kolmogorovSurvival(d: number, n: number, check: () => void): number {
  const nd = n * d;
  if (nd <= 0.5) return 1;
  if (d >= 1) return 0;
  const nd2 = nd * d;
  if (nd >= n - 1) return 2 * (1 - d) ** n;
  if (nd2 >= 370) return 0;
  if (d >= 0.5 || nd2 > (n <= 140 ? 4 : 2.2)) return Math.min(1, 2 * smirnovSurvival(d, n));
  const below = n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4) ? durbin(d, n, check) : pelzGood(d, n);
  return Math.min(1, Math.max(0, 1 - below));
}

/** P(D+_n >= d), the one-sided statistic (Smirnov 1944): d times the sum of C(n, j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j). */
function smirnovSurvival(d: number, n: number): number {
  const stride = n > SUMMED_WHOLE ? Math.floor(n / (SUMMED_WHOLE / 2)) : 1;
  let sum = stride === 1 ? (1 - d) ** n : 0;
  const constant = stirlingError(n) - 0.5 * Math.log(2 * Math.PI);
  // Flat at both ends and smooth between: with few steps between terms the trapezoidal rule is exact to rounding.
  for (let j = stride; j < n * (1 - d); j += stride) {
    const u = j / n;
    const lnBinomial = constant - stirlingError(j) - stirlingError(n - j) - 0.5 * Math.log(n * u * (1 - u));
    const lnShift = j * Math.log1p(d / u) + (n - j) * Math.log1p(-d / (1 - u));
    sum += ((stride * d) / (d + u)) * Math.exp(lnBinomial + lnShift);
  }
  return sum;
}

const smallStirlingErrors = Array.from({ length: 16 }, (_, j) =>
  j === 0 ? 0 : lnGamma(j + 1) - (j + 0.5) * Math.log(j) + j - 0.5 * Math.log(2 * Math.PI),
);

/** ln j! less Stirling's formula. */
function stirlingError(j: number): number {
  if (j < 16) return smallStirlingErrors[j];
  const square = 1 / (j * j);
  return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / j;
}

/** P(D_n < d) as n! / n^n times an entry of the n-th power of a matrix of 2 ceil(nd) - 1 rows. */
function durbin(d: number, n: number, check: () => void): number {
  const k = Math.ceil(n * d);
  const m = 2 * k - 1;
  let base = { entries: durbinMatrix(k, k - n * d), exponent: 0 };
  let power: typeof base | null = null;
  const centre = (k - 1) * m + k - 1;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    check();
    if (left % 2 === 1) power = power === null ? base : scaledProduct(power, base, m, centre);
    if (left > 1) base = scaledProduct(base, base, m, centre);
  }
  let p = power?.entries[centre] ?? 0;
  let exponent = power?.exponent ?? 0;
  for (let i = 1; i <= n; i++) {
    p *= i / n;
    if (p < 1 / SCALE) {
      p *= SCALE;
      exponent -= 1;
    }
  }
  return p * SCALE ** exponent;
}

function durbinMatrix(k: number, h: number): Float64Array {
  const m = 2 * k - 1;
  const inverseFactorial = new Float64Array(m + 1).fill(1);
  for (let j = 1; j <= m; j++) inverseFactorial[j] = inverseFactorial[j - 1] / j;
  const entries = new Float64Array(m * m);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) if (i - j + 1 >= 0) entries[i * m + j] = inverseFactorial[i - j + 1];
  for (let i = 0; i < m; i++) {
    const edge = (1 - h ** (i + 1)) * inverseFactorial[i + 1];
    entries[i * m] = edge;
    entries[(m - 1) * m + (m - 1 - i)] = edge;
  }
  entries[(m - 1) * m] = (1 - 2 * h ** m + Math.max(0, 2 * h - 1) ** m) * inverseFactorial[m];
  return entries;
}

interface Scaled {
  readonly entries: Float64Array;
  /** The matrix is the entries times {@link SCALE} to this power. */
  readonly exponent: number;
}

function scaledProduct(a: Scaled, b: Scaled, m: number, centre: number): Scaled {
  const entries = new Float64Array(m * m);
  for (let i = 0; i < m; i++)
    for (let l = 0; l < m; l++) {
      const factor = a.entries[i * m + l];
      if (factor === 0) continue;
      for (let j = 0; j < m; j++) entries[i * m + j] += factor * b.entries[l * m + j];
    }
  const exponent = a.exponent + b.exponent;
  if (entries[centre] <= SCALE) return { entries, exponent };
  for (let i = 0; i < entries.length; i++) entries[i] /= SCALE;
  return { entries, exponent: exponent + 1 };
}

/** P(D_n < d) by the first four terms in 1 / sqrt(n), as theta functions that converge fast for small z = d sqrt(n). */
function pelzGood(d: number, n: number): number {
  const z = d * Math.sqrt(n);
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI ** 2;
  const decay = pi2 / (2 * z2);
  let k0 = 0;
  let k1 = 0;
  let k2 = 0;
  let k3 = 0;
  for (let k = Math.ceil((16 * z) / Math.PI); k >= 0; k--) {
    const a2 = (k + 0.5) ** 2 * pi2;
    const weight = Math.exp(-decay * (k + 0.5) ** 2);
    k0 += weight;
    k1 += weight * (a2 - z2);
    k2 += weight * (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * a2 + (1 - 2 * z2) * a2 * a2);
    k3 +=
      weight *
      (-30 * z6 -
        90 * z4 * z4 +
        (135 * z4 - 96 * z6) * a2 +
        (212 * z4 - 60 * z2) * a2 * a2 +
        (5 - 30 * z2) * a2 ** 3);
  }
  let even2 = 0;
  let even3 = 0;
  for (let k = Math.ceil((16 * z) / Math.PI); k > 0; k--) {
    const a2 = k * k * pi2;
    const weight = Math.exp(-decay * k * k);
    even2 += weight * a2;
    even3 += weight * (3 * z2 - a2) * a2;
  }
  const root = Math.sqrt(2 * Math.PI);
  const second = root * (k2 / (72 * z6 * z) - even2 / (36 * z2 * z));
  const third = root * (k3 / (6480 * z6 * z4) + even3 / (216 * z6));
  return (root * k0) / z + (root * k1) / (6 * z4 * Math.sqrt(n)) + second / n + third / (n * Math.sqrt(n));
}
