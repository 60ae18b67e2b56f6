import type { NearestNeighbours } from '../neighbours/exact.ts';

/** A symmetric graph of weights above 0: row i's edges stand at starts[i] to starts[i + 1] - 1, by ascending end. */
export interface FuzzySet {
  /** Shape (n + 1,). */
  readonly starts: Int32Array;
  /** Shape (edges,). */
  readonly ends: Int32Array;
  /** From above 0 to 1, shape (edges,). */
  readonly weights: Float64Array;
}

const MOST_STEPS = 64;
const TOLERANCE = 1e-5;
/** A sigma is not below this share of the mean distance. */
const LEAST_SIGMA = 1e-3;
/** Rows between two looks at the cancel flag. */
const CHECK_ROWS = 4096;

/**
 * Membership strengths of every row's neighbours (McInnes, Healy, Melville 2018, algorithm 3): exp(-(d - rho) / sigma), float64.
 * Among the rows themselves rho is the distance to the nearest neighbour that is not at distance 0, and sigma brings the row's
 * sum to log2(k + 1): k others and the point itself. For new rows rho is 0 and sigma brings the sum without the nearest to
 * log2(k), as in umap-learn's transform.
 *
 * @returns shape (rows, k), 0 where there is no neighbour
 */
export function membershipStrengths(
  { queries: rows, k, ids, distances }: NearestNeighbours,
  newRows: boolean,
  check: () => void,
): Float64Array {
  const strengths = new Float64Array(rows * k);
  const skipped = newRows ? 1 : 0;
  const counted = k + 1 - skipped;
  const target = Math.log2(counted);
  let sum = 0;
  distances.forEach((distance, e) => {
    if (ids[e] >= 0) sum += distance;
  });
  const overall = sum / (rows * counted);
  const apart = new Float64Array(k);
  for (let row = 0; row < rows; row++) {
    if (row % CHECK_ROWS === 0) check();
    const from = row * k;
    let count = 0;
    let ownSum = 0;
    while (count < k && ids[from + count] >= 0) ownSum += distances[from + count++];
    let rho = 0;
    for (let j = 0; j < count && !newRows && rho === 0; j++) rho = distances[from + j];
    for (let j = 0; j < count; j++) apart[j] = Math.max(0, distances[from + j] - rho);
    const least = LEAST_SIGMA * (rho > 0 ? ownSum / counted : overall);
    const sigma = Math.max(smoothWidth(apart, skipped, count, target), least);
    for (let j = 0; j < count; j++)
      strengths[from + j] = apart[j] === 0 || sigma === 0 ? 1 : Math.exp(-apart[j] / sigma);
  }
  return strengths;
}

/** The sigma for which the sum of exp(-apart / sigma) over `from` to `to - 1` is the target: Newton's steps within bisection's bounds. */
function smoothWidth(apart: Float64Array, from: number, to: number, target: number): number {
  let [low, high, middle] = [0, Infinity, 1];
  for (let step = 0; step < MOST_STEPS; step++) {
    let sum = 0;
    let moment = 0;
    for (let j = from; j < to; j++) {
      const strength = apart[j] > 0 ? Math.exp(-apart[j] / middle) : 1;
      sum += strength;
      moment += strength * apart[j];
    }
    if (Math.abs(sum - target) < TOLERANCE) break;
    if (sum > target) high = middle;
    else low = middle;
    const newton = middle + ((target - sum) * middle * middle) / moment;
    const bisected = high === Infinity ? 2 * middle : (low + high) / 2;
    middle = newton > low && newton < high && newton < 4 * middle ? newton : bisected;
  }
  return middle;
}

interface Sparse {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly values: Float64Array;
}

/** The transpose with ascending ends in every row: a counting sort. */
function transposed({ starts, ends, values }: Sparse): Sparse {
  const n = starts.length - 1;
  const toStarts = new Int32Array(n + 1);
  for (const end of ends) toStarts[end + 1] += 1;
  for (let i = 0; i < n; i++) toStarts[i + 1] += toStarts[i];
  const place = toStarts.slice(0, n);
  const toEnds = new Int32Array(ends.length);
  const toValues = new Float64Array(ends.length);
  for (let i = 0; i < n; i++)
    for (let e = starts[i]; e < starts[i + 1]; e++) {
      const at = place[ends[e]]++;
      toEnds[at] = i;
      toValues[at] = values[e];
    }
  return { starts: toStarts, ends: toEnds, values: toValues };
}

