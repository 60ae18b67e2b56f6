/** What a column's rows sum up to. NaN is missing and counts nowhere else. */
export interface ColumnMoments {
  /** Rows with a value. */
  readonly n: number;
  readonly missing: number;
  /** Of the finite values; NaN where there is none. */
  readonly mean: number;
  /** Sum of squared differences from the mean, not divided by n. */
  readonly m2: number;
  /** Rows with an infinite value: they are in n, min and max, not in mean and m2. */
  readonly infinite: number;
  readonly min: number;
  readonly max: number;
}

export const NO_MOMENTS: ColumnMoments = {
  n: 0,
  missing: 0,
  mean: NaN,
  m2: 0,
  infinite: 0,
  min: NaN,
  max: NaN,
};

/** Values looked at between two looks at cancellation. */
const BLOCK = 1 << 20;

/**
 * Moments of rows `from` to `to - 1`, in float64, centred before they are squared.
 *
 * @throws whatever `check` throws
 */
export function columnMoments(
  values: Float64Array | Float32Array,
  from: number,
  to: number,
  check: () => void,
): ColumnMoments {
  let n = 0;
  let infinite = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = from; i < to; i++) {
    if ((i - from) % BLOCK === 0) check();
    const value = values[i];
    if (Number.isNaN(value)) continue;
    n++;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value === Infinity || value === -Infinity) infinite++;
    else sum += value;
  }
  const finite = n - infinite;
  const rough = finite > 0 ? sum / finite : NaN;
  let m2 = 0;
  let rest = 0;
  for (let i = from; i < to; i++) {
    if ((i - from) % BLOCK === 0) check();
    const delta = values[i] - rough;
    if (!Number.isFinite(delta)) continue;
    rest += delta;
    m2 += delta * delta;
  }
  // The mean's own rounding error is taken out of both (Chan, Golub, LeVeque 1983).
  const correction = finite > 0 ? rest / finite : 0;
  return {
    n,
    missing: to - from - n,
    mean: rough + correction,
    m2: Math.max(0, m2 - rest * correction),
    infinite,
    min: n > 0 ? min : NaN,
    max: n > 0 ? max : NaN,
  };
}

/** Moments of two disjoint sets of rows together (Chan, Golub, LeVeque 1979). Merge strips in the order of their indices. */
export function mergeColumnMoments(first: ColumnMoments, second: ColumnMoments): ColumnMoments {
  const n1 = first.n - first.infinite;
  const n2 = second.n - second.infinite;
  const n = n1 + n2;
  const delta = second.mean - first.mean;
  const both = n1 > 0 && n2 > 0;
  return {
    n: first.n + second.n,
    missing: first.missing + second.missing,
    mean: both ? first.mean + (delta * n2) / n : n1 > 0 ? first.mean : second.mean,
    m2: first.m2 + second.m2 + (both ? (delta * delta * n1 * n2) / n : 0),
    infinite: first.infinite + second.infinite,
    min: first.n === 0 ? second.min : second.n === 0 ? first.min : Math.min(first.min, second.min),
    max: first.n === 0 ? second.max : second.n === 0 ? first.max : Math.max(first.max, second.max),
  };
}

/** Sample standard deviation (divided by n - 1); NaN for fewer than two finite values. */
export function deviationOf({ n, infinite, m2 }: ColumnMoments): number {
  return n - infinite < 2 ? NaN : Math.sqrt(m2 / (n - infinite - 1));
}
