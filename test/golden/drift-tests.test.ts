import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Matrix } from '../../native-workers/detectors/detector.ts';
import { columnMoments } from '../../native-workers/drift/column-moments.ts';
import { countedSample } from '../../native-workers/drift/quantile-sketch.ts';
import { andersonDarlingTest } from '../../native-workers/drift/tests/anderson-darling.ts';
import { benjaminiHochberg } from '../../native-workers/drift/tests/benjamini-hochberg.ts';
import { centroidTest } from '../../native-workers/drift/tests/centroid.ts';
import { chiSquaredTest } from '../../native-workers/drift/tests/chi-squared.ts';
import { rocArea } from '../../native-workers/drift/tests/classifier-two-sample.ts';
import { cramerVonMisesTest } from '../../native-workers/drift/tests/cramer-von-mises.ts';
import { gTest } from '../../native-workers/drift/tests/g-test.ts';
import { cellCounts, type Draws } from '../../native-workers/drift/tests/homogeneity.ts';
import { jensenShannonTest } from '../../native-workers/drift/tests/jensen-shannon.ts';
import { kolmogorovSmirnovTest } from '../../native-workers/drift/tests/kolmogorov-smirnov.ts';
import { logisticRegression } from '../../native-workers/drift/tests/logistic-regression.ts';
import {
  principalSubspace,
  reconstructionErrors,
} from '../../native-workers/drift/tests/pca-reconstruction.ts';
import { prepareSample } from '../../native-workers/drift/tests/prepared-sample.ts';
import { countCells, psiTest, referenceBins } from '../../native-workers/drift/tests/psi.ts';
import { totalVariationTest } from '../../native-workers/drift/tests/total-variation.ts';
import { wassersteinLimit, wassersteinTest } from '../../native-workers/drift/tests/wasserstein.ts';
import { welchTest } from '../../native-workers/drift/tests/welch.ts';
import { availableEngines, useEngine } from '../../native-workers/engine.ts';
import { lnFisherTail, lnStudentTwoSided } from '../../native-workers/numeric/beta-tail.ts';
import { lnChiSquaredTail } from '../../native-workers/numeric/chi-squared.ts';
import { lnNormalTail } from '../../native-workers/numeric/distributions.ts';
import {
  andersonDarlingLimit,
  cramerVonMisesLimit,
  lnQuadraticFormTail,
} from '../../native-workers/numeric/quadratic-form-tail.ts';

interface Column {
  name: string;
  current: number[];
  reference: number[];
  ks: { statistic: number; exact: number; scipyExact: number | null; limit: number };
  cvm: { statistic: number; p: number; lnP: number | null };
  ad: { statistic: number; p: number | null };
  w1: { statistic: number; winsorised: number; spread: number };
  psi: { psi: number; lnP: number; reference: number[]; current: number[] };
}

interface Golden {
  laws: {
    cramer: [number, number][];
    anderson: [number, number][];
    chiSquared: [number, number, number][];
    student: [number, number, number][];
    fisher: [number, number, number, number][];
  };
  columns: Column[];
  threeSamples: { samples: number[][]; statistic: number; p: number };
  cells: {
    current: number[];
    reference: number[];
    chi: number;
    chiLnP: number;
    cramer: number;
    g: number;
    gLnP: number;
    jsBits: number;
    jsNats: number;
    tv: number;
  }[];
  sparse: { current: number[]; reference: number[]; chi: number; g: number; tv: number }[];
  welch: { first: number[]; second: number[]; t: number; p: number; lnP: number; d: number }[];
  multivariate: {
    reference: number[][];
    current: number[][];
    logistic: { weights: number[]; intercept: number };
    area: { scores: number[]; area: number; p: number };
    centroid: { t2: number; mahalanobis: number; p: number };
    pca: { components: number; reference: number[]; current: number[] };
  };
  benjaminiHochberg: { p: number[]; adjusted: number[] };
}

const golden = JSON.parse(readFileSync(new URL('drift-tests.json', import.meta.url), 'utf8')) as Golden;
const check = (): void => undefined;
const draws: Draws = { seed: 4, purpose: 100, most: 9999, stopAfter: Infinity };

/** Within 1e-9 of the value itself, however small it is. */
function expectClose(found: number, wanted: number, what = ''): void {
  expect(Math.abs(found - wanted), `${what}: ${found} instead of ${wanted}`).toBeLessThanOrEqual(
    1e-9 * Math.abs(wanted) + 1e-300,
  );
}

/** Logarithms of p-values that agree to 1e-9 of the p-value, or to 1e-12 of the logarithm where that is coarser. */
function expectSameTail(found: number, wanted: number, what = ''): void {
  expect(Math.abs(found - wanted), `${what}: ln p ${found} instead of ${wanted}`).toBeLessThanOrEqual(
    1e-9 + 1e-12 * Math.abs(wanted),
  );
}

