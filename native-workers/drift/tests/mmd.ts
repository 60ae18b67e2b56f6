import type { Matrix } from '../../detectors/detector.ts';
import { medianDistance, permutedDiscrepancies } from '../../numeric/two-sample/mmd.ts';
import { permutationPValue } from '../../numeric/two-sample/permutation.ts';
import type { TestResult } from './test-result.ts';
import { byDraws } from './test-result.ts';

/** Bandwidths by the median distance. */
const FACTORS = [0.5, 1, 2];

export interface MmdTest extends TestResult {
  /** The bandwidth, by the median distance of the pooled rows, whose estimate stands out most. */
  readonly factor: number;
}

/**
 * The kernel two-sample test (Gretton et al. 2012) at the median distance, half of it and twice it at once: each estimate of the
 * squared discrepancy is taken in deviations of its permutations, and the largest of the three is held against the largest of
 * every permutation (Schrab et al. 2023 aggregate likewise). Statistic: that largest one. Effect: the squared discrepancy at
 * the median distance.
 *
 * @param args.reference at least 2 rows, shape (m, d)
 * @param args.current at least 2 rows, shape (n, d)
 * @throws RangeError when the samples do not fit; whatever `check` throws
 */
export function mmdTest(
  args: { reference: Matrix; current: Matrix; permutations: number; seed: number },
  check: () => void,
): MmdTest {
  const { reference, current, permutations, seed } = args;
  const pooled = new Float32Array(reference.data.length + current.data.length);
  pooled.set(reference.data);
  pooled.set(current.data, reference.data.length);
  const rows = reference.rows + current.rows;
  const median = medianDistance({ data: pooled, rows, cols: reference.cols }, check);
  const bandwidths = FACTORS.map((factor) => factor * median);
  const estimates = permutedDiscrepancies(
    { first: current, second: reference, bandwidths, permutations, seed },
    check,
  );
  const inDeviations = estimates.map(standardised);
  const largest = Float64Array.from({ length: permutations + 1 }, (_, m) =>
    Math.max(...inDeviations.map((values) => values[m])),
  );
  const p = permutationPValue(largest[0], largest.subarray(1));
  const factor = FACTORS[inDeviations.findIndex((values) => values[0] === largest[0])];
  const drawn = { p, leastP: 1 / (permutations + 1), draws: permutations };
  return { ...byDraws(largest[0], estimates[1][0], drawn), factor };
}

/** Less their mean, by their deviation; zeros where they are all the same. */
function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return values.map((v) => (variance > 0 ? (v - mean) / Math.sqrt(variance) : 0));
}
