import type { Matrix } from '../../detectors/detector.ts';
import { kernels } from '../../engine.ts';
import { gramScratch } from '../../engines/moments-kernels.ts';
import { cholesky, invertLower } from '../../numeric/cholesky.ts';
import { forEachStep } from '../../numeric/moments.ts';

const MOST_ROUNDS = 100;
/** The step by the scale of the coefficients at which they are taken as found. */
const SETTLED = 1e-10;
/** Near the end the loss moves by less than its rounding. */
const ROUNDING = 1e-12;

export interface LogisticModel {
  /** Shape (d,). */
  readonly weights: Float64Array;
  readonly intercept: number;
}

/**
 * Logistic regression by Newton's method with halved steps (iteratively reweighted least squares), penalised by
 * |weights|^2 / 2 as scikit-learn's `LogisticRegression(C=1)`; the intercept is free. Curvatures are summed by the kernels.
 *
 * @param x shape (n, d), standardised
 * @param y 0 or 1, shape (n,)
 * @throws whatever `check` throws
 */
export function logisticRegression(x: Matrix, y: Uint8Array, check: () => void): LogisticModel {
  const d = x.cols + 1;
  const scaled = new Float32Array(x.rows * d);
  let found = new Float64Array(d);
  let current = lossOf(x, y, found);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    check();
    const { gradient, curvature } = derivatives(x, y, found, scaled, check);
    const step = newtonStep(gradient, curvature, d, check);
    let share = 1;
    let next = found;
    let loss = Infinity;
    for (; share > 1e-6; share /= 2) {
      next = found.map((value, j) => value + share * step[j]);
      loss = lossOf(x, y, next);
      if (loss <= current + current * ROUNDING) break;
    }
    if (!(loss <= current + current * ROUNDING)) break;
    const moved = Math.max(...step.map(Math.abs)) * share;
    const size = Math.max(1, ...next.map(Math.abs));
    found = next;
    current = loss;
    if (moved <= SETTLED * size) break;
  }
  return { weights: found.slice(0, x.cols), intercept: found[x.cols] };
}

/** The log odds of each row, shape (n,). */
export function logOdds({ data, rows, cols }: Matrix, { weights, intercept }: LogisticModel): Float64Array {
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = intercept;
    for (let j = 0; j < cols; j++) sum += data[i * cols + j] * weights[j];
    out[i] = sum;
  }
  return out;
}

function modelOf(found: Float64Array): LogisticModel {
  return { weights: found.subarray(0, found.length - 1), intercept: found[found.length - 1] };
}

/** Minus the penalised log likelihood. */
function lossOf(x: Matrix, y: Uint8Array, found: Float64Array): number {
  const odds = logOdds(x, modelOf(found));
  let loss = 0;
  for (let j = 0; j < x.cols; j++) loss += found[j] ** 2 / 2;
  for (let i = 0; i < odds.length; i++) {
    const wrong = y[i] === 1 ? -odds[i] : odds[i];
    loss += wrong > 0 ? wrong + Math.log1p(Math.exp(-wrong)) : Math.log1p(Math.exp(wrong));
  }
  return loss;
}

function derivatives(
  x: Matrix,
  y: Uint8Array,
  found: Float64Array,
  scaled: Float32Array,
  check: () => void,
): { gradient: Float64Array; curvature: Float64Array } {
  const { data, rows, cols } = x;
  const d = cols + 1;
  const odds = logOdds(x, modelOf(found));
  const gradient = found.map((value, j) => (j < cols ? -value : 0));
  for (let i = 0; i < rows; i++) {
    const p = 1 / (1 + Math.exp(-odds[i]));
    const left = y[i] - p;
    const root = Math.sqrt(p * (1 - p));
    for (let j = 0; j < cols; j++) {
      const value = data[i * cols + j];
      gradient[j] += left * value;
      scaled[i * d + j] = root * value;
    }
    gradient[cols] += left;
    scaled[i * d + cols] = root;
  }
  const curvature = new Float64Array(d * d);
  const scratch = new Float64Array(gramScratch(d));
  const centre = new Float64Array(d);
  forEachStep(rows, d * d, check, (from, to) => {
    kernels().addGramExact(scaled, null, from, to, d, centre, curvature, scratch);
  });
  for (let i = 0; i < d; i++) for (let j = i + 1; j < d; j++) curvature[j * d + i] = curvature[i * d + j];
  // A little on the intercept as well: where all rows are certain its curvature is 0.
  for (let j = 0; j < d; j++) curvature[j * d + j] += j < cols ? 1 : 1e-9;
  return { gradient, curvature };
}

/** curvature^-1 gradient. */
function newtonStep(
  gradient: Float64Array,
  curvature: Float64Array,
  d: number,
  check: () => void,
): Float64Array {
  const factor = cholesky(curvature, d, check);
  if (factor === null) return gradient.map((value, j) => value / curvature[j * d + j]);
  const inverse = invertLower(factor, d, check);
  const half = new Float64Array(d);
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) half[i] += inverse[i * d + j] * gradient[j];
  const step = new Float64Array(d);
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) step[j] += inverse[i * d + j] * half[i];
  return step;
}