/** A Monte Carlo p-value within five standard deviations of the exact one. */
function expectDrawn(p: number, exact: number): void {
  expect(Math.abs(p - exact)).toBeLessThan(
    5 * Math.sqrt((exact * (1 - exact)) / draws.most) + 2 / draws.most,
  );
}

const sampleOf = (values: readonly number[]) =>
  prepareSample(countedSample(Float64Array.from(values), check));

describe('laws against mpmath and SciPy, in the tails as well', () => {
  it('chi-squared', () => {
    for (const [x, df, lnP] of golden.laws.chiSquared)
      expectSameTail(lnChiSquaredTail(x, df), lnP, `${x}, ${df}`);
  });
  it("Student's t and Fisher's F", () => {
    for (const [t, df, lnP] of golden.laws.student)
      expectSameTail(lnStudentTwoSided(t, df), lnP, `${t}, ${df}`);
    for (const [f, a, b, lnP] of golden.laws.fisher)
      expectSameTail(lnFisherTail(f, a, b), lnP, `${f}, ${a}, ${b}`);
  });
  it('the limits of Cramér-von Mises and Anderson-Darling', () => {
    for (const [x, lnP] of golden.laws.cramer)
      expectSameTail(lnQuadraticFormTail(x, cramerVonMisesLimit), lnP, `${x}`);
    for (const [x, lnP] of golden.laws.anderson)
      expectSameTail(lnQuadraticFormTail(x, andersonDarlingLimit), lnP, `${x}`);
  });
});

describe.each(golden.columns)('two samples, $name', (column) => {
  const reference = sampleOf(column.reference);
  const current = sampleOf(column.current);

  it('Kolmogorov-Smirnov, exact with ties and by its limit', () => {
    const exact = kolmogorovSmirnovTest({ reference, current, draws }, check);
    expect(exact.method).toBe('exact');
    expectClose(exact.statistic, column.ks.statistic);
    expectClose(exact.p, column.ks.exact);
    if (column.ks.scipyExact !== null) expectClose(exact.p, column.ks.scipyExact);
    const limit = kolmogorovSmirnovTest({ reference, current, draws, exactUpTo: 0 }, check);
    expectClose(limit.statistic, column.ks.statistic);
    if (limit.method === 'draws') expectDrawn(limit.p, column.ks.exact);
    // SciPy gives 0 at a distance of 1; ours is a bound then.
    else if (column.ks.limit === 0) expect(limit.p > 0 && limit.p < 1e-80).toBe(true);
    else expectClose(limit.p, column.ks.limit);
  });

  it('Cramér-von Mises', () => {
    const { statistic, p, lnP, leastP } = cramerVonMisesTest({ reference, current, draws }, check);
    expectClose(statistic, column.cvm.statistic);
    if (leastP !== null) expect(Math.abs(p - column.cvm.p)).toBeLessThan(0.05);
    else if (column.cvm.lnP !== null) {
      expectSameTail(lnP, column.cvm.lnP);
      expect(Math.abs(p - column.cvm.p)).toBeLessThan(1e-7);
    } else expect(p).toBeLessThan(column.cvm.p);
  });

  it('Anderson-Darling', () => {
    const { statistic, p, method } = andersonDarlingTest({ samples: [current, reference], draws }, check);
    expectClose(statistic, column.ad.statistic);
    if (column.ad.p !== null) {
      expect(method).toBe('table');
      expectClose(p, column.ad.p);
    } else {
      expect(method).toBe(column.current.length + column.reference.length < 200 ? 'draws' : 'limit');
      expect(p > 0.2 || p < 0.01, `p ${p}`).toBe(true);
    }
  });

  it('Wasserstein and its winsorised twin', () => {
    const limit = wassersteinLimit(reference, { ...draws, most: 99 }, check);
    const found = wassersteinTest({ reference, current, limit, draws: { ...draws, most: 99 } }, check);
    if (found === null) throw new Error('not judged');
    expectClose(found.statistic, column.w1.statistic);
    expectClose(found.winsorised.statistic, column.w1.winsorised);
    if (column.w1.spread > 0) expectClose(found.spread, column.w1.spread);
  });

  it('PSI on the bins of the reference', () => {
    const bins = referenceBins(reference);
    const cells = (sample: typeof reference, missing: number) => countCells({ ...sample, missing }, bins);
    const counts = cellCounts(cells(reference, 5), cells(current, 3));
    expect([...counts.reference]).toEqual(column.psi.reference);
    expect([...counts.current]).toEqual(column.psi.current);
    const found = psiTest(cells(reference, 5), cells(current, 3));
    if (found === null) throw new Error('not judged');
    expectClose(found.statistic, column.psi.psi);
    expectSameTail(found.lnP, column.psi.lnP);
  });
});