/** a + b - ab of a graph and its transpose, both with ascending ends. */
function union(one: Sparse, other: Sparse): FuzzySet {
  const n = one.starts.length - 1;
  const starts = new Int32Array(n + 1);
  const ends = new Int32Array(one.ends.length + other.ends.length);
  const weights = new Float64Array(ends.length);
  let at = 0;
  for (let i = 0; i < n; i++) {
    let [p, q] = [one.starts[i], other.starts[i]];
    const [lastP, lastQ] = [one.starts[i + 1], other.starts[i + 1]];
    while (p < lastP || q < lastQ) {
      const endP = p < lastP ? one.ends[p] : Infinity;
      const endQ = q < lastQ ? other.ends[q] : Infinity;
      const a = endP <= endQ ? one.values[p++] : 0;
      const b = endQ <= endP ? other.values[q++] : 0;
      ends[at] = Math.min(endP, endQ);
      weights[at++] = a + b - a * b;
    }
    starts[i + 1] = at;
  }
  return { starts, ends: ends.slice(0, at), weights: weights.slice(0, at) };
}

/** The fuzzy set of the neighbour lists: strengths a and b of both directions of an edge become a + b - ab. */
export function fuzzySet(neighbours: NearestNeighbours, check: () => void): FuzzySet {
  const { queries: rows, k, ids } = neighbours;
  const strengths = membershipStrengths(neighbours, false, check);
  const starts = new Int32Array(rows + 1);
  const ends = new Int32Array(rows * k);
  const values = new Float64Array(rows * k);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let e = row * k; e < (row + 1) * k; e++) {
      if (ids[e] < 0 || ids[e] === row || strengths[e] === 0) continue;
      if (ids[e] >= rows) throw new RangeError(`Row ${row} has neighbour ${ids[e]} among ${rows} rows.`);
      ends[at] = ids[e];
      values[at++] = strengths[e];
    }
    starts[row + 1] = at;
  }
  check();
  const columns = transposed({ starts, ends: ends.subarray(0, at), values });
  check();
  return union(transposed(columns), columns);
}

/** Factor of an edge with an unknown label at one end. */
const UNKNOWN = Math.exp(-1);

/**
 * The fuzzy set with labels taken into account, as umap-learn does for categories: edges between different labels are weakened
 * by exp(-2.5 / (1 - weight)), edges with an unknown label (-1) by exp(-1); then every row's strongest edge is brought to 1 and
 * both directions are joined again.
 *
 * @param labels shape (n,)
 * @param weight 0 leaves the labels out nearly, 1 obeys them alone
 */
export function intersectLabels(set: FuzzySet, labels: Int32Array, weight: number): FuzzySet {
  const { starts, ends } = set;
  const n = starts.length - 1;
  if (labels.length !== n) throw new RangeError(`There are ${labels.length} labels for ${n} rows.`);
  if (!(weight >= 0 && weight <= 1))
    throw new RangeError(`A weight of labels is from 0 to 1, not ${weight}.`);
  const apart = weight < 1 ? Math.exp(-2.5 / (1 - weight)) : 0;
  const values = set.weights.slice();
  for (let i = 0; i < n; i++) {
    let largest = 0;
    for (let e = starts[i]; e < starts[i + 1]; e++) {
      if (labels[i] < 0 || labels[ends[e]] < 0) values[e] *= UNKNOWN;
      else if (labels[i] !== labels[ends[e]]) values[e] *= apart;
      largest = Math.max(largest, values[e]);
    }
    if (largest > 0) for (let e = starts[i]; e < starts[i + 1]; e++) values[e] /= largest;
  }
  const rows = { starts, ends, values };
  return union(rows, transposed(rows));
}
