import type { QuantileSketch } from '../quantile-sketch.ts';
import type { AndersonDarling } from './anderson-darling.ts';
import { andersonDarlingTest } from './anderson-darling.ts';
import { cramerVonMisesTest } from './cramer-von-mises.ts';
import type { Draws } from './homogeneity.ts';
import type { KolmogorovSmirnovTest } from './kolmogorov-smirnov.ts';
import { kolmogorovSmirnovTest } from './kolmogorov-smirnov.ts';
import type { PreparedSample } from './prepared-sample.ts';
import { prepareSample } from './prepared-sample.ts';
import type { PsiBins, PsiTest } from './psi.ts';
import { countCells, psiTest, referenceBins } from './psi.ts';
import type { TestResult } from './test-result.ts';
import type { WassersteinLimit, WassersteinTest } from './wasserstein.ts';
import { wassersteinLimit, wassersteinTest } from './wasserstein.ts';

/** Up to this product of the rows of both samples Kolmogorov-Smirnov is exact: one takes about 5 ms. */
const EXACT_UP_TO = 1e6;

/** A baseline's column made ready: sorted once, for all windows. */
export interface ReadyColumn {
  readonly sample: PreparedSample;
  readonly bins: PsiBins;
  readonly cells: Float64Array;
  readonly limit: WassersteinLimit;
}

export interface ColumnTests {
  readonly ks: KolmogorovSmirnovTest;
  readonly cvm: TestResult;
  /** Null where all values of both samples are equal, and for fewer than four. */
  readonly ad: AndersonDarling | null;
  /** Null where nothing varies and where a value is infinite. */
  readonly wasserstein: WassersteinTest | null;
  readonly psi: PsiTest | null;
}

/** @throws whatever `check` throws */
export function readyColumn(sample: PreparedSample, draws: Draws, check: () => void): ReadyColumn {
  const bins = referenceBins(sample);
  return { sample, bins, cells: countCells(sample, bins), limit: wassersteinLimit(sample, draws, check) };
}

/**
 * All tests of a window's values against the baseline's.
 *
 * @param current at least one value
 * @throws RangeError when either sample is empty; whatever `check` throws
 */
export function columnTests(
  ready: ReadyColumn,
  current: QuantileSketch,
  draws: Draws,
  check: () => void,
): ColumnTests {
  const reference = ready.sample;
  const window = prepareSample(current);
  const varies = !(
    reference.values.length === 1 &&
    window.values.length === 1 &&
    reference.values[0] === window.values[0]
  );
  return {
    ks: kolmogorovSmirnovTest({ reference, current: window, draws, exactUpTo: EXACT_UP_TO }, check),
    cvm: cramerVonMisesTest({ reference, current: window, draws }, check),
    ad:
      varies && reference.n + window.n >= 4
        ? andersonDarlingTest({ samples: [window, reference], draws }, check)
        : null,
    wasserstein: wassersteinTest({ reference, current: window, limit: ready.limit, draws }, check),
    psi: psiTest(ready.cells, countCells(window, ready.bins)),
  };
}
