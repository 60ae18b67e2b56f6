/** A sum of weighted squares of independent standard normals, w_1 Z_1^2 + w_2 Z_2^2 + ..., weights falling. */
export interface QuadraticForm {
  /** 1 / w_j, j from 1. */
  root(j: number): number;
  /** |product over j of (1 - y w_j)|, y > 0. */
  modulus(y: number): number;
}

/** Nodes of an interval beside those that a steep exponential needs. */
const NODES = 96;
/** Terms below this share of the first are left out. */
const NEGLIGIBLE = 1e-18;

/**
 * ln P(Q >= x) by Smirnov's formula (1937; Martynov 1975): the alternating sum over k of the integrals of
 * exp(-x y / 2) / (pi y sqrt|D(y)|) from root 2k - 1 to root 2k, each by Gauss-Chebyshev quadrature. The first exponential is
 * taken out, so that far tails keep their digits.
 *
 * @param x the smaller, the more terms; at or below 0.005 / root(1) the probability is 1 to rounding
 */
export function lnQuadraticFormTail(x: number, form: QuadraticForm): number {
  if (Number.isNaN(x)) return NaN;
  const first = form.root(1);
  if (x * first <= 0.05) return 0;
  if (x === Infinity) return -Infinity;
  let sum = 0;
  for (let k = 1; ; k++) {
    const from = form.root(2 * k - 1);
    const decay = Math.exp((-x * (from - first)) / 2);
    if (decay < NEGLIGIBLE) break;
    const part = decay * intervalIntegral(x, from, form.root(2 * k), form);
    sum += k % 2 === 1 ? part : -part;
  }
  return Math.min(0, Math.log(sum / Math.PI) - (x * first) / 2);
}

/** The integral from one root to the next of exp(-x (y - from) / 2) / (y sqrt|D(y)|); both ends are inverse roots. */
function intervalIntegral(x: number, from: number, to: number, form: QuadraticForm): number {
  const radius = (to - from) / 2;
  const nodes = NODES + Math.ceil(8 * Math.sqrt(x * radius));
  let sum = 0;
  for (let i = 0; i < nodes; i++) {
    const half = ((i + 0.5) * Math.PI) / (2 * nodes);
    const passed = 2 * radius * Math.sin(half) ** 2;
    const left = 2 * radius * Math.cos(half) ** 2;
    const exponential = Math.exp((-x * passed) / 2);
    if (exponential === 0) break;
    const y = from + passed;
    sum += (exponential * Math.sqrt((passed * left) / form.modulus(y))) / y;
  }
  return (sum * Math.PI) / nodes;
}

/** The limit of the Cramér-von Mises statistic: weights 1 / (pi j)^2. */
export const cramerVonMisesLimit: QuadraticForm = {
  root: (j) => (Math.PI * j) ** 2,
  modulus: (y) => Math.abs(Math.sin(Math.sqrt(y))) / Math.sqrt(y),
};

/** The limit of the Anderson-Darling statistic: weights 1 / (j (j + 1)). */
export const andersonDarlingLimit: QuadraticForm = {
  root: (j) => j * (j + 1),
  modulus: (y) => Math.abs(Math.cos((Math.PI / 2) * Math.sqrt(1 + 4 * y))) / (Math.PI * y),
};