it('Anderson-Darling of three samples', () => {
  const samples = golden.threeSamples.samples.map(sampleOf);
  const found = andersonDarlingTest({ samples, draws }, check);
  expectClose(found.statistic, golden.threeSamples.statistic);
  expectClose(found.p, golden.threeSamples.p);
});

describe('cells', () => {
  it.each(golden.cells)('$current against $reference', (table) => {
    const counts = cellCounts(Float64Array.from(table.reference), Float64Array.from(table.current));
    const chi = chiSquaredTest(counts, draws, check);
    expectClose(chi.statistic, table.chi);
    expectClose(chi.effect, table.cramer);
    const g = gTest(counts, draws, check);
    expectClose(g.statistic, table.g);
    if (counts.leastExpected >= 5) {
      expectSameTail(chi.lnP, table.chiLnP);
      expectSameTail(g.lnP, table.gLnP);
    } else expect(g.leastP).toBe(1 / 10_000);
    const js = jensenShannonTest(counts, draws, check);
    expectClose(js.effect, table.jsBits);
    expectClose(js.distanceNats, table.jsNats);
    expectClose(totalVariationTest(counts, draws, check).statistic, table.tv);
  });

  it.each(golden.sparse)('few rows: $current against $reference, p as over all tables', (table) => {
    const counts = cellCounts(Float64Array.from(table.reference), Float64Array.from(table.current));
    expectDrawn(chiSquaredTest(counts, draws, check).p, table.chi);
    expectDrawn(gTest(counts, draws, check).p, table.g);
    expectDrawn(totalVariationTest(counts, draws, check).p, table.tv);
  });
});

it.each(golden.welch)("Welch's t test, t $t", (test) => {
  const moments = (values: readonly number[]) =>
    columnMoments(Float64Array.from(values), 0, values.length, check);
  const found = welchTest(moments(test.first), moments(test.second));
  if (found === null) throw new Error('not judged');
  expectClose(found.statistic, test.t);
  expectClose(found.p, test.p);
  expectSameTail(found.lnP, test.lnP);
  expectClose(found.effect, test.d);
});

it('Benjamini-Hochberg', () => {
  const { p, adjusted } = golden.benjaminiHochberg;
  benjaminiHochberg(p).forEach((value, i) => {
    expectClose(value ?? NaN, adjusted[i]);
  });
});

describe.each(availableEngines())('several columns, by %s', (engine) => {
  beforeAll(() => {
    useEngine(engine);
  });
  afterAll(() => {
    useEngine(null);
  });
  const { multivariate } = golden;
  const matrixOf = (rows: number[][]): Matrix => ({
    data: Float32Array.from(rows.flat()),
    rows: rows.length,
    cols: rows[0].length,
  });
  const reference = matrixOf(multivariate.reference);
  const current = matrixOf(multivariate.current);
  const isCurrent = new Uint8Array(reference.rows + current.rows).fill(1, reference.rows);

  it('logistic regression', () => {
    const x = matrixOf([...multivariate.reference, ...multivariate.current]);
    const { weights, intercept } = logisticRegression(x, isCurrent, check);
    weights.forEach((weight, j) => {
      expectClose(weight, multivariate.logistic.weights[j]);
    });
    expectClose(intercept, multivariate.logistic.intercept);
  });

  it('the area under the ROC curve and its test', () => {
    const { scores, area, p } = multivariate.area;
    const found = rocArea(Float64Array.from(scores), isCurrent, check);
    expectClose(found.area, area);
    expectClose(Math.exp(lnNormalTail((found.area - 0.5) / found.deviation)), p);
  });

  it("the distance of centroids and Hotelling's test", () => {
    const found = centroidTest(reference, current, check);
    if (found === null) throw new Error('not judged');
    expectClose(found.statistic, multivariate.centroid.t2);
    expectClose(found.effect, multivariate.centroid.mahalanobis);
    expectClose(found.p, multivariate.centroid.p);
  });

  it('errors of the reconstruction from principal components', () => {
    const subspace = principalSubspace(reference, 0.65, check);
    expect(subspace.components).toBe(multivariate.pca.components);
    const sides = [
      [reference, multivariate.pca.reference],
      [current, multivariate.pca.current],
    ] as const;
    for (const [sample, wanted] of sides)
      reconstructionErrors(sample, subspace).forEach((error, i) => {
        expectClose(error, wanted[i]);
      });
  });
});
